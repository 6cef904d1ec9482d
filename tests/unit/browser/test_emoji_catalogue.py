"""What the emoji picker offers is what the server takes, to the letter."""

import json
import subprocess
import sysconfig
from pathlib import Path

import emoji
import pytest

from tripchat.browser.emoji import NEWEST
from tripchat.server.build import ROOT, built_site
from tripchat.services.emojis import one_emoji
from tripchat.settings import get_settings

NODE = Path(sysconfig.get_path("scripts")) / "node"
PACKAGES = ROOT / ".web" / "node_modules"
SCRIPT = Path(__file__).with_name("all_emoji.mjs")


@pytest.fixture(scope="module")
def offered() -> list[tuple[str, list[str]]]:
    """Every emoji of the picker, with how it is given in each tone."""
    if not (PACKAGES / "unicode-emoji-json").is_dir():
        built_site(get_settings())
    printed = subprocess.run([NODE, SCRIPT, str(NEWEST)], capture_output=True, check=True).stdout
    return json.loads(printed)


def test_the_server_takes_every_emoji_as_it_is(offered: list[tuple[str, list[str]]]) -> None:
    for _, tones in offered:
        for given in tones:
            assert one_emoji(given) == given
            assert given in emoji.EMOJI_DATA, f"{given!r} is none of Unicode's"


def test_there_are_all_that_one_expects(offered: list[tuple[str, list[str]]]) -> None:
    assert len(offered) > 1800
    assert len({plain for plain, _ in offered}) == len(offered)
    assert {"👍", "❤️", "😂", "🎉", "🇵🇹", "🏴󠁧󠁢󠁳󠁣󠁴󠁿", "1️⃣"} <= {plain for plain, _ in offered}


def test_a_tone_is_seen_or_there_is_none(offered: list[tuple[str, list[str]]]) -> None:
    in_tones = [tones for _, tones in offered if len(set(tones)) > 1]
    assert len(in_tones) > 300
    assert all(len(set(tones)) == len(tones) for tones in in_tones)
