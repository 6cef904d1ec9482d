"""Who is around in a trip besides the tabs of this worker: on the others, and who types anywhere.

No I/O. Workers say of each person whether they are there, never how many more or less: what was
missed is made good by what is said next.
"""

from __future__ import annotations

from collections.abc import Container, Mapping
from dataclasses import dataclass, field

from tripchat.realtime.typing import Typing

Changed = dict[str, set[str]]
"""User ids by trip id."""


@dataclass
class Around:
    """One trip."""

    elsewhere: dict[str, set[str]] = field(default_factory=dict)
    """User id of everybody who has it open on other workers -> the ids of these workers."""
    typing: Typing = field(default_factory=Typing)
    """Each tab of this worker is a device in it, and each other worker."""

    def put(self, user_id: str, worker_id: str, here: bool) -> None:
        """Note whether a person has the trip open on another worker."""
        workers = self.elsewhere.setdefault(user_id, set())
        if here:
            workers.add(worker_id)
        else:
            workers.discard(worker_id)
        if not workers:
            del self.elsewhere[user_id]

    def lose(self, user_id: str) -> None:
        """Somebody is no longer in the trip."""
        self.elsewhere.pop(user_id, None)
        self.typing.sent(user_id)


class Trips:
    """All trips in which anybody is around. Times are those of `Typing`."""

    def __init__(self) -> None:
        self._trips: dict[str, Around] = {}

    def of(self, trip_id: str) -> Around:
        """The one of this trip."""
        return self._trips.setdefault(trip_id, Around())

    def replace(
        self,
        worker_id: str,
        here: Mapping[str, list[str]],
        typing: Mapping[str, list[str]],
        now: float,
    ) -> Changed:
        """Take all who are on another worker; gives for whom something may have changed."""
        changed = self.gone(worker_id)
        for trip_id, user_ids in here.items():
            for user_id in user_ids:
                self.of(trip_id).put(user_id, worker_id, True)
                changed.setdefault(trip_id, set()).add(user_id)
        for trip_id, user_ids in typing.items():
            for user_id in user_ids:
                self.of(trip_id).typing.goes_on(user_id, worker_id, now)
                changed.setdefault(trip_id, set()).add(user_id)
        return changed

    def gone(self, worker_id: str) -> Changed:
        """Another worker is there no more; gives who was there."""
        changed: Changed = {}
        for trip_id, around in self._trips.items():
            there = {user for user, workers in around.elsewhere.items() if worker_id in workers}
            for user_id in there:
                around.put(user_id, worker_id, False)
            if there := there | around.typing.device_left(worker_id):
                changed[trip_id] = there
        return changed

    def forget(self, now: float, keep: Container[str]) -> None:
        """Forget the trips where nobody is, but for those to `keep`."""
        for trip_id, around in list(self._trips.items()):
            nobody = not around.elsewhere and not around.typing.user_ids(now)
            if nobody and trip_id not in keep:
                del self._trips[trip_id]
