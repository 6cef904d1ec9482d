"""How many connections each worker of this machine holds: numbers that all of them can see."""

from __future__ import annotations

import mmap
import os

CELLS = 256
"""More than there are ever workers at the same time."""

AWAY = -1
"""In the place of one that takes no connections."""


class Loads:
    """A piece of shared memory with a number for each worker."""

    def __init__(self, descriptor: int) -> None:
        """`descriptor` is the memory's file."""
        self.descriptor = descriptor
        self._cells = memoryview(mmap.mmap(descriptor, 4 * CELLS)).cast("i")

    @classmethod
    def shared(cls) -> Loads:
        """New memory, for workers that are given its file."""
        descriptor = os.memfd_create("tripchat-loads")
        os.ftruncate(descriptor, 4 * CELLS)
        loads = cls(descriptor)
        for cell in range(CELLS):
            loads[cell] = AWAY
        return loads

    def __getitem__(self, cell: int) -> int:
        return self._cells[cell]

    def __setitem__(self, cell: int, load: int) -> None:
        self._cells[cell] = load

    def surplus(self, cell: int) -> int:
        """How many more one holds than the one that holds the least."""
        there = [load for load in self._cells if load != AWAY]
        return self[cell] - min(there, default=self[cell])
