"""Whole numbers in an address's query."""

from starlette.requests import Request

from tripchat.errors import Invalid


def number(request: Request, name: str) -> int | None:
    """The number of this name; None when there is none. Raises Invalid naming it."""
    value = request.query_params.get(name)
    if value is None:
        return None
    if not value.isascii() or not value.isdigit() or len(value) > 16:
        raise Invalid(f"{name} must be a whole number.", field=name)
    return int(value)
