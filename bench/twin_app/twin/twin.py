"""The same chat in the way Reflex offers: one `rx.SharedState`, the last messages in one list var.

It keeps nothing on disk and asks nobody who they are, so it does less than TripChat does.
"""

import time
from dataclasses import dataclass
from typing import Any

import reflex as rx

SHOWN = 50  # messages kept in the list var
TRIP = "trip"


@dataclass
class Message:
    """What TripChat tells a tab about a message."""

    id: str
    client_id: str
    seq: int
    author_id: str
    kind: str
    text: str
    sent_at: int  # UTC, milliseconds since the epoch


class Chat(rx.SharedState):
    """The one channel every tab is linked to."""

    messages: rx.Field[list[Message]] = rx.field(default_factory=list)
    last_seq: int = 0

    @rx.event
    async def join(self) -> None:
        """Links this tab to the channel; runs when the page loads."""
        await self._link_to(TRIP)

    @rx.event
    def send(self, client_id: str, author_id: str, text: str) -> None:
        """Appends a message; Reflex pushes the list to every linked tab."""
        self.last_seq += 1
        message = Message(
            id=f"m{self.last_seq:011d}",
            client_id=client_id,
            seq=self.last_seq,
            author_id=author_id,
            kind="text",
            text=text,
            sent_at=time.time_ns() // 1_000_000,
        )
        self.messages = [*self.messages, message][-SHOWN:]


def line(message: Any) -> rx.Component:
    """One message of the list."""
    return rx.el.p(message.author_id, ": ", message.text)


@rx.page(route="/", on_load=Chat.join)
def index() -> rx.Component:
    """The channel; only its state is used by the bench."""
    return rx.el.main(rx.foreach(Chat.messages, line))


app = rx.App()
