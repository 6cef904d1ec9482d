"""The session's cookie: what the browser holds, and scripts in the page never see."""

from starlette.requests import HTTPConnection
from starlette.responses import Response

from tripchat import clock
from tripchat.api.origin import is_https
from tripchat.services.sessions import COOKIE
from tripchat.settings import get_settings


def set_token(connection: HTTPConnection, response: Response, token: str) -> None:
    """Have the browser keep this session's token."""
    response.set_cookie(
        COOKIE,
        token,
        max_age=get_settings().session_days * clock.DAY // clock.SECOND,
        path="/",
        secure=is_https(connection),
        httponly=True,
        samesite="lax",
    )


def forget_token(connection: HTTPConnection, response: Response) -> None:
    """Have the browser drop its token."""
    response.delete_cookie(
        COOKIE, path="/", secure=is_https(connection), httponly=True, samesite="lax"
    )


def token_of(connection: HTTPConnection) -> str | None:
    """The session's token that came with a request."""
    return connection.cookies.get(COOKIE)
