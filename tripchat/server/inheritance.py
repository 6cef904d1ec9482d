"""What a worker is given by the supervisor that starts it."""

from __future__ import annotations

import argparse
from dataclasses import dataclass
from typing import Self


@dataclass(frozen=True)
class Inheritance:
    """File descriptors, and its place among the loads."""

    shared: int
    """The socket that all workers take connections from."""
    own: int
    """The socket at the worker's own address."""
    control: int
    """A socket to the supervisor: beats go there, and it ends when the supervisor does."""
    loads: int
    """The memory with every worker's number of connections."""
    cell: int
    """This worker's number in it."""

    @property
    def descriptors(self) -> tuple[int, ...]:
        """Those that the process has to be given."""
        return (self.shared, self.own, self.control, self.loads)

    def arguments(self) -> list[str]:
        """The command line's arguments that say it."""
        return [f"--{name}={value}" for name, value in vars(self).items()]

    @classmethod
    def add_arguments(cls, parser: argparse.ArgumentParser) -> None:
        """Let a command take those arguments."""
        for name in cls.__dataclass_fields__:
            parser.add_argument(f"--{name}", type=int, required=True)

    @classmethod
    def from_arguments(cls, options: argparse.Namespace) -> Self:
        """What such a command was given."""
        return cls(**{name: getattr(options, name) for name in cls.__dataclass_fields__})
