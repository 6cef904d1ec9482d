"""TRIPCHAT_* settings, checked once at start."""

import base64
import binascii
import ipaddress
import re
from functools import lru_cache
from pathlib import Path
from typing import Annotated, Literal, Self
from urllib.parse import parse_qsl, urlsplit

from pydantic import (
    AfterValidator,
    Field,
    SecretStr,
    ValidationError,
    field_validator,
    model_validator,
)
from pydantic_core import PydanticCustomError
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from tripchat import limits
from tripchat.errors import CannotStart

KEY_BYTES = 32

_ANYWHERE = ("0.0.0.0", "::", "")  # noqa: S104
_HTTP = re.compile(r"https?://[^/?#@\s]+")
_SMTP = re.compile(
    r"smtps?://([^:@/?#\s]+:[^:@/?#\s]+@)?(\[[0-9a-fA-F:.]+\]|[^:@/?#\s\[\]]+)(:\d{1,5})?/?(\?tls=none)?"
)
_SENDER = re.compile(r"[^<>@\r\n]*<[^<>@\s]+@[^<>@\s]+>|[^<>@\s]+@[^<>@\s]+")

_DRIVERS = {
    "postgres": "postgresql+asyncpg",
    "postgresql": "postgresql+asyncpg",
    "sqlite": "sqlite+aiosqlite",
}


def _rates(text: str) -> str:
    try:
        limits.rates(text)
    except ValueError:
        raise ValueError("must be rates like 60/10 seconds;300/minute") from None
    return text


