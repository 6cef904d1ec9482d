"""`index.html`: a trip to read and to print, without scripts or anything from elsewhere."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable
from datetime import UTC, date, datetime
from functools import lru_cache
from html import escape
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from tripchat import kinds
from tripchat.api.export.paths import Paths
from tripchat.services.exporting import Export, Exported
from tripchat.views import MessageView, TripView

POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src 'self' file:"
"""Whatever might get past the escaping does nothing and asks for nothing."""

PHOTOS = ("image/jpeg", "image/png", "image/webp", "image/gif")
"""What a page shows; all of them have been made anew when they came."""


async def pieces(export: Export, paths: Paths) -> AsyncIterator[bytes]:
    """The page's bytes; raises like `Export.parts`."""
    page = _Page(export, paths)
    yield page.head().encode()
    async for part in export.parts():
        yield "".join(page.message(each) for each in part).encode(errors="replace")
    yield page.foot().encode()


class _Page:
    """The page as it is written from top to bottom."""

    def __init__(self, export: Export, paths: Paths) -> None:
        self._export = export
        self._paths = paths
        self._names = {member["user_id"]: member["name"] for member in export.members}
        self._zone = ZoneInfo(export.trip["time_zone"] or "UTC")
        self._day: date | None = None

    def head(self) -> str:
        trip = self._export.trip
        title = escape(trip["title"])
        present = [member["name"] for member in self._export.members if not member["left"]]
        return (
            "<!doctype html>\n"
            '<html lang="en"><head><meta charset="utf-8">'
            '<meta name="viewport" content="width=device-width, initial-scale=1">'
            f'<meta http-equiv="Content-Security-Policy" content="{POLICY}">'
            f"<title>{title}</title><style>{_style()}</style></head>\n"
            f"<body><header><h1>{title}</h1>"
            f"{_paragraph(' · '.join(_facts(trip)), 'facts')}"
            f"{_paragraph('With ' + ', '.join(present), 'people') if present else ''}"
            "</header>\n<main>\n"
        )

    def foot(self) -> str:
        end = "" if self._day else _paragraph("Nothing has been written here.", "empty")
        zone = escape(str(self._zone).replace("_", " "))
        return f"{end}</main>\n<footer>Times are those of {zone}.</footer></body></html>\n"

    def message(self, exported: Exported) -> str:
        message = exported.message
        at = datetime.fromtimestamp(message["sent_at"] / 1000, UTC).astimezone(self._zone)
        author = escape(self._names.get(message["author_id"], "Somebody"))
        edited = ' <span class="edited">edited</span>' if "edited_at" in message else ""
        return (
            f"{self._divider(at.date())}"
            f'<article id="m{message["seq"]}" style="--hue: {_hue(message["author_id"])}">'
            f'<h3>{author}<time datetime="{at.isoformat()}">{at:%H:%M}</time>{edited}</h3>'
            f"{self._quote(message)}{self._body(message)}{self._reactions(message)}"
            "</article>\n"
        )

    def _divider(self, day: date) -> str:
        if day == self._day:
            return ""
        self._day = day
        return f'<h2><time datetime="{day}">{_long(day)}</time></h2>\n'

    def _quote(self, message: MessageView) -> str:
        quote = message.get("quote")
        if quote is None:
            return ""
        author = escape(self._names.get(quote["author_id"], "Somebody"))
        line = "a deleted message" if quote["deleted"] else escape(quote["line"])
        return f'<a class="quote" href="#m{quote["seq"]}"><b>{author}</b> {line}</a>'

    def _body(self, message: MessageView) -> str:
        if message.get("deleted"):
            return _paragraph("This message was deleted.", "deleted")
        body = message["body"]
        files = "".join(self._file(each) for each in body.get("attachments", ()))
        # The kind's own HTML has passed the sanitizer; everything else is text.
        html = body.get("html") or escape(_text(message)).replace("\n", "<br>")
        text = f'<div class="text">{html}</div>' if html else ""
        return text + (f'<div class="files">{files}</div>' if files else "")

    def _file(self, attachment: dict[str, Any]) -> str:
        name = escape(attachment["name"])
        path = self._paths.of(attachment["attachment_id"])
        if path is None:
            return f'<span class="file">{name}</span>'
        if attachment["type"] in PHOTOS:
            measures = "".join(
                f' {side}="{int(attachment[side])}"'
                for side in ("width", "height")
                if side in attachment
            )
            image = f'<img src="{path}" alt="{name}" loading="lazy"{measures}>'
            return f'<a class="photo" href="{path}">{image}</a>'
        size = f"<small>{_size(attachment['size'])}</small>"
        return f'<a class="file" href="{path}" download="{name}">{name} {size}</a>'

    def _reactions(self, message: MessageView) -> str:
        people: dict[str, list[str]] = {}
        for user_id, emojis in message.get("reactions", {}).items():
            for emoji in emojis:
                people.setdefault(emoji, []).append(self._names.get(user_id, "Somebody"))
        if not people:
            return ""
        shown = (
            f'<li title="{escape(", ".join(names))}">{escape(emoji)} {len(names)}</li>'
            for emoji, names in people.items()
        )
        return f"<ul>{''.join(shown)}</ul>"


def _facts(trip: TripView) -> Iterable[str]:
    if trip["destination"]:
        yield trip["destination"]
    days = [date.fromisoformat(day) for day in (trip["starts_on"], trip["ends_on"]) if day]
    if days:
        yield " – ".join(_long(day) for day in dict.fromkeys(days))


def _text(message: MessageView) -> str:
    """What a message says in words: a text as it was written, other kinds in their line."""
    body = message["body"]
    text = body.get("text")
    return text if isinstance(text, str) else kinds.kind(message["kind"]).line(body)


def _paragraph(text: str, class_name: str) -> str:
    return f'<p class="{class_name}">{escape(text)}</p>' if text else ""


def _long(day: date) -> str:
    return f"{day:%A}, {day.day} {day:%B %Y}"


def _size(count: int) -> str:
    if count < 1000:
        return f"{count} B"
    return f"{count / 1000:.0f} KB" if count < 1_000_000 else f"{count / 1_000_000:.1f} MB"


def _hue(user_id: str) -> int:
    """The colour that somebody has throughout."""
    return sum(ord(character) * (place + 7) for place, character in enumerate(user_id)) % 360


@lru_cache
def _style() -> str:
    return Path(__file__).with_name("page.css").read_text(encoding="utf-8")
