"""Photos and files as somebody picks them on their device."""

import secrets
from dataclasses import dataclass
from typing import Any

from tests.kit.pictures import exif, picture

TURNED_RIGHT = 6
"""What a camera writes whose photo stands upright after a quarter turn."""


@dataclass(frozen=True)
class Picked:
    """A file with the type that the device says it has."""

    name: str
    type: str
    content: bytes


def photo(
    name: str = "beach.jpg", width: int = 80, height: int = 60, orientation: int | None = None
) -> Picked:
    """A photo, as the camera saw it red on the left and blue on the right."""
    how: dict[str, Any] = {} if orientation is None else {"exif": exif(orientation).tobytes()}
    return Picked(name, "image/jpeg", picture(size=(width, height), quality=95, **how))


def photos(count: int) -> list[Picked]:
    """So many photos, `1.jpg` first."""
    return [photo(f"{number}.jpg") for number in range(1, count + 1)]


def file(name: str = "plan.pdf", size: int = 3000) -> Picked:
    """A PDF of so many bytes that nothing makes smaller."""
    head = b"%PDF-1.4\n"
    return Picked(name, "application/pdf", head + secrets.token_bytes(size - len(head)))
