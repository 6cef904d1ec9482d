"""My account's page: where I am signed in."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

import reflex as rx

from tripchat.errors import NotSignedIn
from tripchat.services import acts, devices
from tripchat.services.sessions import Identity
from tripchat.state.door import door
from tripchat.state.session import tab_of
from tripchat.views import DeviceView


@dataclass
class DeviceVars:
    """A browser or program that I am signed in with."""

    session_id: str
    device: str
    current: bool
    signed_in_iso: str
    """ISO 8601, UTC; so is the other one."""
    last_seen_iso: str


class AccountState(rx.State):
    """The devices of the person whose tab this is, this one first."""

    devices: list[DeviceVars] = []

    @rx.event
    @door(acts.LIST_DEVICES)
    async def load(self):
        """Read where I am signed in; nobody is signed in nowhere."""
        who = self._who
        self.devices = [_vars(each) for each in await devices.mine(who)] if who else []

    @rx.event
    @door(acts.SIGN_OUT_ELSEWHERE)
    async def sign_out_there(self, session_id: str):
        """End one of my sessions."""
        await devices.sign_out(self._signed_in, session_id)
        await self.load()

    @rx.event
    @door(acts.SIGN_OUT_ELSEWHERE)
    async def sign_out_elsewhere(self):
        """End all my sessions but this one."""
        await devices.sign_out_elsewhere(self._signed_in)
        await self.load()

    @property
    def _who(self) -> Identity | None:
        tab = tab_of(self)
        return tab.identity if tab is not None and not tab.ended else None

    @property
    def _signed_in(self) -> Identity:
        if self._who is None:
            raise NotSignedIn("Sign in first.")
        return self._who


def _vars(device: DeviceView) -> DeviceVars:
    return DeviceVars(
        session_id=device["session_id"],
        device=device["device"],
        current=device["current"],
        signed_in_iso=_iso(device["signed_in_at"]),
        last_seen_iso=_iso(device["last_seen_at"]),
    )


def _iso(moment: int) -> str:
    return datetime.fromtimestamp(moment / 1000, UTC).isoformat()
