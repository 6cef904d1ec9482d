"""Events looked at before Reflex takes them: any client can send anything."""

from __future__ import annotations

import logging
from typing import Any

import reflex as rx
from reflex.app import EventNamespace

logger = logging.getLogger(__name__)


class CheckedEvents(EventNamespace):
    """Reflex's socket namespace, which drops what is no event of this app.

    Reflex would log such an event whole, with what somebody wrote and with their cookie.
    """

    @classmethod
    def install(cls, app: rx.App) -> None:
        """Put it in the place of the app's namespace; call it before the app serves."""
        assert app.sio is not None
        assert app.event_namespace is not None
        app._event_namespace = cls(app.event_namespace.namespace, app)
        app.sio.register_namespace(app._event_namespace)

    async def on_event(self, sid: str, data: Any) -> None:
        """Pass an event on to Reflex if it is one."""
        if not _well_formed(data) or data["name"] not in self._handlers:
            logger.warning("an event that is none was dropped")
            return
        await super().on_event(sid, data)

    @property
    def _handlers(self) -> dict[str, Any]:
        return self.app._registration_context.event_handlers


def _well_formed(data: Any) -> bool:
    if not isinstance(data, dict) or not isinstance(data.get("name"), str):
        return False
    payload, router = data.get("payload", {}), data.get("router_data", {})
    return (
        isinstance(payload, dict | None)
        and isinstance(router, dict)
        and isinstance(router.get("pathname", ""), str)
        and isinstance(router.get("asPath", ""), str)
        and isinstance(router.get("query", {}), dict)
        and all(isinstance(value, str | list) for value in router.get("query", {}).values())
    )
