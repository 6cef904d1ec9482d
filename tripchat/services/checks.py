"""What people type into forms, checked. Values may be of any type; a refusal names its field."""

import re
import unicodedata
import zoneinfo
from datetime import date
from functools import lru_cache

from email_validator import EmailNotValidError, validate_email

from tripchat.errors import Invalid

NAME_CHARS = 60
TITLE_CHARS = 100
DESTINATION_CHARS = 100
PASSWORD_CHARS = (8, 256)
LARGEST = 2**53 - 1  # what JavaScript counts exactly; databases hold more

# Line breaks and characters that turn the direction of the text around them would let a name
# pretend to be something else.
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")


def words(value: object, field: str, label: str, most: int) -> str:
    """One line of 1 to `most` characters, stripped."""
    if not isinstance(value, str):
        raise Invalid(f"{label} must be text.", field=field)
    if _CONTROL.search(value.strip()):
        raise Invalid(f"{label} contains control characters.", field=field)
    value = value.strip()
    if all(unicodedata.category(character) in {"Cf", "Zs"} for character in value):
        raise Invalid(f"{label} is missing.", field=field)
    if len(value) > most:
        raise Invalid(f"{label} is too long: at most {most} characters.", field=field)
    return value


def email(value: object) -> str:
    """An email address in the form it is stored in: lower-case."""
    if not isinstance(value, str):
        raise Invalid("The email address must be text.", field="email")
    try:
        return validate_email(value.strip(), check_deliverability=False).normalized.lower()
    except (EmailNotValidError, UnicodeError):
        raise Invalid("This is not an email address.", field="email") from None


def password(value: object, field: str = "password") -> str:
    """A password of 8 to 256 characters, taken as it is."""
    if not isinstance(value, str):
        raise Invalid("The password must be text.", field=field)
    least, most = PASSWORD_CHARS
    if not least <= len(value) <= most:
        raise Invalid(f"The password needs {least} to {most} characters.", field=field)
    if any("\ud800" <= character <= "\udfff" for character in value):
        raise Invalid("The password contains characters that cannot be stored.", field=field)
    return value


def day(value: object, field: str, label: str) -> date | None:
    """A day from ISO 8601 text (YYYY-MM-DD); None and empty mean none."""
    if value is None or value == "":
        return None
    if isinstance(value, str) and re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", value):
        try:
            return date.fromisoformat(value)
        except ValueError:
            pass
    raise Invalid(f"{label} must be a date like 2030-06-21.", field=field)


def time_zone(value: object) -> str | None:
    """An IANA time zone's name; None and empty mean none."""
    if value is None or value == "":
        return None
    if not isinstance(value, str) or value not in _time_zones():
        raise Invalid("This is not a time zone; they look like Europe/Lisbon.", field="time_zone")
    return value


def whole(value: object, field: str, label: str, least: int, most: int = LARGEST) -> int:
    """A whole number within bounds."""
    if isinstance(value, bool) or not isinstance(value, int):
        raise Invalid(f"{label} must be a whole number.", field=field)
    if not least <= value <= most:
        raise Invalid(f"{label} must be from {least} to {most}.", field=field)
    return value


@lru_cache
def _time_zones() -> frozenset[str]:
    return frozenset(zoneinfo.available_timezones())
