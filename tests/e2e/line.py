"""The line between a page and the server, which a test can hold back or cut."""

from playwright.async_api import WebSocketRoute

from tests.e2e.person import Person


class Line:
    """Every WebSocket that a person's pages open from now on runs through here."""

    def __init__(self) -> None:
        self._held: list[tuple[WebSocketRoute, str | bytes]] = []
        self._holding = False
        self._is_cut = False
        self._open: list[WebSocketRoute] = []

    @classmethod
    async def of(cls, person: Person) -> "Line":
        """Lay the line of somebody who has not opened a page yet."""
        line = cls()
        await person.context.route_web_socket(lambda url: True, line._connect)
        return line

    def _connect(self, page_side: WebSocketRoute) -> None:
        if self._is_cut:
            # Not within the call that opens it: the page would miss the event.
            page_side.on_message(lambda message: None)
            page_side.close(code=4000, reason="the line is cut")
            return
        server_side = page_side.connect_to_server()
        self._open.append(page_side)

        def pass_on(message: str | bytes) -> None:
            if self._holding:
                self._held.append((server_side, message))
            else:
                server_side.send(message)

        page_side.on_message(pass_on)

    def hold(self) -> None:
        """Keep what the page sends from reaching the server."""
        self._holding = True

    def release(self) -> None:
        """Let through what was held, and all that follows."""
        self._holding = False
        held, self._held = self._held, []
        for server_side, message in held:
            server_side.send(message)

    async def cut(self) -> None:
        """Lose the connection, and every one that is tried, until it is mended."""
        self._is_cut = True
        lost, self._open = self._open, []
        for page_side in lost:
            await page_side.close(code=4000, reason="the line is cut")

    def mend(self) -> None:
        """Let the next attempt through."""
        self._is_cut = False