class Settings(BaseSettings):
    """Every setting has an environment variable: `data` is `TRIPCHAT_DATA`, and so on."""

    model_config = SettingsConfigDict(
        env_prefix="TRIPCHAT_",
        # Of what has many names: TRIPCHAT_LIMIT_SENDS is the `sends` of `limit`.
        env_nested_delimiter="_",
        env_nested_max_split=1,
        hide_input_in_errors=True,
        extra="ignore",
    )

    data: Path = Path("data")
    """The folder that holds the SQLite database and the key file."""

    host: str = "0.0.0.0"  # noqa: S104  # a site is there to be reached
    port: int = Field(default=3000, ge=1, le=65535)

    database_url: str | None = None
    """SQLite inside `data` unless given; `postgresql://...` for PostgreSQL."""

    database_connections: int = Field(default=12, ge=4, le=500)
    """The most connections that a worker opens to PostgreSQL, half of them for writing."""

    redis_url: SecretStr | None = None
    """The Redis through which several workers tell each other what happens: `redis://...`."""

    workers: int = Field(default=1, ge=1, le=64)
    """Processes that serve the site on this machine; several need PostgreSQL and Redis."""

    worker_host: str = "127.0.0.1"
    """Where each of several workers also listens by itself: what other workers reach it at."""
    worker_port: int | None = Field(default=None, ge=1, le=65535)
    """The first worker's own port, the next one's is one more; free ports unless given."""
    worker_url: str | None = None
    """Where the others reach the only worker of this machine; its host and port unless given."""

    secret_key: SecretStr | None = None
    """The master key that seals messages: base64 of 32 bytes. Unless given, a file holds one."""
    old_secret_keys: Annotated[list[SecretStr], NoDecode] = []
    """Other keys that open what they have sealed, with `secret_key` alone; comma separated."""

    extensions: Annotated[list[str], NoDecode] = []
    """Import names of the extensions to load, comma separated in the environment."""

    reconnect_seconds: Annotated[list[float], NoDecode] = [1, 2, 5, 10]
    """How long a page waits before each attempt to reconnect; the last one goes on for ever.

    Half of each is drawn, so that many pages do not come back at once.
    """
    health_check_seconds: float = Field(default=30, ge=1, le=600)
    """How often a page looks whether its connection still carries anything."""
    resume_seconds: float = Field(default=15, gt=0, le=300)
    """How long a page that is connected over plain HTTP may be away and go on where it was."""

    log: Literal["text", "json"] = "text"
    """How log lines are written: for people, or one JSON object each for programs."""
    log_level: Literal["debug", "info", "warning", "error"] = "info"
    """The least that TripChat logs of itself; libraries log warnings and errors alone."""

    public_url: str | None = None
    """The site's address as its visitors know it: what links in mails begin with."""

    mail: SecretStr = SecretStr("file")
    """How mails leave: `file`, `console`, or a server, `smtp://user:password@host:587`."""
    mail_from: str | None = None
    """Whom they are from; a server wants to know, see `tripchat.mail`."""

    metrics_token: SecretStr | None = None
    """What whoever reads `/metrics` has to show; without it, only the private network may."""

    link_previews: Literal["off", "on"] = "off"
    """Whether this server looks up the pages that messages link to, to show their titles."""

    cors_origins: Annotated[list[str], NoDecode] = []
    """Other origins whose pages may call the site for their visitors, comma separated."""
    hsts_seconds: int = Field(default=31_536_000, ge=0, le=63_072_000)
    """How long browsers that came by https are to come by nothing else; 0 says nothing of it."""
    proxies: Annotated[list[str], NoDecode] = ["127.0.0.1", "::1"]
    """Addresses and networks of the proxies whose word is taken for where a visitor comes from."""

    limits: bool = True
    """Whether there are limits of how much one person and one address may do in a while."""
    limit: dict[str, Annotated[str, AfterValidator(_rates)]] = {}
    """Rates that replace those of `tripchat.limits`: `sends` is `TRIPCHAT_LIMIT_SENDS`."""

    session_days: int = Field(default=30, ge=1, le=3650)
    """How long a sign-in lasts at most."""
    session_idle_days: int = Field(default=14, ge=1, le=3650)
    """How long a sign-in lasts that nobody uses."""
    message_max_chars: int = Field(default=4000, ge=1, le=16000)

    files_url: str | None = None
    """A bucket for photos and files, `s3://bucket/prefix?endpoint=...&region=...`; unless given
    they are in `data`."""
    attachment_max_mb: int = Field(default=25, ge=1, le=1000)
    attachments_per_message: int = Field(default=10, ge=1, le=50)

    @field_validator(
        "extensions",
        "reconnect_seconds",
        "old_secret_keys",
        "cors_origins",
        "proxies",
        mode="before",
    )
    @classmethod
    def _split(cls, value: object) -> object:
        if isinstance(value, str):
            return [name.strip() for name in value.split(",") if name.strip()]
        return value

    @field_validator("cors_origins")
    @classmethod
    def _are_origins(cls, value: list[str]) -> list[str]:
        if not all(_HTTP.fullmatch(origin) for origin in value):
            raise ValueError("must be origins like https://app.example.org, separated by commas")
        return [origin.lower() for origin in value]

    @field_validator("proxies")
    @classmethod
    def _are_networks(cls, value: list[str]) -> list[str]:
        for network in value:
            try:
                ipaddress.ip_network(network)
            except ValueError:
                raise ValueError(
                    "must be addresses or networks like 10.0.0.5,172.30.0.0/16"
                ) from None
        return value

    @field_validator("limit")
    @classmethod
    def _are_limits(cls, value: dict[str, str]) -> dict[str, str]:
        for name in value.keys() - limits.DEFAULTS.keys():
            raise ValueError(f"there is no limit called {name}")
        return value

    @field_validator("reconnect_seconds")
    @classmethod
    def _are_steps(cls, value: list[float]) -> list[float]:
        if not value or not all(0.1 <= seconds <= 3600 for seconds in value):
            raise ValueError("must be numbers of seconds from 0.1 to 3600, like 1,2,5,10")
        return value

    @field_validator(
        "database_url",
        "redis_url",
        "secret_key",
        "worker_port",
        "worker_url",
        "metrics_token",
        "files_url",
        "public_url",
        "mail_from",
        mode="before",
    )
    @classmethod
    def _empty_is_unset(cls, value: object) -> object:
        return None if value == "" else value

    @field_validator("database_url")
    @classmethod
    def _async_driver(cls, value: str | None) -> str | None:
        if value is None:
            return None
        scheme, separator, rest = value.partition("://")
        driver = _DRIVERS.get(scheme, scheme)
        if not separator or driver not in _DRIVERS.values():
            raise ValueError("must begin with postgresql:// or sqlite://")
        return f"{driver}://{rest}"

    @field_validator("redis_url")
    @classmethod
    def _is_redis(cls, value: SecretStr | None) -> SecretStr | None:
        schemes = ("redis://", "rediss://", "unix://")
        if value is not None and not value.get_secret_value().startswith(schemes):
            raise ValueError("must begin with redis://, rediss:// or unix://")
        return value

    @field_validator("files_url")
    @classmethod
    def _is_a_bucket(cls, value: str | None) -> str | None:
        if value is None:
            return None
        url = urlsplit(value)
        if url.scheme != "s3" or not url.netloc or "@" in url.netloc or url.fragment:
            raise ValueError("must be like s3://bucket/prefix?endpoint=https://...&region=...")
        if not {name for name, _ in parse_qsl(url.query)} <= {"endpoint", "region"}:
            raise ValueError("takes endpoint and region; keys are given as AWS_ACCESS_KEY_ID, ...")
        return value

    @field_validator("worker_host")
    @classmethod
    def _is_somewhere(cls, value: str) -> str:
        if value in _ANYWHERE:
            raise ValueError("must be an address at which the other workers reach this machine")
        return value

    @field_validator("worker_url")
    @classmethod
    def _is_http(cls, value: str | None) -> str | None:
        if value is not None and not _HTTP.fullmatch(value):
            raise ValueError("must be like http://10.0.0.7:3000")
        return value

    @field_validator("public_url")
    @classmethod
    def _is_an_origin(cls, value: str | None) -> str | None:
        if value is not None and not _HTTP.fullmatch(value.removesuffix("/")):
            raise ValueError("must be like https://trips.example, without a path")
        return value and value.removesuffix("/")

    @field_validator("mail")
    @classmethod
    def _is_a_way(cls, value: SecretStr) -> SecretStr:
        way = value.get_secret_value()
        if way not in ("file", "console") and not _SMTP.fullmatch(way):
            raise ValueError(
                "must be file, console or like smtp://user:password@host:587 or smtps://host"
            )
        return value

    @field_validator("mail_from")
    @classmethod
    def _is_an_address(cls, value: str | None) -> str | None:
        if value is not None and not _SENDER.fullmatch(value):
            raise ValueError("must be like TripChat <chat@trips.example>")
        return value

    @model_validator(mode="after")
    def _a_server_knows_the_sender(self) -> Self:
        if self.mail.get_secret_value().startswith("smtp") and self.mail_from is None:
            raise PydanticCustomError(
                "mail_from", "TRIPCHAT_MAIL_FROM: mails by SMTP need a sender's address"
            )
        return self

    @model_validator(mode="after")
    def _several_workers_share(self) -> Self:
        if self.workers > 1 and (self.redis_url is None or self.database.startswith("sqlite")):
            raise PydanticCustomError(
                "workers",
                "TRIPCHAT_WORKERS: several workers need PostgreSQL (TRIPCHAT_DATABASE_URL) and "
                "Redis (TRIPCHAT_REDIS_URL)",
            )
        return self

    @model_validator(mode="after")
    def _old_keys_stand_beside_one(self) -> Self:
        if self.old_secret_keys and self.secret_key is None:
            raise PydanticCustomError(
                "old_secret_keys",
                "TRIPCHAT_OLD_SECRET_KEYS goes with TRIPCHAT_SECRET_KEY; the key file has older "
                "keys in its further lines",
            )
        return self

    @field_validator("secret_key")
    @classmethod
    def _is_a_key(cls, value: SecretStr | None) -> SecretStr | None:
        if value is not None:
            decode_key(value.get_secret_value())
        return value

    @field_validator("old_secret_keys")
    @classmethod
    def _are_keys(cls, value: list[SecretStr]) -> list[SecretStr]:
        for key in value:
            decode_key(key.get_secret_value())
        return value

    @property
    def database(self) -> str:
        """The database's SQLAlchemy URL, with its asynchronous driver."""
        return self.database_url or f"sqlite+aiosqlite:///{self.data / 'tripchat.db'}"

    @property
    def own_url(self) -> str:
        """Where this process is reached by itself."""
        host = "127.0.0.1" if self.host in _ANYWHERE else self.host
        return self.worker_url or f"http://{bracketed(host)}:{self.port}"

    @property
    def files_folder(self) -> Path:
        """Where photos and files are kept, or wait to be sent to their bucket."""
        return self.data / "files"

    @property
    def attachment_max_bytes(self) -> int:
        """The most that a file may have."""
        return self.attachment_max_mb * 1024 * 1024

    @property
    def key_file(self) -> Path:
        """Where the master key lives when `secret_key` is not given."""
        return self.data / "secret.key"


def bracketed(host: str) -> str:
    """A host as it stands in a URL."""
    return f"[{host}]" if ":" in host else host


def decode_key(text: str) -> bytes:
    """The 32 bytes of a master key in base64; raises ValueError saying what a key looks like."""
    try:
        key = base64.b64decode(text.strip().replace("-", "+").replace("_", "/"), validate=True)
    except (binascii.Error, ValueError):
        key = b""
    if len(key) != KEY_BYTES:
        raise ValueError("must be base64 of 32 bytes; `openssl rand -base64 32` makes one")
    return key


@lru_cache
def get_settings() -> Settings:
    """The settings of this process; raises CannotStart with one line about the first wrong one."""
    try:
        return Settings()
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        reason = first["msg"].removeprefix("Value error, ")
        if not first["loc"]:  # about several settings: it names them itself
            raise CannotStart(reason) from None
        name = "TRIPCHAT_" + "_".join(str(part) for part in first["loc"]).upper()
        raise CannotStart(f"{name}: {reason}") from None
