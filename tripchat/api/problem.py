"""Errors as RFC 9457 problem+json."""

import logging
import traceback
from http import HTTPStatus

import orjson
from starlette.responses import Response

from tripchat.errors import Refused, TooMany, Unavailable

log = logging.getLogger(__name__)


def problem(refused: Refused) -> Response:
    """The answer that says what was refused, and why."""
    content = {
        "type": "about:blank",
        "title": refused.title,
        "status": refused.status,
        "detail": refused.detail,
    }
    if refused.field is not None:
        content["field"] = refused.field
    headers = {"Cache-Control": "no-store"}
    if isinstance(refused, TooMany | Unavailable):
        headers["Retry-After"] = str(refused.retry_after)
    return Response(
        orjson.dumps(content),
        status_code=refused.status,
        headers=headers,
        media_type="application/problem+json",
    )


def unexpected(error: Exception) -> Response:
    """The answer to a fault of ours, which is logged."""
    log_fault(error)
    return problem(_Unexpected("Something went wrong on our side."))


def log_fault(error: Exception) -> None:
    """Log a fault of ours by where it happened, without what people wrote."""
    log.error(
        "unexpected %s\n%s",
        type(error).__name__,
        "".join(traceback.format_tb(error.__traceback__)),
    )


class NoSuchMethod(Refused):
    """The address exists and cannot be asked this way."""

    status = HTTPStatus.METHOD_NOT_ALLOWED
    title = "Method not allowed"


class _Unexpected(Refused):
    status = HTTPStatus.INTERNAL_SERVER_ERROR
    title = "Internal error"
