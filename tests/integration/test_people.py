import asyncio
import threading
import time

import pytest
from sqlalchemy import select

from tripchat import db
from tripchat.errors import Conflict, Invalid, NotSignedIn
from tripchat.models import User
from tripchat.services import passwords, people

pytestmark = pytest.mark.usefixtures("opened")

PASSWORD = "correct horse"


async def users() -> list[User]:
    async with db.reading() as session:
        return list(await session.scalars(select(User)))


async def test_sign_up_then_authenticate():
    person = await people.sign_up(" Ann ", "Ann@Example.org", PASSWORD)
    assert person["name"] == "Ann"
    assert person["email"] == "ann@example.org"
    assert (await people.authenticate("ANN@example.org ", PASSWORD)).person == person


async def test_the_password_is_stored_as_argon2id():
    await people.sign_up("Ann", "ann@example.org", PASSWORD)
    (user,) = await users()
    assert user.password_hash.startswith("$argon2id$")
    assert PASSWORD not in user.password_hash


@pytest.mark.parametrize(
    ("email", "password"),
    [
        ("ann@example.org", "wrong horse"),
        ("ann@example.org", ""),
        ("ann@example.org", PASSWORD + "x" * 300),
        ("ann@example.org", "\ud800" * 8),
        ("nobody@example.org", PASSWORD),
        ("nonsense", PASSWORD),
        ("", ""),
    ],
)
async def test_whatever_is_wrong_the_refusal_is_the_same(email: str, password: str):
    await people.sign_up("Ann", "ann@example.org", PASSWORD)
    with pytest.raises(NotSignedIn, match=r"^The email address or the password is wrong\.$"):
        await people.authenticate(email, password)


async def test_an_unknown_email_takes_as_long_as_a_wrong_password(
    monkeypatch: pytest.MonkeyPatch,
):
    await people.sign_up("Ann", "ann@example.org", PASSWORD)
    checked: list[str | None] = []
    matches = passwords.matches

    async def count(password: str, stored: str | None) -> bool:
        checked.append(stored)
        started = time.perf_counter()
        result = await matches(password, stored)
        assert time.perf_counter() - started > 0.005  # argon2 ran: without it this takes no time
        return result

    monkeypatch.setattr(passwords, "matches", count)
    for email in ("ann@example.org", "nobody@example.org", "nonsense"):
        with pytest.raises(NotSignedIn):
            await people.authenticate(email, "wrong horse")
    assert [stored is not None for stored in checked] == [True, False, False]


async def test_an_email_in_use_is_a_conflict_also_at_the_same_moment():
    outcomes = await asyncio.gather(
        *(people.sign_up(f"Ann {n}", "ann@example.org", PASSWORD) for n in range(3)),
        return_exceptions=True,
    )
    refused = [outcome for outcome in outcomes if isinstance(outcome, Conflict)]
    assert len(refused) == 2
    assert refused[0].field == "email"
    assert len(await users()) == 1


@pytest.mark.parametrize(
    ("name", "email", "password", "field"),
    [
        ("", "ann@example.org", PASSWORD, "name"),
        ("Ann\x00", "ann@example.org", PASSWORD, "name"),
        ("Ann", "ann", PASSWORD, "email"),
        ("Ann", "ann@example.org", "short", "password"),
    ],
)
async def test_a_refused_sign_up_names_the_field_and_stores_nothing(
    name: str, email: str, password: str, field: str
):
    with pytest.raises(Invalid) as raised:
        await people.sign_up(name, email, password)
    assert raised.value.field == field
    assert await users() == []


async def test_passwords_are_hashed_beside_the_event_loop(monkeypatch: pytest.MonkeyPatch):
    threads: list[threading.Thread] = []

    class Hasher:
        def hash(self, password: str) -> str:
            threads.append(threading.current_thread())
            return "-"

        def verify(self, stored: str, password: str) -> bool:
            threads.append(threading.current_thread())
            return True

    monkeypatch.setattr(passwords, "_hasher", Hasher())
    await people.sign_up("Ann", "ann@example.org", PASSWORD)
    await people.authenticate("ann@example.org", PASSWORD)
    assert len(threads) >= 2
    assert threading.current_thread() not in threads
