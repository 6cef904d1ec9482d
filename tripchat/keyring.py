"""Where the master keys are: in the settings, or in a file that is made on the first start.

The current key comes first; what older ones have sealed opens as long as they are there. The file
has one key in each line, and is always replaced as a whole. Whoever seals looks at it first, so all
processes that share it go over to another key at the same moment, without being told.
"""

import logging
import os
import secrets
from base64 import b64encode
from collections.abc import Sequence
from pathlib import Path

from tripchat.errors import CannotStart
from tripchat.sealing import Sealer
from tripchat.settings import KEY_BYTES, Settings, decode_key

log = logging.getLogger(__name__)


class Keyring:
    """The keys of a running process, as they are now."""

    def __init__(self, settings: Settings, *, create: bool = True) -> None:
        """Raises CannotStart like `load`."""
        self._settings = settings
        self._seen = _look(settings)  # before it is read: what changes meanwhile is seen later
        self._keys = load(settings, create=create)
        self._sealer = Sealer(*self._keys)

    def __call__(self) -> Sealer:
        """The sealer with these keys; the file is read again when it is another one."""
        seen = _look(self._settings)
        if seen is not None and seen != self._seen:
            self._seen = seen
            self._read_again()
        return self._sealer

    def _read_again(self) -> None:
        try:
            keys = load(self._settings, create=False)
        except CannotStart as problem:
            # Those that are known go on: nobody has to stop writing for a file that is mended.
            log.error("the keys cannot be read again: %s", problem)
            return
        if keys != self._keys:
            self._keys, self._sealer = keys, Sealer(*keys)
            log.info("the key is %s now, of %d", self._sealer.current.id.hex(), len(keys))


def _look(settings: Settings) -> tuple[int, ...] | None:
    """What tells a replaced file from the one before; None when it is away or none is used."""
    if settings.secret_key is not None:
        return None
    try:
        found = os.stat(settings.key_file)
    except OSError:
        return None
    return found.st_ino, found.st_mtime_ns, found.st_size


def load(settings: Settings, *, create: bool = True) -> list[bytes]:
    """The keys of the settings, else those of the file, which is made on the first start.

    Raises CannotStart when the file holds no keys, or is missing and `create` is false.
    """
    if settings.secret_key is not None:
        given = [settings.secret_key, *settings.old_secret_keys]
        return list(dict.fromkeys(decode_key(key.get_secret_value()) for key in given))
    file = settings.key_file
    if create:
        _create(file)
    try:
        lines = file.read_text(encoding="ascii", errors="replace").split("\n")
        first, *older = [line for line in lines if line.strip()] or [""]
        return list(dict.fromkeys(map(decode_key, (first, *older))))
    except FileNotFoundError:
        raise CannotStart(
            f"the key of this database is missing: put it back at {file} or set TRIPCHAT_SECRET_KEY"
        ) from None
    except ValueError as error:
        raise CannotStart(f"{file}: {error}") from None
    except OSError as error:
        raise CannotStart(f"cannot read the key: {error}") from None


def new_key() -> bytes:
    """A key that nobody has had before."""
    return secrets.token_bytes(KEY_BYTES)


def replace(file: Path, keys: Sequence[bytes]) -> None:
    """Put these keys into the file, the current one first; raises CannotStart.

    Once this has returned they outlive a loss of power: something may be sealed under them.
    """
    draft = _draft_of(file)
    try:
        owner = file.stat()
        _write(draft, keys)
        if os.geteuid() == 0:
            # The site may run as somebody else than who calls this.
            os.chown(draft, owner.st_uid, owner.st_gid)
        draft.replace(file)
        _sync_folder(file.parent)
    except OSError as error:
        raise CannotStart(f"cannot write the key file: {error}") from None
    finally:
        draft.unlink(missing_ok=True)


def _create(file: Path) -> None:
    if file.exists():
        return
    file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    # Written under another name and linked in place: whoever sees the file sees a whole key, and of
    # two processes that start together one wins.
    draft = _draft_of(file)
    try:
        _write(draft, [new_key()])
        os.link(draft, file)
    except FileExistsError:
        pass
    except OSError as error:
        raise CannotStart(f"cannot create the key file: {error}") from None
    finally:
        draft.unlink(missing_ok=True)


def _draft_of(file: Path) -> Path:
    return file.with_name(f".{file.name}.{secrets.token_hex(8)}")


def _write(draft: Path, keys: Sequence[bytes]) -> None:
    descriptor = os.open(draft, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
    with os.fdopen(descriptor, "wb") as out:
        out.writelines(b64encode(key) + b"\n" for key in keys)
        out.flush()
        os.fsync(out.fileno())


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
