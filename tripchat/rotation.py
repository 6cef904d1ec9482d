"""Going over to another master key while the site goes on: `python -m tripchat keys`.

The new key is put before the old one, where every worker finds it before it seals anything; what
was being written under the old one is waited for; then all that is under older keys is sealed anew;
at last these are forgotten. Each step finds out by itself what is left to do, so whoever is ended
in the middle begins again.
"""

from __future__ import annotations

import asyncio
import fcntl
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from typing import TypeVar

from tripchat import db, keyring, storage
from tripchat.errors import CannotRotate, Unavailable
from tripchat.sealing import NAMELESS, MasterKey, sealer
from tripchat.services import resealing
from tripchat.services.resealing import SEALED
from tripchat.settings import Settings

SHARED_SECONDS = 3.0
"""How long the old key is kept at least: by then each worker hears the others under the new one."""

SAY_EVERY_SECONDS = 1.0

T = TypeVar("T")
Say = Callable[[str], None]


def rotate(settings: Settings, say: Say = print) -> None:
    """Put all that is sealed under a new key, or under the first one of the settings.

    `say` is told how it goes, in lines. Raises CannotRotate or CannotStart with one line.
    """
    if settings.secret_key is not None and not settings.old_secret_keys:
        raise CannotRotate(
            "TRIPCHAT_OLD_SECRET_KEYS names no key to leave: see docs/operating.md, The key"
        )
    with _only_one(settings):
        asyncio.run(_rotate(settings, say))


def tell_status(settings: Settings, say: Say = print) -> None:
    """Say how much is sealed under which key; raises CannotStart with one line."""
    asyncio.run(_tell_status(settings, say))


async def _rotate(settings: Settings, say: Say) -> None:
    keyring.load(settings, create=False)  # one that is missing is not made here
    await storage.open_storage(settings)
    try:
        began = time.monotonic()
        if settings.secret_key is None:
            _take_new(settings, say)
        current = sealer().current
        await _patiently(db.settled)
        await _patiently(storage.renew_known)
        await _reseal(say)
        if settings.secret_key is None:
            await asyncio.sleep(began + SHARED_SECONDS - time.monotonic())
            _forget_old(settings, current, say)
        else:
            say(
                f"Everything is under {_name(current)}. Take the older keys out of "
                "TRIPCHAT_OLD_SECRET_KEYS, and keep them with the backups from before."
            )
        await _patiently(lambda: db.wipe("message", "version", "attachment", "seal"))
    finally:
        await storage.close_storage()


def _take_new(settings: Settings, say: Say) -> None:
    keys = keyring.load(settings, create=False)
    if len(keys) > 1:
        say("A rotation was begun before; it goes on.")
        return
    keyring.replace(settings.key_file, [keyring.new_key(), *keys])
    say(f"There is a new key, {_name(sealer().current)}: what is written from now on is under it.")


def _forget_old(settings: Settings, current: MasterKey, say: Say) -> None:
    key, *older = keyring.load(settings, create=False)
    if MasterKey(key).id != current.id:
        raise CannotRotate(f"{settings.key_file} has been changed meanwhile: nothing is forgotten")
    keyring.replace(settings.key_file, [key])
    names = ", ".join(_name(MasterKey(each)) for each in older)
    say(
        f"Everything is under {_name(current)}. {settings.key_file} has forgotten {names}: "
        "backups from before need it, keep the copy that goes with them."
    )


async def _reseal(say: Say) -> None:
    """Seal all anew that is under older keys, until nothing is."""
    total = sum((await _patiently(_under_older)).values())
    say(f"{total:,} sealed under older keys.")
    done, said_at = 0, time.monotonic()
    while True:
        renewed = broken = 0
        for what in SEALED:
            try:
                async for progress in resealing.reseal(what):
                    renewed, broken = renewed + progress.renewed, broken + progress.broken
                    if time.monotonic() - said_at > SAY_EVERY_SECONDS:
                        said_at = time.monotonic()
                        say(f"{done + renewed:,} of {total:,} sealed anew.")
            except Unavailable as refused:
                await asyncio.sleep(refused.retry_after)
                renewed += 1  # what is left is found by one more pass
        done += renewed
        if not renewed:
            break
    say(f"{done:,} sealed anew.")
    if broken:
        say(f"{broken:,} open with no key that is here, and stay as they are.")


async def _under_older() -> Counter[bytes]:
    found: Counter[bytes] = Counter()
    for what in SEALED:
        found += await resealing.heads(what)
    del found[sealer().current.head]
    return found


async def _tell_status(settings: Settings, say: Say) -> None:
    keyring.load(settings, create=False)
    await storage.open_storage(settings)
    try:
        ours = sealer()
        names = {key.head: f"{_name(key)}, an older one" for key in ours.keys}
        names[ours.current.head] = f"{_name(ours.current)}, the current one"
        names[NAMELESS] = "a key that is not named"
        found: Counter[tuple[bytes, str]] = Counter()
        for what in SEALED:
            found |= {(head, what.name): n for head, n in (await resealing.heads(what)).items()}
        here = [key.head for key in ours.keys]
        for head in dict.fromkeys([*here, *(head for head, _ in found)]):
            counts = ", ".join(f"{found[head, what.name]:,} of {what.name}" for what in SEALED)
            name = names.get(head, f"{head[1:].hex()}, which is not here")
            say(f"Under {name}: {counts}.")
    finally:
        await storage.close_storage()


async def _patiently(work: Callable[[], Awaitable[T]]) -> T:
    """What `work` gives, once the database can do it: it may be busy, or away for a while."""
    while True:
        try:
            return await work()
        except Unavailable as refused:
            await asyncio.sleep(refused.retry_after)


def _name(key: MasterKey) -> str:
    return key.id.hex()


@contextmanager
def _only_one(settings: Settings) -> Iterator[None]:
    """Keep a second one from forgetting what the first has just begun to use."""
    settings.data.mkdir(mode=0o700, parents=True, exist_ok=True)
    with (settings.data / "rotation.lock").open("w") as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise CannotRotate("another rotation is on its way") from None
        yield
