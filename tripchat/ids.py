"""Names for rows: random, short, safe in an address."""

import re
import secrets

_ID = re.compile(r"[A-Za-z0-9_-]{1,64}", re.ASCII)


ID_CHARS = 12
"""As long as each of our ids."""


def new_id() -> str:
    """A fresh id: 12 characters, 72 random bits."""
    return secrets.token_urlsafe(9)


def looks_like_id(value: object) -> bool:
    """Whether a value from outside could be an id; the database is asked only about those."""
    return isinstance(value, str) and _ID.fullmatch(value) is not None
