"""People with an account, who act over the HTTP calls: the quick way to what a test starts from."""

import secrets
from collections.abc import Iterable
from typing import Any, Self

import httpx

PASSWORD = "correct horse battery"
COOKIE = "tripchat_session"


class Account:
    """Somebody who is signed in, as a program that acts for them."""

    def __init__(self, http: httpx.AsyncClient, user_id: str, name: str, email: str) -> None:
        self.http = http
        self.user_id = user_id
        self.name = name
        self.email = email

    @classmethod
    async def sign_up(cls, url: str, name: str) -> Self:
        """Somebody new at the server with this address; their email is nobody else's."""
        http = httpx.AsyncClient(base_url=url, timeout=30)
        email = f"{secrets.token_hex(8)}@example.org"
        account = {"name": name, "email": email, "password": PASSWORD}
        answer = _checked(await http.post("/api/auth/sign-up", json=account))
        return cls(http, answer["user_id"], name, email)

    async def on_another_device(self, url: str = "") -> Self:
        """The same person, signed in once more, at the same server unless told otherwise."""
        http = httpx.AsyncClient(base_url=url or self.http.base_url, timeout=30)
        known = {"email": self.email, "password": PASSWORD}
        _checked(await http.post("/api/auth/sign-in", json=known))
        return type(self)(http, self.user_id, self.name, self.email)

    @property
    def token(self) -> str:
        """The session's token, which the cookie carries."""
        return self.http.cookies[COOKIE]

    async def changes_password(self, new: str) -> None:
        """Take another password; the session's token is another one then, too."""
        answer = await self.http.put(
            "/api/me/password", json={"password": PASSWORD, "new_password": new}
        )
        answer.raise_for_status()

    async def close(self) -> None:
        """Close the connections; the session stays."""
        await self.http.aclose()

    async def makes_trip(self, title: str = "Lisbon in May", *companions: "Account") -> str:
        """Make a trip and have the companions join it; gives its id."""
        answer = await self.posts("/api/trips", {"title": title, "time_zone": "Europe/Lisbon"})
        trip_id: str = answer["trip_id"]
        if companions:
            code = await self.invites_to(trip_id)
            for companion in companions:
                await companion.joins(code)
        return trip_id

    async def invites_to(self, trip_id: str, **limits: int) -> str:
        """Make an invite; gives its code."""
        return (await self.posts(f"/api/trips/{trip_id}/invites", limits))["code"]

    async def revokes(self, code: str) -> None:
        """Take an invite back."""
        (await self.http.delete(f"/api/invites/{code}")).raise_for_status()

    async def joins(self, code: str) -> None:
        """Accept an invite."""
        await self.posts(f"/api/invites/{code}/accept", {})

    async def leaves(self, trip_id: str) -> None:
        """Leave a trip."""
        await self.removes(trip_id, self)

    async def removes(self, trip_id: str, other: "Account") -> None:
        """Take somebody out of a trip."""
        answer = await self.http.delete(f"/api/trips/{trip_id}/members/{other.user_id}")
        answer.raise_for_status()

    async def writes(self, trip_id: str, text: str, **more: Any) -> dict[str, Any]:
        """Send a text; gives the answer, with `message_id` and `seq`."""
        return await self.sends(trip_id, {"text": text, **more})

    async def writes_all(self, trip_id: str, texts: Iterable[str]) -> None:
        """Send one text after the other."""
        for text in texts:
            await self.writes(trip_id, text)

    async def sends(self, trip_id: str, message: dict[str, Any]) -> dict[str, Any]:
        """Send a message of any kind; `client_id` is made unless given."""
        message = {"client_id": secrets.token_urlsafe(9), **message}
        return await self.posts(f"/api/trips/{trip_id}/messages", message)

    async def uploads(self, trip_id: str, name: str, content: bytes) -> dict[str, Any]:
        """Upload a file for a message; gives the answer, with `attachment_id`."""
        files = {"file": (name, content)}
        return _checked(await self.http.post(f"/api/trips/{trip_id}/attachments", files=files))

    async def edits(self, trip_id: str, seq: int, text: str, **more: Any) -> None:
        """Change what a message of one's own says."""
        await self.puts(f"/api/trips/{trip_id}/messages/{seq}", {"text": text, **more})

    async def deletes(self, trip_id: str, seq: int) -> None:
        """Delete a message."""
        _checked(await self.http.delete(f"/api/trips/{trip_id}/messages/{seq}"))

    async def reacts(self, trip_id: str, seq: int, emoji: str) -> None:
        """Put an emoji under a message."""
        await self.puts(f"/api/trips/{trip_id}/messages/{seq}/reactions/{emoji}", {})

    async def unreacts(self, trip_id: str, seq: int, emoji: str) -> None:
        """Take an emoji away again."""
        path = f"/api/trips/{trip_id}/messages/{seq}/reactions/{emoji}"
        _checked(await self.http.delete(path))

    async def is_called(self, name: str) -> None:
        """Take another name."""
        await self.puts("/api/me", {"name": name})
        self.name = name

    async def renames(self, trip_id: str, title: str) -> None:
        """Give a trip another title."""
        await self.puts(f"/api/trips/{trip_id}", {"title": title, "time_zone": "Europe/Lisbon"})

    async def reads(self, trip_id: str, **bounds: int) -> list[dict[str, Any]]:
        """The messages of a trip, in order."""
        path = f"/api/trips/{trip_id}/messages"
        return _checked(await self.http.get(path, params={"limit": 100, **bounds}))["messages"]

    async def reads_all(self, trip_id: str) -> list[dict[str, Any]]:
        """Every message of a trip, in order."""
        messages: list[dict[str, Any]] = []
        while page := await self.reads(trip_id, after=len(messages)):
            messages += page
        return messages

    async def posts(self, path: str, content: dict[str, Any]) -> Any:
        """Make a call that has to succeed; gives its answer."""
        return _checked(await self.http.post(path, json=content))

    async def puts(self, path: str, content: dict[str, Any]) -> Any:
        """The same with PUT."""
        return _checked(await self.http.put(path, json=content))


def _checked(answer: httpx.Response) -> Any:
    assert answer.is_success, f"{answer.request.url}: {answer.status_code} {answer.text}"
    return answer.json() if answer.content else None
