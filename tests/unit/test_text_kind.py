import html
import re
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from tripchat import kinds
from tripchat.errors import Invalid
from tripchat.kinds import text as kind
from tripchat.settings import get_settings

TAG = re.compile(r"<[^>]*>")
LINK = re.compile(
    r'<a href="(?:https?://|mailto:)[^"<>]*" target="_blank" rel="noopener noreferrer nofollow">'
)

# Letters alone would hardly ever look like a link.
SCHEMES = ["http://", "https://", "www.", "mailto:", "//", "ftp://", "javascript:"]
PLACES = ["a.com", "x@y.org", "xn--e1afmkfd.com", "%41", "?x=1&y=2", "(", ")", "."]
MARKUP = ["<b>", "&amp;", '"', "'", ">", "\\", "*", "_", "`", "[a](b)", "\u202e", "👍🏽"]
SPACE = [" ", "\n", "\n\n", "\t"]
pieces = st.sampled_from([*SCHEMES, *PLACES, *MARKUP, *SPACE])
texts = st.one_of(
    st.text(max_size=200),
    st.lists(st.one_of(pieces, st.text(max_size=5)), max_size=20).map("".join),
)


def accepted(text: str) -> dict[str, Any] | None:
    try:
        return kind.validate({"text": text})
    except Invalid:
        return None


@given(texts)
@example("a\r\rb\r\n")
def test_checking_twice_changes_nothing_more(text: str):
    if (body := accepted(text)) is not None:
        assert kind.validate(body) == body


@given(texts)
@example("https://a.example/?x=1&y=2 and www.b.org\n\n  indented")
@example("mailto:a@b.c //evil.example javascript:alert(1) <script>")
def test_html_shows_the_very_text_and_nothing_but_links(text: str):
    if (body := accepted(text)) is None:
        return
    shown = kind.view(body).get("html")
    if shown is not None:
        assert html.unescape(TAG.sub("", shown)) == body["text"]
        opening = [tag for tag in TAG.findall(shown) if tag != "</a>"]
        assert opening
        assert all(LINK.fullmatch(tag) for tag in opening)


@given(texts)
def test_the_line_is_one_line(text: str):
    if (body := accepted(text)) is not None:
        line = kind.line(kind.view(body))
        assert len(line.splitlines()) <= 1
        assert len(line) <= kind.LINE_CHARS


@pytest.mark.parametrize(
    ("given", "stored"),
    [
        ("hello", "hello"),
        ("one\r\ntwo\rthree", "one\ntwo\nthree"),
        ("\n \n  indented\n\n  more \n\n", "  indented\n\n  more"),
        ("tab\there", "tab\there"),
        ("👨‍👩‍👧", "👨‍👩‍👧"),
    ],
)
def test_line_breaks_are_kept_and_outer_blank_lines_are_not(given: str, stored: str):
    assert kind.validate({"text": given}) == {"text": stored}


@pytest.mark.parametrize(
    "text",
    ["", " ", "\n\t \n", "\u200b", "\u00a0\u2003", "bell\x07", "nul\x00", "\x85", "half \ud83d"],
)
def test_blank_text_and_control_characters_are_refused(text: str):
    with pytest.raises(Invalid) as raised:
        kind.validate({"text": text})
    assert raised.value.field == "text"


@pytest.mark.parametrize("body", [{}, {"text": None}, {"text": 5}, {"text": ["a"]}])
def test_text_has_to_be_text(body: dict[str, Any]):
    with pytest.raises(Invalid):
        kind.validate(body)


def test_the_longest_text_is_4000_characters():
    most = get_settings().message_max_chars
    assert most == 4000
    kind.validate({"text": "é" * most})
    with pytest.raises(Invalid, match="4,001 characters, at most 4,000"):
        kind.validate({"text": "é" * (most + 1)})


@pytest.mark.parametrize(
    ("text", "href"),
    [
        ("see https://a.example/x?y=1&z=2.", "https://a.example/x?y=1&amp;z=2"),
        ("www.lisbon.pt!", "http://www.lisbon.pt"),
        ("mail ann@example.org", "mailto:ann@example.org"),
    ],
)
def test_addresses_become_links(text: str, href: str):
    assert f'<a href="{href}" target="_blank"' in kind.view({"text": text})["html"]


@pytest.mark.parametrize("text", ["plain", "at 10.30", "//host/path", "ftp://a.b/c", "a.b c:d"])
def test_other_text_has_no_html(text: str):
    assert kind.view({"text": text}) == {"text": text}


@pytest.mark.parametrize(
    ("text", "big"),
    [
        ("👍", True),
        ("👍🏽 👨‍👩‍👧🇵🇹", True),
        ("👍👍👍👍", False),
        ("👍 ok", False),
        ("1", False),
        ("❤", True),
    ],
)
def test_up_to_three_emoji_alone_are_big(text: str, big: bool):
    assert kind.view({"text": text}).get("big", False) is big


@pytest.mark.parametrize("name", ["text", "unreadable"])
def test_its_component_renders(name: str):
    import reflex as rx

    message = rx.Var("message", _var_type=dict[str, Any]).to(dict[str, Any])
    shown = str(kinds.kind(name).component(message))
    assert "message-text" in shown
