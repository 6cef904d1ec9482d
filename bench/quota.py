"""Holding processes to a part of a core, so that others have what is left (Linux, as root)."""

from __future__ import annotations

import itertools
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

PERIOD = 10_000  # microseconds: short, so that nobody stands still for long
PARENTS = (Path("/sys/fs/cgroup/cpu"), Path("/sys/fs/cgroup"))


_numbers = itertools.count()


class NoQuota(Exception):
    """This machine holds nobody to a part of a core, or not at our request."""


@contextmanager
def held(processes: Sequence[int], cores: float) -> Iterator[None]:
    """Meanwhile these processes together get so much of a core, by a control group of their own.

    Raises:
        NoQuota: there are no control groups here, or we may not make one.
    """
    group = _group(f"tripchat-bench-{os.getpid()}-{next(_numbers)}")
    try:
        quota = round(cores * PERIOD)
        if (group / "cpu.max").exists():
            (group / "cpu.max").write_text(f"{quota} {PERIOD}")
        else:
            (group / "cpu.cfs_period_us").write_text(f"{PERIOD}")
            (group / "cpu.cfs_quota_us").write_text(f"{quota}")
        for process in processes:
            (group / "cgroup.procs").write_text(f"{process}")
        yield
    finally:
        for process in processes:
            with suppress(OSError):  # it has ended
                (group.parent / "cgroup.procs").write_text(f"{process}")
        group.rmdir()


def _group(name: str) -> Path:
    for parent in PARENTS:
        group = parent / name
        try:
            group.mkdir()
        except OSError:
            continue
        if (group / "cpu.max").exists() or (group / "cpu.cfs_quota_us").exists():
            return group
        group.rmdir()
    raise NoQuota("no control group that holds processes to a part of a core could be made")
