"""The kind `text`: what people write, with simple formatting and links to click."""

import re
import unicodedata
from typing import Any

import emoji

from tripchat.errors import Invalid
from tripchat.ids import looks_like_id
from tripchat.kinds import markdown
from tripchat.kinds.registry import Body, MessageKind, register
from tripchat.settings import get_settings

MOST_BIG_EMOJI = 3
LINE_CHARS = 200
MOST_MENTIONS = 100

_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]")
_OUTER_BLANK_LINES = re.compile(r"\A(?:[^\S\n]*\n)+|\s+\Z")
_EMOJI_FREE = re.compile(r"[A-Za-z]")
_INVISIBLE = frozenset({"Cf", "Zs", "Zl", "Zp"})

# Builds what the first search needs, now: later two threads could be the first at once.
emoji.emoji_count("")


def validate(body: Body) -> Body:
    """The text with LF line breaks, without outer blank lines; raises Invalid for field `text`."""
    text = body.get("text")
    if not isinstance(text, str):
        raise Invalid("A message needs a text.", field="text")
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    if _CONTROL.search(text):
        raise Invalid("The message contains control characters.", field="text")
    text = _OUTER_BLANK_LINES.sub("", text)
    if not any(_visible(character) for character in text):
        raise Invalid("The message is empty.", field="text")
    most = get_settings().message_max_chars
    if len(text) > most:
        raise Invalid(
            f"The message is too long: {len(text):,} characters, at most {most:,}.", field="text"
        )
    checked: Body = {"text": text}
    if body.get("mentions") is not None:
        checked["mentions"] = _ids(body["mentions"])
    return checked


def view(body: Body) -> Body:
    """`text`; with markup also `html`, safe to insert; `big` for a few emoji alone.

    `mentions` are the ids of those whom the text names, `preview` is what its link leads to.
    """
    text: str = body["text"]
    mentions = body.get("mentions", ())
    seen: Body = {"text": text}
    html = markdown.rendered(text, tuple((one["user_id"], one["name"]) for one in mentions))
    if html is not None:
        seen["html"] = html
    if mentions:
        seen["mentions"] = [one["user_id"] for one in mentions]
    if _is_few_emoji(text):
        seen["big"] = True
    if preview := body.get("preview"):
        seen["preview"] = preview
    return seen


def line(view: Body) -> str:
    """The text on one line, without its markup, cut where nobody reads on."""
    text = markdown.without_tags(view["html"]) if "html" in view else view["text"]
    return " ".join(text[: 4 * LINE_CHARS].split())[:LINE_CHARS]


def link(view: Body) -> str | None:
    """The first link to a web page."""
    return markdown.first_link(view["html"]) if "html" in view else None


def component(message: Any) -> Any:
    """The message's text as Reflex shows it."""
    # Here, so that services know the kinds without loading the UI.
    import reflex as rx

    body = message["body"].to(dict[str, Any])
    return rx.el.div(
        rx.cond(body["html"], rx.html(body["html"].to(str)), body["text"].to(str)),
        class_name=rx.cond(body["big"], "message-text message-text-big", "message-text"),
        data_testid="message-text",
    )


def _ids(value: Any) -> list[str]:
    """The ids of those whom the writer names, each once."""
    if not isinstance(value, list) or not all(looks_like_id(each) for each in value):
        raise Invalid("The mentions must be a list of members' ids.", field="mentions")
    if len(value) > MOST_MENTIONS:
        raise Invalid(f"A message names at most {MOST_MENTIONS} people.", field="mentions")
    return list(dict.fromkeys(value))


def _visible(character: str) -> bool:
    return not character.isspace() and unicodedata.category(character) not in _INVISIBLE


def _is_few_emoji(text: str) -> bool:
    if len(text) > 60 or _EMOJI_FREE.search(text):
        return False
    bare = "".join(text.split())
    return emoji.purely_emoji(bare) and emoji.emoji_count(bare) <= MOST_BIG_EMOJI


TEXT = register(
    MessageKind(
        name="text",
        label="Text",
        validate=validate,
        view=view,
        line=line,
        link=link,
        component=component,
    )
)
