"""Everything one run of the bench found out."""

import os
import platform
import time
from dataclasses import asdict, dataclass, field
from importlib.metadata import version
from math import isinf
from typing import Any

from bench.browser import Clicks
from bench.changes import Change
from bench.delivery import Delivery
from bench.figures import Spread
from bench.memory import Memory
from bench.opening import Opening
from bench.strangers import Strangers
from bench.typing_cost import TypingCost


@dataclass(frozen=True)
class Measured:
    """One delivery of one round."""

    scenario: str
    round: int
    delivery: Delivery

    def as_dict(self) -> dict[str, Any]:
        """For JSON, without the single delays."""
        figures = _finite(asdict(self))
        del figures["delivery"]["delays"]
        return figures


@dataclass
class Results:
    """The figures of a run; they are printed as a table and kept as JSON."""

    deliveries: list[Measured] = field(default_factory=list)
    memories: list[Memory] = field(default_factory=list)
    openings: list[Opening] = field(default_factory=list)
    clicks: Clicks | None = None
    changes: list[Change] = field(default_factory=list)
    typing_cost: TypingCost | None = None
    strangers: Strangers | None = None
    notes: list[str] = field(default_factory=list)  # what could not be measured, and why
    stopped: bool = False  # before everything was measured
    began: float = field(default_factory=time.time)

    def add(self, scenario: str, turn: int, delivery: Delivery) -> None:
        """Keeps one measurement."""
        self.deliveries.append(Measured(scenario, turn, delivery))

    def spread(self, scenario: str, chat: str, figure: str) -> Spread | None:
        """A figure of `Delivery` over all rounds; None where it was not measured."""
        values = self._rounds(scenario, chat, figure).values()
        return Spread.of(list(values)) if values else None

    def ratio(self, scenario: str, figure: str, over: str) -> Spread | None:
        """TripChat's figure by that of `over`, taken within each round."""
        ours, theirs = (self._rounds(scenario, name, figure) for name in ("tripchat", over))
        ratios = [ours[turn] / theirs[turn] for turn in ours.keys() & theirs.keys()]
        return Spread.of(ratios) if ratios else None

    def all_delays(self, scenario: str) -> list[float]:
        """Of TripChat's deliveries in all rounds: there are too few messages in one for a p95."""
        rounds = self._rounds(scenario, "tripchat", "delays").values()
        return [delay for delays in rounds for delay in delays]

    @property
    def overheard(self) -> bool:
        """Whether a message reached tabs of people who are not in its trip."""
        return self.strangers is not None and self.strangers.others > 0

    def disturbed(self) -> dict[tuple[str, str], float]:
        """Scenario and chat -> cores that others kept busy, where these were more than `QUIET`."""
        measured = {(one.scenario, one.delivery.chat): 0.0 for one in self.deliveries}
        for scenario, chat in measured:
            if busy := self.spread(scenario, chat, "others_busy"):
                measured[scenario, chat] = busy.median
        return {place: busy for place, busy in measured.items() if busy > QUIET}

    def memory(self, chat: str) -> Memory | None:
        """The chat's memory; None where it was not measured."""
        return next((memory for memory in self.memories if memory.chat == chat), None)

    def opening(self, chat: str) -> list[Opening]:
        """The chat's small and large trips; empty where they were not measured."""
        return [opening for opening in self.openings if opening.chat == chat]

    def change(self, name: str) -> Change | None:
        """That sort of change; None where it was not measured."""
        return next((change for change in self.changes if change.name == name), None)

    def _rounds(self, scenario: str, chat: str, figure: str) -> dict[int, Any]:
        return {
            measured.round: getattr(measured.delivery, figure)
            for measured in self.deliveries
            if measured.scenario == scenario and measured.delivery.chat == chat
        }

    def as_dict(self) -> dict[str, Any]:
        """For JSON."""
        return {
            "began": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(self.began)),
            "seconds": round(time.time() - self.began),
            "machine": machine(),
            "deliveries": [measured.as_dict() for measured in self.deliveries],
            "memories": [{**asdict(one), "per_tab": one.per_tab} for one in self.memories],
            "openings": [asdict(opening) for opening in self.openings],
            "clicks": asdict(self.clicks) if self.clicks else None,
            "changes": [asdict(change) for change in self.changes],
            "typing_cost": asdict(self.typing_cost) if self.typing_cost else None,
            "strangers": asdict(self.strangers) if self.strangers else None,
            "notes": self.notes,
            "stopped": self.stopped,
        }


QUIET = 0.1  # cores that other processes may use without a remark
MEASURED_WITH = ("reflex", "python-socketio", "uvicorn", "uvloop", "websockets", "granian")


def machine() -> dict[str, Any]:
    """What it was measured on and with, for JSON."""
    return {
        "cores": os.cpu_count(),
        "system": platform.platform(),
        "processor": _processor(),
        "python": platform.python_version(),
        "versions": {name: version(name) for name in MEASURED_WITH},
    }


def _finite(value: Any) -> Any:
    """The same with None for what is infinite: JSON has no word for it."""
    if isinstance(value, dict):
        return {key: _finite(inner) for key, inner in value.items()}
    return None if isinstance(value, float) and isinf(value) else value


def _processor() -> str:
    try:
        with open("/proc/cpuinfo") as info:
            names = [line.partition(":")[2].strip() for line in info if "model name" in line]
    except OSError:
        names = []
    return names[0] if names else platform.processor()
