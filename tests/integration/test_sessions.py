from sqlalchemy import select, update
from sqlmodel import col

from tripchat import clock, db
from tripchat.hub import Change, SessionEnded
from tripchat.models import SignIn
from tripchat.services import sessions


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
