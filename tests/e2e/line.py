"""The line between a page and the server, which a test can hold back, silence or cut."""

from playwright.async_api import Route, WebSocketRoute

from tests.e2e.person import NewPerson, Person, all_in_one_trip

NOBODY_THERE = r"WebSocket connection to .* failed|ERR_CONNECTION_REFUSED"
"""What the browser itself writes when the server goes away."""


class Line:
    """Every WebSocket that a person's pages open from now on runs through here."""

    def __init__(self, person: Person) -> None:
        self._person = person
        self._open: list[tuple[WebSocketRoute, WebSocketRoute]] = []
        self._held: list[tuple[WebSocketRoute, str | bytes]] = []
        self._holds = self._silent = self._cut = False

    @classmethod
    async def of(cls, person: Person) -> "Line":
        """Lay the line of somebody who has not opened a page yet."""
        line = cls(person)
        await person.context.route_web_socket(lambda url: True, line._connect)
        await person.context.route("**/api/health/live", line._look)
        return line

    def _connect(self, page_side: WebSocketRoute) -> None:
        server_side = page_side.connect_to_server()

        async def to_server(message: str | bytes) -> None:
            if self._cut:
                # Not before the page has something to say: see `cut`.
                await self._close(page_side, server_side)
            elif self._holds:
                self._held.append((server_side, message))
            else:
                server_side.send(message)

        def to_page(message: str | bytes) -> None:
            if not self._silent:
                page_side.send(message)

        page_side.on_message(to_server)
        server_side.on_message(to_page)
        self._open.append((page_side, server_side))

    async def _look(self, route: Route) -> None:
        """A line that is cut carries no plain HTTP either: nothing answers."""
        if not self._cut:
            await route.continue_()

    async def _close(self, *sides: WebSocketRoute) -> None:
        for side in sides:
            await side.close(code=4000, reason="the line is cut")

    def hold(self) -> None:
        """Keep what the page sends from reaching the server."""
        self._holds = True

    def release(self) -> None:
        """Let through what was held, and all that follows."""
        self._holds = False
        held, self._held = self._held, []
        for server_side, message in held:
            server_side.send(message)

    def forget(self) -> None:
        """Lose what was held, as when the network comes back: new connections go through."""
        self._holds = self._silent = False
        self._held = []

    def silence(self) -> None:
        """Lose everything that the server sends, until the line is cut."""
        self._silent = True

    async def cut(self) -> None:
        """Lose the connection, and every one that is tried, until the line is mended.

        Those that are tried break at the page's first word. (Were they closed without an error
        before the server's greeting, Socket.IO would wait for its time to be up: 20 s.)
        """
        self._cut, self._silent = True, False
        lost, self._open = self._open, []
        for sides in lost:
            await self._close(*sides)

    def mend(self) -> None:
        """Let the next attempt through."""
        self._cut = False


async def together_on_a_line(person: NewPerson, *names: str) -> tuple[str, list[Person], Line]:
    """People in one trip, each with its channel open; the last one's line can be cut."""
    people = [await person(name) for name in names]
    line = await Line.of(people[-1])
    return await all_in_one_trip(people), people, line


async def one_message_on_a_line(person: NewPerson, text: str) -> tuple[str, Person, Person, Line]:
    """Ana and Bo in one trip, both with Bo's message on their page; Bo's line can be cut."""
    trip, (ana, bo), line = await together_on_a_line(person, "Ana", "Bo")
    await bo.sends(text)
    for who in (ana, bo):
        await who.sees(text)
    return trip, ana, bo, line
