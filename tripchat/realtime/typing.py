"""Who types in one trip. Nothing of it is stored, and whoever stops says nothing: it just ends."""

from __future__ import annotations

LASTS_SECONDS = 5.0
"""How long somebody is shown as typing after their tab last said so. Tabs say it again every two
seconds while keys are pressed, so this bridges a lost one, and ends within six of the last key."""


class Typing:
    """Times are seconds of any clock that only goes forward."""

    def __init__(self) -> None:
        self._until: dict[str, dict[str, float]] = {}
        """User id -> socket id of each device they type on -> when that ends."""

    def goes_on(self, user_id: str, sid: str, now: float) -> None:
        """A person presses keys in a tab."""
        self._until.setdefault(user_id, {})[sid] = now + LASTS_SECONDS

    def sent(self, user_id: str) -> None:
        """What a person was typing has been sent."""
        self._until.pop(user_id, None)

    def left(self, user_id: str, sid: str) -> None:
        """A tab is gone."""
        devices = self._until.get(user_id, {})
        devices.pop(sid, None)
        if not devices:
            self._until.pop(user_id, None)

    def device_left(self, device: str) -> set[str]:
        """A device of several people is gone; gives who typed on it."""
        there = {user_id for user_id, devices in self._until.items() if device in devices}
        for user_id in there:
            self.left(user_id, device)
        return there

    def types_on(self, user_id: str, device: str) -> bool:
        """Whether somebody types on this device, as far as was heard."""
        return device in self._until.get(user_id, ())

    def user_ids(self, now: float) -> list[str]:
        """Who types at this moment, each once, in the order in which they began."""
        for user_id, devices in list(self._until.items()):
            for sid in [sid for sid, until in devices.items() if until <= now]:
                self.left(user_id, sid)
        return list(self._until)

    def next_end(self) -> float | None:
        """When somebody ends to type, if nothing more is heard; None when nobody types."""
        ends = (until for devices in self._until.values() for until in devices.values())
        return min(ends, default=None)
