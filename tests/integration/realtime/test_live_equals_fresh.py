"""The one property that matters most: who saw it happen shows what who comes later sees."""

import asyncio
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.kit.company import Company
from tests.kit.people import Account
from tests.kit.server import Server
from tests.kit.tab import ROOM_STATE, Tab, tab_of

PEOPLE = 3
TALK = ("writes", "replies", "mentions", "edits", "deletes", "reacts", "unreacts", "reads", "types")
COMING_AND_GOING = (
    *("leaves", "joins", "takes another name", "renames the trip", "writes a lot"),
    *("opens a tab", "closes a tab", "reloads a tab", "goes elsewhere"),
)

_action = st.tuples(
    st.sampled_from(TALK) | st.sampled_from(COMING_AND_GOING),
    st.integers(0, PEOPLE - 1),
    st.integers(0, 1),
    st.integers(0, 999),
)
_at_once = st.lists(_action, min_size=1, max_size=4)


@pytest.fixture(scope="module")
def runner() -> Iterator[asyncio.Runner]:
    """One event loop for all examples."""
    with asyncio.Runner() as runner:
        yield runner


@pytest.fixture(scope="module")
def people(servers: list[Server], runner: asyncio.Runner) -> Iterator[list[Account]]:
    """Those who travel together, again and again."""

    async def arrive() -> list[Account]:
        return [
            await Account.sign_up(servers[number % len(servers)].url, f"Person {number}")
            for number in range(PEOPLE)
        ]

    async def go(people: list[Account]) -> None:
        for person in people:
            await person.close()

    people = runner.run(arrive())
    yield people
    runner.run(go(people))


@settings(
    max_examples=20,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(rounds=st.lists(_at_once, max_size=10))
def test_a_tab_that_saw_it_live_equals_a_fresh_one(
    servers: list[Server],
    people: list[Account],
    runner: asyncio.Runner,
    rounds: list[list[tuple[str, int, int, int]]],
) -> None:
    async def play() -> None:
        company = Company(servers, people)
        await company.gather()
        try:
            for actions in rounds:
                await asyncio.gather(*(company.does(*action) for action in actions))
            await agrees(company)
        finally:
            await company.part()

    runner.run(play())


async def agrees(company: Company) -> None:
    """A fresh tab of the same person on the same page shows the same as each, on any server."""
    for tab in company.every:
        await company.settles(tab)
    pairs: list[tuple[Tab, Tab]] = []
    for person, tabs in zip(company.people, company.tabs, strict=True):
        fresh: dict[str, list[Tab]] = {}
        for tab in list(tabs):
            if tab.path not in fresh:
                fresh[tab.path] = [
                    await tab_of(server, person, tab.path).open() for server in company.servers
                ]
                tabs += fresh[tab.path]
            pairs += [(tab, fresh_tab) for fresh_tab in fresh[tab.path]]
    for tab, fresh_tab in pairs:
        await equal(tab, fresh_tab)


async def equal(tab: Tab, fresh: Tab) -> None:
    try:
        await tab.until(lambda: shown(tab) == shown(fresh))
    except TimeoutError:
        assert shown(tab) == shown(fresh)
        raise


def shown(tab: Tab) -> dict[str, Any]:
    """All that the tab's page would show of trips."""
    _, page, *trip_ids = tab.path.split("/")
    problem = (
        tab.var(ROOM_STATE, "problem") if tab.var(ROOM_STATE, "problem_of") in trip_ids else ""
    )
    # What a tab knew of a trip that it lost is no longer shown.
    room = tab.room if page and not problem else {}
    return {"cards": tab.trips.cards, "problem": problem, "room": room}
