"""Letters on the screen of whoever runs the site, to try things out."""

from __future__ import annotations

import sys
from email.message import EmailMessage
from email.policy import default


class Console:
    """Writes letters to standard error."""

    async def send(self, message: EmailMessage) -> None:
        """Write a message, whole: this is where its link is to be read."""
        sys.stderr.write(f"\n{message.as_string(policy=default)}\n")
        sys.stderr.flush()
