"""The kind `text`: what people write, with simple formatting, links to click, photos and files."""

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
    """The text with LF line breaks, without outer blank lines; with files it may be empty.

    Raises Invalid naming the field.
    """
    text = body.get("text")
    if not isinstance(text, str):
        raise Invalid("A message needs a text.", field="text")
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    if _CONTROL.search(text):
        raise Invalid("The message contains control characters.", field="text")
    text = _OUTER_BLANK_LINES.sub("", text)
    attachments = _uploads(body.get("attachments"))
    if not any(_visible(character) for character in text):
        if not attachments:
            raise Invalid("The message is empty.", field="text")
        text = ""
    most = get_settings().message_max_chars
    if len(text) > most:
        raise Invalid(
            f"The message is too long: {len(text):,} characters, at most {most:,}.", field="text"
        )
    checked: Body = {"text": text}
    if body.get("mentions") is not None:
        checked["mentions"] = _ids(body["mentions"])
    if attachments:
        checked["attachments"] = attachments
    return checked


def view(body: Body) -> Body:
    """`text`; with markup also `html`, safe to insert; `big` for a few emoji alone.

    `mentions` are the ids of those whom the text names; `attachments` are `AttachmentView`s;
    `preview` is what its link leads to.
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
    if files := body.get("attachments"):
        seen["attachments"] = [
            {"attachment_id" if name == "id" else name: value for name, value in each.items()}
            for each in files
        ]
    return seen


def line(view: Body) -> str:
    """The text on one line, without its markup, cut where nobody reads on; else its files."""
    if not view["text"]:
        return _files_line(view.get("attachments", []))
    text = markdown.without_tags(view["html"]) if "html" in view else view["text"]
    return " ".join(text[: 4 * LINE_CHARS].split())[:LINE_CHARS]


def link(view: Body) -> str | None:
    """The first link to a web page."""
    return markdown.first_link(view["html"]) if "html" in view else None


def component(message: Any) -> Any:
    """The message's photos and files, and its text, as Reflex shows them."""
    # Here, so that services know the kinds without loading the UI.
    import reflex as rx

    from tripchat.components.attachments import attachments

    body = message["body"].to(dict[str, Any])
    return rx.fragment(
        attachments(message),
        rx.cond(
            body["text"],
            rx.el.div(
                rx.cond(body["html"], rx.html(body["html"].to(str)), body["text"].to(str)),
                class_name=rx.cond(body["big"], "message-text message-text-big", "message-text"),
                data_testid="message-text",
            ),
        ),
    )


def _ids(value: Any) -> list[str]:
    """The ids of those whom the writer names, each once."""
    if not isinstance(value, list) or not all(looks_like_id(each) for each in value):
        raise Invalid("The mentions must be a list of members' ids.", field="mentions")
    if len(value) > MOST_MENTIONS:
        raise Invalid(f"A message names at most {MOST_MENTIONS} people.", field="mentions")
    return list(dict.fromkeys(value))


def _uploads(value: Any) -> list[str]:
    """The ids of the uploads that the message has, each once."""
    if value is None:
        return []
    if not isinstance(value, list) or not all(looks_like_id(each) for each in value):
        raise Invalid("The attachments must be a list of their ids.", field="attachment_ids")
    most = get_settings().attachments_per_message
    if len(value) > most:
        raise Invalid(f"A message has at most {most} files.", field="attachment_ids")
    return list(dict.fromkeys(value))


def _files_line(files: list[Any]) -> str:
    photos = sum("width" in each for each in files)
    if photos == len(files):
        return "Photo" if photos == 1 else f"{photos} photos"
    return files[0]["name"] if len(files) == 1 else f"{len(files)} files"


def _visible(character: str) -> bool:
    return not character.isspace() and unicodedata.category(character) not in _INVISIBLE


def _is_few_emoji(text: str) -> bool:
    if not text or len(text) > 60 or _EMOJI_FREE.search(text):
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
