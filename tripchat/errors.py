"""What TripChat says when it will not do something.

`Refused` and its kinds are answers to a person: `detail` is the sentence they read, `field` names
the input it is about. HTTP turns them into problem+json (RFC 9457), the pages show them where the
person is.
"""

from typing import ClassVar


class Refused(Exception):
    """A call that was understood and turned down; nothing has changed."""

    status: ClassVar[int] = 400
    title: ClassVar[str] = "Refused"

    def __init__(self, detail: str, *, field: str | None = None) -> None:
        super().__init__(detail)
        self.detail = detail
        self.field = field


class Malformed(Refused):
    """The request itself cannot be read."""

    status = 400
    title = "Malformed request"


class NotSignedIn(Refused):
    """Nobody is signed in, or the sign-in failed."""

    status = 401
    title = "Not signed in"


class NotAMember(Refused):
    """This person may not do that here."""

    status = 403
    title = "Not allowed"


class NotFound(Refused):
    """There is no such thing."""

    status = 404
    title = "Not found"


class Conflict(Refused):
    """It clashes with how things are: an email in use, a used-up invite."""

    status = 409
    title = "Conflict"


class TooLarge(Refused):
    """More bytes than are accepted."""

    status = 413
    title = "Too large"


class Invalid(Refused):
    """A value that is refused; `field` names it."""

    status = 422
    title = "Refused value"


class TooMany(Refused):
    """Too many calls for now; `retry_after` is in seconds."""

    status = 429
    title = "Too many"

    def __init__(self, detail: str, *, retry_after: int) -> None:
        super().__init__(detail)
        self.retry_after = retry_after


class Unavailable(Refused):
    """Nothing can be read or stored just now; `retry_after` is in seconds."""

    status = 503
    title = "Unavailable"

    def __init__(self, detail: str, *, retry_after: int = 1) -> None:
        super().__init__(detail)
        self.retry_after = retry_after


class CannotBackUp(Exception):
    """A backup or a restore that does not work; the text is one line that says why."""


class CannotRotate(Exception):
    """Keys that cannot be rotated; the text is one line that says why."""


class CannotStart(Exception):
    """TripChat cannot start; the text is one line that says what to change."""
