"""Percentiles, medians and spreads."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import isinf, isnan


def percentile(values: Iterable[float], percent: float) -> float:
    """The nearest-rank percentile, in the values' own unit; nan when there are none."""
    ordered = sorted(values)
    if not ordered:
        return float("nan")
    rank = max(0, -(-len(ordered) * percent // 100) - 1)
    return ordered[int(rank)]


@dataclass(frozen=True)
class Spread:
    """What one figure was over several rounds."""

    median: float
    low: float
    high: float

    @classmethod
    def of(cls, values: Sequence[float]) -> "Spread":
        """Of the given rounds; at least one."""
        ordered = sorted(values)
        middle = len(ordered) // 2
        if len(ordered) % 2:
            median = ordered[middle]
        else:
            median = (ordered[middle - 1] + ordered[middle]) / 2
        return cls(median, ordered[0], ordered[-1])


def number(value: float) -> str:
    """Three significant digits, which is more than two runs agree on."""
    if isnan(value) or isinf(value):
        return "–"
    if abs(value) >= 100:
        return f"{value:,.0f}"
    if abs(value) >= 10:
        return f"{value:.1f}"
    if abs(value) >= 1:
        return f"{value:.2f}"
    return f"{value:.3f}"
