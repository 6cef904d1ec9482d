import pytest
from sqlalchemy import select, update
from sqlmodel import col

from tripchat import clock, db
from tripchat.errors import NotSignedIn
from tripchat.hub import Change, SessionEnded
from tripchat.models import SignIn, User
from tripchat.services import sessions
from tripchat.settings import Settings


async def stored() -> list[SignIn]:
    async with db.reading() as session:
        return list(await session.scalars(select(SignIn)))


async def expire(session_id: str) -> None:
    async with db.transaction() as session:
        await session.execute(
            update(SignIn).where(col(SignIn.id) == session_id).values(expires_at=clock.now())
        )


async def test_a_token_says_who_it_is(ann: str):
    token = await sessions.start(ann, "Firefox\x00\n" + "x" * 500)
    identity = await sessions.identify(token)
    assert identity is not None
    assert (identity.user_id, identity.name, identity.email) == (ann, "Ann", "ann@example.org")
    (row,) = await stored()
    assert row.user_agent.startswith("Firefoxx")
    assert len(row.user_agent) == sessions.USER_AGENT_CHARS


async def test_the_database_holds_no_token(ann: str):
    token = await sessions.start(ann)
    (row,) = await stored()
    assert token not in row.model_dump_json()
    assert await sessions.identify(row.id) is None


async def test_unknown_tokens_are_nobodys(ann: str):
    await sessions.start(ann)
    for token in (None, "", "x", "\ud800", "é" * 1000):
        assert await sessions.identify(token) is None


async def test_signing_out_ends_this_session_alone(ann: str, heard: list[Change]):
    here, there = await sessions.start(ann), await sessions.start(ann)
    identity = await sessions.identify(here)
    assert identity is not None
    await sessions.end(identity.session_id)
    await sessions.end(identity.session_id)
    assert heard == [SessionEnded(identity.session_id)]
    assert await sessions.identify(here) is None
    assert await sessions.identify(there) is not None


async def test_a_session_expires_and_goes_with_the_next_sign_in(ann: str):
    token = await sessions.start(ann)
    await expire(sessions.session_id(token))
    assert await sessions.identify(token) is None
    await sessions.start(ann)
    assert len(await stored()) == 1


class Clock:
    """A clock that is put forward."""

    def __init__(self) -> None:
        self.at = clock.now()

    def now(self) -> int:
        return self.at

    def passes(self, milliseconds: int) -> None:
        self.at += milliseconds


@pytest.fixture
def moment(monkeypatch: pytest.MonkeyPatch) -> Clock:
    """The moment that it is."""
    now = Clock()
    monkeypatch.setattr(clock, "now", now.now)
    return now


async def use(token: str) -> bool:
    """Somebody comes with a token, and what is noted of it is written: whether it opens."""
    known = await sessions.identify(token)
    if seen := sessions.take_seen():
        await sessions.store_seen(list(seen))
    return known is not None


async def test_a_session_that_nobody_uses_ends(ann: str, opened: Settings, moment: Clock):
    token = await sessions.start(ann)
    moment.passes(opened.session_idle_days * clock.DAY - 1)
    assert await sessions.names([sessions.session_id(token)])
    assert await use(token)
    moment.passes(opened.session_idle_days * clock.DAY - 1)
    assert await use(token)
    moment.passes(opened.session_idle_days * clock.DAY)
    assert not await use(token)
    assert await sessions.names([sessions.session_id(token)]) == {}
    await sessions.start(ann)
    assert len(await stored()) == 1


async def test_a_session_that_is_used_every_day_ends_as_well(
    ann: str, opened: Settings, moment: Clock
):
    token = await sessions.start(ann)
    for _ in range(opened.session_days - 1):
        moment.passes(clock.DAY)
        assert await use(token)
    moment.passes(clock.DAY)
    assert not await use(token)


async def test_that_a_session_is_used_is_written_rarely_and_never_by_a_call(
    ann: str, moment: Clock, statements: list[str]
):
    token = await sessions.start(ann)
    began = moment.at
    statements.clear()
    for _ in range(3):
        for _ in range(20):
            moment.passes(clock.MINUTE // 2 - 1)
            assert await sessions.identify(token)
        assert not any(statement.startswith("UPDATE") for statement in statements)
    seen = sessions.take_seen()
    assert seen == {sessions.session_id(token)}
    await sessions.store_seen(list(seen))
    assert (await stored())[0].last_seen_at == moment.at > began
    # Another worker saw it as well, a moment later: that is no news.
    written = moment.at
    moment.passes(clock.MINUTE)
    await sessions.store_seen(list(seen))
    assert (await stored())[0].last_seen_at == written
    assert sessions.take_seen() == set()


async def test_a_browser_that_signs_in_anew_has_one_session(
    ann: str, ben: str, heard: list[Change]
):
    before, elsewhere = await sessions.start(ann), await sessions.start(ann)
    # Whose the old one was does not matter.
    after = await sessions.start(ben, replacing=before)
    assert after != before
    assert heard == [SessionEnded(sessions.session_id(before), renewed=True)]
    assert await sessions.identify(before) is None
    assert await sessions.identify(elsewhere) is not None
    who = await sessions.identify(after)
    assert who is not None
    assert who.user_id == ben


async def test_a_token_that_the_server_did_not_make_is_never_taken(ann: str, heard: list[Change]):
    chosen = "a" * 43
    token = await sessions.start(ann, replacing=chosen)
    assert token != chosen
    assert await sessions.identify(chosen) is None
    assert heard == []


async def test_a_password_that_was_changed_meanwhile_opens_nothing(ann: str):
    async with db.transaction() as session:
        (await session.get_one(User, ann)).password_hash = "new"
    with pytest.raises(NotSignedIn):
        await sessions.start(ann, proven_by="old")
    assert await stored() == []
    assert await sessions.start(ann, proven_by="new")


async def test_a_sessions_own_name_is_no_part_of_its_token(ann: str):
    token = await sessions.start(ann)
    (row,) = await stored()
    assert row.handle not in (token, row.id)
    assert row.handle not in token
    assert row.handle not in row.id
    assert await sessions.identify(row.handle) is None
