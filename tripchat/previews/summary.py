"""From a page to the few words of it that are shown: text, cleaned and cut."""

from __future__ import annotations

import re
import unicodedata
from html.parser import HTMLParser

import nh3

from tripchat.previews.page import Page
from tripchat.previews.web_address import NoPreview
from tripchat.views import Preview

TITLE_CHARS = 200
DESCRIPTION_CHARS = 300
SITE_CHARS = 100

MOST_HEAD_CHARS = 128 * 1024

_HEAD_ENDS = re.compile(r"</head\b|<body\b", re.IGNORECASE)
_META = {"og:title", "og:description", "description"}
_JOINERS = "\u200c\u200d"  # some scripts and many emoji are written with them
_BLANK = {"Cc", "Zl", "Zp", "Zs"}
_DROPPED = {"Cf", "Cs", "Co", "Cn"}


def summary(address: str, page: Page) -> Preview:
    """What is shown of the page behind a link; raises NoPreview when it has no title.

    The site is the host where the page was found at last, not what the page says of itself.
    Takes up to a second for pages that are made for it: call it in a thread.
    """
    head = _Head()
    head.feed(_bare(page.html))
    head.close()
    title = _cut(head.meta.get("og:title") or head.title, TITLE_CHARS)
    if not title:
        raise NoPreview("the page has no title")
    return {
        "url": address,
        "site": page.url.raw_host.decode("ascii").removeprefix("www.")[:SITE_CHARS],
        "title": title,
        "description": _cut(
            head.meta.get("og:description") or head.meta.get("description", ""), DESCRIPTION_CHARS
        ),
    }


def _bare(html: str) -> str:
    """The title and the meta elements of a page's head.

    The sanitizer reads pages as browsers do, in a time that Python's own parser does not keep to
    with whatever somebody may serve.
    """
    end = _HEAD_ENDS.search(html, 0, MOST_HEAD_CHARS)
    return nh3.clean(
        html[: end.start() if end else MOST_HEAD_CHARS],
        tags={"title", "meta"},
        attributes={"meta": {"name", "property", "content"}},
        link_rel=None,
    )


class _Head(HTMLParser):
    """The first title, and the first of each meta element that is of use."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.title = ""
        self.meta: dict[str, str] = {}
        self._in_title = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        name = (given.get("property") or given.get("name") or "").strip().lower()
        if tag == "meta" and name in _META:
            self.meta.setdefault(name, _clean(given.get("content") or ""))
        self._in_title = tag == "title" and not self.title

    def handle_endtag(self, tag: str) -> None:
        self._in_title = False

    def handle_data(self, data: str) -> None:
        if self._in_title:
            self.title = _clean(data)


def _clean(text: str) -> str:
    """One line of text: nothing that controls, hides or turns round what is read."""
    kept = []
    for character in unicodedata.normalize("NFC", text[: 8 * DESCRIPTION_CHARS]):
        category = unicodedata.category(character)
        if category in _BLANK:
            kept.append(" ")
        elif category not in _DROPPED or character in _JOINERS:
            kept.append(character)
    return " ".join("".join(kept).split()).strip(_JOINERS + " ")


def _cut(text: str, most: int) -> str:
    return text if len(text) <= most else f"{text[: most - 1].rstrip()}…"
