import httpx
import pytest

from tests.integration.api.conftest import SignedIn, assert_problem
from tripchat import clock


async def invite(client: httpx.AsyncClient, trip: str, **limits: int) -> str:
    response = await client.post(f"/api/trips/{trip}/invites", json=limits)
    assert response.status_code == 201
    return response.json()["code"]


async def accept(client: httpx.AsyncClient, code: str) -> httpx.Response:
    return await client.post(f"/api/invites/{code}/accept")


async def test_invite_and_accept(ann: httpx.AsyncClient, ben: httpx.AsyncClient, trip: str):
    response = await ann.post(f"/api/trips/{trip}/invites")
    assert response.status_code == 201
    code = response.json()["code"]
    assert response.json()["url"] == f"http://trips.example/join/{code}"
    for who in (ben, ben, ann):
        accepted = await accept(who, code)
        assert (accepted.status_code, accepted.json()) == (200, {"trip_id": trip})
    assert (await ben.get("/api/trips")).json()[0]["member_count"] == 2


async def test_the_link_is_the_address_visitors_know(ann: httpx.AsyncClient, trip: str):
    headers = {"x-forwarded-proto": "https", "x-forwarded-host": "tripchat.example"}
    response = await ann.post(f"/api/trips/{trip}/invites", headers=headers)
    assert response.json()["url"].startswith("https://tripchat.example/join/")


async def test_why_an_invite_no_longer_works(
    ann: httpx.AsyncClient,
    ben: httpx.AsyncClient,
    signed_in: SignedIn,
    trip: str,
    monkeypatch: pytest.MonkeyPatch,
):
    used, revoked, expired = (
        await invite(ann, trip, max_uses=1),
        await invite(ann, trip),
        await invite(ann, trip, expires_in_hours=1),
    )
    await accept(await signed_in("Cleo"), used)
    assert "used up" in assert_problem(await accept(ben, used), 409)
    assert (await ann.delete(f"/api/invites/{revoked}")).status_code == 204
    assert "revoked" in assert_problem(await accept(ben, revoked), 409)
    later = clock.now() + clock.HOUR
    monkeypatch.setattr(clock, "now", lambda: later)
    assert "expired" in assert_problem(await accept(ben, expired), 409)
    assert (await ben.get("/api/trips")).json() == []


async def test_who_may_invite_and_revoke(
    ann: httpx.AsyncClient, ben: httpx.AsyncClient, client: httpx.AsyncClient, trip: str
):
    code = await invite(ann, trip)
    assert_problem(await ben.post(f"/api/trips/{trip}/invites", json={}), 403)
    assert_problem(await ben.delete(f"/api/invites/{code}"), 403)
    assert_problem(await ben.post("/api/trips/nosuchtrip12/invites"), 404)
    assert_problem(await ben.delete("/api/invites/nosuchcode12"), 404)
    assert_problem(await accept(ben, "nosuchcode12"), 404)
    assert_problem(await client.post(f"/api/trips/{trip}/invites"), 401)
    assert_problem(await accept(client, code), 401)
    assert_problem(await client.delete(f"/api/invites/{code}"), 401)


@pytest.mark.parametrize(
    ("limits", "field"),
    [
        ({"max_uses": 0}, "max_uses"),
        ({"max_uses": "3"}, "max_uses"),
        ({"expires_in_hours": 1.5}, "expires_in_hours"),
        ({"expires_in_hours": -1}, "expires_in_hours"),
    ],
)
async def test_refused_limits(
    ann: httpx.AsyncClient, trip: str, limits: dict[str, object], field: str
):
    assert_problem(await ann.post(f"/api/trips/{trip}/invites", json=limits), 422, field)


async def test_leaving_and_removing(ann: httpx.AsyncClient, ben: httpx.AsyncClient, trip: str):
    def member(client: httpx.AsyncClient) -> str:
        return f"/api/trips/{trip}/members/{client.headers['x-user-id']}"

    assert_problem(await ben.delete(member(ann)), 403)
    await accept(ben, await invite(ann, trip))
    assert_problem(await ben.delete(member(ann)), 403)
    assert (await ben.delete(member(ben))).status_code == 204
    assert_problem(await ben.get(f"/api/trips/{trip}/messages"), 403)
    assert_problem(await ann.delete(member(ben)), 404)
    code = await invite(ann, trip)
    await accept(ben, code)
    assert (await ann.delete(member(ben))).status_code == 204
    assert "removed" in assert_problem(await accept(ben, code), 409)
    assert_problem(
        await ann.delete(f"/api/trips/nosuchtrip12/members/{ann.headers['x-user-id']}"), 404
    )
