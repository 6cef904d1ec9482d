"""Erasing by HTTP, and what organisers did."""

import httpx
import pytest

from tests.integration.api.conftest import NewClient, assert_problem
from tests.integration.api.test_attachments import sent, uploaded
from tests.kit.people import PASSWORD
from tests.kit.pictures import picture
from tripchat.services import erasing
from tripchat.settings import Settings


@pytest.fixture(autouse=True)
def wipes_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(erasing, "WIPE_EVERY_SECONDS", 0.0)


async def erase(client: httpx.AsyncClient, path: str, content: object) -> httpx.Response:
    return await client.request("DELETE", path, json=content)


def blobs(settings: Settings) -> list[str]:
    """The files' bytes that are stored."""
    folder = settings.files_folder
    return [str(file) for file in folder.rglob("*") if file.is_file()]


async def test_a_trip_with_its_files(opened: Settings, ann: httpx.AsyncClient, trip: str):
    photo = await uploaded(ann, trip, "beach.jpg", picture())
    await uploaded(ann, trip, "not sent.txt", b"pack socks")
    await sent(ann, trip, photo["attachment_id"])
    assert len(blobs(opened)) >= 3
    path = f"/api/trips/{trip}"
    assert_problem(await erase(ann, path, {"title": "Porto"}), 422, "title")
    assert_problem(await erase(ann, path, {}), 422, "title")
    answer = await erase(ann, path, {"title": "Lisbon"})
    assert (answer.status_code, answer.content) == (204, b"")
    assert blobs(opened) == []
    assert_problem(await ann.get(f"{path}/messages"), 404)
    assert_problem(await ann.get(f"/api/attachments/{photo['attachment_id']}"), 404)
    assert (await ann.get("/api/trips")).json() == []


async def test_an_account_with_its_files(
    opened: Settings, ann: httpx.AsyncClient, new_client: NewClient, trip: str
):
    eve = await new_client()
    account = {"name": "Eve", "email": "eve@example.org", "password": PASSWORD}
    assert (await eve.post("/api/auth/sign-up", json=account)).status_code == 201
    code = (await ann.post(f"/api/trips/{trip}/invites", json={})).json()["code"]
    await eve.post(f"/api/invites/{code}/accept")
    kept = await uploaded(ann, trip, "ours.txt", b"ours")
    await sent(ann, trip, kept["attachment_id"])
    before = blobs(opened)
    mine = await uploaded(eve, trip, "mine.jpg", picture())
    await sent(eve, trip, mine["attachment_id"], text="look")
    assert_problem(await erase(eve, "/api/me", {"password": "wrong"}), 422, "password")
    answer = await erase(eve, "/api/me", {"password": PASSWORD})
    assert answer.status_code == 204
    assert 'tripchat_session=""' in answer.headers["set-cookie"]
    assert blobs(opened) == before
    assert_problem(await eve.get("/api/me"), 401)
    messages = (await ann.get(f"/api/trips/{trip}/messages")).json()["messages"]
    assert [each.get("deleted", False) for each in messages] == [False, True]
    assert_problem(await ann.get(f"/api/attachments/{mine['attachment_id']}"), 404)
    assert (await ann.get(f"/api/attachments/{kept['attachment_id']}")).content == b"ours"


async def test_what_organisers_did(ann: httpx.AsyncClient, ben: httpx.AsyncClient, trip: str):
    path = f"/api/trips/{trip}"
    await ann.put(path, json={"title": "Porto"})
    answer = await ann.get(f"{path}/audit", params={"limit": 1})
    [entry] = answer.json()["entries"]
    assert answer.json()["complete"]
    assert entry.pop("at").endswith("Z")
    assert entry == {
        "entry_id": entry["entry_id"],
        "deed": "trip-changed",
        "actor_id": ann.headers["x-user-id"],
        "actor_name": "Ann",
        "person_id": None,
        "person_name": None,
        "seq": None,
        "fields": ["title"],
    }
    earlier = await ann.get(f"{path}/audit", params={"before": entry["entry_id"]})
    assert earlier.json() == {"entries": [], "complete": True}
    assert_problem(await ann.get(f"{path}/audit", params={"limit": "all"}), 422, "limit")
    assert_problem(await ben.get(f"{path}/audit"), 403)
    for method in ("DELETE", "PUT", "POST"):
        assert_problem(await ann.request(method, f"{path}/audit"), 405)
