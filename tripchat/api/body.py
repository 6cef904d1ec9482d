"""Reading JSON bodies: bounded, and with an answer that names what is wrong."""

from typing import TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError
from starlette.requests import ClientDisconnect, Request

from tripchat.errors import Invalid, Malformed, TooLarge

MOST_BYTES = 64 * 1024


class Body(BaseModel):
    """What a call takes; types are taken as they are written: "5" is no number."""

    model_config = ConfigDict(strict=True, hide_input_in_errors=True)


AnyBody = TypeVar("AnyBody", bound=Body)


async def read(request: Request, model: type[AnyBody], most_bytes: int = MOST_BYTES) -> AnyBody:
    """The request's body; raises Malformed, TooLarge, or Invalid naming the first wrong field."""
    content = await _bytes(request, most_bytes)
    if not content and not any(field.is_required() for field in model.model_fields.values()):
        return model()
    try:
        return model.model_validate_json(content)
    except ValidationError as error:
        first = error.errors(include_url=False, include_context=False, include_input=False)[0]
    if first["type"] == "json_invalid":
        try:
            content.decode()
        except UnicodeDecodeError:
            raise Malformed("The body is not valid UTF-8.") from None
        raise Malformed("The body is not valid JSON.")
    if not first["loc"]:
        raise Malformed("The body must be a JSON object.")
    field = str(first["loc"][0])
    if first["type"] == "missing":
        raise Invalid(f"{field} is missing.", field=field)
    raise Invalid(f"{field} must be {first['msg'].removeprefix('Input should be ')}.", field=field)


async def _bytes(request: Request, most: int) -> bytes:
    content = bytearray()
    try:
        async for chunk in request.stream():
            content += chunk
            if len(content) > most:
                raise TooLarge(f"The body is larger than {most:,} bytes.")
    except ClientDisconnect:
        raise Malformed("The body is incomplete.") from None
    return bytes(content)
