"""The trips of the demonstration; what is said in each stands in `conversations/`."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

CONVERSATIONS = Path(__file__).parent / "conversations"


@dataclass(frozen=True)
class DemoTrip:
    """A trip whose days are counted from today."""

    conversation: str
    """Its file's name, without .txt."""
    title: str
    destination: str
    time_zone: str
    first_day: int
    last_day: int
    people: tuple[str, ...]
    """The first one organises it."""
    behind: tuple[str, ...] = ()
    """Who has read only up to what they wrote last; the others have read everything."""

    @property
    def trip_id(self) -> str:
        """Fixed, so that a trip has the same address and colour in every demonstration."""
        return f"{self.conversation}_demo"

    @property
    def text(self) -> str:
        """The conversation as it is written down."""
        return (CONVERSATIONS / f"{self.conversation}.txt").read_text(encoding="utf-8")


TRIPS = (
    DemoTrip(
        conversation="azores",
        title="Azores, finally",
        destination="São Miguel, Portugal",
        time_zone="Atlantic/Azores",
        first_day=-4,
        last_day=3,
        people=("maya", "jonas", "priya", "tomas", "ellie", "sam"),
        behind=("jonas",),
    ),
    DemoTrip(
        conversation="birthday",
        title="Ellie’s birthday (shh!)",
        destination="Berlin, Germany",
        time_zone="Europe/Berlin",
        first_day=32,
        last_day=35,
        people=("priya", "maya", "jonas", "tomas"),
        behind=("maya",),
    ),
    DemoTrip(
        conversation="huts",
        title="Hut to hut",
        destination="Dolomites, Italy",
        time_zone="Europe/Rome",
        first_day=-87,
        last_day=-83,
        people=("sam", "maya", "tomas"),
        behind=("tomas",),
    ),
)
