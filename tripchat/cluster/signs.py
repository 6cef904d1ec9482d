"""What workers tell each other about themselves."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Beat:
    """A worker is there, and can be reached at this address."""

    url: str
    sent_at: float
    """By a clock of its own: only the worker itself makes anything of it."""


@dataclass(frozen=True)
class Goodbye:
    """A worker stops: its people are gone, unless they are on another worker."""
