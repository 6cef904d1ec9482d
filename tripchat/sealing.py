"""Message bodies sealed at rest: AES-256-GCM, one key per trip, bound to the message's place.

A sealed body is one version byte, the id of the master key that it is under (4 bytes), a 12 byte
nonce, then the ciphertext with its tag. Trip and message id are associated data: a body copied to
another row or another trip does not open. Bodies of version 1, which name no key, still open.

What passes from worker to worker is sealed in the same form, with a key for that purpose alone.
"""

import os
from collections.abc import Callable
from functools import lru_cache

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from tripchat.settings import KEY_BYTES

VERSION = b"\x02"
NAMELESS = b"\x01"
"""The version before this one: it does not say which key it is under."""
KEY_ID_BYTES = 4
NONCE_BYTES = 12
CACHED_KEYS = 1024


class SealBroken(Exception):
    """These bytes were not sealed by these keys for this trip and message."""


class MasterKey:
    """One key of 32 bytes, and all that is derived from it."""

    def __init__(self, key: bytes) -> None:
        if len(key) != KEY_BYTES:
            raise ValueError(f"a master key has {KEY_BYTES} bytes")
        self._key = key
        self.cipher = lru_cache(CACHED_KEYS)(self._cipher)
        self.name_for = lru_cache(self._name)
        self.id = self._derived("key id")[:KEY_ID_BYTES]
        """Names the key, and tells nothing of it."""
        self.head = VERSION + self.id
        """What all that is sealed under it begins with."""

    def _cipher(self, use: str) -> AESGCM:
        """What seals for one use; its key tells nothing of those for another."""
        return AESGCM(self._derived(use))

    def _name(self, purpose: str) -> str:
        """A name that only who has this key comes to, and that tells nothing of it."""
        return self._derived("name/" + purpose)[:8].hex()

    def _derived(self, use: str) -> bytes:
        info = b"tripchat/" + use.encode()
        return HKDF(SHA256(), KEY_BYTES, salt=None, info=info).derive(self._key)


class Sealer:
    """Seals under one master key, and opens what is sealed under that or an older one."""

    def __init__(self, current: bytes, *older: bytes) -> None:
        """Each key has 32 bytes."""
        self.keys = tuple(MasterKey(key) for key in dict.fromkeys((current, *older)))
        """The current one first."""
        self._by_id = {key.id: key for key in self.keys}

    @property
    def current(self) -> MasterKey:
        """The key that it seals under."""
        return self.keys[0]

    def seal(self, trip_id: str, message_id: str, plaintext: bytes) -> bytes:
        """The sealed form of a body, for this message of this trip alone."""
        return _seal(self.current, "trip/" + trip_id, plaintext, _place(trip_id, message_id))

    def open(self, trip_id: str, message_id: str, sealed: bytes) -> bytes:
        """The body that was sealed for this message; raises SealBroken for anything else."""
        return self._open("trip/" + trip_id, sealed, _place(trip_id, message_id))

    def renewed(self, trip_id: str, message_id: str, sealed: bytes) -> bytes:
        """The same body under the current key: itself when it is; raises SealBroken."""
        if self.is_current(sealed):
            return sealed
        return self.seal(trip_id, message_id, self.open(trip_id, message_id, sealed))

    def is_current(self, sealed: bytes) -> bool:
        """Whether this says that it is under the current key."""
        return sealed.startswith(self.current.head)

    def seal_for(self, purpose: str, plaintext: bytes, key: MasterKey | None = None) -> bytes:
        """The sealed form of something that is not a message, for this purpose alone.

        Under the current key unless another one is given.
        """
        return _seal(key or self.current, "purpose/" + purpose, plaintext, b"")

    def open_for(self, purpose: str, sealed: bytes) -> bytes:
        """What was sealed for this purpose; raises SealBroken for anything else."""
        return self._open("purpose/" + purpose, sealed, b"")

    def _open(self, use: str, sealed: bytes, bound_to: bytes) -> bytes:
        if sealed.startswith(VERSION):
            key = self._by_id.get(sealed[1 : 1 + KEY_ID_BYTES])
            if key is None:
                raise SealBroken("sealed under a key that is not here")
            return _decrypted(key, use, len(key.head), sealed, key.head + bound_to)
        if not sealed.startswith(NAMELESS):
            raise SealBroken("unknown seal version")
        for key in self.keys[:-1]:
            try:
                return _decrypted(key, use, len(NAMELESS), sealed, NAMELESS + bound_to)
            except SealBroken:
                pass
        return _decrypted(self.keys[-1], use, len(NAMELESS), sealed, NAMELESS + bound_to)


def _seal(key: MasterKey, use: str, plaintext: bytes, bound_to: bytes) -> bytes:
    nonce = os.urandom(NONCE_BYTES)
    sealed = key.cipher(use).encrypt(nonce, plaintext, key.head + bound_to)
    return key.head + nonce + sealed


def _decrypted(key: MasterKey, use: str, start: int, sealed: bytes, bound_to: bytes) -> bytes:
    nonce, ciphertext = sealed[start : start + NONCE_BYTES], sealed[start + NONCE_BYTES :]
    try:
        return key.cipher(use).decrypt(nonce, ciphertext, bound_to)
    except (InvalidTag, ValueError):
        raise SealBroken("not sealed by this key for this place") from None


def _place(trip_id: str, message_id: str) -> bytes:
    return f"{trip_id}\0{message_id}".encode()


_keys: Callable[[], Sealer] | None = None


def use(sealer: Sealer | Callable[[], Sealer] | None) -> None:
    """Make this the sealer of the process, or what gives it each time; None forgets it."""
    global _keys
    _keys = (lambda: sealer) if isinstance(sealer, Sealer) else sealer


def sealer() -> Sealer:
    """The sealer of the process, with the keys as they are now.

    Raises RuntimeError before `use`.
    """
    if _keys is None:
        raise RuntimeError("no master key: call sealing.use(Sealer(key)) first")
    return _keys()
