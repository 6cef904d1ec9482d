"""Somebody who speaks to the server without the page: nothing leaks, nobody else is disturbed."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress
from typing import Any

import pytest
import pytest_asyncio
from playwright.async_api import expect
from websockets.exceptions import ConnectionClosed, InvalidStatus

from tests.e2e.intruder import Intruder
from tests.e2e.person import NewPerson, Person
from tests.kit.handlers import handlers
from tests.kit.people import Account
from tests.kit.server import Server
from tests.kit.tab import NAMESPACE, ROOM_STATE, ROOT_STATE, SESSION_STATE

SECRET = "The treasure is under the oak"
TITLE = "Treasure island"
HYDRATE = f"{ROOT_STATE}.hydrate_and_load"
INVITES_STATE = f"{ROOT_STATE}.tripchat___state___invites____invites_state"

JUNK: list[Any] = [
    None,
    True,
    -1,
    0.5,
    2**70,
    "",
    "x" * 10_000,
    "\x00",
    "\ud800",
    "../../etc/passwd",
    "' OR 1=1 --",
    [],
    [[[]]],
    {},
    {"text": {"text": "x"}},
    {"__class__": "x"},
]

GARBAGE: list[str | bytes] = [
    "",
    "4",
    "42",
    "9",
    "0{}",
    "1",
    "3probe",
    "42[]",
    f"42{NAMESPACE},",
    f"42{NAMESPACE},nonsense",
    f"42{NAMESPACE},[]",
    f"42{NAMESPACE},[1]",
    f"42{NAMESPACE},{{}}",
    f'42{NAMESPACE},["event"]',
    f'42{NAMESPACE},["event",null]',
    f'42{NAMESPACE},["event","text"]',
    f'42{NAMESPACE},["event",[]]',
    f'42{NAMESPACE},["event",{{}},{{}}]',
    f'42{NAMESPACE},["event",{{"name":5}}]',
    f'42{NAMESPACE},["event",{{"name":"x","payload":5,"router_data":5}}]',
    f'42{NAMESPACE},["no_such_event",{{}}]',
    f'42{NAMESPACE},["connect",{{}}]',
    f'42{NAMESPACE},["disconnect"]',
    f'42{NAMESPACE},["emit_update",{{}},"x"]',
    f"42{NAMESPACE}," + "[" * 20_000,
    f'451-{NAMESPACE},["event",{{"_placeholder":true,"num":0}}]',
    f"43{NAMESPACE},1[]",
    "40/no-such-namespace,",
    b"\x00\xff\xfe",
]


@pytest_asyncio.fixture(loop_scope="session", scope="module")
async def attacked(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Server]:
    """A server of its own: what is said to it here may well show in its log."""
    server = Server(tmp_path_factory.mktemp("attacked"))
    await server.start()
    yield server
    await server.stop()
    assert SECRET not in server.output()


class Scene:
    """Ana's trip with a secret, which Eve is not in."""

    def __init__(self, server: Server, ana: Person, eve: Account, trip_id: str) -> None:
        self.server = server
        self.ana = ana
        self.eve = eve
        self.trip_id = trip_id

    async def is_untouched(self) -> None:
        """Nobody came in, nothing was written, and Ana can talk on."""
        assert [m["text"] for m in await self.ana.account.reads(self.trip_id)] == [SECRET]
        assert await self.ana.room.get_attribute("data-member-count") == "1"
        await self.ana.sends("Still here")
        await self.ana.sees("Still here")


@pytest_asyncio.fixture(loop_scope="session")
async def scene(attacked: Server, person: NewPerson) -> AsyncIterator[Scene]:
    """Ana in her trip, at her browser; Eve with an account."""
    ana = await person("Ana", at=attacked)
    eve = await Account.sign_up(attacked.url, "Eve")
    trip_id = await ana.account.makes_trip(TITLE)
    await ana.account.writes(trip_id, SECRET)
    await ana.opens(trip_id)
    yield Scene(attacked, ana, eve, trip_id)
    await eve.close()


def knows_nothing(tab: Intruder) -> None:
    """What the tab has heard tells nothing of Ana's trip."""
    assert not tab.knows("treasure")


