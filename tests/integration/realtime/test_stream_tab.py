"""A tab that no WebSocket gets through to shows and does what any other does."""

import asyncio
from collections.abc import Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.kit.people import Account
from tests.kit.server import Server
from tests.kit.stream_tab import StreamTab, stream_tab_of
from tests.kit.tab import ROOT_STATE, SESSION_STATE, Tab, tab_of

INVITES_STATE = f"{ROOT_STATE}.tripchat___state___invites____invites_state"


async def same(one: Tab, two: Tab) -> None:
    """Both show the same channel, now or soon."""
    await two.until(lambda: two.last_seq == one.last_seq)
    await two.until(lambda: two.room == one.room)


async def test_both_ways_show_the_same(server: Server, ana: Account, bo: Account) -> None:
    trip = await ana.makes_trip("Lisbon", bo)
    await ana.writes_all(trip, ["one", "two"])
    async with (
        tab_of(server, ana, f"/trip/{trip}") as socket,
        stream_tab_of(server, bo, f"/trip/{trip}") as stream,
    ):
        assert stream.texts == ["one", "two"]
        assert stream.var(SESSION_STATE, "user_id") == bo.user_id
        both = {ana.user_id, bo.user_id}
        for tab in (socket, stream):
            await tab.until(lambda: tab.online == both)  # noqa: B023
        await stream.types()
        await socket.until(lambda: socket.typing == [bo.user_id])
        await stream.sends(trip, "by stream \u2028 ✓")
        await socket.sends(trip, "by socket")
        await socket.until(lambda: len(socket.texts) == 4)
        await stream.reacts(trip, 1, "🎉")
        await socket.until(lambda: socket.seen.at(1)["reactions"])
        await stream.marks_read(trip, 4)
        await socket.until(lambda: socket.trips.members[bo.user_id]["read_seq"] == 4)
        await same(socket, stream)
        assert sorted(filter(None, stream.texts)) == sorted(
            ["one", "two", "by stream \u2028 ✓", "by socket"]
        )
        await socket.types()
        await stream.until(lambda: stream.typing == [ana.user_id])
    async with tab_of(server, ana, f"/trip/{trip}") as socket:
        await socket.until(lambda: socket.online == {ana.user_id})


async def test_a_page_without_a_trip_has_its_list(
    server: Server, ana: Account, bo: Account
) -> None:
    async with stream_tab_of(server, ana, "/") as tab:
        trip = await bo.makes_trip("Oslo", ana)
        await tab.until(lambda: trip in tab.trips.cards)
        await tab.goes(f"/trip/{trip}")
        await tab.until(lambda: tab.room["trip"])
        await tab.sends(trip, "found it")
        await tab.until(lambda: tab.texts == ["found it"])


async def test_signed_out_one_sees_what_anybody_sees(server: Server) -> None:
    async with StreamTab(server.port, "/") as tab:
        assert not tab.var(SESSION_STATE, "user_id")


async def test_links_that_the_server_writes_begin_with_the_pages_address(
    server: Server, ana: Account
) -> None:
    trip = await ana.makes_trip("Lisbon")
    direct, proxied = f"127.0.0.1:{server.port}", {"X-Forwarded-Host": "trips.example"}
    for address, headers in (
        (f"http://{direct}", {}),
        ("https://trips.example", proxied | {"X-Forwarded-Proto": "https"}),
    ):
        async with stream_tab_of(server, ana, f"/trip/{trip}", **headers) as tab:
            await tab.call(f"{INVITES_STATE}.show")
            await tab.until(lambda: tab.var(INVITES_STATE, "links"))
            for link in tab.var(INVITES_STATE, "links"):
                assert link["url"] == f"{address}/join/{link['code']}"


@pytest.fixture(scope="module")
def runner() -> Iterator[asyncio.Runner]:
    """One event loop for all examples."""
    with asyncio.Runner() as runner:
        yield runner


@pytest.fixture(scope="module")
def people(server: Server, runner: asyncio.Runner) -> Iterator[tuple[Account, Account]]:
    async def arrive() -> tuple[Account, Account]:
        return await Account.sign_up(server.url, "Ana"), await Account.sign_up(server.url, "Bo")

    yield (people := runner.run(arrive()))
    for person in people:
        runner.run(person.close())


@settings(max_examples=8)
@given(cuts=st.lists(st.booleans(), min_size=1, max_size=40))
def test_a_stream_that_is_cut_goes_on_where_it_was(
    server: Server, runner: asyncio.Runner, people: tuple[Account, Account], cuts: list[bool]
) -> None:
    ana, bo = people

    async def play() -> None:
        trip = await ana.makes_trip("Lisbon", bo)
        async with (
            tab_of(server, ana, f"/trip/{trip}") as socket,
            stream_tab_of(server, bo, f"/trip/{trip}") as stream,
        ):
            before = stream.line.link
            for number, cut in enumerate(cuts):
                if cut:
                    stream.line.cut()
                await socket.sends(trip, f"message {number}")
                if number % 3 == 0:
                    await stream.sends(trip, f"answer {number}")
            await stream.until(lambda: stream.last_seq == len(cuts) + (len(cuts) + 2) // 3)
            await same(socket, stream)
            assert stream.line.link == before
            # Not one packet was told twice: each says something new.
            assert stream.line.numbers == list(range(1, len(stream.line.numbers) + 1))

    runner.run(play())
