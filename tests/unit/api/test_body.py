import asyncio
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.requests import Request
from starlette.types import Message

from tripchat.api import body
from tripchat.errors import Invalid, Malformed, Refused, TooLarge


class Wanted(body.Body):
    text: str
    count: int | None = None


class Optional(body.Body):
    count: int | None = None


def read(*chunks: bytes, model: type[body.Body] = Wanted) -> body.Body:
    waiting: list[Message] = [
        {"type": "http.request", "body": chunk, "more_body": True} for chunk in chunks
    ]
    waiting.append({"type": "http.request", "body": b"", "more_body": False})

    async def receive() -> Message:
        return waiting.pop(0)

    scope = {"type": "http", "method": "POST", "path": "/", "headers": []}
    return asyncio.run(body.read(Request(scope, receive), model))


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=10,
)


@given(st.binary())
def test_any_bytes_are_taken_or_refused(content: bytes):
    with pytest.raises(Refused):
        read(content)


@given(st.fixed_dictionaries({}, optional={"text": json_values, "count": json_values}))
def test_wrong_types_are_refused_by_field(content: dict[str, object]):
    try:
        taken = read(json.dumps(content).encode())
    except Invalid as refused:
        assert refused.field in {"text", "count"}
    except Malformed:
        pass  # a lone surrogate is no text that JSON may carry
    else:
        assert isinstance(taken, Wanted)
        assert taken.text == content["text"]
        assert taken.count == content.get("count")


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "not valid JSON"),
        (b"{", "not valid JSON"),
        (b"{'text': 'a'}", "not valid JSON"),
        (b'{"text": "\xff"}', "not valid UTF-8"),
        (b'{"text": "\\ud800"}', "not valid JSON"),
        (b"[]", "must be a JSON object"),
        (b'"text"', "must be a JSON object"),
        (b"null", "must be a JSON object"),
        (b"[" * 60_000, "not valid JSON"),
    ],
)
def test_what_cannot_be_read_is_malformed(content: bytes, said: str):
    with pytest.raises(Malformed, match=said):
        read(content)


@pytest.mark.parametrize(
    ("content", "field", "said"),
    [
        (b"{}", "text", "text is missing"),
        (b'{"text": 5}', "text", "text must be a valid string"),
        (b'{"text": null}', "text", "text must be a valid string"),
        (b'{"text": "a", "count": "5"}', "count", "count must be a valid integer"),
        (b'{"text": "a", "count": 1.5}', "count", "count must be a valid integer"),
        (b'{"text": "a", "count": true}', "count", "count must be a valid integer"),
    ],
)
def test_a_wrong_field_is_named(content: bytes, field: str, said: str):
    with pytest.raises(Invalid, match=said) as raised:
        read(content)
    assert raised.value.field == field


def test_the_largest_body_is_64_kib():
    text = "x" * (body.MOST_BYTES - len('{"text":""}'))
    whole = f'{{"text":"{text}"}}'.encode()
    assert read(whole[:1000], whole[1000:]) == Wanted(text=text)
    with pytest.raises(TooLarge):
        read(whole, b" ")


def test_a_body_may_be_left_out_where_nothing_is_required():
    assert read(model=Optional) == Optional()