async def test_a_stranger_who_opens_the_trip_without_the_page_hears_nothing(scene: Scene) -> None:
    for account in (scene.eve, None):
        tab = await Intruder.comes(scene.server, account, trip_id=scene.trip_id)
        await tab.is_served()
        await scene.ana.account.writes(scene.trip_id, SECRET, client_id=f"once-{account is None}")
        await tab.call(HYDRATE)
        await tab.call(f"{ROOM_STATE}.enter")
        await tab.call(f"{ROOM_STATE}.load_page", trip_id=scene.trip_id, before=10)
        await tab.call(f"{ROOM_STATE}.mark_read", trip_id=scene.trip_id, seq=1)
        await tab.call(f"{ROOM_STATE}.remove", user_id=scene.ana.account.user_id)
        await tab.call(f"{ROOM_STATE}.leave")
        await tab.call(f"{INVITES_STATE}.show")
        await tab.call(f"{INVITES_STATE}.make", terms={})
        await tab.is_served()
        knows_nothing(tab)
        assert not tab.knows("/join/")
        await tab.close()


async def test_a_stranger_cannot_write_into_the_trip(scene: Scene) -> None:
    for account in (scene.eve, None):
        tab = await Intruder.comes(scene.server, account, trip_id=scene.trip_id)
        await tab.call(
            f"{ROOM_STATE}.send",
            trip_id=scene.trip_id,
            client_id="from-eve",
            kind="text",
            body={"text": "Eve was here"},
        )
        await tab.is_served()
        knows_nothing(tab)
        await tab.close()
    await scene.is_untouched()


async def test_another_tabs_token_opens_nothing(scene: Scene) -> None:
    token = await scene.ana.page.evaluate("sessionStorage.getItem('token')")
    assert token
    for account in (scene.eve, None):
        tab = await Intruder.comes(scene.server, account, trip_id=scene.trip_id, token=token)
        await tab.is_served()
        knows_nothing(tab)
        assert not tab.knows(scene.ana.account.email)
        await tab.close()
    await scene.is_untouched()

    # The state of a tab outlives it for a while.
    await scene.ana.page.goto("about:blank")
    for account in (scene.eve, None):
        tab = await Intruder.comes(scene.server, account, trip_id=scene.trip_id, token=token)
        await tab.call(HYDRATE)
        await tab.is_served()
        knows_nothing(tab)
        assert not tab.knows(scene.ana.account.email)
        await tab.close()


async def test_a_member_who_is_no_organiser_removes_nobody_and_revokes_no_ones_invite(
    scene: Scene,
) -> None:
    code = await scene.ana.account.invites_to(scene.trip_id)
    await scene.eve.joins(code)
    tab = await Intruder.comes(scene.server, scene.eve, trip_id=scene.trip_id)
    await tab.hears(SECRET)
    await tab.call(f"{ROOM_STATE}.remove", user_id=scene.ana.account.user_id)
    await tab.call(f"{INVITES_STATE}.revoke", code=code)
    await tab.is_served()
    await tab.close()
    await expect(scene.ana.room).to_have_attribute("data-member-count", "2")
    third = await Account.sign_up(scene.server.url, "Third")
    await third.joins(code)
    await third.close()


async def test_whoever_left_hears_no_more_on_a_connection_that_stayed_open(scene: Scene) -> None:
    code = await scene.ana.account.invites_to(scene.trip_id)
    await scene.eve.joins(code)
    tab = await Intruder.comes(scene.server, scene.eve, trip_id=scene.trip_id)
    await tab.hears(SECRET)
    await scene.eve.leaves(scene.trip_id)
    await tab.is_served()
    said = len(tab.heard)
    await scene.ana.account.writes(scene.trip_id, "Now that she is gone: the key is in the well")
    await tab.call(f"{ROOM_STATE}.load_page", trip_id=scene.trip_id, after=0)
    await tab.call(f"{ROOM_STATE}.enter")
    await tab.call(HYDRATE)
    await tab.is_served()
    later = "\n".join(tab.heard[said:])
    assert "in the well" not in later
    assert SECRET not in later
    await tab.close()


async def test_a_session_that_has_ended_is_served_no_more(scene: Scene) -> None:
    trip_id = await scene.eve.makes_trip("Eve's own")
    tab = await Intruder.comes(scene.server, scene.eve, trip_id=trip_id)
    await tab.is_served()
    token_holder = scene.eve.token
    await scene.eve.posts("/api/auth/sign-out", {})
    with pytest.raises(EOFError):
        await tab.hears("nothing more")
    scene.eve.http.cookies.set("tripchat_session", token_holder)
    again = await Intruder.comes(scene.server, scene.eve, trip_id=trip_id)
    await again.call(f"{ROOM_STATE}.enter")
    await again.is_served()
    assert not again.knows("Eve's own")
    await again.close()


