"""The messages the load client sends: of equal length, each findable in raw bytes.

A message's text begins with its number between two tildes, `~m000123~`. Whatever a server wraps
around the text, the number can be found in the frame without parsing it.
"""

import itertools
import re

LENGTH = 120  # characters
MARK = re.compile(rb"~m(\d{6})~")
MARK_BEGINS = b"~m"

_FILLER = (
    "shall we meet at the harbour, then take the late ferry across and walk up to the old town "
    "before the sun is gone? "
)

_numbers = itertools.count(1)


def next_number() -> int:
    """A number no message of this run has yet."""
    return next(_numbers)


def mark(number: int) -> str:
    """What message `number` is found by."""
    return f"~m{number:06d}~"


def text(number: int, length: int = LENGTH) -> str:
    """The text of message `number`, `length` characters of it."""
    filler = _FILLER * (length // len(_FILLER) + 1)
    return f"{mark(number)} {filler}"[:length]
