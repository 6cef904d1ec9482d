"""Whoever does too much at once reads when to go on, and what they wrote goes out by itself."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest_asyncio

from tests.e2e.person import NewPerson, NewVisitor, all_in_one_trip
from tests.e2e.signing import CALL_REFUSED, is_signed_in, signs_in
from tests.kit.people import Account
from tests.kit.server import Server, running


@pytest_asyncio.fixture(loop_scope="session")
async def strict(tmp_path: Path) -> AsyncIterator[Server]:
    """A server where one may do little at once."""
    limits = {"SIGN_IN": "2/hour", "SENDS": "3/2 seconds"}
    few = {f"TRIPCHAT_LIMIT_{name}": rates for name, rates in limits.items()}
    async with running(tmp_path, TRIPCHAT_LIMITS="on", **few) as server:
        yield server
    assert not server.complaints(), server.output()


async def test_who_guesses_a_password_reads_when_to_try_again(
    visitor: NewVisitor, strict: Server
) -> None:
    ana = await Account.sign_up(strict.url, "Ana Lima")
    guesser = await visitor(at=strict)
    guesser.may_hear(CALL_REFUSED)
    await guesser.visits("/")
    for _ in range(2):
        await signs_in(guesser, ana.email, "wrong horse")
        await guesser.is_told("The email address or the password is wrong.")
        await guesser.reloads()
    await signs_in(guesser, ana.email)
    await guesser.is_told("Too many attempts. Try again in 60 minutes.")
    bo = await Account.sign_up(strict.url, "Bo Berg")
    await signs_in(guesser, bo.email)
    await is_signed_in(guesser)
    for account in (ana, bo):
        await account.close()


async def test_what_is_sent_too_fast_goes_out_by_itself_in_order(
    person: NewPerson, strict: Server
) -> None:
    people = [await person(name, at=strict) for name in ("Ana", "Bo")]
    await all_in_one_trip(people)
    ana, bo = people
    for each in range(6):
        await ana.sends(f"number {each}")
    for who in people:
        await who.has_seen(6)
    for each in range(6):
        await bo.sees(f"number {each}")
    assert await bo.messages.get_by_test_id("message-text").all_inner_texts() == [
        f"number {each}" for each in range(6)
    ]
