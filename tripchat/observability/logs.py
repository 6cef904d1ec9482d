"""Log lines, for people or for programs: what happened, and to which request, session and trip.

What people write, their names and addresses, their cookies and invites never get into a line:
TripChat's own lines name none of it, errors are logged by their kind and place, and of libraries
that handle such things only the words before the first value count.
"""

from __future__ import annotations

import logging
import re
import traceback
from types import TracebackType
from typing import Any

from pythonjsonlogger.json import JsonFormatter

from tripchat.cluster.workers import WORKER_ID
from tripchat.observability import context
from tripchat.settings import Settings

TALKATIVE = ("reflex", "asyncio", "socketio", "engineio", "aiosqlite", "websockets", "multipart")
"""Libraries whose lines may quote what somebody sent."""

CONNECTIONS = ("socketio", "engineio")
"""Libraries that call it an error when a client does something wrong, which is none of ours."""

_FIRST_VALUE = re.compile(r"[:('\"`{\[<=|\n].*", re.DOTALL)

_Error = tuple[type[BaseException], BaseException, TracebackType | None]


def configure(settings: Settings) -> None:
    """Have everything in this process logged to its standard error, as the settings say."""
    handler = logging.StreamHandler()
    handler.setFormatter(_Json() if settings.log == "json" else _Text())
    handler.addFilter(_Discreet())
    level = getattr(logging, settings.log_level.upper())
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(max(level, logging.WARNING))
    logging.getLogger("tripchat").setLevel(level)
    logging.captureWarnings(True)
    # A line that cannot be written would be printed with all its values.
    logging.raiseExceptions = False


def error_kind(error: _Error | Any) -> str:
    """An error by its kind and where it happened, without its own words: they may quote people."""
    lines: list[str] = []
    cause: BaseException | None = error[1]
    while cause is not None:
        lines.append("".join(traceback.format_tb(cause.__traceback__)) + type(cause).__qualname__)
        cause = cause.__cause__ or (None if cause.__suppress_context__ else cause.__context__)
    return "\nwhile handling:\n".join(lines)


class _Discreet(logging.Filter):
    """Takes what libraries quote out of their lines."""

    def filter(self, record: logging.LogRecord) -> bool:
        record.exc_text = None  # as another handler may have written it
        library = record.name.partition(".")[0].partition("_")[0]
        if library in TALKATIVE:
            record.msg = _FIRST_VALUE.sub("", record.getMessage()).strip()
            record.args = None
        if library in CONNECTIONS and record.levelno == logging.ERROR and not record.exc_info:
            record.levelno, record.levelname = logging.WARNING, "WARNING"
        return True


class _Text(logging.Formatter):
    """A line for people."""

    def __init__(self) -> None:
        super().__init__("%(asctime)s %(levelname)s %(name)s: %(message)s")

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802
        """The line, with what it is about at its end."""
        about = " ".join(f"{name}={value}" for name, value in context.about().items())
        return super().formatMessage(record) + (f" [{about}]" if about else "")

    def formatException(self, ei: _Error | Any) -> str:  # noqa: N802
        """An error without its own words."""
        return "Traceback (innermost last):\n" + error_kind(ei)


class _Json(JsonFormatter):
    """A JSON object for programs."""

    def __init__(self) -> None:
        super().__init__(
            "%(levelname)s %(name)s %(message)s",
            rename_fields={"levelname": "level", "name": "logger"},
            timestamp="time",
            json_ensure_ascii=False,
        )

    def add_fields(
        self,
        log_data: dict[str, Any],
        record: logging.LogRecord,
        message_dict: dict[str, Any],
    ) -> None:
        """The line's fields, and what it is about."""
        super().add_fields(log_data, record, message_dict)
        log_data.update(context.about(), worker_id=WORKER_ID)

    def formatException(self, ei: _Error | Any) -> str:  # noqa: N802
        """An error without its own words."""
        return error_kind(ei)
