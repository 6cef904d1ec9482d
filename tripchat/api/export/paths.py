"""Where photos and files stand in the archive."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import PurePosixPath

from tripchat.services.attachments import Download


class Paths:
    """A path for each file, by its attachment's id: a number, and the ending of its name."""

    def __init__(self, files: Sequence[Download]) -> None:
        self._paths = {
            file.attachment_id: f"files/{number:04}{_ending(file.name)}"
            for number, file in enumerate(files, 1)
        }

    def of(self, attachment_id: str) -> str | None:
        """The path of a file; None for one that came after the export had begun."""
        return self._paths.get(attachment_id)


def _ending(name: str) -> str:
    """What tells a file's kind to who opens it; names themselves are anything at all."""
    ending = PurePosixPath(name).suffix.lower()
    return ending if ending[1:].isascii() and ending[1:].isalnum() and len(ending) <= 6 else ""
