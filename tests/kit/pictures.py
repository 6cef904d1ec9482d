"""Small photos and files, made where they are needed."""

import io
import secrets
from dataclasses import dataclass

from PIL import Image

ORIENTATION = 0x0112
"""The EXIF tag that says how a camera was held."""
TURNED_RIGHT = 6
"""Held so that what it took has to be turned by a quarter to stand upright."""


@dataclass(frozen=True)
class Picked:
    """A file as somebody picks it."""

    name: str
    type: str
    content: bytes


def photo(
    name: str = "beach.jpg",
    width: int = 80,
    height: int = 60,
    colours: tuple[str, str] = ("teal", "coral"),
    orientation: int | None = None,
) -> Picked:
    """A JPEG whose left half has one colour and whose right half the other."""
    left, right = colours
    image = Image.new("RGB", (width, height), left)
    image.paste(right, (width // 2, 0, width, height))
    exif = Image.Exif()
    if orientation is not None:
        exif[ORIENTATION] = orientation
    out = io.BytesIO()
    image.save(out, "JPEG", quality=95, exif=exif)
    return Picked(name, "image/jpeg", out.getvalue())


def photos(count: int) -> list[Picked]:
    """So many photos, `1.jpg` first."""
    return [photo(f"{number}.jpg") for number in range(1, count + 1)]


def file(name: str = "plan.pdf", size: int = 3000) -> Picked:
    """A PDF of so many bytes that nothing makes smaller."""
    head = b"%PDF-1.4\n"
    return Picked(name, "application/pdf", head + secrets.token_bytes(size - len(head)))
