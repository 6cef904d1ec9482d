"""Days and times as a person says them, in the viewer's language and zone."""

import reflex as rx
from reflex_base.utils.imports import ImportVar
from reflex_base.vars import VarData
from reflex_base.vars.function import FunctionStringVar

from tripchat.browser.modules import library

_LIBRARY = library("dates")


def _function(name: str) -> FunctionStringVar:
    return FunctionStringVar.create(
        name, _var_data=VarData(imports={_LIBRARY: [ImportVar(tag=name)]})
    )


def trip_dates(starts_on: rx.Var[str] | str, ends_on: rx.Var[str] | str) -> rx.Var[str]:
    """A range such as "3-10 May 2026", one day where only one is known, or ""."""
    return _function("tripDates").call(starts_on, ends_on).to(str)


def full_time(iso: rx.Var[str] | str) -> rx.Var[str]:
    """The day and the time of a moment, in full."""
    return _function("fullTime").call(iso).to(str)


def brief_time(iso: rx.Var[str] | str) -> rx.Var[str]:
    """The day and the time of a moment, short: "3 May 2026, 17:20"."""
    return _function("briefTime").call(iso).to(str)
