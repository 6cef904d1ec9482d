"""Pictures to upload: small ones, wrong ones, and some that are more than they seem."""

from __future__ import annotations

import io
import struct
import zlib
from typing import Any

from PIL import Image
from pillow_heif import from_pillow

PLACE = "48 deg 51' 29\""
"""Where the photo `taken_somewhere` was taken, as it stands in it."""


def picture(kind: str = "JPEG", size: tuple[int, int] = (60, 40), **options: Any) -> bytes:
    """A picture, its left half red, the right one blue, as a JPEG, PNG, WEBP, GIF or HEIF."""
    image = Image.new(options.pop("mode", "RGB"), size, "blue")
    image.paste("red", (0, 0, size[0] // 2, size[1]))
    return saved(image, kind, **options)


def saved(image: Image.Image, kind: str, **options: Any) -> bytes:
    """A picture in one of these formats."""
    out = io.BytesIO()
    if kind == "HEIF":
        from_pillow(image).save(out, **options)
    else:
        image.save(out, kind, **options)
    return out.getvalue()


def opened(content: bytes) -> Image.Image:
    """A picture that was served."""
    image = Image.open(io.BytesIO(content))
    image.load()
    return image


def exif(orientation: int = 1) -> Image.Exif:
    """What a camera writes beside a picture."""
    data = Image.Exif()
    data[0x0112] = orientation
    data[0x010F] = "Kamerawerk"
    data[0x0132] = "2030:06:21 12:00:00"
    data.get_ifd(0x8825).update({1: "N", 2: (48.0, 51.0, 29.0), 29: PLACE})
    return data


def taken_somewhere(kind: str = "JPEG", orientation: int = 1) -> bytes:
    """A photo that says where and when it was taken, and how the camera was held."""
    return picture(kind, (64, 32), exif=exif(orientation).tobytes())


def with_comment(comment: bytes) -> bytes:
    """A JPEG with something written into it."""
    return picture("JPEG", comment=comment)


def huge_png(width: int, height: int) -> bytes:
    """A PNG of some hundred bytes that claims to be so large."""
    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    packed = zlib.compress(bytes(1000))
    chunks = (_chunk(b"IHDR", head), _chunk(b"IDAT", packed), _chunk(b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunks)


def flat_png(side: int) -> bytes:
    """A PNG of few bytes that really has so many pixels."""
    head = struct.pack(">IIBBBBB", side, side, 8, 0, 0, 0, 0)
    packing = zlib.compressobj(9)
    row = bytes(side + 1)
    packed = b"".join(packing.compress(row) for _ in range(side)) + packing.flush()
    chunks = (_chunk(b"IHDR", head), _chunk(b"IDAT", packed), _chunk(b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunks)


def long_gif(frames: int, side: int = 200) -> bytes:
    """An animation."""
    pictures = [Image.new("P", (side, side), n % 256) for n in range(frames)]
    return saved(pictures[0], "GIF", save_all=True, append_images=pictures[1:])


def _chunk(name: bytes, content: bytes) -> bytes:
    check = zlib.crc32(name + content)
    return struct.pack(">I", len(content)) + name + content + struct.pack(">I", check)
