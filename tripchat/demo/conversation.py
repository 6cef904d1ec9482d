"""Conversations as they are written down, and when each line of them is said.

== 4 days ago, 15:20
maya: A line. What follows goes on
    where it is indented.
+8 jonas: Eight minutes later.

== 20 minutes ago
ellie: Counted back from now, whatever the time of day.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from tripchat.clock import SECOND

MINUTE = 60 * SECOND
BETWEEN_SCENES = 10 * MINUTE

_DAY = re.compile(r"== (\d+) days? ago, (\d\d:\d\d)")
_MINUTES = re.compile(r"== (\d+) minutes ago")
_LINE = re.compile(r"(?:\+(?P<pause>\d+) )?(?P<author>[a-z]+): (?P<text>.*)")
_INDENT = "    "


@dataclass
class Line:
    """What somebody says."""

    author: str
    text: str
    pause: int | None = None
    """Milliseconds since the line before; None for as long as it takes to write."""

    def waits(self) -> int:
        """Milliseconds between the line before and this one; the same for the same text."""
        if self.pause is not None:
            return self.pause
        return 4 * SECOND + 80 * len(self.text) + zlib.crc32(self.text.encode()) % (25 * SECOND)


@dataclass
class Scene:
    """Lines that are said in one go."""

    minutes_ago: int = 0
    days_ago: int | None = None
    """Set for scenes at a time of day, `at`, in the trip's zone."""
    at: time = time()
    lines: list[Line] = field(default_factory=list)

    def begins(self, now: int, zone: ZoneInfo) -> int:
        """When the first line is said, in UTC milliseconds."""
        if self.days_ago is None:
            return now - self.minutes_ago * MINUTE
        today = datetime.fromtimestamp(now / SECOND, UTC).astimezone(zone).date()
        day = today - timedelta(days=self.days_ago)
        return round(datetime.combine(day, self.at, zone).timestamp()) * SECOND


def read(text: str) -> list[Scene]:
    """The scenes of a conversation; raises ValueError for a line that is none of its forms."""
    scenes: list[Scene] = []
    for number, written in enumerate(text.splitlines(), 1):
        if not written.strip() or written.startswith("#"):
            continue
        if match := _DAY.fullmatch(written):
            scenes.append(Scene(days_ago=int(match[1]), at=time.fromisoformat(match[2])))
        elif match := _MINUTES.fullmatch(written):
            scenes.append(Scene(minutes_ago=int(match[1])))
        elif scenes and (match := _LINE.fullmatch(written)):
            pause = int(match["pause"]) * MINUTE if match["pause"] else None
            scenes[-1].lines.append(Line(match["author"], match["text"], pause))
        elif scenes and scenes[-1].lines and written.startswith(_INDENT):
            scenes[-1].lines[-1].text += f"\n{written.removeprefix(_INDENT)}"
        else:
            raise ValueError(f"line {number} of the conversation cannot be read: {written!r}")
    return scenes


def timed(scenes: Iterable[Scene], now: int, zone: ZoneInfo) -> Iterator[tuple[int, Line]]:
    """Each line with the moment it is said (UTC milliseconds), in order.

    Soon after midnight a scene of today may begin before yesterday's last one ends: it waits.
    """
    moment = 0
    for scene in scenes:
        moment = max(scene.begins(now, zone), moment + BETWEEN_SCENES)
        for index, line in enumerate(scene.lines):
            moment += line.waits() if index else 0
            yield moment, line
