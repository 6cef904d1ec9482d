"""Files sealed in chunks: AES-256-GCM, so that any part can be opened without what is around it.

A sealed file is a row of chunks, each the ciphertext of 64 KiB (the last one of what is left, maybe
nothing) and a tag of 16 bytes. The key is random for each file, and what seals a blob is derived
from it and the blob's name: a chunk opens in no other blob. Its nonce is its number and whether it
is the last one: chunks cannot change places, and none can be left out, not even at the end. Since
no key seals two blobs, and no blob is written twice, no nonce is used twice under one key.
"""

import secrets

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from tripchat.sealing import SealBroken

CHUNK_BYTES = 64 * 1024
TAG_BYTES = 16
SEALED_BYTES = CHUNK_BYTES + TAG_BYTES
"""As long as a sealed chunk, unless it is the last one."""

KEY_BYTES = 32


def new_key() -> bytes:
    """A key for one file."""
    return secrets.token_bytes(KEY_BYTES)


def count(size: int) -> int:
    """How many chunks a file of this many bytes has: an empty one has one."""
    return max(1, -(-size // CHUNK_BYTES))


class ChunkCipher:
    """Seals and opens the chunks of one blob."""

    def __init__(self, key: bytes, blob: str) -> None:
        """`key` is the file's, `blob` the name of what is written with it."""
        info = b"tripchat/file/1/" + blob.encode()
        self._cipher = AESGCM(HKDF(SHA256(), KEY_BYTES, salt=None, info=info).derive(key))

    def seal(self, number: int, chunk: bytes, *, last: bool) -> bytes:
        """The sealed form of a chunk; chunks are numbered from 0."""
        return self._cipher.encrypt(_nonce(number, last), chunk, None)

    def open(self, number: int, sealed: bytes, *, last: bool) -> bytes:
        """The chunk that was sealed with this number; raises SealBroken for anything else."""
        try:
            return self._cipher.decrypt(_nonce(number, last), sealed, None)
        except (InvalidTag, ValueError):
            raise SealBroken("this is not the chunk that stood here") from None


class Sealing:
    """Seals a file as it comes, in pieces of any size."""

    def __init__(self, cipher: ChunkCipher) -> None:
        self._cipher = cipher
        self._waiting = bytearray()
        self._number = 0
        self.size = 0
        """How many bytes have come so far."""

    def add(self, piece: bytes) -> bytes:
        """The chunks that are whole now, sealed; the last one so far waits for what follows it."""
        self._waiting += piece
        self.size += len(piece)
        whole = max(0, len(self._waiting) - 1) // CHUNK_BYTES
        sealed = [
            self._seal(bytes(self._waiting[n * CHUNK_BYTES : (n + 1) * CHUNK_BYTES]))
            for n in range(whole)
        ]
        del self._waiting[: whole * CHUNK_BYTES]
        return b"".join(sealed)

    def end(self) -> bytes:
        """The last chunk, sealed."""
        return self._seal(bytes(self._waiting), last=True)

    def _seal(self, chunk: bytes, *, last: bool = False) -> bytes:
        sealed = self._cipher.seal(self._number, chunk, last=last)
        self._number += 1
        return sealed


def _nonce(number: int, last: bool) -> bytes:
    return number.to_bytes(11) + bytes([last])
