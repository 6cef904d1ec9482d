"""Whoever judges a run has to see what is wrong."""

import sqlite3
from collections.abc import AsyncIterator
from contextlib import closing
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from tests.faults.crowd import PROBE
from tests.faults.faults import KINDS, drawn
from tests.faults.traveller import FORGETS_MS, Patience, Traveller, fresh, shown_by
from tests.faults.verdict import Verdict, difference, first_difference, judge_storage
from tests.faults.waiting import until
from tests.kit.people import Account
from tests.kit.seen import WINDOW
from tests.kit.server import Server

WRITTEN = ["Ana-1-1", "Ana-1-2", "Ana-1-3"]


def judged(*client_ids: str, **of_the_tab: Any) -> Verdict:
    """What is said of these stored messages, in this order, where one tab has written three."""
    tab = {"name": "Ana-1", "written": WRITTEN, "refused": {}, "doubtful": set()} | of_the_tab
    stored = [
        {"client_id": client_id, "seq": seq, "text": client_id}
        for seq, client_id in enumerate(client_ids, 1)
    ]
    verdict = Verdict()
    judge_storage(verdict, [SimpleNamespace(**tab)], stored)  # type: ignore[list-item]
    return verdict


def test_what_is_right_is_right() -> None:
    assert judged(f"{PROBE}1", *WRITTEN, f"{PROBE}2").wrong == {}
    assert judged("Ana-1-1", "Ana-1-3", refused={"Ana-1-2": "gone"}).wrong == {}
    assert judged(*WRITTEN, "perhaps", doubtful={"perhaps"}).wrong == {}


@pytest.mark.parametrize(
    ("stored", "wrong"),
    [
        (["Ana-1-1", "Ana-1-3"], "lost"),
        (["Ana-1-1", "Ana-1-2", "Ana-1-2", "Ana-1-3"], "doubled"),
        (["Ana-1-1", "Ana-1-2", "Ana-1-3", "nobody"], "doubled"),
        (["Ana-1-2", "Ana-1-1", "Ana-1-3"], "disordered"),
    ],
)
def test_what_is_wrong_is_found(stored: list[str], wrong: str) -> None:
    assert list(judged(*stored).wrong) == [wrong]


def test_the_same_text_twice_is_found_whatever_it_is_called() -> None:
    verdict = Verdict()
    tab = SimpleNamespace(name="Ana-1", written=["a", "b"], refused={}, doubtful=set())
    stored = [
        {"client_id": name, "seq": seq, "text": "Ana-1 1."} for seq, name in ((1, "a"), (2, "b"))
    ]
    judge_storage(verdict, [tab], stored)  # type: ignore[list-item]
    assert list(verdict.wrong) == ["doubled"]


@pytest.mark.parametrize(
    ("killed_at", "is_excused"),
    [([], False), ([999], False), ([1000], True), ([1000 + FORGETS_MS], False)],
)
def test_only_a_kill_excuses_that_a_broadcast_is_forgotten(
    killed_at: list[int], is_excused: bool
) -> None:
    stored = {"seq": 1, "author_id": "ana", "sent_at": 1000}
    fresh: Any = SimpleNamespace(room={}, seen=SimpleNamespace(at=lambda _: stored))
    shown = {"messages": {"1": stored | {"broadcast_at": 1001}}}
    assert (shown_by(fresh, shown, "ana", killed_at) == shown) == is_excused
    other = {"messages": {"1": stored}}
    assert shown_by(fresh, other, "ana", killed_at) == other


@pytest.mark.parametrize(
    ("user_id", "newest", "is_excused"),
    [("bo", WINDOW + 1, True), ("ana", WINDOW + 1, False), ("bo", WINDOW, False)],
)
def test_only_what_is_old_and_others_is_excused_from_when_it_was_broadcast(
    user_id: str, newest: int, is_excused: bool
) -> None:
    stored = {
        str(seq): {"seq": seq, "author_id": "ana", "sent_at": 1000, "broadcast_at": 1001}
        for seq in (1, newest)
    }
    fresh: Any = SimpleNamespace(room={}, seen=SimpleNamespace(at=lambda seq: stored[str(seq)]))
    undated = {name: value for name, value in stored["1"].items() if name != "broadcast_at"}
    shown = {"messages": stored | {"1": undated}}
    assert (shown_by(fresh, shown, user_id) == shown) == is_excused
    edited = shown | {"messages": stored | {"1": undated | {"edited_at": 1002}}}
    assert shown_by(fresh, edited, user_id) != edited


@pytest.fixture
async def server(tmp_path: Path) -> AsyncIterator[Server]:
    """A server that may be stopped and started."""
    server = Server(tmp_path)
    await server.start()
    yield server
    await server.stop()


async def test_what_a_page_can_still_ask_for_is_no_difference(server: Server) -> None:
    ana, bo = [await Account.sign_up(server.url, name) for name in ("Ana", "Bo")]
    trip = await ana.makes_trip("Lisbon", bo)
    for writer in (ana, bo):
        await writer.writes(trip, "early")
    await server.stop()
    moments = forgets(server)
    await server.start()
    tab = Traveller("Ana-1", ana, server, trip, Patience(), seed=1)
    tab.starts()
    await until(lambda: tab.last_seq == 2, 20, "nothing is shown")
    for number in range(WINDOW):
        await bo.writes(trip, str(number))
    await until(lambda: tab.last_seq == WINDOW + 2, 20, "not all is shown")
    remembers(server, moments)
    afresh = await fresh(server, tab)
    assert [dated(tab.shown(), seq) for seq in (1, 2)] == [False, False]
    assert await difference(server, tab, afresh) == ""
    assert [dated(tab.shown(), seq) for seq in (1, 2)] == [True, False]
    await afresh.close()
    await tab.stops()
    for account in (ana, bo):
        await account.close()


def dated(shown: Any, seq: int) -> bool:
    """Whether a tab knows when a message was broadcast."""
    return "broadcast_at" in shown["messages"][str(seq)]


def forgets(server: Server) -> list[tuple[int, str]]:
    """Have it not be stored when the messages were broadcast; gives each one's moment and id."""
    with closing(sqlite3.connect(server.database)) as database, database:
        moments = database.execute("SELECT broadcast_at, id FROM message").fetchall()
        database.execute("UPDATE message SET broadcast_at = NULL")
    return moments


def remembers(server: Server, moments: list[tuple[int, str]]) -> None:
    """Have it be stored again."""
    with closing(sqlite3.connect(server.database)) as database, database:
        database.executemany("UPDATE message SET broadcast_at = ? WHERE id = ?", moments)


def test_the_first_difference_is_told() -> None:
    one = {"messages": [{"text": "a"}, {"text": "b"}], "typing": []}
    other = {"messages": [{"text": "a"}, {"text": "c"}], "typing": []}
    assert first_difference(one, one) == ""
    assert first_difference(one, other) == ".messages[1].text: 'b', afresh 'c'"
    assert first_difference(one, {"messages": one["messages"]}) == ".typing: [], afresh None"


def test_a_seed_draws_the_same_faults_of_all_kinds() -> None:
    faults = drawn(1000, 5, ["one", "another"], ["Ana"])
    assert faults == drawn(1000, 5, ["one", "another"], ["Ana"])
    assert {fault.kind for fault in faults[: len(KINDS)]} == set(KINDS)
    assert {fault.whom for fault in faults} == {"one", "another", "Ana", "everybody"}
