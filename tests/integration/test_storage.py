import base64
import shutil
from pathlib import Path

import pytest

from tests.integration.conftest import NewTrip, Say
from tripchat import sealing, storage
from tripchat.errors import CannotStart
from tripchat.services import messages, trips
from tripchat.settings import Settings

OTHER_KEY = base64.b64encode(b"k" * 32).decode()


async def start_and_stop(settings: Settings) -> None:
    await storage.open_storage(settings)
    await storage.close_storage()


async def test_a_second_start_uses_the_key_of_the_first(settings: Settings):
    await start_and_stop(settings)
    key = settings.key_file.read_bytes()
    await start_and_stop(settings)
    assert settings.key_file.read_bytes() == key


async def test_a_wrong_key_is_a_clear_line_at_start(settings: Settings):
    await start_and_stop(settings)
    settings.key_file.write_text(OTHER_KEY)
    with pytest.raises(CannotStart, match=r"the key in .*secret\.key does not open this database"):
        await storage.open_storage(settings)


async def test_a_wrong_key_in_the_environment_is_named(settings: Settings):
    await start_and_stop(settings)
    other = settings.model_copy(
        update={"secret_key": Settings.model_validate({"secret_key": OTHER_KEY}).secret_key}
    )
    with pytest.raises(CannotStart, match="the key in TRIPCHAT_SECRET_KEY does not open") as raised:
        await storage.open_storage(other)
    assert "\n" not in str(raised.value)
    assert OTHER_KEY not in str(raised.value)


async def test_a_database_without_its_key_does_not_start(settings: Settings, tmp_path: Path):
    await start_and_stop(settings)
    copy = Settings(data=tmp_path / "copy")
    if settings.database.startswith("sqlite"):
        copy.data.mkdir()
        shutil.copy(settings.data / "tripchat.db", copy.data)
    with pytest.raises(CannotStart, match="the key of this database is missing"):
        await storage.open_storage(copy)
    assert not copy.key_file.exists()


async def test_a_database_without_tables_is_a_clear_line(tmp_path: Path):
    with pytest.raises(CannotStart, match="is it migrated"):
        await storage.open_storage(Settings(data=tmp_path / "empty"))


async def test_under_another_key_nothing_of_a_message_shows(
    opened: Settings, ann: str, trip_of: NewTrip, say: Say
):
    trip = await trip_of(ann)
    await say(ann, trip, "c1", "meet me at the station")
    sealing.use(sealing.Sealer(b"k" * 32))
    page = await messages.page(ann, trip)
    cards = await trips.mine(ann)
    assert "station" not in str(page) + str(cards)
    assert page["messages"][0]["kind"] == "unreadable"
    assert cards[0]["last_line"] == "This message cannot be opened."
