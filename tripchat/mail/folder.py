"""Letters in a folder, for whoever runs the site to pass on."""

from __future__ import annotations

import asyncio
import os
import secrets
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from pathlib import Path

from tripchat import clock


class Folder:
    """Writes each letter into a file of its own, for the owner of the folder alone."""

    def __init__(self, path: Path) -> None:
        self._path = path

    async def send(self, message: EmailMessage) -> None:
        """Write a message as `<moment>-<random>.eml`; a file that is there is whole."""
        await asyncio.to_thread(self._write, bytes(message))

    async def forget(self, address: str) -> None:
        """Remove all letters to an address; raises OSError."""
        await asyncio.to_thread(self._remove, address)

    def _remove(self, address: str) -> None:
        for file in self._path.glob("*.eml"):
            if message_from_bytes(file.read_bytes(), policy=default)["To"] == address:
                file.unlink()

    def _write(self, content: bytes) -> None:
        self._path.mkdir(mode=0o700, parents=True, exist_ok=True)
        name = f"{clock.now()}-{secrets.token_hex(4)}"
        unfinished = self._path / f".{name}"
        descriptor = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with open(descriptor, "wb") as file:
            file.write(content)
        unfinished.rename(self._path / f"{name}.eml")
