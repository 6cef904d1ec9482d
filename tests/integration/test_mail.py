"""The ways that letters leave by, each as it is in earnest."""

from __future__ import annotations

import asyncio
import logging
import ssl
import stat
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from email.policy import default
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from tests.kit.mailbox import mails_to
from tripchat import mail
from tripchat.local.process import free_port
from tripchat.mail import Letter
from tripchat.settings import get_settings

LETTER = Letter("ann@example.org", "A new password", "Choose it: https://trips.example/reset/abc\n")
SENDER = "TripChat <chat@trips.example>"
PASSWORD = "p@ss:word"


class Inbox:
    """What a mail server has taken, and how."""

    def __init__(self) -> None:
        self.taken: list[Envelope] = []
        self.encrypted: list[bool] = []
        self.logins: list[str] = []
        self.refuses = False

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        """Take a mail."""
        if self.refuses:
            return f"550 no such person: {envelope.rcpt_tos[0]}"
        self.taken.append(envelope)
        self.encrypted.append(session.ssl is not None)
        return "250 OK"

    def lets_in(
        self, _server: SMTP, _session: Any, _envelope: Any, mechanism: str, data: Any
    ) -> AuthResult:
        """Let one person in."""
        assert isinstance(data, LoginPassword)
        self.logins.append(data.login.decode())
        return AuthResult(success=data.password == PASSWORD.encode(), handled=False)


@pytest.fixture
def inbox() -> Inbox:
    return Inbox()


