import logging
from pathlib import Path

import pytest
from sqlalchemy import select, update

from tests.kit.mailbox import mails_to, reset_links
from tripchat import clock, db, mail
from tripchat.errors import Invalid, NotFound, NotSignedIn, Unavailable
from tripchat.hub import Change, SessionEnded
from tripchat.models import PasswordReset
from tripchat.services import password_change, people, resets, sessions

pytestmark = pytest.mark.usefixtures("opened")

OLD, NEW = "correct horse", "seven green umbrellas"
EMAIL = "ann@example.org"
SITE = "https://trips.example"


@pytest.fixture
async def ann() -> str:
    return (await people.sign_up("Ann", EMAIL, OLD))["user_id"]


async def asked(data: Path, count: int = 1) -> str:
    """Ann asks for a link: the token in the newest one."""
    resets.ask(EMAIL, SITE)
    link = (await reset_links(data, EMAIL, count))[-1]
    assert link.startswith(f"{SITE}/reset/")
    return link.rpartition("/")[2]


async def stored() -> list[PasswordReset]:
    async with db.reading() as session:
        return list(await session.scalars(select(PasswordReset)))


async def test_a_link_sets_a_new_password_and_ends_all_sessions(
    ann: str, tmp_path: Path, heard: list[Change]
):
    signed_in = [await sessions.start(ann) for _ in range(2)]
    token = await asked(tmp_path)
    await resets.redeem(token, NEW)
    assert {type(change) for change in heard} == {SessionEnded}
    assert len(heard) == 2
    for each in signed_in:
        assert await sessions.identify(each) is None
    await people.authenticate(EMAIL, NEW)
    with pytest.raises(NotSignedIn):
        await people.authenticate(EMAIL, OLD)


async def test_a_link_works_once(ann: str, tmp_path: Path):
    token = await asked(tmp_path)
    await resets.redeem(token, NEW)
    for use in (resets.check(token), resets.redeem(token, "another blue kettle")):
        with pytest.raises(NotFound):
            await use
    await people.authenticate(EMAIL, NEW)
    assert await stored() == []


async def test_a_link_works_for_an_hour(ann: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    token = await asked(tmp_path)
    (reset,) = await stored()
    monkeypatch.setattr(clock, "now", lambda: reset.expires_at - 1)
    await resets.check(token)
    monkeypatch.setattr(clock, "now", lambda: reset.expires_at)
    for use in (resets.check(token), resets.redeem(token, NEW)):
        with pytest.raises(NotFound):
            await use
    await people.authenticate(EMAIL, OLD)


async def test_another_password_makes_links_useless(ann: str, tmp_path: Path):
    token = await asked(tmp_path)
    who = await sessions.identify(await sessions.start(ann))
    assert who is not None
    await password_change.change(who, OLD, NEW)
    with pytest.raises(NotFound):
        await resets.redeem(token, "another blue kettle")


async def test_one_link_makes_the_others_useless(ann: str, tmp_path: Path):
    first, second = await asked(tmp_path), await asked(tmp_path, 2)
    await resets.redeem(first, NEW)
    with pytest.raises(NotFound):
        await resets.redeem(second, "another blue kettle")


async def test_a_password_that_is_refused_leaves_the_link_as_it_is(ann: str, tmp_path: Path):
    token = await asked(tmp_path)
    for password in ("short", "password123", EMAIL):
        with pytest.raises(Invalid) as raised:
            await resets.redeem(token, password)
        assert raised.value.field == "password"
    await resets.redeem(token, NEW)


async def test_the_database_holds_no_token(ann: str, tmp_path: Path):
    token = await asked(tmp_path)
    (reset,) = await stored()
    assert token not in reset.model_dump_json()
    with pytest.raises(NotFound):
        await resets.check(reset.id)


@pytest.mark.parametrize("token", ["", "x", "é" * 1000, "\ud800", None, 7])
async def test_tokens_that_are_none(ann: str, token: object):
    with pytest.raises(NotFound):
        await resets.check(token)


async def test_nobody_gets_mail_who_has_no_account(
    ann: str, tmp_path: Path, caplog: pytest.LogCaptureFixture
):
    resets.ask("nobody@example.org", SITE)
    await resets.drain()
    assert not (tmp_path / "mail").exists()
    assert await stored() == []
    assert caplog.records == []


async def test_nobodys_mailbox_is_filled(ann: str, tmp_path: Path):
    for _ in range(resets.LINKS_AT_ONCE + 3):
        resets.ask(EMAIL, SITE)
        await resets.drain()
    assert len(mails_to(tmp_path, EMAIL)) == resets.LINKS_AT_ONCE
    async with db.transaction() as session:
        await session.execute(update(PasswordReset).values(expires_at=clock.now()))
    await asked(tmp_path, resets.LINKS_AT_ONCE + 1)
    assert len(await stored()) == 1


async def test_however_the_address_is_written(ann: str, tmp_path: Path):
    resets.ask(" ANN@Example.org ", SITE)
    await reset_links(tmp_path, EMAIL)


async def test_what_is_no_address_is_refused(ann: str):
    with pytest.raises(Invalid) as raised:
        resets.ask("ann", SITE)
    assert raised.value.field == "email"


async def test_without_a_known_address_of_the_site_nothing_is_sent(
    ann: str, tmp_path: Path, caplog: pytest.LogCaptureFixture
):
    resets.ask(EMAIL, None)
    await resets.drain()
    assert not (tmp_path / "mail").exists()
    assert "TRIPCHAT_PUBLIC_URL" in caplog.text
    assert EMAIL not in caplog.text


async def test_not_more_is_under_way_than_can_be(
    ann: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
):
    monkeypatch.setattr(resets, "WAITING", 2)
    for _ in range(5):
        resets.ask(EMAIL, SITE)
    await resets.drain()
    assert len(mails_to(tmp_path, EMAIL)) == 2
    assert caplog.text.count("too many") == 3


async def test_while_the_database_is_away_that_is_said(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(db, "is_away", lambda: True)
    with pytest.raises(Unavailable):
        resets.ask(EMAIL, SITE)


async def test_neither_token_nor_address_gets_into_the_log(
    ann: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
):
    caplog.set_level(logging.DEBUG)
    sent: list[str] = []

    class Broken:
        async def send(self, message: object) -> None:
            sent.append(str(message))
            raise OSError(str(message))

    monkeypatch.setattr(mail, "way", lambda settings: Broken())
    resets.ask(EMAIL, SITE)
    await resets.drain()
    assert "/reset/" in sent[0]
    assert "a mail could not be sent: OSError" in caplog.text
    ours = "\n".join(r.getMessage() for r in caplog.records if r.name.startswith("tripchat"))
    for word in ("/reset/", "ann", "example"):
        assert word not in ours
