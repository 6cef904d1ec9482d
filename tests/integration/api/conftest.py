"""Programs that talk to TripChat by HTTP."""

from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import AsyncExitStack
from typing import Any

import httpx
import pytest
from sqlalchemy import func, select
from starlette.applications import Starlette

from tests.integration.conftest import NewPerson
from tripchat import db
from tripchat.api.routes import routes
from tripchat.models import Invite, Member, Message, SignIn, Trip, User
from tripchat.services import sessions
from tripchat.settings import Settings

SignedIn = Callable[[str], Coroutine[Any, Any, httpx.AsyncClient]]
NewClient = Callable[[], Coroutine[Any, Any, httpx.AsyncClient]]
CountRows = Callable[[], Coroutine[Any, Any, dict[str, int]]]


@pytest.fixture
async def new_client(opened: Settings) -> AsyncIterator[NewClient]:
    """Makes a client with a cookie jar of its own."""
    app = Starlette(routes=routes)
    async with AsyncExitStack() as open_clients:

        async def make() -> httpx.AsyncClient:
            transport = httpx.ASGITransport(app)
            client = httpx.AsyncClient(transport=transport, base_url="http://trips.example")
            return await open_clients.enter_async_context(client)

        yield make


@pytest.fixture
async def client(new_client: NewClient) -> httpx.AsyncClient:
    """Somebody who is not signed in."""
    return await new_client()


@pytest.fixture
def signed_in(new_client: NewClient, person: NewPerson) -> SignedIn:
    """Makes the client of somebody new who is signed in; their id is in `headers["x-user-id"]`."""

    async def make(name: str) -> httpx.AsyncClient:
        client, user_id = await new_client(), await person(name)
        client.cookies.set(sessions.COOKIE, await sessions.start(user_id), "trips.example")
        client.headers["x-user-id"] = user_id
        return client

    return make


@pytest.fixture
async def ann(signed_in: SignedIn) -> httpx.AsyncClient:
    return await signed_in("Ann")


@pytest.fixture
async def ben(signed_in: SignedIn) -> httpx.AsyncClient:
    return await signed_in("Ben")


@pytest.fixture
async def trip(ann: httpx.AsyncClient) -> str:
    """The id of a trip that Ann has made."""
    return (await ann.post("/api/trips", json={"title": "Lisbon"})).json()["trip_id"]


@pytest.fixture
def count_rows() -> CountRows:
    """Counts what is stored: a refused call must not change it."""

    async def count() -> dict[str, int]:
        async with db.reading() as session:
            return {
                table.__name__: await session.scalar(select(func.count()).select_from(table)) or 0
                for table in (User, SignIn, Trip, Member, Invite, Message)
            }

    return count


def assert_problem(response: httpx.Response, status: int, field: str | None = None) -> str:
    """Checks that an answer is problem+json of this status; gives its detail."""
    assert response.status_code == status, response.text
    assert response.headers["content-type"] == "application/problem+json"
    problem = response.json()
    assert problem["status"] == status
    assert problem["title"]
    assert problem.get("field") == field
    assert problem["detail"].endswith(".")
    return problem["detail"]