@pytest.fixture
def certificate(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ssl.SSLContext:
    """A certificate of `localhost` that this process trusts, for a server."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = datetime.now(UTC)
    signed = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    public, private = tmp_path / "server.crt", tmp_path / "server.key"
    public.write_bytes(signed.public_bytes(serialization.Encoding.PEM))
    private.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    monkeypatch.setenv("SSL_CERT_FILE", str(public))
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(public, private)
    return context


@pytest.fixture
def way(settings: object, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """Sets the way for letters."""

    def use(way: str) -> None:
        monkeypatch.setenv("TRIPCHAT_MAIL", way)
        monkeypatch.setenv("TRIPCHAT_MAIL_FROM", SENDER)
        get_settings.cache_clear()

    yield use
    get_settings.cache_clear()


def served(inbox: Inbox, **options: Any) -> Controller:
    """A mail server on a free port."""
    server = Controller(inbox, hostname="127.0.0.1", port=free_port(), **options)
    server.start()
    return server


async def test_a_server_gets_the_letter_over_starttls_and_with_a_login(
    inbox: Inbox, certificate: ssl.SSLContext, way: Any
):
    server = served(
        inbox,
        tls_context=certificate,
        require_starttls=True,
        auth_required=True,
        authenticator=inbox.lets_in,
    )
    try:
        way(f"smtp://me%40trips.example:p%40ss%3Aword@localhost:{server.port}")
        await mail.post(LETTER)
    finally:
        server.stop()
    (envelope,) = inbox.taken
    assert inbox.encrypted == [True]
    assert inbox.logins == ["me@trips.example"]
    assert (envelope.mail_from, envelope.rcpt_tos) == ("chat@trips.example", ["ann@example.org"])
    sent = message_from_bytes(envelope.original_content or b"", policy=default)
    assert sent["Subject"] == LETTER.subject
    assert sent.get_content().replace("\r\n", "\n") == LETTER.text


async def test_a_server_that_speaks_tls_from_the_start(
    inbox: Inbox, certificate: ssl.SSLContext, way: Any
):
    server = served(inbox, ssl_context=certificate)
    try:
        way(f"smtps://localhost:{server.port}")
        await mail.post(LETTER)
    finally:
        server.stop()
    assert len(inbox.taken) == 1


async def test_a_server_without_tls_gets_letters_only_where_that_is_wanted(
    inbox: Inbox, way: Any, caplog: pytest.LogCaptureFixture
):
    server = served(inbox)
    try:
        way(f"smtp://localhost:{server.port}")
        await mail.post(LETTER)
        assert inbox.taken == []
        assert "a mail could not be sent" in caplog.text
        way(f"smtp://localhost:{server.port}?tls=none")
        await mail.post(LETTER)
        assert inbox.encrypted == [False]
    finally:
        server.stop()


async def test_a_certificate_that_nobody_vouches_for_is_not_believed(
    inbox: Inbox, certificate: ssl.SSLContext, way: Any, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.delenv("SSL_CERT_FILE")
    server = served(inbox, ssl_context=certificate)
    try:
        way(f"smtps://localhost:{server.port}")
        await mail.post(LETTER)
    finally:
        server.stop()
    assert inbox.taken == []


@pytest.mark.parametrize("trouble", ["refused", "no server", "wrong password"])
async def test_what_goes_wrong_is_logged_without_address_and_content(
    inbox: Inbox,
    certificate: ssl.SSLContext,
    way: Any,
    caplog: pytest.LogCaptureFixture,
    trouble: str,
):
    caplog.set_level(logging.DEBUG)
    inbox.refuses = trouble == "refused"
    server = served(inbox, tls_context=certificate, authenticator=inbox.lets_in)
    login = "me:nonsense@" if trouble == "wrong password" else ""
    way(f"smtp://{login}localhost:{server.port}")
    if trouble == "no server":
        server.stop()
    try:
        await mail.post(LETTER)
    finally:
        if trouble != "no server":
            server.stop()
    ours = [line for line in caplog.records if line.name.startswith("tripchat")]
    assert [line.levelname for line in ours] == ["ERROR"]
    for word in ("ann", "example", "reset", "nonsense", "localhost"):
        assert word not in ours[0].getMessage()


async def test_a_server_that_says_nothing_is_not_waited_for_forever(
    way: Any, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
):
    monkeypatch.setattr(mail, "PATIENCE_SECONDS", 0.2)
    silent = await asyncio.start_server(lambda *_: asyncio.sleep(5), "127.0.0.1", 0)
    async with silent:
        way(f"smtp://127.0.0.1:{silent.sockets[0].getsockname()[1]}")
        await asyncio.wait_for(mail.post(LETTER), 3)
    assert "a mail could not be sent: TimeoutError" in caplog.text


async def test_the_folder_has_a_whole_mail_for_its_owner_alone(tmp_path: Path, way: Any):
    way("file")
    await asyncio.gather(*(mail.post(LETTER) for _ in range(5)))
    mails = mails_to(tmp_path, "ann@example.org")
    assert [each.get_content().replace("\r\n", "\n") for each in mails] == [LETTER.text] * 5
    folder = tmp_path / "mail"
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    for file in folder.iterdir():
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
        assert file.suffix == ".eml"


async def test_what_lies_there_for_somebody_can_be_forgotten(tmp_path: Path, way: Any):
    way("file")
    other = Letter("ben@example.org", "A new password", "Choose it.\n")
    for letter in (LETTER, other, LETTER):
        await mail.post(letter)
    await mail.forget("ann@example.org")
    assert mails_to(tmp_path, "ann@example.org") == []
    assert len(mails_to(tmp_path, "ben@example.org")) == 1
    # Also when mails have another way by now, and where there has never been a folder.
    way("console")
    await mail.forget("ben@example.org")
    assert list((tmp_path / "mail").iterdir()) == []
    (tmp_path / "mail").rmdir()
    await mail.forget("ben@example.org")


async def test_a_folder_that_cannot_be_written_is_logged(
    tmp_path: Path, way: Any, caplog: pytest.LogCaptureFixture
):
    (tmp_path / "mail").write_text("in the way")
    way("file")
    await mail.post(LETTER)
    assert "a mail could not be sent: FileExistsError" in caplog.text


async def test_the_console_shows_the_link_and_nothing_else_does(
    way: Any, capsys: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture, tmp_path: Path
):
    caplog.set_level(logging.DEBUG)
    way("console")
    await mail.post(LETTER)
    assert "https://trips.example/reset/abc" in capsys.readouterr().err
    assert caplog.records == []
    assert not (tmp_path / "mail").exists()
