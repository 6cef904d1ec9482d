"""How a line is written: with what it is about, and without what an error or a library quotes."""

import asyncio
import io
import json
import logging
import sys
from collections.abc import Iterator

import pytest

from tripchat.observability import context, logs
from tripchat.settings import Settings

SECRET = "Meet-me-at-nine"


class Written:
    """What has been logged, in one of the two forms."""

    def __init__(self, form: str, stream: io.StringIO) -> None:
        self.form = form
        self._stream = stream

    @property
    def text(self) -> str:
        return self._stream.getvalue()


@pytest.fixture(params=["text", "json"])
def written(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[Written]:
    """Logs as the settings say, at the most talkative level."""
    root, tripchat = logging.getLogger(), logging.getLogger("tripchat")
    handlers, levels = root.handlers[:], (root.level, tripchat.level)
    stream = io.StringIO()
    monkeypatch.setattr(sys, "stderr", stream)
    logs.configure(Settings(log=request.param, log_level="debug", database_url=None))
    yield Written(request.param, stream)
    logging.captureWarnings(False)
    logging.raiseExceptions = True
    root.handlers[:] = handlers
    for logger, level in zip((root, tripchat), levels, strict=True):
        logger.setLevel(level)


def fail() -> None:
    try:
        raise ValueError(SECRET)
    except ValueError as error:
        raise RuntimeError(f"after {SECRET}") from error


def test_an_error_is_logged_without_its_words(written: Written):
    try:
        fail()
    except RuntimeError:
        logging.getLogger("tripchat.x").exception("it failed")
        logging.getLogger("uvicorn.error").error("so did this", exc_info=sys.exc_info())
    said = written.text
    assert min(said.count("RuntimeError"), said.count("ValueError")) >= 2
    assert said.count("in fail") == 4
    assert SECRET not in said


@pytest.mark.parametrize("library", ["reflex.app", "reflex_base.event.x", "asyncio", "aiosqlite"])
def test_of_a_library_only_the_words_before_the_first_value_count(written: Written, library: str):
    quoting = (f"Event data: {SECRET}", f"is '{SECRET}'", f"Event(name={SECRET})", f"a\n{SECRET}")
    for line in quoting:
        logging.getLogger(library).warning(line)
    logging.getLogger(library).warning("sent %r", SECRET)
    said = written.text
    assert "Event data" in said
    assert len(said.splitlines()) == len(quoting) + 1
    assert SECRET not in said


@pytest.mark.parametrize(
    "library", ["uvicorn.error", "sqlalchemy.engine", "websockets.server", "httpx", "socketio"]
)
def test_libraries_are_quiet_below_warnings(written: Written, library: str):
    logging.getLogger(library).info(SECRET)
    logging.getLogger(library).warning("careful")
    said = written.text
    assert "careful" in said
    assert SECRET not in said


def test_a_line_that_cannot_be_made_is_not_printed_with_its_values(written: Written):
    logging.getLogger("tripchat.x").info("%d of them", SECRET)
    assert SECRET not in written.text


async def test_a_line_says_what_it_is_about(written: Written):
    async def work(request_id: str, **about: str) -> None:
        context.begin(request_id)
        context.note(**about)
        await asyncio.sleep(0)  # the others begin
        logging.getLogger("tripchat.x").info("done by %s", request_id)

    await asyncio.gather(
        asyncio.create_task(work("request-1", session_id="s" * 64, trip_id="trip-1")),
        asyncio.create_task(work("request-2", user_id="user-2")),
    )
    logging.getLogger("tripchat.x").info("alone")
    first, second, third = written.text.splitlines()
    if written.form == "json":
        about = {"request_id": "request-1", "session_id": "s" * 12, "trip_id": "trip-1"}
        assert json.loads(first).items() >= {"level": "INFO", **about}.items()
        assert "user_id" not in json.loads(first)
        assert json.loads(second)["user_id"] == "user-2"
        assert "request_id" not in json.loads(third)
    else:
        assert first.endswith(
            "INFO tripchat.x: done by request-1 "
            "[request_id=request-1 session_id=ssssssssssss trip_id=trip-1]"
        )
        assert second.endswith("[request_id=request-2 user_id=user-2]")
        assert third.endswith("INFO tripchat.x: alone")


@pytest.mark.parametrize(
    "given",
    [None, "", "short", "x" * 65, 'quote"d-id-1', "two words here", "line\nbreak-1", "é" * 9],
)
def test_a_request_id_that_looks_like_none_is_not_taken(given: str | None):
    assert context.sane(given) is None


def test_a_request_id_of_a_proxy_is_taken():
    assert context.sane("0af7651916cd43dd8448eb211c80319c") == "0af7651916cd43dd8448eb211c80319c"
