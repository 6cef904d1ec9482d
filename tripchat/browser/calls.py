"""Event handlers that call a function of one of the browser's modules."""

from __future__ import annotations

from typing import Any

import reflex as rx
from reflex_base.event import EventSpec
from reflex_base.vars import VarData

from tripchat.browser.modules import library


def call(module: str, function: str, *arguments: Any) -> EventSpec:
    """Call `function` of `module` with the values that the Vars have at that moment."""
    values = [rx.Var.create(argument) for argument in arguments]
    return rx.call_function(
        rx.Var(
            f"() => {function}({', '.join(str(value) for value in values)})",
            _var_data=VarData.merge(
                *(value._get_all_var_data() for value in values),
                VarData(imports={library(module): [rx.ImportVar(tag=function)]}),
            ),
        )
    )
