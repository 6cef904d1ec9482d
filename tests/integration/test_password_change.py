import asyncio

import pytest

from tripchat import db
from tripchat.errors import Conflict, Invalid, NotSignedIn
from tripchat.hub import Change, SessionEnded
from tripchat.models import User
from tripchat.services import password_change, passwords, people, sessions
from tripchat.services.sessions import Identity

pytestmark = pytest.mark.usefixtures("opened")

OLD, NEW = "correct horse", "seven green umbrellas"
EMAIL = "ann@example.org"


async def session_of(user_id: str) -> tuple[str, Identity]:
    token = await sessions.start(user_id)
    who = await sessions.identify(token)
    assert who is not None
    return token, who


@pytest.fixture
async def ann() -> str:
    return (await people.sign_up("Ann", EMAIL, OLD))["user_id"]


async def test_the_new_password_counts_and_the_old_one_does_not(ann: str):
    _, who = await session_of(ann)
    await password_change.change(who, OLD, NEW)
    assert (await people.authenticate(EMAIL, NEW)).person["user_id"] == ann
    with pytest.raises(NotSignedIn):
        await people.authenticate(EMAIL, OLD)


async def test_all_sessions_end_and_this_browser_gets_another_one(ann: str, heard: list[Change]):
    token, here = await session_of(ann)
    other, there = await session_of(ann)
    new = await password_change.change(here, OLD, NEW, "curl/8.5.0")
    assert sorted(heard, key=str) == sorted(
        [SessionEnded(here.session_id, renewed=True), SessionEnded(there.session_id)], key=str
    )
    for ended in (token, other):
        assert await sessions.identify(ended) is None
    who = await sessions.identify(new)
    assert who is not None
    assert who.user_id == ann
    assert new not in (token, other)


@pytest.mark.parametrize(
    ("current", "new", "field"),
    [
        ("wrong horse", NEW, "password"),
        ("", NEW, "password"),
        (OLD + "x" * 300, NEW, "password"),
        (OLD, "short", "new_password"),
        (OLD, "password123", "new_password"),
        (OLD, EMAIL, "new_password"),
    ],
)
async def test_what_is_refused_changes_nothing(
    ann: str, heard: list[Change], current: str, new: str, field: str
):
    token, who = await session_of(ann)
    with pytest.raises(Invalid) as raised:
        await password_change.change(who, current, new)
    assert raised.value.field == field
    assert heard == []
    assert await sessions.identify(token) is not None
    await people.authenticate(EMAIL, OLD)


async def test_a_session_that_ends_meanwhile_changes_nothing(
    ann: str, monkeypatch: pytest.MonkeyPatch
):
    """Whoever was signed out while they wait for the hash must not get a new session for it."""
    _, who = await session_of(ann)
    hashed = passwords.hashed

    async def slow(password: str) -> str:
        await sessions.end(who.session_id)
        return await hashed(password)

    monkeypatch.setattr(passwords, "hashed", slow)
    with pytest.raises(NotSignedIn):
        await password_change.change(who, OLD, NEW)
    await people.authenticate(EMAIL, OLD)


async def test_of_two_changes_at_once_one_counts(ann: str):
    (_, one), (_, two) = await session_of(ann), await session_of(ann)
    outcomes = await asyncio.gather(
        password_change.change(one, OLD, NEW),
        password_change.change(two, OLD, "another blue kettle"),
        return_exceptions=True,
    )
    tokens = [outcome for outcome in outcomes if isinstance(outcome, str)]
    assert len(tokens) == 1
    assert any(isinstance(outcome, Conflict) for outcome in outcomes)
    assert await sessions.identify(tokens[0]) is not None


async def test_a_sign_in_that_began_with_the_old_password_gets_nothing(ann: str):
    """Between proving a password and opening the session it may be changed."""
    proven = await people.authenticate(EMAIL, OLD)
    _, who = await session_of(ann)
    await password_change.change(who, OLD, NEW)
    with pytest.raises(NotSignedIn):
        await sessions.start(ann, proven_by=proven.password_hash)


async def test_it_is_stored_as_argon2id(ann: str):
    _, who = await session_of(ann)
    await password_change.change(who, OLD, NEW)
    async with db.reading() as session:
        stored = (await session.get_one(User, ann)).password_hash
    assert stored.startswith("$argon2id$")
    assert NEW not in stored
