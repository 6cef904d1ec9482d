"""The feed: whoever follows a trip knows what a program knows that reads all of it."""

import asyncio
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.kit.feed import Feed
from tests.kit.people import Account
from tests.kit.server import Server
from tests.kit.tab import tab_of


def known(messages: list[dict[str, Any]]) -> dict[int, dict[str, Any]]:
    """Messages by number, without what other messages have put into them."""
    return {
        message["seq"]: {name: message[name] for name in message.keys() - {"quote"}}
        for message in messages
    }


async def test_what_is_new_comes_as_it_is_read(ana: Account, bo: Account) -> None:
    trip = await ana.makes_trip("Lisbon", bo)
    await ana.writes(trip, "before")
    async with Feed(bo, trip) as feed:
        await ana.writes(trip, "a \u2028 b\nc", reply_to_seq=1)
        await feed.until(lambda: feed.texts == ["a \u2028 b\nc"])
        assert list(feed.messages.values()) == await bo.reads(trip, after=1)
        await ana.edits(trip, 1, "edited")
        await bo.reacts(trip, 2, "🎉")
        await ana.deletes(trip, 2)
        await feed.until(lambda: feed.texts == ["edited", None])
        assert known([*feed.messages.values()]) == known(await bo.reads(trip))
        assert {event.name for event in feed.events} == {"message"}


async def test_after_says_where_to_begin(ana: Account) -> None:
    trip = await ana.makes_trip("Lisbon")
    said = [f"message {number}" for number in range(1, 121)]
    await ana.writes_all(trip, said)
    await ana.edits(trip, 115, "edited")
    said[114] = "edited"
    for after in (0, 50, 119, 120, 500):
        async with Feed(ana, trip, after=after) as feed:
            await feed.until(lambda: feed.texts == said[after:])  # noqa: B023
            # The first only tells where it begins.
            assert len(feed.events) == 1 + len(said[after:])


async def test_whoever_was_cut_off_before_anything_came_misses_nothing(ana: Account) -> None:
    trip = await ana.makes_trip("Lisbon")
    await ana.writes(trip, "before")
    async with Feed(ana, trip) as feed:
        assert feed.messages == {}
    await ana.writes(trip, "meanwhile")
    async with Feed(ana, trip, last_event=feed.position) as again:
        await again.until(lambda: again.messages)
        assert again.texts == ["meanwhile"]


async def test_it_says_that_it_is_there_and_shows_nobody_as_present(
    server: Server, ana: Account, bo: Account
) -> None:
    trip = await ana.makes_trip("Lisbon", bo)
    async with tab_of(server, ana, f"/trip/{trip}") as tab, Feed(bo, trip) as feed:
        await tab.sends(trip, "hello")
        await feed.until(lambda: feed.texts == ["hello"])
        await tab.until(lambda: tab.texts == ["hello"])
        assert tab.online == {ana.user_id}


async def test_whoever_is_removed_hears_nothing_more(ana: Account, bo: Account) -> None:
    trip = await ana.makes_trip("Lisbon", bo)
    async with Feed(bo, trip, after=0) as feed:
        await asyncio.gather(ana.removes(trip, bo), *(ana.writes(trip, "x") for _ in range(9)))
        sent = await ana.writes(trip, "among us")
        await feed.until(lambda: feed.ended)
        assert sent["seq"] not in feed.messages
    again = {"Last-Event-ID": feed.position}
    answer = await bo.http.get(f"/api/trips/{trip}/events", headers=again)
    assert answer.status_code == 403


async def test_signing_out_ends_it(ana: Account) -> None:
    trip = await ana.makes_trip("Lisbon")
    other = await ana.on_another_device()
    async with Feed(ana, trip) as feed, Feed(other, trip) as still_signed_in:
        headers = {"cookie": f"tripchat_session={ana.token}"}
        await ana.posts("/api/auth/sign-out", {})
        await feed.until(lambda: feed.ended)
        await other.writes(trip, "still here")
        await still_signed_in.until(lambda: still_signed_in.texts == ["still here"])
    answer = await ana.http.get(f"/api/trips/{trip}/events", headers=headers)
    assert answer.status_code == 401
    await other.close()


# From anywhere.

_action = st.tuples(
    st.sampled_from(("write", "write", "edit", "edit", "delete", "react", "unreact")),
    st.integers(0, 99),
)
_actions = st.lists(_action, max_size=12)


@pytest.fixture(scope="module")
def runner() -> Iterator[asyncio.Runner]:
    """One event loop for all examples."""
    with asyncio.Runner() as runner:
        yield runner


@pytest.fixture(scope="module")
def writer(server: Server, runner: asyncio.Runner) -> Iterator[Account]:
    """Who does it all."""
    writer = runner.run(Account.sign_up(server.url, "Ana"))
    yield writer
    runner.run(writer.close())


async def does(writer: Account, trip: str, actions: list[tuple[str, int]]) -> None:
    """Does one after the other; each is about one of the messages that there are."""
    path = f"/api/trips/{trip}/messages"
    count = len(await writer.reads(trip))
    for action, number in actions:
        message = f"{path}/{1 + number % count}"
        text = f"at {asyncio.get_running_loop().time()}"
        calls: dict[str, tuple[str, str, dict[str, str] | None]] = {
            "write": ("POST", path, {"text": text, "client_id": f"c{count}"}),
            "edit": ("PUT", message, {"text": text}),
            "delete": ("DELETE", message, None),
            "react": ("PUT", f"{message}/reactions/🎉", None),
            "unreact": ("DELETE", f"{message}/reactions/🎉", None),
        }
        method, address, body = calls[action]
        assert (await writer.http.request(method, address, json=body)).status_code < 500
        count += action == "write"


@settings(max_examples=25)
@given(_actions, _actions, _actions, st.integers(0, 8), st.integers(0, 30))
def test_from_any_position_it_tells_what_a_reader_finds(
    runner: asyncio.Runner,
    writer: Account,
    before: list[tuple[str, int]],
    live: list[tuple[str, int]],
    missed: list[tuple[str, int]],
    after: int,
    cut: int,
) -> None:
    async def play() -> None:
        trip = await writer.makes_trip("Lisbon")
        await writer.writes(trip, "first")
        await does(writer, trip, before)
        start = known(await writer.reads(trip))
        async with Feed(writer, trip, after=after) as feed:
            await does(writer, trip, live)
            there = {seq: message for seq, message in start.items() if seq <= after}
            now = known(await writer.reads(trip))
            await feed.until(lambda: there | known([*feed.messages.values()]) == now)
        await does(writer, trip, missed)
        # Cut off anywhere in between: what was told until then, and what is told from there on.
        told = feed.events[: 1 + cut % len(feed.events)]
        resumed = Feed(writer, trip, last_event=told[-1].id)
        for event in told:
            resumed.take(event)
        now = known(await writer.reads(trip))
        async with resumed:
            await resumed.until(lambda: there | known([*resumed.messages.values()]) == now)
            assert len({event.id for event in resumed.events}) >= len(resumed.events) - 1

    runner.run(play())
