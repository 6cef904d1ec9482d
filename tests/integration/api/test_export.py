"""A trip to take along: all of it, readable, and safe to open."""

import io
import json
import re
import zipfile
from html.parser import HTMLParser

import httpx
import pytest

from tests.integration.api.conftest import assert_problem
from tests.integration.api.test_attachments import uploaded
from tests.kit.pictures import picture
from tripchat.api.export import route
from tripchat.services import exporting

NASTY = '<script>alert("x")</script><img src=x onerror=alert(1)> & "quoted"'


async def exported(client: httpx.AsyncClient, trip: str) -> zipfile.ZipFile:
    """The archive that somebody gets."""
    answer = await client.get(f"/api/trips/{trip}/export")
    assert answer.status_code == 200, answer.text
    assert "content-length" not in answer.headers
    assert answer.headers["content-type"] == "application/zip"
    assert answer.headers["cache-control"] == "no-store"
    archive = zipfile.ZipFile(io.BytesIO(answer.content))
    assert archive.testzip() is None
    return archive


@pytest.fixture
async def lively(ann: httpx.AsyncClient, ben: httpx.AsyncClient, trip: str) -> str:
    """A trip with everything in it."""
    code = (await ann.post(f"/api/trips/{trip}/invites", json={})).json()["code"]
    await ben.post(f"/api/invites/{code}/accept")
    path = f"/api/trips/{trip}/messages"
    await ann.post(path, json={"client_id": "c1", "text": "Hello @Ben, **bold**"})
    await ann.put(f"{path}/1", json={"text": "Hello @Ben, *better*"})
    await ben.post(path, json={"client_id": "c2", "text": NASTY, "reply_to_seq": 1})
    await ben.put(f"{path}/1/reactions/👍")
    photo = await uploaded(ann, trip, "beach & sea.jpg", picture())
    file = await uploaded(ann, trip, "<script>.txt", b"pack socks")
    ids = [photo["attachment_id"], file["attachment_id"]]
    await ann.post(path, json={"client_id": "c3", "attachment_ids": ids})
    await ben.post(path, json={"client_id": "c4", "text": "never mind"})
    await ben.delete(f"{path}/4")
    return trip


class Tags(HTMLParser):
    """The tags of a page with their attributes, and its words."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.words = ""
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.words += data


async def test_programs_find_all_of_it(ann: httpx.AsyncClient, lively: str):
    archive = await exported(ann, lively)
    document = json.loads(archive.read("trip.json"))
    assert document["trip"]["title"] == "Lisbon"
    assert [each["name"] for each in document["members"]] == ["Ann", "Ben"]
    first, second, third, fourth = document["messages"]
    assert first["text"] == "Hello @Ben, *better*"
    assert [each["body"]["text"] for each in first["versions"]] == ["Hello @Ben, **bold**"]
    assert first["reactions"] == [
        {"emoji": "👍", "count": 1, "user_ids": [document["members"][1]["user_id"]]}
    ]
    assert second["text"] == NASTY
    assert second["reply_to_seq"] == 1
    assert [each["name"] for each in third["attachments"]] == ["beach & sea.jpg", "<script>.txt"]
    for each in third["attachments"]:
        assert len(archive.read(each["path"])) == each["size"]
    assert fourth["deleted"]
    assert "never mind" not in json.dumps(document)
    read = (await ann.get(f"/api/trips/{lively}/messages")).json()["messages"]
    for message, known in zip(document["messages"], read, strict=True):
        assert {**message, "attachments": None} == {
            **known,
            "versions": message["versions"],
            "attachments": None,
        }


async def test_people_find_a_page_with_nothing_in_it_that_runs(ann: httpx.AsyncClient, lively: str):
    archive = await exported(ann, lively)
    page = archive.read("index.html").decode()
    tags = Tags(page)
    assert not {tag for tag, _ in tags.found} & {"script", "iframe", "object", "form", "link"}
    for tag, attributes in tags.found:
        assert not [name for name in attributes if name.startswith("on")]
        if tag == "img":
            assert attributes["src"] in archive.namelist()
    for words in (NASTY, "better", "This message was deleted.", "beach & sea.jpg", "👍 1"):
        assert words in tags.words + str([attributes.get("alt") for _, attributes in tags.found])
    assert len(re.findall("<article", page)) == 4
    assert len(re.findall("<h2>", page)) == 1
    links = [attributes["href"] for tag, attributes in tags.found if tag == "a"]
    assert {*archive.namelist()} - {"index.html", "trip.json"} <= {*links}
    policy = next(each["content"] for tag, each in tags.found if "http-equiv" in each)
    assert policy is not None
    assert "default-src 'none'" in policy


async def test_names_and_titles_are_text(
    ann: httpx.AsyncClient, ben: httpx.AsyncClient, lively: str
):
    await ben.put("/api/me", json={"name": NASTY[:60]})
    await ann.put(f"/api/trips/{lively}", json={"title": NASTY, "destination": NASTY})
    archive = await exported(ann, lively)
    page = archive.read("index.html").decode()
    tags = Tags(page)
    assert not [tag for tag, _ in tags.found if tag == "script"]
    assert len([tag for tag, _ in tags.found if tag == "img"]) == 1
    assert NASTY[:60] in tags.words
    answer = await ann.head(f"/api/trips/{lively}/export")
    assert "\n" not in answer.headers["content-disposition"]
    assert "<" not in answer.headers["content-disposition"]


async def test_an_empty_trip_and_one_of_many_parts(
    ann: httpx.AsyncClient, trip: str, monkeypatch: pytest.MonkeyPatch
):
    archive = await exported(ann, trip)
    assert json.loads(archive.read("trip.json"))["messages"] == []
    assert "Nothing has been written here." in archive.read("index.html").decode()
    monkeypatch.setattr(exporting, "PER_PART", 2)
    for n in range(7):
        said = {"client_id": f"c{n}", "text": f"number {n}"}
        await ann.post(f"/api/trips/{trip}/messages", json=said)
    document = json.loads((await exported(ann, trip)).read("trip.json"))
    assert [each["text"] for each in document["messages"]] == [f"number {n}" for n in range(7)]


async def test_only_members_get_it(
    ann: httpx.AsyncClient, ben: httpx.AsyncClient, client: httpx.AsyncClient, trip: str
):
    assert_problem(await client.get(f"/api/trips/{trip}/export"), 401)
    assert_problem(await ben.get(f"/api/trips/{trip}/export"), 403)
    assert_problem(await ann.get("/api/trips/nosuchtrip12/export"), 404)


async def test_one_at_a_time(ann: httpx.AsyncClient, trip: str, monkeypatch: pytest.MonkeyPatch):
    user_id = ann.headers["x-user-id"]
    monkeypatch.setattr(route, "_exporting", {user_id})
    answer = await ann.get(f"/api/trips/{trip}/export")
    assert_problem(answer, 429)
    assert int(answer.headers["retry-after"]) > 0
    monkeypatch.setattr(route, "_exporting", set())
    for _ in range(2):
        await exported(ann, trip)
    assert route._exporting == set()
