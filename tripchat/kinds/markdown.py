"""What people write as Markdown, rendered once, on the server.

Bold, italic, strike, code, quotes, lists and links; no headings, images or tables, and HTML stays
text. The renderer escapes; the sanitizer behind it lets nothing else through, whatever a renderer
may one day do wrong.
"""

import re
import threading
from functools import lru_cache
from html import escape, unescape
from typing import Any

import nh3
from markdown_it import MarkdownIt
from markdown_it.rules_block import StateBlock
from markdown_it.rules_inline import StateInline

from tripchat.kinds.names import Names

CACHED = 2048
DEEPEST = 16
"""Nested deeper than that nothing is meant: such a text is shown as it is written. The parser,
which drops what it does not reach, goes a little further."""

Mentioned = tuple[tuple[str, str], ...]
"""Who is mentioned: each one's id, and the name as it was written after the `@`."""

_MAY_HAVE_MARKUP = re.compile(
    r"[*_~`\[]|\S[.:@]\S|^[^\S\n]{0,3}(?:>|[-+][^\S\n]|[0-9]{1,9}[.)][^\S\n])", re.MULTILINE
)
_PLAIN = {"paragraph_open", "paragraph_close", "inline", "text", "softbreak", "hardbreak"}
_WORDS = {"text", "code_inline", "fence"}
_BLOCK = re.compile(r"\n?(</?(?:p|ul|ol|li|blockquote|pre)\b[^>]*>)\n?")
_ONE_PARAGRAPH = re.compile(r"<p>((?:(?!</?p>).)*)</p>\s*", re.DOTALL)
_LINK = re.compile(r'<a href="(https?://[^"]+)"', re.IGNORECASE)
_ADDRESS = re.compile(r"https?://|mailto:", re.IGNORECASE)


@lru_cache(CACHED)
def rendered(text: str, mentioned: Mentioned = ()) -> str | None:
    """The text as HTML that is safe to insert; None when it is to be shown as it is written."""
    if not mentioned and not _MAY_HAVE_MARKUP.search(text):
        return None
    environment = {"names": Names(mentioned)}
    # The event loop renders, and so does the thread that writes; the parser is made for one.
    with _one_at_a_time:
        tokens = _markdown.parse(text, environment)
    every = [each for token in tokens for each in (token, *(token.children or ()))]
    if all(token.type in _PLAIN for token in every):
        return None
    if any(token.level >= DEEPEST for token in every):
        return None
    if not any(token.type in _WORDS and token.content.strip() for token in every):
        return None  # marks without a word between them
    html = _markdown.renderer.render(tokens, _markdown.options, environment)
    alone = _ONE_PARAGRAPH.fullmatch(html)
    return nh3.clean(
        # Line breaks are shown as they are written; those that the renderer adds are not.
        alone[1] if alone else _BLOCK.sub(r"\1", html),
        tags=_TAGS,
        attributes=_ATTRIBUTES,
        allowed_classes={"span": {"mention"}},
        url_schemes={"http", "https", "mailto"},
        link_rel="noopener noreferrer nofollow",
    )


def without_tags(html: str) -> str:
    """The text of rendered HTML."""
    return unescape(nh3.clean(_BLOCK.sub(" ", html), tags=set()))


def first_link(html: str) -> str | None:
    """Where the first link of rendered HTML to a web page leads."""
    found = _LINK.search(html)
    return unescape(found[1]) if found else None


_one_at_a_time = threading.Lock()

_TAGS = {
    *("p", "strong", "em", "s", "code", "pre", "blockquote"),
    *("ul", "ol", "li", "a", "span"),
}
_ATTRIBUTES = {
    "a": {"href", "target"},
    "ol": {"start"},
    "pre": {"data-language"},
    "span": {"data-user-id"},
}


# What is not as usual in Markdown, because people chat.


def _mention(state: StateInline, silent: bool) -> bool:
    """An inline rule: `@` and the name of somebody whom the message mentions."""
    found = state.env["names"].at(state.src, state.pos) if state.src[state.pos] == "@" else None
    if found is None:
        return False
    user_ids, end = found
    if not silent:
        opening = state.push("mention_open", "span", 1)
        opening.attrs = {"class": "mention", "data-user-id": user_ids[0]}
        state.push("text", "", 0).content = state.src[state.pos : end]
        state.push("mention_close", "span", -1)
    state.pos = end
    return True


def _no_image(state: StateInline, silent: bool) -> bool:
    """An inline rule: `![` begins no link either."""
    if not state.src.startswith("![", state.pos):
        return False
    if not silent:
        state.append_pending("![")
    state.pos += 2
    return True


def _ends_quote(_state: StateBlock, _line: int, _end: int, silent: bool) -> bool:
    """A block rule for the lines after a quote: without a `>` of its own a line is the answer."""
    return silent


def _fence(_self: Any, tokens: Any, index: int, _options: Any, _env: Any) -> str:
    """A code block; one may begin right behind its backticks and end right before them."""
    token = tokens[index]
    first, code = token.info.strip(), token.content.removesuffix("\n")
    ends_in_line = code.endswith(token.markup)
    code = code.removesuffix(token.markup)
    if first and (ends_in_line or " " in first):
        first, code = "", f"{first}\n{code}"
    language = f' data-language="{escape(first)}"' if first else ""
    return f"<pre{language}><code>{escape(code)}</code></pre>\n"


def _link_open(self: Any, tokens: Any, index: int, options: Any, _env: Any) -> str:
    tokens[index].attrSet("target", "_blank")
    return self.renderToken(tokens, index, options, _env)


def _line_break(*_: Any) -> str:
    return "\n"


def _renderer() -> MarkdownIt:
    # "zero" knows no markup at all; what is not enabled here stays text.
    markdown = MarkdownIt("zero", {"html": False, "linkify": True})
    markdown.enable(
        [
            *("linkify", "newline", "backticks", "strikethrough", "emphasis", "link"),
            *("balance_pairs", "fragments_join", "fence", "blockquote", "list"),
        ]
    )
    assert markdown.linkify is not None
    for schema in ("//", "ftp:"):
        markdown.linkify.add(schema, None)
    # A link reads exactly as it was written: no decoding that could dress up another address.
    markdown.normalizeLinkText = lambda link: link
    markdown.validateLink = lambda url: _ADDRESS.match(url) is not None
    markdown.inline.ruler.before("backticks", "mention", _mention)
    markdown.inline.ruler.before("link", "no_image", _no_image)
    markdown.block.ruler.before("paragraph", "ends_quote", _ends_quote, {"alt": ["blockquote"]})
    markdown.add_render_rule("link_open", _link_open)
    markdown.add_render_rule("fence", _fence)
    markdown.add_render_rule("hardbreak", _line_break)
    return markdown


_markdown = _renderer()
