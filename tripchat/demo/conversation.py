"""Conversations as they are written down, and when each line of them is said.

== 4 days ago, 15:20
maya: A line. What follows goes on
    where it is indented.
  ❤️ jonas ellie
+8 jonas: Eight minutes later.
  > A line.
  was: Seven minutes later.

== 20 minutes ago
ellie: Counted back from now, whatever the time of day.
  deleted

Below a line stand who reacted to it, the beginning of the line that it answers, what it said before
it was edited, and that it was deleted.
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
_REACTED = re.compile(r"  (?P<emoji>[^\w\s>]\S*)(?P<people>(?: [a-z]+)+)")
_ANSWERS = "  > "
_WAS = "  was: "
_DELETED = "  deleted"


@dataclass
class Line:
    """What somebody says."""

    author: str
    text: str
    pause: int | None = None
    """Milliseconds since the line before; None for as long as it takes to write."""
    reactions: list[tuple[str, str]] = field(default_factory=list)
    """Each emoji with who reacted with it, in their order."""
    answers: Line | None = None
    """The earlier line that it is a reply to."""
    was: str | None = None
    """What it said before it was edited."""
    deleted: bool = False

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
        elif not (scenes and scenes[-1].lines and _add(scenes, written)):
            raise ValueError(f"line {number} of the conversation cannot be read: {written!r}")
    return scenes


def _add(scenes: list[Scene], written: str) -> bool:
    """Add to the last line what stands below it; False when that cannot be read."""
    *before, line = (line for scene in scenes for line in scene.lines)
    if written.startswith(_INDENT):
        line.text += f"\n{written.removeprefix(_INDENT)}"
    elif match := _REACTED.fullmatch(written):
        line.reactions += [(match["emoji"], person) for person in match["people"].split()]
    elif written.startswith(_ANSWERS):
        beginning = written.removeprefix(_ANSWERS)
        line.answers = next((each for each in before if each.text.startswith(beginning)), None)
        return line.answers is not None
    elif written.startswith(_WAS):
        line.was = written.removeprefix(_WAS)
    else:
        line.deleted = written == _DELETED
        return line.deleted
    return True


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
