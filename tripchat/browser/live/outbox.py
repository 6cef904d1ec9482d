"""What one can do with a message that was refused."""

import reflex as rx
from reflex_base.event import EventSpec

from tripchat.browser.calls import call


def retry(client_id: rx.Var[str]) -> EventSpec:
    """Send a refused message once more."""
    return call("live/live", "retryMessage", client_id)


def discard(client_id: rx.Var[str]) -> EventSpec:
    """Take a refused message away."""
    return call("live/outbox", "discardMessage", client_id)
