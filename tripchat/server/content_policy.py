"""What the built page may load and run: a Content-Security-Policy made from the build itself.

Scripts and styles in the page's files are known by their hashes; nothing else that stands in a page
runs, whoever put it there. `innerHTML` cannot be forbidden as well (`require-trusted-types-for`):
Reflex shows formatted messages that way.
"""

from __future__ import annotations

import base64
import hashlib
from html.parser import HTMLParser
from pathlib import Path

EMPTY_STYLE = ""
"""Emotion, with which Reflex styles what it shows when a page breaks, puts an empty style element
into the head and adds its rules from the script: those are allowed."""


def page_policy(folder: Path) -> str:
    """The policy for the page that was built into this folder.

    Raises:
        ValueError: the build has a style or a script in an attribute, which no hash allows.
    """
    scripts: set[str] = set()
    styles = {EMPTY_STYLE}
    for file in sorted(folder.rglob("*.html")):
        inline = _Inline()
        inline.feed(file.read_text())
        inline.close()
        if inline.attributes:
            raise ValueError(f"{file.name} has {', '.join(sorted(inline.attributes))} attributes")
        scripts |= inline.scripts
        styles |= inline.styles
    return "; ".join(
        (
            "default-src 'none'",
            f"script-src {_sources(scripts)}",
            f"style-src {_sources(styles)}",
            # Photos: those that are about to be sent are shown from memory.
            "img-src 'self' blob: data:",
            "media-src 'self' blob:",
            "font-src 'self'",
            "connect-src 'self'",
            "manifest-src 'self'",
            "worker-src 'self'",
            "object-src 'none'",
            "base-uri 'none'",
            "form-action 'self'",
            "frame-ancestors 'none'",
        )
    )


def source_of(text: str) -> str:
    """How a policy names an inline script or style with this text."""
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"


def _sources(texts: set[str]) -> str:
    return " ".join(["'self'", *sorted(map(source_of, texts))])


class _Inline(HTMLParser):
    """Collects what runs or styles and stands in the document itself."""

    def __init__(self) -> None:
        super().__init__()
        self.scripts: set[str] = set()
        self.styles: set[str] = set()
        self.attributes: set[str] = set()
        self._into: set[str] | None = None
        self._text = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        names = {name for name, _ in attrs}
        self.attributes |= {name for name in names if name == "style" or name.startswith("on")}
        if tag == "script" and "src" not in names:
            self._into, self._text = self.scripts, ""
        elif tag == "style":
            self._into, self._text = self.styles, ""

    def handle_data(self, data: str) -> None:
        self._text += data

    def handle_endtag(self, tag: str) -> None:
        if self._into is not None and tag in ("script", "style"):
            self._into.add(self._text)
            self._into = None
