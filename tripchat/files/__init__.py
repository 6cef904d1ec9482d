"""Where the bytes of photos and files are kept: sealed blobs, on disk or in an object store.

A blob is what one name stands for, written once and never changed. Who may have it, what it is
called and the key that opens it are in the database; here nobody knows more than random names.
"""

from tripchat.files.disk import DiskStore
from tripchat.files.s3 import S3Store
from tripchat.files.store import BlobStore
from tripchat.settings import Settings

_store: BlobStore | None = None


def open_store(settings: Settings) -> BlobStore:
    """The store that the settings name."""
    if settings.files_url is not None:
        return S3Store(settings.files_url, settings.files_folder)
    return DiskStore(settings.files_folder)


def use(store: BlobStore | None) -> None:
    """Make this the store of the process; None forgets it."""
    global _store
    _store = store


def store() -> BlobStore:
    """The store of the process; raises RuntimeError before `use`."""
    if _store is None:
        raise RuntimeError("no place for files: call files.use(open_store(settings)) first")
    return _store
