"""Message bodies sealed at rest: AES-256-GCM, one key per trip, bound to the message's place.

A sealed body is one version byte, a 12 byte nonce, then the ciphertext with its tag. Trip and
message id are associated data: a body copied to another row or another trip does not open.

What passes from worker to worker is sealed in the same form, with a key for that purpose alone.
"""

import os
import secrets
from base64 import b64encode
from functools import lru_cache

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from tripchat.errors import CannotStart
from tripchat.settings import KEY_BYTES, Settings, decode_key

VERSION = b"\x01"
NONCE_BYTES = 12
CACHED_KEYS = 1024


class SealBroken(Exception):
    """These bytes were not sealed by this key for this trip and message."""


class Sealer:
    """Seals and opens message bodies under one master key of 32 bytes."""

    def __init__(self, master_key: bytes) -> None:
        if len(master_key) != KEY_BYTES:
            raise ValueError(f"a master key has {KEY_BYTES} bytes")
        self._master_key = master_key
        self._cipher = lru_cache(CACHED_KEYS)(self._derive)

    def seal(self, trip_id: str, message_id: str, plaintext: bytes) -> bytes:
        """The sealed form of a body, for this message of this trip alone."""
        return _seal(self._cipher("trip/" + trip_id), plaintext, _place(trip_id, message_id))

    def open(self, trip_id: str, message_id: str, sealed: bytes) -> bytes:
        """The body that was sealed for this message; raises SealBroken for anything else."""
        return _open(self._cipher("trip/" + trip_id), sealed, _place(trip_id, message_id))

    def seal_for(self, purpose: str, plaintext: bytes) -> bytes:
        """The sealed form of something that is not a message, for this purpose alone."""
        return _seal(self._cipher("purpose/" + purpose), plaintext, VERSION)

    def open_for(self, purpose: str, sealed: bytes) -> bytes:
        """What was sealed for this purpose; raises SealBroken for anything else."""
        return _open(self._cipher("purpose/" + purpose), sealed, VERSION)

    def name_for(self, purpose: str) -> str:
        """A name that only who has this master key comes to, and that tells nothing of it."""
        return self._derived("name/" + purpose)[:8].hex()

    def _derive(self, use: str) -> AESGCM:
        return AESGCM(self._derived(use))

    def _derived(self, use: str) -> bytes:
        info = b"tripchat/" + use.encode()
        return HKDF(SHA256(), KEY_BYTES, salt=None, info=info).derive(self._master_key)


def _seal(cipher: AESGCM, plaintext: bytes, bound_to: bytes) -> bytes:
    nonce = os.urandom(NONCE_BYTES)
    return VERSION + nonce + cipher.encrypt(nonce, plaintext, bound_to)


def _open(cipher: AESGCM, sealed: bytes, bound_to: bytes) -> bytes:
    if not sealed.startswith(VERSION):
        raise SealBroken("unknown seal version")
    nonce, ciphertext = sealed[1 : 1 + NONCE_BYTES], sealed[1 + NONCE_BYTES :]
    try:
        return cipher.decrypt(nonce, ciphertext, bound_to)
    except (InvalidTag, ValueError):
        raise SealBroken("not sealed by this key for this place") from None


def _place(trip_id: str, message_id: str) -> bytes:
    return VERSION + f"{trip_id}\0{message_id}".encode()


_sealer: Sealer | None = None


def use(sealer: Sealer | None) -> None:
    """Make this the sealer of the process; None forgets it."""
    global _sealer
    _sealer = sealer


def sealer() -> Sealer:
    """The sealer of the process; raises RuntimeError before `use`."""
    if _sealer is None:
        raise RuntimeError("no master key: call sealing.use(Sealer(key)) first")
    return _sealer


def load_master_key(settings: Settings, *, create: bool = True) -> bytes:
    """The key from TRIPCHAT_SECRET_KEY, else from the key file, which is made on the first start.

    Raises CannotStart when the file holds no key, or is missing and `create` is false.
    """
    if settings.secret_key is not None:
        return decode_key(settings.secret_key.get_secret_value())
    file = settings.key_file
    if create:
        _create_key_file(settings)
    try:
        return decode_key(file.read_text(encoding="ascii", errors="replace"))
    except FileNotFoundError:
        raise CannotStart(
            f"the key of this database is missing: put it back at {file} or set TRIPCHAT_SECRET_KEY"
        ) from None
    except ValueError as error:
        raise CannotStart(f"{file}: {error}") from None
    except OSError as error:
        raise CannotStart(f"cannot read the key: {error}") from None


def _create_key_file(settings: Settings) -> None:
    file = settings.key_file
    if file.exists():
        return
    file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    # Written under another name and linked in place: whoever sees the file sees a whole key, and of
    # two processes that start together one wins.
    draft = file.with_name(f".{file.name}.{secrets.token_hex(8)}")
    try:
        descriptor = os.open(draft, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
        with os.fdopen(descriptor, "wb") as out:
            out.write(b64encode(secrets.token_bytes(KEY_BYTES)) + b"\n")
            out.flush()
            os.fsync(out.fileno())
        os.link(draft, file)
    except FileExistsError:
        pass
    except OSError as error:
        raise CannotStart(f"cannot create the key file: {error}") from None
    finally:
        draft.unlink(missing_ok=True)
