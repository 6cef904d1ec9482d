"""Sessions of tabs that are only there."""

import pytest
from sqlalchemy import select
from sqlmodel import col

from tripchat import clock, db
from tripchat.hub import Change, SessionEnded
from tripchat.models import SignIn
from tripchat.realtime.session_watch import SessionWatch
from tripchat.realtime.tabs import Tabs
from tripchat.services import sessions
from tripchat.settings import Settings


class Moment:
    def __init__(self) -> None:
        self.at = clock.now()


@pytest.fixture
def moment(monkeypatch: pytest.MonkeyPatch) -> Moment:
    """The moment that it is."""
    now = Moment()
    monkeypatch.setattr(clock, "now", lambda: now.at)
    return now


@pytest.fixture
async def tabs(moment: Moment, ann: str) -> Tabs:
    """Two tabs of Ann's one session, and one of a visitor."""
    who = await sessions.identify(await sessions.start(ann))
    assert who is not None
    tabs = Tabs()
    tabs.add("one", who)
    tabs.add("two", who)
    tabs.add("visitor", None)
    return tabs


async def last_seen() -> int:
    async with db.reading() as session:
        return (await session.scalars(select(col(SignIn.last_seen_at)))).one()


async def test_a_tab_that_is_only_there_keeps_its_session(
    tabs: Tabs, moment: Moment, opened: Settings
):
    watch = SessionWatch(tabs)
    began = moment.at
    moment.at += (opened.session_idle_days + 1) * clock.DAY - clock.HOUR * 25
    await watch.note_seen()
    assert await last_seen() == moment.at > began


async def test_it_is_written_once_in_ten_minutes(tabs: Tabs, moment: Moment, statements: list[str]):
    watch = SessionWatch(tabs)
    moment.at += sessions.SEEN_EVERY
    await watch.note_seen()
    statements.clear()
    for _ in range(9):
        moment.at += clock.MINUTE
        await watch.note_seen()
    assert statements == []
    moment.at += clock.MINUTE
    await watch.note_seen()
    assert await last_seen() == moment.at


async def test_tabs_do_not_outlive_their_sessions_days(
    tabs: Tabs, moment: Moment, opened: Settings, heard: list[Change]
):
    watch = SessionWatch(tabs)
    moment.at += opened.session_days * clock.DAY - 1
    watch.end_expired()
    assert heard == []
    moment.at += 1
    watch.end_expired()
    [(tab, who), *_] = tabs.signed_in()
    assert tab.sid == "one"
    assert heard == [SessionEnded(who.session_id)]
