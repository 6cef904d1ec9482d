"""Which passwords may be chosen: long enough, and not among those that are tried first."""

from __future__ import annotations

import asyncio
import re
from concurrent.futures import ThreadPoolExecutor

from zxcvbn import zxcvbn

from tripchat.errors import Invalid
from tripchat.services import checks

LEAST_SCORE = 2
"""Of zxcvbn's 0 to 4: below it, a million guesses are enough."""

JUDGED_CHARS = 72
"""What is looked at of a password, for the time that takes grows with it."""

# One at a time: the library keeps what it is told of a person in a global.
_thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="passwords")


async def chosen(value: object, *, name: str, email: str, field: str = "password") -> str:
    """A password that somebody of this name and email may have; raises Invalid for `field`."""
    password = checks.password(value, field)
    known = _known_of(name, email)
    if password.casefold() in known:
        raise Invalid("Your name or email address is not a password.", field=field)
    loop = asyncio.get_running_loop()
    if await loop.run_in_executor(_thread, _score, password, sorted(known)) < LEAST_SCORE:
        raise Invalid("This password is too easy to guess: choose a less common one.", field=field)
    return password


def _known_of(name: str, email: str) -> set[str]:
    """What whoever guesses knows of a person, and of this site."""
    whole = {each.casefold() for each in (name, email, *email.split("@"))}
    words = {word for each in whole for word in re.split(r"[\W_]+", each) if word}
    return whole | words | {"".join(name.casefold().split()), "tripchat"}


def _score(password: str, known: list[str]) -> int:
    return zxcvbn(password[:JUDGED_CHARS], known, max_length=JUDGED_CHARS)["score"]
