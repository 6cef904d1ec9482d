"""What one can do with a message that was refused."""

from __future__ import annotations

import reflex as rx
from reflex_base.event import EventSpec
from reflex_base.vars import VarData

from tripchat.browser.modules import library


def _call(function: str, client_id: rx.Var[str]) -> EventSpec:
    return rx.call_function(
        rx.Var(
            f"() => {function}({client_id!s})",
            _var_data=VarData.merge(
                client_id._get_all_var_data(),
                VarData(imports={library("outbox"): [rx.ImportVar(tag=function)]}),
            ),
        )
    )


def retry(client_id: rx.Var[str]) -> EventSpec:
    """Send a refused message once more."""
    return _call("retryMessage", client_id)


def discard(client_id: rx.Var[str]) -> EventSpec:
    """Take a refused message away."""
    return _call("discardMessage", client_id)
