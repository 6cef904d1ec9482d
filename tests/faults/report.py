"""What a run of the faults has shown, as a table."""

from dataclasses import dataclass, field
from pathlib import Path

from tests.kit.server import ROOT

FILE = ROOT / "test-results" / "faults.md"


@dataclass(frozen=True)
class Row:
    """One thing that was to be shown."""

    shown: str
    wanted: str
    measured: str
    ok: bool


@dataclass
class Report:
    """Rows of a table, and what else is worth knowing."""

    rows: list[Row] = field(default_factory=list)
    told: list[tuple[str, str]] = field(default_factory=list)

    def add(self, shown: str, wanted: str, measured: str, ok: bool) -> None:
        """Say what was to be shown, and what was found."""
        self.rows.append(Row(shown, wanted, measured, ok))

    def tell(self, title: str, text: str) -> None:
        """Say more: a histogram, figures."""
        self.told.append((title, text))

    @property
    def ok(self) -> bool:
        """Whether everything was found as wanted."""
        return all(row.ok for row in self.rows)

    @property
    def failures(self) -> list[str]:
        """What was not, in a line each."""
        return [f"{row.shown}: {row.measured}" for row in self.rows if not row.ok]

    def __str__(self) -> str:
        lines = ["# Faults", "", "| | wanted | measured | |", "|---|---|---|---|"]
        lines += [
            f"| {row.shown} | {row.wanted} | {row.measured} | {'ok' if row.ok else 'FAILED'} |"
            for row in self.rows
        ]
        for title, text in self.told:
            lines += ["", f"## {title}", "", text]
        return "\n".join([*lines, ""])

    def write(self, file: Path = FILE) -> None:
        """Keep it."""
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(str(self))
