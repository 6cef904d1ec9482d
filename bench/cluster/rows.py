"""The lines of the cluster's table."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Protocol

HEADINGS = ("", "measured", "goal", "")


@dataclass(frozen=True)
class Row:
    """One line: what was measured and what was asked for."""

    label: str
    value: str
    goal: str = ""
    met: bool | None = None

    def cells(self) -> tuple[str, ...]:
        """The row's text, column by column."""
        met = {True: "met", False: "**missed**", None: ""}[self.met]
        return self.label, self.value, self.goal, met


class Part(Protocol):
    """What one part of the bench has found out: a dataclass, for JSON."""

    def rows(self) -> Iterable[Row]:
        """Its lines."""
        ...


def markdown(rows: Iterable[Row], notes: Iterable[str]) -> str:
    """The table, and below it what there is to remark."""
    lines = [HEADINGS, ("---", "---:", "---:", "---"), *(row.cells() for row in rows)]
    table = [f"| {' | '.join(cells)} |" for cells in lines]
    return "\n".join([*table, "", *(f"- {note}" for note in notes)]).rstrip()
