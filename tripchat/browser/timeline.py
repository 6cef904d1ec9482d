"""The timeline: the scrolling list, its rows as a Var, and the way back to its end."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import reflex as rx

from tripchat.browser.modules import from_hook, library


@dataclass
class MessageRow:
    """A message as the timeline shows it to this viewer."""

    key: str
    id: str
    client_id: str
    seq: int
    author_id: str
    author_name: str
    author_initials: str
    author_hue: int
    mine: bool
    state: str
    """`sending`, `sent`, `failed` or `deleted`."""
    reason: str
    """Why it failed."""
    kind: str
    body: dict[str, Any]
    """What the message's kind gives to browsers (its `view`)."""
    iso: str
    """When it was sent: ISO 8601, UTC."""
    time_label: str
    """The same as a time of day in the viewer's zone."""
    day_label: str
    """Set on the first message of a day."""
    starts_group: bool
    """The first of several by one author."""
    edited: bool


class Timeline(rx.Component):
    """The scrolling element around the rows."""

    library = library("timeline")
    tag = "Timeline"


class JumpLatest(rx.Component):
    """The button that is there while the reader is not at the end."""

    library = library("timeline")
    tag = "JumpLatest"


def _timeline_var(field: str, var_type: Any) -> rx.Var[Any]:
    return from_hook("useTimeline", "live", f"timeline.{field}", var_type)


def timeline_rows() -> rx.Var[list[MessageRow]]:
    """The messages shown, oldest first, followed by mine that are still on their way."""
    return _timeline_var("rows", list[MessageRow])


def last_seq() -> rx.Var[int]:
    """The newest `seq` that the tab shows; 0 while there is none."""
    return _timeline_var("lastSeq", int)


def online_ids() -> rx.Var[list[str]]:
    """The ids of those who have the trip open."""
    return _timeline_var("online", list[str])


def loading_older() -> rx.Var[bool]:
    """Whether a page of history is under way."""
    return _timeline_var("loading", bool)


def at_beginning() -> rx.Var[bool]:
    """Whether the trip's very first message is shown, or there is none."""
    return _timeline_var("atBeginning", bool)


def timeline(*children: Any, **props: Any) -> rx.Component:
    """The scrolling list around its rows."""
    return Timeline.create(*children, **props)


def jump_latest(*children: Any, **props: Any) -> rx.Component:
    """Jump to latest, with the number of messages that came meanwhile."""
    return JumpLatest.create(*children, **props)
