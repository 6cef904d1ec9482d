"""Many things a few at a time, so that nobody else has to wait long."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import TypeVar

TOGETHER = 100

Thing = TypeVar("Thing")


def in_parts(things: Iterable[Thing], together: int = TOGETHER) -> Iterator[list[Thing]]:
    """All of them, at most so many at once."""
    rest = iter(things)
    while part := list(islice(rest, together)):
        yield part
