"""How a person looks before they have a picture: initials on a colour of their own."""

from __future__ import annotations

import zlib


def initials(name: str) -> str:
    """One or two letters that stand for a name."""
    words = name.split()
    ends = words[:1] + words[-1:] if len(words) > 1 else words
    return "".join(word[0] for word in ends).upper()


def hue(user_id: str) -> int:
    """A colour angle, 0 to 359 degrees, the same for one person everywhere."""
    return zlib.crc32(user_id.encode()) % 360
