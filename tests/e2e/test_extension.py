"""A message kind from outside the package: docs/examples/place_kind.py, loaded by a setting."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio
from playwright.async_api import expect

from tests.e2e.person import NewPerson, Person
from tests.kit.server import ROOT, Server

EXAMPLES = ROOT / "docs" / "examples"
EXTENSION = "place_kind"

TOWER = {"name": "Belém <Tower>", "lat": 38.6916, "lon": -9.216}


@pytest_asyncio.fixture(loop_scope="session", scope="module")
async def extended(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Server]:
    """A server that has the extension loaded."""
    server = Server(
        tmp_path_factory.mktemp("extended"),
        PYTHONPATH=str(EXAMPLES),
        TRIPCHAT_EXTENSIONS=EXTENSION,
    )
    await server.start()
    yield server
    await server.stop()
    assert not server.complaints(), server.output()


def place(body: dict[str, Any]) -> dict[str, Any]:
    return {"kind": "place", "body": body}


async def shows_the_place(person: Person) -> None:
    """The place is shown by its own component: its name, linked to a map."""
    link = person.messages.get_by_role("link")
    await expect(link).to_have_text("Belém <Tower>")
    href = await link.get_attribute("href") or ""
    assert href.startswith("https://")
    assert str(TOWER["lat"]) in href
    assert str(TOWER["lon"]) in href


async def test_a_place_appears_live_in_two_browsers(person: NewPerson, extended: Server) -> None:
    ana, bo = await person("Ana", at=extended), await person("Bo", at=extended)
    trip = await ana.account.makes_trip("Lisbon", bo.account)
    for who in (ana, bo):
        await who.opens(trip)
    first = await ana.account.sends(trip, place(TOWER) | {"client_id": "the-tower"})
    again = await ana.account.sends(trip, place(TOWER) | {"client_id": "the-tower"})
    assert again == first
    for who in (ana, bo):
        await who.has_seen(1)
        await shows_the_place(who)
        await expect(who.messages).to_have_attribute("data-state", "sent")
    await bo.sends("I see it")
    await ana.sees("I see it")
    await bo.messages.get_by_role("button", name="On my way").click()
    await ana.sees("On my way to Belém <Tower>")
    await bo.reloads()
    await bo.has_seen(3)
    await shows_the_place(bo)


async def test_a_place_is_told_in_one_line_in_the_list_of_trips(
    person: NewPerson, extended: Server
) -> None:
    ana, bo = await person("Ana", at=extended), await person("Bo", at=extended)
    trip = await ana.account.makes_trip("Lisbon", bo.account)
    await bo.visits("/")
    await expect(bo.card(trip)).to_be_visible()
    await ana.account.sends(trip, place(TOWER))
    await expect(bo.card(trip)).to_contain_text("Belém <Tower>")
    await bo.opens(trip)
    await expect(bo.card(trip)).to_contain_text("Belém <Tower>")
    await bo.reloads()
    await expect(bo.card(trip)).to_contain_text("Belém <Tower>")


async def test_a_place_that_is_none_is_refused(person: NewPerson, extended: Server) -> None:
    ana = await person("Ana", at=extended)
    trip = await ana.account.makes_trip()
    await ana.opens(trip)
    for body in ({}, {"name": ""}, {**TOWER, "lat": 91}, {**TOWER, "lon": "west"}):
        answer = await ana.account.http.post(
            f"/api/trips/{trip}/messages", json=place(body) | {"client_id": "nowhere"}
        )
        assert answer.status_code == 422
        assert answer.headers["content-type"] == "application/problem+json"
        assert answer.json()["field"] in {"name", "lat", "lon"}
    await expect(ana.messages).to_have_count(0)


async def test_a_server_without_the_extension_refuses_its_kind(person: NewPerson) -> None:
    ana = await person("Ana")
    trip = await ana.account.makes_trip()
    answer = await ana.account.http.post(
        f"/api/trips/{trip}/messages", json=place(TOWER) | {"client_id": "the-tower"}
    )
    assert answer.status_code == 422
    assert answer.json()["field"] == "kind"


def test_the_extension_is_small() -> None:
    lines = (EXAMPLES / f"{EXTENSION}.py").read_text().splitlines()
    code = [line for line in lines if line.strip() and not line.lstrip().startswith(("#", '"""'))]
    assert len(code) < 30
