"""Mails to people: a letter, and the ways it may leave by.

Nothing that a letter says, and nobody whom it is for, gets into the log.
"""

from __future__ import annotations

import asyncio
import logging
from email.message import EmailMessage
from typing import Protocol

from tripchat.mail.console import Console
from tripchat.mail.folder import Folder
from tripchat.mail.letter import Letter
from tripchat.mail.smtp import Smtp
from tripchat.settings import Settings, get_settings

__all__ = ["Letter", "Way", "folder", "forget", "post", "way"]

SENDER = "TripChat <tripchat@localhost>"
"""Whom letters are from while no server has to believe it."""

PATIENCE_SECONDS = 30.0
"""How long a letter may take to leave."""

log = logging.getLogger(__name__)


class Way(Protocol):
    """How letters leave."""

    async def send(self, message: EmailMessage) -> None:
        """Send a message; raises whatever keeps it from leaving."""


def way(settings: Settings) -> Way:
    """The way that the settings say."""
    match settings.mail.get_secret_value():
        case "console":
            return Console()
        case "file":
            return folder(settings)
        case server:
            return Smtp(server)


def folder(settings: Settings) -> Folder:
    """Where letters lie that have left by no other way."""
    return Folder(settings.data / "mail")


async def forget(address: str) -> None:
    """Remove all letters to an address that lie on this machine."""
    try:
        await folder(get_settings()).forget(address)
    except OSError as error:
        log.error("mails could not be removed: %s", type(error).__name__)


async def post(letter: Letter) -> None:
    """Send a letter. One that cannot leave is logged: whom it is for is not there to be told."""
    settings = get_settings()
    try:
        async with asyncio.timeout(PATIENCE_SECONDS):
            await way(settings).send(letter.message(settings.mail_from or SENDER))
    except Exception as error:
        # Only its kind: the words of a mail server quote addresses.
        log.error("a mail could not be sent: %s", type(error).__name__)