async def test_every_handler_stands_any_argument(scene: Scene) -> None:
    tab = await Intruder.comes(scene.server, scene.eve)
    await tab.is_served()
    found = list(handlers())
    assert len(found) > 10
    for name, arguments in found:
        await tab.call(name)
        await tab.call(name, no_such_argument=1)
        for junk in JUNK:
            if arguments:
                await tab.call(name, **dict.fromkeys(arguments, junk))
        for argument in arguments:
            await tab.call(name, **{**dict.fromkeys(arguments, scene.trip_id), argument: "x"})
        await tab.is_served()
    knows_nothing(tab)
    await tab.close()
    await scene.is_untouched()


async def test_unknown_handlers_and_states_are_nobodys_business(scene: Scene) -> None:
    tab = await Intruder.comes(scene.server, scene.eve, trip_id=scene.trip_id)
    for name in (
        "",
        ".",
        "x",
        ROOT_STATE,
        f"{ROOT_STATE}.",
        f"{ROOT_STATE}.no_such_handler",
        f"{ROOT_STATE}.__init__",
        f"{ROOT_STATE}.reset",
        f"{ROOM_STATE}.prepare",
        f"{ROOM_STATE}._problem",
        f"{ROOM_STATE}.dict",
        f"{ROOM_STATE}.set_problem",
        f"{ROOM_STATE}.set_trip",
        f"{ROOT_STATE}.no_such_state.send",
        f"{SESSION_STATE}.belong_to",
        f"{SESSION_STATE}.set_user_id",
    ):
        await tab.call(name)
        await tab.call(name, value=scene.ana.account.user_id, identity=None, tab=None)
    again = await Intruder.comes(scene.server, scene.eve)
    await again.is_served()
    for each in (tab, again):
        knows_nothing(each)
        await each.close()
    await scene.is_untouched()


async def test_nobody_becomes_somebody_else_by_saying_so(scene: Scene) -> None:
    ana = scene.ana.account
    identity = {"session_id": "x", "user_id": ana.user_id, "name": "Ana", "email": ana.email}
    tab = await Intruder.comes(scene.server, scene.eve, trip_id=scene.trip_id)
    for state in (SESSION_STATE, ROOM_STATE, ROOT_STATE):
        for var, value in {**identity, "_session_id": "x", "problem": "", "trip": {}}.items():
            await tab.call(f"{state}.setvar", var_name=var, value=value)
            await tab.call(f"{state}.set_{var}", value=value)
    for name in (f"{ROOM_STATE}.enter", f"{INVITES_STATE}.show", f"{ROOM_STATE}.leave"):
        await tab.call(f"{SESSION_STATE}.belong_to", identity=identity)
        await tab.call(
            f"{ROOM_STATE}.prepare", tab={"identity": identity, "trip_id": scene.trip_id}
        )
        await tab.call(name)
        await tab.call(HYDRATE)
    await tab.is_served()
    knows_nothing(tab)
    assert not tab.knows("/join/")
    await tab.close()
    await scene.is_untouched()


async def test_garbage_on_the_socket_disturbs_nobody(scene: Scene) -> None:
    for frame in GARBAGE:
        tab = await Intruder.comes(scene.server, scene.eve)
        await tab.say(frame)
        knows_nothing(tab)
        await tab.close()
    await scene.is_untouched()


async def test_a_huge_frame_ends_only_its_own_connection(scene: Scene) -> None:
    tab = await Intruder.comes(scene.server, scene.eve)
    with suppress(ConnectionClosed):
        await tab.call(f"{ROOM_STATE}.send", trip_id="x", client_id="x", body="x" * 5_000_000)
    with pytest.raises(EOFError):
        await tab.hears("nothing more")
    await scene.is_untouched()


async def test_another_sites_page_gets_no_socket(scene: Scene) -> None:
    with pytest.raises((InvalidStatus, EOFError)):
        await Intruder.comes(
            scene.server,
            scene.ana.account,
            trip_id=scene.trip_id,
            origin="https://evil.example",
        )
    await scene.is_untouched()


async def test_many_connections_that_say_nothing_disturb_nobody(scene: Scene) -> None:
    tabs = await asyncio.gather(*(Intruder.comes(scene.server) for _ in range(50)))
    await scene.is_untouched()
    await asyncio.gather(*(tab.close() for tab in tabs))
