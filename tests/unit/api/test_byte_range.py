"""The part of a file that a request asks for."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.datastructures import Headers

from tripchat.api.byte_range import Unsatisfiable, is_known, wanted

ETAG = '"abc"'


@pytest.mark.parametrize(
    ("asked", "part"),
    [
        ("bytes=0-0", (0, 1)),
        ("bytes=0-99", (0, 100)),
        ("bytes=0-1000", (0, 100)),
        ("bytes=50-", (50, 100)),
        ("bytes=-10", (90, 100)),
        ("bytes=-1000", (0, 100)),
        ("Bytes=5-9", (5, 10)),
        ("bytes=5-9,20-30", None),
        ("bytes=9-5", None),
        ("bytes=-", None),
        ("bytes=a-b", None),
        ("items=0-5", None),
        ("", None),
    ],
)
def test_the_part(asked: str, part: tuple[int, int] | None):
    assert wanted(Headers({"range": asked}), ETAG, 100) == part


@pytest.mark.parametrize("asked", ["bytes=100-", "bytes=100-200", "bytes=-0"])
def test_a_part_that_is_not_there(asked: str):
    with pytest.raises(Unsatisfiable):
        wanted(Headers({"range": asked}), ETAG, 100)


def test_a_part_of_something_else_is_the_whole():
    headers = {"range": "bytes=0-5", "if-range": '"other"'}
    assert wanted(Headers(headers), ETAG, 100) is None
    assert wanted(Headers({**headers, "if-range": ETAG}), ETAG, 100) == (0, 6)


@given(st.text(max_size=30), st.integers(1, 1000))
def test_whatever_is_asked_is_within_the_file(asked: str, size: int):
    headers = Headers(raw=[(b"range", b"bytes=" + asked.encode())])
    try:
        span = wanted(headers, ETAG, size)
    except Unsatisfiable:
        return
    assert span is None or 0 <= span.start < span.end <= size


@pytest.mark.parametrize(
    ("said", "known"),
    [(ETAG, True), ('"x", W/"abc"', True), ("*", True), ('"x"', False), ("", False)],
)
def test_what_the_browser_has(said: str, known: bool):
    assert is_known(Headers({"if-none-match": said}), ETAG) is known
