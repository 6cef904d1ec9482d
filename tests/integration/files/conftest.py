"""Files on disk and in a bucket: every test here runs on both."""

from collections.abc import AsyncIterator, Callable, Coroutine, Iterator
from typing import Any

import pytest

from tests.kit.buckets import a_bucket, a_store_of_buckets
from tripchat import files
from tripchat.files.store import BlobStore
from tripchat.services import attachments
from tripchat.settings import Settings, get_settings
from tripchat.views import AttachmentView

Upload = Callable[..., Coroutine[Any, Any, AttachmentView]]


@pytest.fixture(scope="session")
def buckets() -> Iterator[str]:
    """The address of the one object store of these tests."""
    with a_store_of_buckets() as address:
        yield address


@pytest.fixture(params=["disk", "s3"])
def settings(
    request: pytest.FixtureRequest, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> Settings:
    """The settings of this test alone, with an empty place for files."""
    if request.param == "s3":
        monkeypatch.setenv("TRIPCHAT_FILES_URL", a_bucket(request.getfixturevalue("buckets")))
        get_settings.cache_clear()
    return get_settings()


@pytest.fixture
def store(settings: Settings) -> BlobStore:
    """An empty place for files, without a database."""
    return files.open_store(settings)


async def in_pieces(content: bytes, length: int = 50_000) -> AsyncIterator[bytes]:
    """What arrives of a file, piece by piece."""
    for at in range(0, len(content), length):
        yield content[at : at + length]


@pytest.fixture
def upload(opened: Settings) -> Upload:
    """Uploads a file."""

    async def send(
        user_id: str, trip_id: str, content: bytes = b"pack socks", name: str = "list.txt"
    ) -> AttachmentView:
        return await attachments.upload(user_id, trip_id, name, in_pieces(content))

    return send


async def blobs() -> set[str]:
    """The names of all that is stored."""
    return {blob.name async for blob in files.store().blobs()}
