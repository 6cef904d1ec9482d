import base64
import stat
import threading
from pathlib import Path

import pytest

from tripchat import keyring
from tripchat.errors import CannotStart
from tripchat.settings import Settings

KEY = base64.b64encode(bytes(range(32))).decode()


def test_the_first_start_makes_a_key_that_only_its_owner_reads(tmp_path: Path):
    settings = Settings(data=tmp_path / "new")
    [key] = keyring.load(settings)
    assert len(key) == 32
    assert stat.S_IMODE(settings.key_file.stat().st_mode) == 0o600
    assert stat.S_IMODE(settings.data.stat().st_mode) == 0o700
    assert keyring.load(settings) == [key]
    assert [file.name for file in settings.data.iterdir()] == ["secret.key"]


def test_processes_that_start_together_agree_on_one_key(tmp_path: Path):
    settings, keys = Settings(data=tmp_path), set[bytes]()
    threads = [
        threading.Thread(target=lambda: keys.update(keyring.load(settings))) for _ in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(keys) == 1


def test_a_key_from_the_environment_leaves_no_file(tmp_path: Path):
    settings = Settings.model_validate({"data": tmp_path, "secret_key": KEY})
    assert keyring.load(settings) == [bytes(range(32))]
    assert not settings.key_file.exists()


def test_a_damaged_key_file_is_a_clear_line(tmp_path: Path):
    settings = Settings(data=tmp_path)
    settings.key_file.write_text("half a ke")
    with pytest.raises(CannotStart, match=r"secret\.key: must be base64 of 32 bytes"):
        keyring.load(settings)


def test_a_missing_key_is_not_replaced_where_none_may_be_made(tmp_path: Path):
    settings = Settings(data=tmp_path)
    with pytest.raises(CannotStart, match="missing"):
        keyring.load(settings, create=False)
    assert not settings.key_file.exists()
