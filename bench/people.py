"""The people of the bench: signed up and brought into trips over HTTP, as anybody would."""

from dataclasses import dataclass

import httpx

PASSWORD = "a long and boring passphrase"  # noqa: S105  # of people who live for minutes
COOKIE = "tripchat_session"


class SetUpFailed(Exception):
    """TripChat refused a call that prepares the bench; the text says which."""


@dataclass(frozen=True)
class Person:
    """Somebody who is signed in."""

    user_id: str
    email: str
    token: str  # of the session cookie

    @property
    def cookie(self) -> str:
        """The Cookie header of this person's browser."""
        return f"{COOKIE}={self.token}"


class Organiser:
    """Makes people and trips through the HTTP calls."""

    def __init__(self, port: int) -> None:
        self.address = f"http://127.0.0.1:{port}"
        self._http = httpx.AsyncClient(base_url=self.address, timeout=30.0)

    async def __aenter__(self) -> "Organiser":
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._http.aclose()

    async def sign_up(self, number: int, run: str) -> Person:
        """A new person; `run` keeps the addresses of several runs on one database apart."""
        email = f"person{number}.{run}@bench.example"
        body = {"name": f"Person {number}", "email": email, "password": PASSWORD}
        answer = await self._call("/api/auth/sign-up", body)
        token = answer.cookies[COOKIE]
        self._http.cookies.clear()  # the next call may be somebody else's
        return Person(answer.json()["user_id"], email, token)

    async def trip(self, title: str, people: list[Person]) -> str:
        """A new trip with all of `people` in it, the first as its organiser; returns its id."""
        first, *others = people
        trip_id = (await self._call("/api/trips", {"title": title}, first)).json()["trip_id"]
        if others:
            invite = await self._call(f"/api/trips/{trip_id}/invites", {}, first)
            code = invite.json()["code"]
            for person in others:
                await self._call(f"/api/invites/{code}/accept", {}, person)
        return trip_id

    async def _call(
        self, path: str, body: dict[str, str], person: Person | None = None
    ) -> httpx.Response:
        headers = {"Cookie": person.cookie} if person else {}
        answer = await self._http.post(path, json=body, headers=headers)
        if answer.is_error:
            raise SetUpFailed(f"POST {path}: {answer.status_code} {answer.text}")
        return answer
