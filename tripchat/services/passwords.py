"""Passwords: argon2id, computed beside the event loop."""

import asyncio
from concurrent.futures import ThreadPoolExecutor
from functools import lru_cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

_hasher = PasswordHasher()

# Each hash takes 64 MiB while it is made: a rush of sign-ins waits in line.
_threads = ThreadPoolExecutor(max_workers=2, thread_name_prefix="argon2")


async def hashed(password: str) -> str:
    """The form a password is stored in."""
    return await asyncio.get_running_loop().run_in_executor(_threads, _hasher.hash, password)


async def matches(password: str, stored: str | None) -> bool:
    """Whether this is the password. With nothing stored it is not; that takes as long to say."""
    loop = asyncio.get_running_loop()
    return await loop.run_in_executor(_threads, _matches, password, stored)


def _matches(password: str, stored: str | None) -> bool:
    nobodys = _nobodys()
    try:
        return _hasher.verify(stored or nobodys, password) and stored is not None
    except (VerificationError, InvalidHashError, UnicodeEncodeError):
        return False


@lru_cache
def _nobodys() -> str:
    return _hasher.hash("nobody has this password")
