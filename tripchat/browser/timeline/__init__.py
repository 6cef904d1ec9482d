"""The timeline: the scrolling list, its rows as a Var, and the way back to its end."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import reflex as rx

from tripchat.browser.attachments import Attached
from tripchat.browser.live import live_var
from tripchat.browser.modules import library
from tripchat.settings import get_settings


@dataclass
class ReactionRow:
    """An emoji under a message."""

    emoji: str
    count: int
    mine: bool
    """Whether the viewer is among those who reacted with it."""
    who: str
    """Their names, `You` for the viewer."""


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
    """Why it failed, or what it waits for."""
    kind: str
    body: dict[str, Any]
    """What the message's kind gives to browsers (its `view`)."""
    attachments: Attached
    changing: bool
    """Whether an edit or a deletion by the viewer is on its way."""
    names_me: bool
    """Whether it mentions the viewer."""
    quote_seq: int
    """The message that it answers, 0 for none; the other `quote_` fields are about that one."""
    quote_author: str
    quote_line: str
    quote_deleted: bool
    reactions: list[ReactionRow]
    """The first to come stands first."""
    seen_by: str
    """On the viewer's own: "Seen by Ana and Bo", empty while nobody has."""
    newest_mine: bool
    """Whether it is the viewer's newest."""
    iso: str
    """When it was sent: ISO 8601, UTC."""
    time_label: str
    """The same as a time of day in the viewer's zone."""
    edited: bool
    edited_iso: str
    editable: bool
    """Whether the viewer may change its text."""
    deletable: bool
    editing: bool
    """Whether the viewer is doing so."""
    menu: bool
    """Whether what can be done with it is held open."""
    day_label: str
    """Set on the first message of a day."""
    starts_group: bool
    """The first of several by one author."""
    starts_unread: bool
    """The first that was unread when the viewer came."""


@dataclass
class VersionRow:
    """What a message said before an edit."""

    number: int
    kind: str
    body: dict[str, Any]
    attachments: Attached
    """None: an edit changes the text alone."""
    iso: str
    """When it was written: ISO 8601, UTC."""


@dataclass
class DetailsRow:
    """What became of a message of the viewer's; empty where it is not known."""

    stored: str
    """The moment, as the viewer's clock shows it."""
    broadcast: str
    reached: str
    """"3 of 5 members"."""
    read: str
    """Who has read it: "Ana and Bo"."""


class Timeline(rx.Component):
    """The scrolling element around the rows."""

    library = library("timeline/timeline")
    tag = "Timeline"


class JumpLatest(rx.Component):
    """The button that is there while the reader is not at the end."""

    library = library("timeline/timeline")
    tag = "JumpLatest"


class JumpUnread(rx.Component):
    """The button that is there while the first unread message has not been in view."""

    library = library("timeline/timeline")
    tag = "JumpUnread"


class MessageEditor(rx.Component):
    """A message's text in a field, in the message's place."""

    library = library("timeline/editing")
    tag = "MessageEditor"

    seq: rx.Var[int]
    # Characters that a message may have.
    limit: rx.Var[int]
    # The field's accessible name, and the buttons' labels.
    label: rx.Var[str]
    save: rx.Var[str]
    cancel: rx.Var[str]


def timeline_rows() -> rx.vars.ArrayVar[list[MessageRow]]:
    """The messages shown, oldest first, followed by mine that are still on their way."""
    return live_var("rows", list[MessageRow]).to(list[MessageRow])


def loading_older() -> rx.Var[bool]:
    """Whether a page of history is under way."""
    return live_var("loading", bool)


def at_beginning() -> rx.Var[bool]:
    """Whether the trip's very first message is shown, or there is none."""
    return live_var("atBeginning", bool)


def versions() -> rx.vars.ArrayVar[list[VersionRow]]:
    """What the message that was asked about said before its edits, newest first."""
    return live_var("versions", list[VersionRow]).to(list[VersionRow])


def details() -> rx.vars.ObjectVar[DetailsRow]:
    """What became of the message that was asked about."""
    return live_var("details", DetailsRow).to(DetailsRow)


def timeline(*children: Any, **props: Any) -> rx.Component:
    """The scrolling list around its rows."""
    return Timeline.create(*children, **props)


def jump_latest(*children: Any, **props: Any) -> rx.Component:
    """Jump to latest, with the number of messages that came meanwhile."""
    return JumpLatest.create(*children, **props)


def jump_unread(*children: Any, **props: Any) -> rx.Component:
    """Jump to the first unread message, with how many there are."""
    return JumpUnread.create(*children, **props)


def message_editor(seq: rx.Var[int], **props: Any) -> rx.Component:
    """What stands in a message's place while the viewer edits it."""
    return MessageEditor.create(
        seq=seq,
        limit=get_settings().message_max_chars,
        label="Edit message",
        save="Save",
        cancel="Cancel",
        **props,
    )
