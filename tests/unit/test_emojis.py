"""Which texts are one emoji."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tripchat.errors import Invalid
from tripchat.services import emojis
from tripchat.services.emojis import one_emoji

VARIATION = "\N{VARIATION SELECTOR-16}"
JOINER = "\N{ZERO WIDTH JOINER}"
known = st.sampled_from(sorted(emojis._known.values()))


@pytest.mark.parametrize(
    "emoji",
    ["👍", "👍🏽", "❤️", "#️⃣", "7️⃣", "🇵🇹", "🏴󠁧󠁢󠁥󠁮󠁧󠁿", "👩🏽‍🚀", "👨‍👩‍👧‍👦", "🏳️‍🌈", "👩🏻‍🤝‍👩🏿", "🫩"],
)
def test_one_picture_is_one_emoji_however_it_is_composed(emoji: str):
    assert one_emoji(emoji) == emoji


@given(known)
def test_however_it_is_written_it_is_stored_in_one_way(emoji: str):
    assert one_emoji(emoji) == one_emoji(emoji.replace(VARIATION, "")) == emoji


@given(known, st.sampled_from(["", JOINER, VARIATION, " ", "\u200b"]), known)
def test_two_are_not_one(first: str, between: str, second: str):
    both = first + between + second
    if both.replace(VARIATION, "") not in emojis._known:  # 👩 and ⚕️, joined, are one
        with pytest.raises(Invalid):
            one_emoji(both)


@given(st.text(st.characters(exclude_categories=["So", "Sk"])))
def test_other_text_is_none(text: str):
    if text.replace(VARIATION, "") not in emojis._known:  # ‼️ and ↗️ are no symbols to Unicode
        with pytest.raises(Invalid):
            one_emoji(text)


NO_TEXT: list[Any] = [None, 5, 1.5, True, ["👍"], {"emoji": "👍"}, b"\xf0\x9f\x91\x8d"]
NO_EMOJI = ["", "a", "ok", "1", "#", "1\ufe0f", " ", "\0", ":heart:", JOINER, VARIATION]
PARTS = ["🇵", "🇽🇽", "🏻", f"👍{JOINER}", "👍🏻🏻", "👍\u0301", "❤\ufe0e"]
MORE = ["👍 ", "👍a", "👍👍", "🇵🇹🇩🇪", f"👍{JOINER}👎", "👍" * 100_000]


@pytest.mark.parametrize("value", [*NO_TEXT, *NO_EMOJI, *PARTS, *MORE], ids=lambda x: ascii(x)[:30])
def test_what_is_none_is_refused(value: Any):
    with pytest.raises(Invalid) as raised:
        one_emoji(value)
    assert raised.value.field == "emoji"
