"""Waiting for something to be true for the first time."""

import reflex as rx

from tripchat.browser.modules import library


class Once(rx.Component):
    """Shows its first child until `when` was true once, and its second from then on.

    Reflex takes `is_hydrated` back on every navigation and reconnect; a page that hung on it would
    be built anew each time, and what was typed in it would be lost.
    """

    library = library("once")
    tag = "Once"

    when: rx.Var[bool]


def once(when: rx.Var[bool] | bool, content: rx.Component, waiting: rx.Component) -> rx.Component:
    """`content` from the moment `when` is true for the first time, `waiting` before."""
    return Once.create(waiting, content, when=when)
