"""Mails that a site has written into its folder, as those read them whom they are for."""

from __future__ import annotations

import asyncio
import re
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from pathlib import Path
from typing import cast

PATIENCE_SECONDS = 20.0

_LINK = re.compile(r"https?://\S+/reset/[\w-]+")


def mails_to(data: Path, email: str) -> list[EmailMessage]:
    """What was written to this address, the oldest first; `data` is the site's folder."""
    files = sorted((data / "mail").glob("*.eml"))
    mails = [cast(EmailMessage, message_from_bytes(f.read_bytes(), policy=default)) for f in files]
    return [mail for mail in mails if mail["To"] == email]


async def reset_links(data: Path, email: str, count: int = 1) -> list[str]:
    """The links for a new password that somebody has got, when there are `count` of them.

    Raises TimeoutError.
    """
    async with asyncio.timeout(PATIENCE_SECONDS):
        while len(mails := mails_to(data, email)) < count:  # noqa: ASYNC110  # it is another process
            await asyncio.sleep(0.02)
    links = [_LINK.search(mail.get_content()) for mail in mails]
    return [link[0] for link in links if link]
