"""A letter: plain text for one person."""

from __future__ import annotations

from dataclasses import dataclass, field
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import formatdate, make_msgid, parseaddr


@dataclass(frozen=True)
class Letter:
    """What is said to whom."""

    to: str = field(repr=False)
    subject: str = field(repr=False)
    text: str = field(repr=False)

    def message(self, sender: str) -> EmailMessage:
        """The letter as a mail from `sender`, such as `TripChat <chat@trips.example>`."""
        message = EmailMessage(policy=SMTP)
        message["From"] = sender
        message["To"] = self.to
        message["Subject"] = self.subject
        message["Date"] = formatdate()
        message["Message-ID"] = make_msgid(domain=parseaddr(sender)[1].rpartition("@")[2])
        # Holiday replies and the like would go nowhere.
        message["Auto-Submitted"] = "auto-generated"
        # A link that is broken over two lines does not work.
        message.set_content(self.text, cte="8bit")
        return message
