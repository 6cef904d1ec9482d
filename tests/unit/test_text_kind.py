from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from tripchat import kinds
from tripchat.errors import Invalid
from tripchat.kinds import text as kind
from tripchat.settings import get_settings

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


@pytest.mark.parametrize("text", ["plain", "at 10.30", "//host/path", "one\n\n two", "# one"])
def test_text_without_markup_has_no_html(text: str):
    assert kind.view({"text": text}) == {"text": text}


def test_text_with_markup_has_html_besides():
    shown = "<strong>one</strong> &lt;i&gt;"
    assert kind.view({"text": "**one** <i>"}) == {"text": "**one** <i>", "html": shown}


def test_whom_it_mentions_is_told_by_id_and_marked():
    mentions = [{"user_id": "b", "name": "Ben"}, {"user_id": "a", "name": "ann"}]
    seen = kind.view({"text": "@Ben and @ann", "mentions": mentions})
    assert seen["mentions"] == ["b", "a"]
    assert seen["html"] == (
        '<span class="mention" data-user-id="b">@Ben</span> and '
        '<span class="mention" data-user-id="a">@ann</span>'
    )


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("**one**\n\ntwo  three", "one two three"),
        ("- a\n- b", "a b"),
        ("> said\nanswer", "said answer"),
        ("```\na <b>\n```", "a <b>"),
        ("[here](http://a.b) &amp; <i>", "here &amp; <i>"),
        ("*a* &lt; 1 < 2", "a &lt; 1 < 2"),
    ],
)
def test_its_line_has_the_words_without_the_marks(text: str, line: str):
    assert kind.line(kind.view({"text": text})) == line


@pytest.mark.parametrize("mentions", ["ann", 5, {"a": 1}, [5], [None], [""], ["a b"], ["a"] * 101])
def test_mentions_have_to_be_ids(mentions: Any):
    with pytest.raises(Invalid) as raised:
        kind.validate({"text": "hi", "mentions": mentions})
    assert raised.value.field == "mentions"


def test_each_is_mentioned_once():
    assert kind.validate({"text": "hi", "mentions": ["b", "a", "b"]})["mentions"] == ["b", "a"]
    assert kind.validate({"text": "hi", "mentions": None}) == {"text": "hi"}


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
