"""TRIPCHAT_* settings, checked once at start."""

import base64
import binascii
from functools import lru_cache
from pathlib import Path
from typing import Annotated

from pydantic import Field, SecretStr, ValidationError, field_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from tripchat.errors import CannotStart

KEY_BYTES = 32

_DRIVERS = {
    "postgres": "postgresql+asyncpg",
    "postgresql": "postgresql+asyncpg",
    "sqlite": "sqlite+aiosqlite",
}


class Settings(BaseSettings):
    """Every setting has an environment variable: `data` is `TRIPCHAT_DATA`, and so on."""

    model_config = SettingsConfigDict(
        env_prefix="TRIPCHAT_", hide_input_in_errors=True, extra="ignore"
    )

    data: Path = Path("data")
    """The folder that holds the SQLite database and the key file."""

    host: str = "0.0.0.0"  # noqa: S104  # a site is there to be reached
    port: int = Field(default=3000, ge=1, le=65535)

    database_url: str | None = None
    """SQLite inside `data` unless given; `postgresql://...` for PostgreSQL."""

    secret_key: SecretStr | None = None
    """The master key that seals messages: base64 of 32 bytes. Unless given, a file holds one."""

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

    session_days: int = Field(default=30, ge=1, le=3650)
    message_max_chars: int = Field(default=4000, ge=1, le=16000)

    @field_validator("extensions", "reconnect_seconds", mode="before")
    @classmethod
    def _split(cls, value: object) -> object:
        if isinstance(value, str):
            return [name.strip() for name in value.split(",") if name.strip()]
        return value

    @field_validator("reconnect_seconds")
    @classmethod
    def _are_steps(cls, value: list[float]) -> list[float]:
        if not value or not all(0.1 <= seconds <= 3600 for seconds in value):
            raise ValueError("must be numbers of seconds from 0.1 to 3600, like 1,2,5,10")
        return value

    @field_validator("database_url", "secret_key", mode="before")
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

    @field_validator("secret_key")
    @classmethod
    def _is_a_key(cls, value: SecretStr | None) -> SecretStr | None:
        if value is not None:
            decode_key(value.get_secret_value())
        return value

    @property
    def database(self) -> str:
        """The database's SQLAlchemy URL, with its asynchronous driver."""
        return self.database_url or f"sqlite+aiosqlite:///{self.data / 'tripchat.db'}"

    @property
    def key_file(self) -> Path:
        """Where the master key lives when `secret_key` is not given."""
        return self.data / "secret.key"


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
        name = "TRIPCHAT_" + "_".join(str(part) for part in first["loc"]).upper()
        reason = first["msg"].removeprefix("Value error, ")
        raise CannotStart(f"{name}: {reason}") from None
