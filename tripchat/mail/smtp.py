"""Letters through a mail server."""

from __future__ import annotations

from email.message import EmailMessage
from urllib.parse import unquote, urlsplit

import aiosmtplib

SUBMISSION = {"smtp": 587, "smtps": 465}
"""Ports by scheme: TLS begins with STARTTLS, or with the connection."""

STEP_SECONDS = 10.0
"""How long the server may take for each answer."""


class Smtp:
    """Hands each letter to a server, over a connection of its own."""

    def __init__(self, url: str) -> None:
        """`url` is as `TRIPCHAT_MAIL` is: `smtp://user:password@host:587`, `smtps://host`.

        With `smtp` the server has to offer STARTTLS, unless `?tls=none` does without.
        """
        server = urlsplit(url)
        self._host = server.hostname or ""
        self._port = server.port or SUBMISSION[server.scheme]
        self._username = unquote(server.username) if server.username else None
        self._password = unquote(server.password) if server.password else None
        self._tls = server.scheme == "smtps"
        self._starttls = not self._tls and server.query != "tls=none"

    async def send(self, message: EmailMessage) -> None:
        """Hand a message over; raises SMTPException, OSError or TimeoutError."""
        await aiosmtplib.send(
            message,
            hostname=self._host,
            port=self._port,
            username=self._username,
            password=self._password,
            use_tls=self._tls,
            start_tls=self._starttls,
            timeout=STEP_SECONDS,
        )
