"""Answers that are files: when they end."""

import asyncio
from collections.abc import AsyncIterator, MutableMapping
from typing import Any

import pytest

from tripchat import hub
from tripchat.api import download
from tripchat.api.download import FileResponse
from tripchat.api.event_stream import TRANSPORT
from tripchat.errors import NotAMember
from tripchat.hub import Change, MemberLeft, Missed, SessionEnded


class Reader:
    """Who gets the answer: takes so many pieces, then no more."""

    def __init__(self, takes: int = 10_000) -> None:
        self.may = True
        self.aborted = False
        self.received = 0
        self.whole = False
        self.has_some = asyncio.Event()
        self._takes = takes

    def abort(self) -> None:
        self.aborted = True

    async def answer(self, pieces: int = 10_000) -> None:
        """Get a file of so many pieces."""

        async def content() -> AsyncIterator[bytes]:
            for _ in range(pieces):
                await asyncio.sleep(0)
                yield b"x"

        async def may_go_on() -> None:
            if not self.may:
                raise NotAMember("No more.")

        response = FileResponse(
            content(),
            trip_id="trip",
            user_id="ann",
            session_id="session",
            may_go_on=may_go_on,
            status_code=200,
            headers={"Content-Length": str(pieces)},
            media_type="text/plain",
        )
        scope = {"type": "http", "extensions": {TRANSPORT: self}}
        await asyncio.wait_for(response(scope, self._receive, self._send), 5)

    async def _receive(self) -> dict[str, Any]:
        await asyncio.Event().wait()
        raise AssertionError

    async def _send(self, message: MutableMapping[str, Any]) -> None:
        if message["type"] == "http.response.start":
            return
        if self.received >= self._takes:
            await asyncio.Event().wait()
        self.received += len(message["body"])
        if self.received >= 3:
            self.has_some.set()
        self.whole = not message["more_body"]


async def test_a_file_that_is_taken_is_whole():
    reader = Reader()
    await reader.answer(50)
    assert (reader.received, reader.whole, reader.aborted) == (50, True, False)


@pytest.mark.parametrize("change", [MemberLeft("trip", "ann"), SessionEnded("session")])
async def test_who_may_no_more_is_broken_off_even_while_they_take_nothing(change: Change):
    reader = Reader(takes=3)
    task = asyncio.create_task(reader.answer())
    await reader.has_some.wait()
    hub.relay(change)
    await task
    assert (reader.received, reader.whole, reader.aborted) == (3, False, True)


@pytest.mark.parametrize(
    "change",
    [MemberLeft("trip", "ben"), MemberLeft("other", "ann"), SessionEnded("other"), Missed()],
)
async def test_what_happens_to_others_changes_nothing(change: Change):
    reader = Reader()
    task = asyncio.create_task(reader.answer(500))
    await reader.has_some.wait()
    hub.relay(change)
    await task
    assert reader.whole


async def test_what_may_have_been_missed_is_asked_for():
    reader = Reader(takes=3)
    task = asyncio.create_task(reader.answer())
    await reader.has_some.wait()
    reader.may = False
    hub.relay(Missed())
    await task
    assert reader.aborted


async def test_it_is_asked_for_now_and_then_as_well(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(download, "LOOK_EVERY_SECONDS", 0.01)
    reader = Reader(takes=3)
    task = asyncio.create_task(reader.answer())
    await reader.has_some.wait()
    reader.may = False
    await task
    assert reader.aborted


async def test_who_takes_nothing_for_too_long_is_cut(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(download, "STALLED_SECONDS", 0.01)
    reader = Reader(takes=3)
    await reader.answer()
    assert (reader.received, reader.whole, reader.aborted) == (3, False, True)
