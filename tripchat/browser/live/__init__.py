"""The open trip as Vars: what it is, who is in it, and what they are doing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import reflex as rx

from tripchat.browser.modules import from_hook


@dataclass
class TripVars:
    """What the browser knows of the open trip."""

    trip_id: str
    title: str
    destination: str
    starts_on: str
    ends_on: str
    time_zone: str


@dataclass
class MemberVars:
    """A person who is or was in the open trip."""

    user_id: str
    name: str
    role: str
    left: bool
    """True for those who are no longer in it: their old messages still need a name."""
    initials: str
    hue: int
    online: bool
    """Whether they have the trip open."""
    read_seq: int


@dataclass
class TypistVars:
    """Who types, besides the viewer."""

    ids: str
    """Their ids, separated by spaces."""
    words: str
    """The same as a sentence, empty when nobody does."""


def live_var(name: str, var_type: Any) -> rx.Var[Any]:
    """One part of what `live.js` knows; what reads it renders again when that part changes."""
    return from_hook("useLive", "live/use_live", f"live_{name}", var_type, arguments=f'"{name}"')


def open_trip() -> Any:
    """The trip that the address names; its fields are empty while it is not known."""
    return live_var("trip", TripVars)


def problem() -> rx.vars.StringVar[str]:
    """Why that trip is not shown; empty when it is. See `RoomState.problem`."""
    return live_var("problem", str).to(str)


def members() -> rx.vars.ArrayVar[list[MemberVars]]:
    """Those who are in the trip, in the order in which they joined."""
    return live_var("members", list[MemberVars]).to(list[MemberVars])


def i_organise() -> rx.vars.BooleanVar:
    """Whether the viewer is an organiser of the trip."""
    return live_var("organises", bool).to(bool)


def typists() -> Any:
    """Who else is writing at this moment."""
    return live_var("typists", TypistVars)


def last_seq() -> rx.vars.NumberVar[int]:
    """The newest `seq` that the tab shows; 0 while there is none."""
    return live_var("lastSeq", int).to(int)
