"""What a tab is told of what became of the messages that it sent."""

import sqlite3
from contextlib import closing
from pathlib import Path

from tests.kit.people import Account
from tests.kit.server import Server
from tests.kit.tab import ROOM_STATE, Tab, Vars, tab_of


async def receipt(tab: Tab, trip: str, seq: int) -> Vars:
    """What the details of a message say of when it was broadcast and whom it reached."""
    await tab.call(f"{ROOM_STATE}.load_receipt", trip_id=trip, seq=seq)
    asked = {"trip_id": trip, "seq": seq}

    def answer() -> Vars:
        return tab.var(ROOM_STATE, "receipt") or {}

    await tab.until(lambda: asked.items() <= answer().items())
    return answer()


async def reached(tab: Tab, trip: str, seq: int) -> int | None:
    """How many people a message reached."""
    return (await receipt(tab, trip, seq))["reached"]


async def test_the_sender_hears_when_it_was_stored_and_broadcast_and_whom_it_reached(
    server: Server, ana: Account, bo: Account
) -> None:
    trip = await ana.makes_trip("Lisbon", bo)
    async with (
        tab_of(server, ana, f"/trip/{trip}") as mine,
        tab_of(server, ana, f"/trip/{trip}"),
        tab_of(server, bo, f"/trip/{trip}") as one,
        tab_of(server, bo, f"/trip/{trip}"),
        tab_of(server, bo, "/"),
    ):
        name = await mine.sends(trip, "hello")
        answer = await mine.answer_to(name)
        await one.until(lambda: one.texts == ["hello"])
        shown = one.seen.at(1)
        assert answer == {
            "client_id": name,
            "rev": 1,
            "seq": 1,
            "sent_at": shown["sent_at"],
            "broadcast_at": shown["broadcast_at"],
        }
        told = {"broadcast_at": shown["broadcast_at"], "reached": 1}
        assert await receipt(mine, trip, 1) == {"trip_id": trip, "seq": 1, **told}


async def test_those_who_have_left_are_not_reached(
    server: Server, ana: Account, bo: Account
) -> None:
    trip = await ana.makes_trip("Lisbon", bo)
    async with tab_of(server, ana, f"/trip/{trip}") as mine:
        async with tab_of(server, bo, f"/trip/{trip}") as theirs:
            await mine.answer_to(await mine.sends(trip, "one"))
            await theirs.goes("/")
            await mine.until(lambda: mine.online == {ana.user_id})
            await mine.answer_to(await mine.sends(trip, "two"))
            await theirs.goes(f"/trip/{trip}")
            await mine.until(lambda: mine.online == {ana.user_id, bo.user_id})
            await mine.answer_to(await mine.sends(trip, "three"))
        await mine.until(lambda: mine.online == {ana.user_id})
        await mine.answer_to(await mine.sends(trip, "four"))
        assert [await reached(mine, trip, seq) for seq in (1, 2, 3, 4)] == [1, 0, 1, 0]


async def test_a_message_that_came_over_http_reaches_people_as_well(
    server: Server, ana: Account, bo: Account
) -> None:
    trip = await ana.makes_trip("Lisbon", bo)
    await ana.writes(trip, "nobody is here")
    async with (
        tab_of(server, ana, f"/trip/{trip}") as mine,
        tab_of(server, bo, f"/trip/{trip}"),
    ):
        await mine.until(lambda: mine.online == {ana.user_id, bo.user_id})
        await ana.writes(trip, "Bo is")
        assert [await reached(mine, trip, seq) for seq in (1, 2)] == [0, 1]


async def test_nobody_else_hears_whom_it_reached(server: Server, ana: Account, bo: Account) -> None:
    trip = await ana.makes_trip("Lisbon", bo)
    await bo.writes(trip, "his own")
    async with tab_of(server, ana, f"/trip/{trip}") as tab:
        await tab.call(f"{ROOM_STATE}.load_receipt", trip_id=trip, seq=1)
        await ana.writes(trip, "hers")
        assert await reached(tab, trip, 2) == 0
        told = [frame for frame in tab.frames if '"receipt_rx_state_"' in frame]
        assert len(told) == 1


async def test_who_has_read_it_before_its_broadcast_was_known_hears_of_that_with_the_details(
    tmp_path: Path,
) -> None:
    server = Server(tmp_path)
    await server.start()
    ana = await Account.sign_up(server.url, "Ana")
    trip = await ana.makes_trip("Lisbon")
    await ana.writes(trip, "hello")
    await server.stop()
    with closing(sqlite3.connect(server.database, isolation_level=None)) as database:
        [(moment,)] = database.execute("SELECT broadcast_at FROM message")
        database.execute("UPDATE message SET broadcast_at = NULL")
        await server.start()
        async with tab_of(server, ana, f"/trip/{trip}") as tab:
            read_early = tab.seen.at(1)
            assert "broadcast_at" not in read_early
            assert (await receipt(tab, trip, 1))["broadcast_at"] is None
            assert tab.seen.at(1) == read_early
            # Another one, so that the answer that was told last is not this one's.
            await tab.answer_to(await tab.sends(trip, "later"))
            await receipt(tab, trip, 2)
            database.execute("UPDATE message SET broadcast_at = ? WHERE seq = 1", [moment])
            assert (await receipt(tab, trip, 1))["broadcast_at"] == moment
            assert tab.seen.at(1) == read_early | {"broadcast_at": moment}
    await ana.close()
    await server.stop()


