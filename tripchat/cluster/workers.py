"""The workers that serve the site now: this one, and those that it has heard of lately."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from tripchat.ids import new_id

SILENT_SECONDS = 4.0
"""A worker says every second that it is there; one that was silent for so long is gone."""


@dataclass(frozen=True)
class Worker:
    """One process that serves the site."""

    id: str
    """A new one with each start of the process."""
    url: str
    """Where the other workers reach it, like `http://10.0.0.7:3001`."""


class Workers:
    """Times are seconds of any clock that only goes forward."""

    def __init__(self) -> None:
        self.url = ""
        """Where the others reach this process."""
        self._heard: dict[str, tuple[Worker, float]] = {}
        self._on_gone: list[Callable[[str], None]] = []

    def on_gone(self, callback: Callable[[str], None]) -> None:
        """Call `callback(worker_id)` when another worker is there no more."""
        self._on_gone.append(callback)

    def heard(self, worker: Worker, now: float) -> bool:
        """Another worker is there; gives whether it is a new one."""
        is_new = worker.id not in self._heard
        self._heard[worker.id] = (worker, now)
        return is_new

    def gone(self, worker_id: str) -> None:
        """Another worker has said that it goes, or was silent for too long."""
        if self._heard.pop(worker_id, None) is not None:
            for callback in self._on_gone:
                callback(worker_id)

    def expire(self, now: float) -> None:
        """Let those go that have been silent for too long."""
        for worker, at in list(self._heard.values()):
            if now - at > SILENT_SECONDS:
                self.gone(worker.id)

    def is_any_late(self, now: float, seconds: float) -> bool:
        """Whether another worker that has not gone was not heard for so long."""
        return any(now - at > seconds for _, at in self._heard.values())

    @property
    def others(self) -> list[Worker]:
        """The other workers that are there."""
        return [worker for worker, _ in self._heard.values()]

    def url_of(self, worker_id: str) -> str | None:
        """Where another worker is reached; None when it is not there."""
        heard = self._heard.get(worker_id)
        return heard[0].url if heard else None


WORKER_ID = new_id()
"""This process, among the workers."""

workers = Workers()
"""What this process knows of the others."""
