import asyncio
from datetime import datetime

import httpx
import pytest

from tests.integration.api.conftest import CountRows, assert_problem

HELLO = {"text": "hello", "client_id": "c1"}


@pytest.fixture
def channel(trip: str) -> str:
    """The address of the trip's messages."""
    return f"/api/trips/{trip}/messages"


async def test_send_and_read(ann: httpx.AsyncClient, channel: str):
    sent = await ann.post(channel, json={**HELLO, "text": "see www.lisbon.pt"})
    assert sent.status_code == 201
    answer = sent.json()
    assert answer["seq"] == 1
    assert datetime.fromisoformat(answer["sent_at"]) <= datetime.fromisoformat(
        answer["broadcast_at"]
    )
    await ann.post(channel, json={"text": "yes", "client_id": "c2", "reply_to_seq": 1})
    page = (await ann.get(channel)).json()
    assert (page["complete"], page["last_seq"]) == (True, 2)
    first, second = page["messages"]
    html = first.pop("body")["html"]
    assert '<a href="http://www.lisbon.pt"' in html
    assert first == {
        **answer,
        "client_id": "c1",
        "author_id": ann.headers["x-user-id"],
        "kind": "text",
        "text": "see www.lisbon.pt",
    }
    assert second["reply_to_seq"] == 1


async def test_the_same_client_id_again_is_the_first_answer(
    ann: httpx.AsyncClient, channel: str, count_rows: CountRows
):
    first = await ann.post(channel, json=HELLO)
    again = await ann.post(channel, json={**HELLO, "text": "something else"})
    assert (first.status_code, again.status_code) == (201, 200)
    assert again.json() == first.json()
    assert (await count_rows())["Message"] == 1


async def test_the_same_client_id_at_the_same_moment(ann: httpx.AsyncClient, channel: str):
    answers = await asyncio.gather(*(ann.post(channel, json=HELLO) for _ in range(20)))
    assert sorted(answer.status_code for answer in answers) == [200] * 19 + [201]
    assert len({answer.text for answer in answers}) == 1


async def test_pages(ann: httpx.AsyncClient, channel: str):
    for n in range(7):
        await ann.post(channel, json={"text": f"text {n}", "client_id": f"c{n}"})

    async def read(**query: int) -> tuple[list[int], bool]:
        page = (await ann.get(channel, params=query)).json()
        return [message["seq"] for message in page["messages"]], page["complete"]

    assert await read() == ([1, 2, 3, 4, 5, 6, 7], True)
    assert await read(limit=2) == ([6, 7], False)
    assert await read(before=6, limit=2) == ([4, 5], False)
    assert await read(after=5) == ([6, 7], True)
    assert await read(after=2, limit=2) == ([3, 4], False)
    assert await read(after=7) == ([], True)
    assert await read(after=2, before=5) == ([3, 4], True)


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("after=x", "after"),
        ("after=-1", "after"),
        ("before=1.5", "before"),
        ("before=%D9%A3", "before"),
        ("limit=0", "limit"),
        ("limit=1000", "limit"),
        ("limit=", "limit"),
        ("after=99999999999999999999", "after"),
        ("after=9999999999999999", "after"),
    ],
)
async def test_refused_bounds(ann: httpx.AsyncClient, channel: str, query: str, field: str):
    assert_problem(await ann.get(f"{channel}?{query}"), 422, field)


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"text": ""}, "text"),
        ({"text": " \n\t "}, "text"),
        ({"text": "x" * 4001}, "text"),
        ({"text": "bell \x07"}, "text"),
        ({"text": 5}, "text"),
        ({"text": None}, "text"),
        ({"client_id": ""}, "client_id"),
        ({"client_id": "x" * 65}, "client_id"),
        ({"client_id": 1}, "client_id"),
        ({"reply_to_seq": 7}, "reply_to_seq"),
        ({"reply_to_seq": "1"}, "reply_to_seq"),
        ({"reply_to_seq": 10**30}, "reply_to_seq"),
    ],
)
async def test_a_refused_value_is_named_and_nothing_is_stored(
    ann: httpx.AsyncClient,
    channel: str,
    count_rows: CountRows,
    change: dict[str, object],
    field: str,
):
    assert_problem(await ann.post(channel, json={**HELLO, **change}), 422, field)
    assert (await count_rows())["Message"] == 0
    assert (await ann.get(channel)).json()["last_seq"] == 0


async def test_the_longest_text_fits_however_it_is_written(ann: httpx.AsyncClient, channel: str):
    body = '{"client_id": "c1", "text": "' + "\\ud83d\\ude00" * 4000 + '"}'
    headers = {"content-type": "application/json; charset=utf-8"}
    assert (await ann.post(channel, content=body, headers=headers)).status_code == 201
    assert (await ann.get(channel)).json()["messages"][0]["text"] == "😀" * 4000


async def test_who_may_not(
    ben: httpx.AsyncClient, client: httpx.AsyncClient, channel: str, count_rows: CountRows
):
    unknown = "/api/trips/nosuchtrip12/messages"
    for call, status in ((ben, 403), (client, 401)):
        assert_problem(await call.post(channel, json=HELLO), status)
        assert_problem(await call.get(channel), status)
    assert_problem(await ben.post(unknown, json=HELLO), 404)
    assert_problem(await ben.get(unknown), 404)
    assert_problem(await ben.get("/api/trips/%00/messages"), 404)
    assert (await count_rows())["Message"] == 0
