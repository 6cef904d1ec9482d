"""HTTP connections that the application can hang up on."""

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from tripchat.api.event_stream import TRANSPORT


class HttpProtocol(HttpToolsProtocol):
    """uvicorn's HTTP protocol, offering its transport to the application.

    An answer that nobody takes any more could otherwise not be ended: writing it waits.
    """

    def on_message_begin(self) -> None:
        """Begin a request, with the extension in its scope."""
        super().on_message_begin()
        self.scope["extensions"] = {TRANSPORT: self.transport}  # type: ignore[typeddict-item]
