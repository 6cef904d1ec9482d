"""The kind `text`: what people write, with line breaks kept and links to click."""

import re
import unicodedata
from typing import Any

import emoji
from markdown_it import MarkdownIt

from tripchat.errors import Invalid
from tripchat.kinds.registry import Body, MessageKind, register
from tripchat.settings import get_settings

MOST_BIG_EMOJI = 3
LINE_CHARS = 200

_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]")
_OUTER_BLANK_LINES = re.compile(r"\A(?:[^\S\n]*\n)+|\s+\Z")
_MAY_HAVE_LINK = re.compile(r"\S[.:@]\S")
_EMOJI_FREE = re.compile(r"[A-Za-z]")
_INVISIBLE = frozenset({"Cf", "Zs", "Zl", "Zp"})


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
    return {"text": text}


def view(body: Body) -> Body:
    """`text`; with links also `html`, escaped and safe to insert; `big` for a few emoji alone."""
    text: str = body["text"]
    seen: Body = {"text": text}
    if _MAY_HAVE_LINK.search(text):
        html = _links.renderInline(text)
        if "<a " in html:
            seen["html"] = html
    if _is_few_emoji(text):
        seen["big"] = True
    return seen


def line(view: Body) -> str:
    """The text on one line, cut where nobody reads on."""
    return " ".join(view["text"][: 4 * LINE_CHARS].split())[:LINE_CHARS]


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


def _visible(character: str) -> bool:
    return not character.isspace() and unicodedata.category(character) not in _INVISIBLE


def _is_few_emoji(text: str) -> bool:
    if len(text) > 60 or _EMOJI_FREE.search(text):
        return False
    bare = "".join(text.split())
    return emoji.purely_emoji(bare) and emoji.emoji_count(bare) <= MOST_BIG_EMOJI


def _link_renderer() -> MarkdownIt:
    # "zero" knows no markup at all: everything but a link is escaped text.
    renderer = MarkdownIt("zero", {"html": False, "linkify": True}).enable("linkify")
    assert renderer.linkify is not None
    for schema in ("//", "ftp:"):
        renderer.linkify.add(schema, None)
    # A link reads exactly as it was written: no decoding that could dress up another address.
    renderer.normalizeLinkText = lambda link: link
    renderer.add_render_rule("link_open", _link_open)
    return renderer


def _link_open(self: Any, tokens: Any, index: int, options: Any, _env: Any) -> str:
    tokens[index].attrSet("target", "_blank")
    tokens[index].attrSet("rel", "noopener noreferrer nofollow")
    return self.renderToken(tokens, index, options, _env)


_links = _link_renderer()

TEXT = register(
    MessageKind(
        name="text",
        label="Text",
        validate=validate,
        view=view,
        line=line,
        component=component,
    )
)
