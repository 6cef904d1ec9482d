import base64
from pathlib import Path

import pytest

from tripchat.errors import CannotStart
from tripchat.settings import Settings, decode_key, get_settings

KEY = base64.b64encode(bytes(range(32))).decode()


@pytest.fixture(autouse=True)
def _fresh():
    get_settings.cache_clear()
    yield
    get_settings.cache_clear()


def test_without_settings_the_database_is_a_file_in_data():
    assert (
        Settings(data=Path("/srv/trips")).database == "sqlite+aiosqlite:////srv/trips/tripchat.db"
    )


@pytest.mark.parametrize(
    ("given", "used"),
    [
        ("postgresql://u:p@h/d", "postgresql+asyncpg://u:p@h/d"),
        ("postgres://h/d", "postgresql+asyncpg://h/d"),
        ("postgresql+asyncpg://h/d", "postgresql+asyncpg://h/d"),
        ("sqlite:///x.db", "sqlite+aiosqlite:///x.db"),
    ],
)
def test_a_database_url_gets_its_asynchronous_driver(given: str, used: str):
    assert Settings(database_url=given).database == used


def test_extensions_are_comma_separated(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("TRIPCHAT_EXTENSIONS", "polls, places ,")
    assert get_settings().extensions == ["polls", "places"]


def test_an_empty_variable_counts_as_unset(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("TRIPCHAT_SECRET_KEY", "")
    monkeypatch.setenv("TRIPCHAT_DATABASE_URL", "")
    assert get_settings().secret_key is None
    assert get_settings().database.startswith("sqlite")


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("TRIPCHAT_PORT", "eighty", "TRIPCHAT_PORT: "),
        ("TRIPCHAT_PORT", "70000", "TRIPCHAT_PORT: "),
        ("TRIPCHAT_SECRET_KEY", "hunter2-hunter2", "openssl rand -base64 32"),
        ("TRIPCHAT_DATABASE_URL", "mysql://h/d", "postgresql:// or sqlite://"),
        ("TRIPCHAT_DATABASE_URL", "trips.db", "postgresql:// or sqlite://"),
        ("TRIPCHAT_REDIS_URL", "localhost:6379", "redis://"),
        ("TRIPCHAT_WORKERS", "0", "TRIPCHAT_WORKERS: "),
        ("TRIPCHAT_SESSION_IDLE_DAYS", "-7", "TRIPCHAT_SESSION_IDLE_DAYS: "),
        ("TRIPCHAT_PUBLIC_URL", "trips.test", "https://trips.example"),
        ("TRIPCHAT_PUBLIC_URL", "https://me:pw@trips.example", "https://trips.example"),
        ("TRIPCHAT_PUBLIC_URL", "https://trips.example/chat", "https://trips.example"),
        ("TRIPCHAT_MAIL", "postcard", "file, console or"),
        ("TRIPCHAT_MAIL", "smtp://me:secret-7@mail.example/inbox", "file, console or"),
        ("TRIPCHAT_MAIL", "https://mail.example", "file, console or"),
        ("TRIPCHAT_MAIL_FROM", "nobody", "TripChat <chat@trips.example>"),
        ("TRIPCHAT_MAIL_FROM", "a@b.example\r\nBcc: c@d.example", "TripChat <chat@trips.example>"),
        ("TRIPCHAT_CORS_ORIGINS", "https://a.example/path", "must be origins"),
        ("TRIPCHAT_CORS_ORIGINS", "null", "must be origins"),
        ("TRIPCHAT_PROXIES", "10.0.0.1/8", "addresses or networks"),
        ("TRIPCHAT_LIMIT_SENDS", "plenty", "TRIPCHAT_LIMIT_SENDS: must be rates"),
    ],
)
def test_a_wrong_setting_is_one_clear_line_without_its_value(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str, said: str
):
    monkeypatch.setenv(name, value)
    with pytest.raises(CannotStart) as raised:
        get_settings()
    line = str(raised.value)
    assert line.startswith(name)
    assert said in line
    assert "\n" not in line
    assert value not in line


def test_each_limit_has_a_variable_of_its_own(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("TRIPCHAT_LIMIT_SENDS", "5/second;20/minute")
    monkeypatch.setenv("TRIPCHAT_LIMIT_SIGN_IN_ADDRESS", "7/hour")
    monkeypatch.setenv("TRIPCHAT_LIMITS", "off")
    settings = get_settings()
    assert settings.limit == {"sends": "5/second;20/minute", "sign_in_address": "7/hour"}
    assert not settings.limits


def test_a_limit_that_there_is_not_is_named(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("TRIPCHAT_LIMIT_SENT", "5/second")
    with pytest.raises(CannotStart, match="TRIPCHAT_LIMIT: there is no limit called sent"):
        get_settings()


def test_the_key_is_not_shown_with_the_settings():
    assert KEY not in repr(Settings.model_validate({"secret_key": KEY}))


def test_a_key_may_be_written_in_either_base64_alphabet():
    key = b"\xfb\xff" * 16
    assert decode_key(base64.b64encode(key).decode()) == key
    assert decode_key(base64.urlsafe_b64encode(key).decode() + "\n") == key


@pytest.mark.parametrize(
    "way",
    [
        "file",
        "console",
        "smtp://mail.example",
        "smtp://me%40trips.example:p%40ss@mail.example:2525",
        "smtps://me:hunter2@[fd00::7]",
        "smtp://localhost:25?tls=none",
    ],
)
def test_ways_for_mails(monkeypatch: pytest.MonkeyPatch, way: str):
    monkeypatch.setenv("TRIPCHAT_MAIL", way)
    monkeypatch.setenv("TRIPCHAT_MAIL_FROM", "TripChat <chat@trips.example>")
    assert get_settings().mail.get_secret_value() == way
    assert "hunter2" not in repr(get_settings())


def test_a_mail_server_wants_to_know_whom_mails_are_from(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("TRIPCHAT_MAIL", "smtp://mail.example")
    with pytest.raises(CannotStart, match="TRIPCHAT_MAIL_FROM: mails by SMTP need"):
        get_settings()
