"""The process that draws photos anew: what it is given, what it can do, and when it is ended."""

import asyncio
import json
import subprocess
import sys
from collections.abc import AsyncIterator
from typing import Any

import psutil
import pytest
from PIL import Image

from tests.kit import pictures
from tripchat.errors import Invalid
from tripchat.photos import process, remaking

CONFINED = f"""
import os, socket, sys
sys.path.insert(0, {str(remaking._PROCESS.parent)!r})
import process
process.prepare()
os.set_inheritable(2, True)
process.confine({json.dumps(remaking.LIMITS)})
"""


async def given(content: bytes) -> AsyncIterator[bytes]:
    yield content


async def remade(content: bytes, media_type: str = "image/jpeg") -> tuple[Any, bytes]:
    async with remaking.remade(media_type, given(content)) as photo:
        return photo, b"".join([piece async for piece in photo.pieces])


def children() -> list[psutil.Process]:
    return psutil.Process().children(recursive=True)


@pytest.mark.parametrize(
    "attempt",
    [
        "open('/etc/passwd')",
        "open('/tmp/from-a-picture', 'w')",
        "os.close(0); open('/etc/passwd')",
        "socket.socket()",
        "os.pipe()",
        "import http.server",
    ],
)
def test_once_it_has_begun_it_opens_nothing(attempt: str):
    code = f"{CONFINED}\ntry:\n    {attempt}\nexcept (OSError, ImportError):\n    os._exit(7)"
    done = subprocess.run([sys.executable, "-I", "-c", code], check=False, timeout=60)
    assert done.returncode == 7


def test_it_knows_nothing_of_its_surroundings(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("TRIPCHAT_SECRET_KEY", "a key")
    assert not any(name.startswith("TRIPCHAT") for name in remaking._ENVIRONMENT)
    source = remaking._PROCESS.read_text()
    assert "import tripchat" not in source
    assert "from tripchat" not in source


@pytest.mark.parametrize(
    "limits", [{"memory": 150 * 1024**2}, {"seconds": 1, "nice": 0, "side": 60_000}]
)
async def test_who_takes_too_much_is_ended_and_the_next_one_is_served(
    monkeypatch: pytest.MonkeyPatch, limits: dict[str, int]
):
    large = pictures.saved(Image.effect_noise((6500, 6500), 90).convert("RGB"), "PNG")
    with monkeypatch.context() as patched:
        patched.setattr(remaking, "LIMITS", remaking.LIMITS | limits)
        with pytest.raises(Invalid) as refused:
            await remade(large, "image/png")
    assert refused.value.field == "file"
    assert children() == []
    photo, _ = await remade(pictures.picture())
    assert photo.type == "image/jpeg"


async def test_who_takes_too_long_is_killed(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(remaking, "WAIT_SECONDS", 0.01)
    with pytest.raises(Invalid):
        await remade(pictures.picture())
    assert children() == []


async def test_a_caller_who_goes_takes_the_process_along():
    is_there = asyncio.Event()

    async def endless() -> AsyncIterator[bytes]:
        is_there.set()
        while True:
            yield b"x" * 1000
            await asyncio.sleep(0.01)

    async def ask() -> None:
        async with remaking.remade("image/jpeg", endless()):
            pass

    task = asyncio.create_task(ask())
    await is_there.wait()
    assert len(children()) == 1
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert children() == []


@pytest.mark.parametrize("orientation", range(1, 9))
def test_a_photo_is_upright_however_the_camera_was_held(orientation: int):
    upright = Image.new("RGB", (64, 32), "blue")
    upright.paste("red", (0, 0, 32, 32))
    upright.paste("lime", (0, 0, 32, 16))
    turned = {
        1: [],
        2: [Image.Transpose.FLIP_LEFT_RIGHT],
        3: [Image.Transpose.ROTATE_180],
        4: [Image.Transpose.FLIP_TOP_BOTTOM],
        5: [Image.Transpose.TRANSPOSE],
        6: [Image.Transpose.ROTATE_90],
        7: [Image.Transpose.TRANSVERSE],
        8: [Image.Transpose.ROTATE_270],
    }[orientation]
    held = upright
    for turn in turned:
        held = held.transpose(turn)
    content = pictures.saved(held, "PNG", exif=pictures.exif(orientation).tobytes())
    head, _, photo = process.made_anew(content, "image/png", remaking.LIMITS)
    image = pictures.opened(photo).convert("RGB")
    assert (head["width"], head["height"]) == image.size == (64, 32)
    assert image.getpixel((5, 5)) == (0, 255, 0)
    assert image.getpixel((5, 28)) == (255, 0, 0)
    assert image.getpixel((60, 5)) == (0, 0, 255)


@pytest.mark.parametrize(
    ("kind", "mode", "becomes"),
    [
        ("JPEG", "RGB", "image/jpeg"),
        ("JPEG", "L", "image/jpeg"),
        ("JPEG", "CMYK", "image/jpeg"),
        ("PNG", "RGB", "image/png"),
        ("PNG", "RGBA", "image/png"),
        ("PNG", "P", "image/png"),
        ("PNG", "1", "image/png"),
        ("PNG", "I;16", "image/png"),
        ("PNG", "LA", "image/png"),
        ("WEBP", "RGBA", "image/webp"),
        ("GIF", "P", "image/jpeg"),
        ("HEIF", "RGB", "image/jpeg"),
    ],
)
def test_what_becomes_of_each_format(kind: str, mode: str, becomes: str):
    media_type = {name: type_ for type_, name in process.FORMATS.items()}[kind]
    content = pictures.saved(Image.new(mode, (5000, 100)), kind)
    process.prepare()
    head, thumb, photo = process.made_anew(content, media_type, remaking.LIMITS)
    assert head["type"] == becomes
    image = pictures.opened(photo)
    assert image.size == (head["width"], head["height"]) == (4096, 82)
    assert image.info.keys() <= {
        "jfif",
        "jfif_version",
        "jfif_unit",
        "jfif_density",
        "loop",
        "background",
        "timestamp",
        "duration",
    }
    assert pictures.opened(thumb).size == (640, 13)


def test_clear_parts_stay_clear():
    image = Image.new("P", (20, 20), 0)
    content = pictures.saved(image, "GIF", transparency=0)
    head, _, photo = process.made_anew(content, "image/gif", remaking.LIMITS)
    assert head["type"] == "image/png"
    assert pictures.opened(photo).convert("RGBA").getpixel((3, 3))[3] == 0  # pyright: ignore
