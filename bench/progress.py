"""Telling what goes on, as a run takes minutes."""

import sys
import time


def say(what: str) -> None:
    """Writes a line to stderr, with the time."""
    print(f"{time.strftime('%H:%M:%S')} {what}", file=sys.stderr, flush=True)