async def test_all_of_it_is_the_same_after_a_restart(tmp_path: Path) -> None:
    server = Server(tmp_path)
    await server.start()
    ana, bo = [await Account.sign_up(server.url, name) for name in ("Ana Lima", "Bo Berg")]
    trip = await ana.makes_trip("Lisbon", bo)
    async with (
        tab_of(server, ana, f"/trip/{trip}") as mine,
        tab_of(server, bo, f"/trip/{trip}") as theirs,
    ):
        await mine.until(lambda: mine.online == {ana.user_id, bo.user_id})
        first = await mine.answer_to(await mine.sends(trip, "once", client_id="the-same"))
        await mine.until(lambda: mine.last_seq == 1)
        await theirs.until(lambda: theirs.last_seq == 1)
        shown = mine.seen.at(1)
        assert theirs.seen.at(1) == shown
    before = await ana.reads(trip)
    # It is told to stop before it would have written them.
    await server.stop()
    await server.start()
    assert await ana.reads(trip) == before
    async with tab_of(server, ana, f"/trip/{trip}") as fresh:
        assert fresh.seen.at(1) == shown
        assert await reached(fresh, trip, 1) == 1
        again = await fresh.answer_to(await fresh.sends(trip, "once", client_id="the-same"))
        assert again == first
    for account in (ana, bo):
        await account.close()
    await server.stop()


async def test_a_repeat_is_answered_as_the_first_one(
    server: Server, ana: Account, bo: Account
) -> None:
    trip = await ana.makes_trip("Lisbon", bo)
    async with tab_of(server, ana, f"/trip/{trip}") as tab:
        first = await tab.answer_to(await tab.sends(trip, "once", client_id="the-same"))
        del tab.answers["the-same"]
        again = await tab.answer_to(await tab.sends(trip, "once", client_id="the-same"))
        assert again == first


async def test_a_message_for_a_trip_that_nobody_has_open_is_answered(
    server: Server, ana: Account
) -> None:
    trip = await ana.makes_trip("Lisbon")
    async with tab_of(server, ana, "/") as tab:
        answer = await tab.answer_to(await tab.sends(trip, "for later"))
        assert answer["seq"] == 1
        assert [message["text"] for message in await ana.reads(trip)] == ["for later"]


async def test_each_is_answered_once_and_to_its_sender_alone(
    server: Server, ana: Account, bo: Account
) -> None:
    trip = await ana.makes_trip("Lisbon", bo)
    async with (
        tab_of(server, ana, f"/trip/{trip}") as one,
        tab_of(server, bo, f"/trip/{trip}") as two,
    ):
        tabs = [one, two]
        names = [[await tab.sends(trip, f"message {n}") for n in range(30)] for tab in tabs]
        for tab, mine in zip(tabs, names, strict=True):
            answers = [await tab.answer_to(name) for name in mine]
            seqs = [answer["seq"] for answer in answers]
            assert seqs == sorted(seqs)
            assert set(tab.answers) == set(mine)
            told = [frame for frame in tab.heard if '["answer",' in frame]
            assert len(told) == len(mine)


async def test_a_refusal_says_of_which_sort_it_is(
    server: Server, ana: Account, bo: Account
) -> None:
    trip = await ana.makes_trip("Lisbon")
    async with tab_of(server, bo, "/") as stranger:
        answer = await stranger.answer_to(await stranger.sends(trip, "let me in"))
        assert answer["status"] == 403
        assert answer["problem"]
        wrong = await stranger.does("send", trip, kind="text", body=7)
        assert (await stranger.answer_to(wrong))["status"] == 422
        wrong = await stranger.does("react", trip, seq="?", emoji="🎉", there=True)
        assert (await stranger.answer_to(wrong))["status"] in (403, 422)


async def test_who_is_not_signed_in_is_told_so(server: Server, ana: Account) -> None:
    trip = await ana.makes_trip("Lisbon")
    visitor = tab_of(server, ana, "/")
    visitor._headers = {}
    async with visitor:
        answer = await visitor.answer_to(await visitor.sends(trip, "who am I?"))
        assert answer["status"] == 401
        assert await ana.reads(trip) == []


async def test_nothing_overtakes_a_message_that_could_not_be_stored_for_now(
    tmp_path: Path,
) -> None:
    server = Server(tmp_path)
    await server.start()
    ana = await Account.sign_up(server.url, "Ana")
    trip = await ana.makes_trip("Lisbon")
    async with tab_of(server, ana, f"/trip/{trip}") as tab:
        with closing(sqlite3.connect(server.database, isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            refused = [await tab.sends(trip, text, run=1) for text in ("one", "two")]
            assert (await tab.answer_to(refused[0]))["status"] >= 500
        # The database is there again, but the first one has to come before.
        assert (await tab.answer_to(refused[1]))["status"] == 429
        for text in ("one", "two"):
            await tab.sends(trip, text, run=2)
        await tab.until(lambda: len(tab.texts) == 2)
        assert tab.texts == ["one", "two"]
    await ana.close()
    await server.stop()
