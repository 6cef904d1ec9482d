"""What anybody may send: values as they should be, nearly so, and not at all.

A text of `$` and a word stands for an id that is known only while the server runs; see `filled`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from hypothesis import strategies as st

Values = st.SearchStrategy[Any]

ODD_TEXTS = [
    *("", " ", "\x00", "\r\n", "\ud800", "\ufffe", "\u202e", "🏔️", "e\u0301" * 40, "x" * 70_000),
    *("../../etc/passwd", "%2e%2e%2f", "%00", "' OR 1=1 --", "${7*7}", "{{7*7}}", "NaN", "null"),
    *("__proto__", "constructor", "true", "-1", "1e400", "0x10", "١٢", "<script>", "a" * 65),
]

ODD_NUMBERS = [0, -1, 1, 2**31, 2**53, 2**63 - 1, 2**63, -(2**63) - 1, 10**40, 0.5, -0.0, 1e308]

IDS = ["$trip", "$other", "$code", "$me", "$them", "unknown-id-1", "a" * 12]

_own = st.sampled_from(["$trip"] * 12 + IDS)

texts: Values = st.one_of(
    st.text(max_size=40),
    st.sampled_from(ODD_TEXTS),
    st.sampled_from(IDS),
    st.text("*_`~[]()<>@#-\n"),
)
numbers: Values = st.one_of(st.integers(-5, 300), st.sampled_from(ODD_NUMBERS))
scalars: Values = st.one_of(st.none(), st.booleans(), numbers, texts)
anything: Values = st.recursive(
    scalars,
    lambda inner: st.one_of(
        st.lists(inner, max_size=4), st.dictionaries(st.text(max_size=8), inner, max_size=4)
    ),
    max_leaves=8,
)

_DAYS = ["2030-05-01", "2030-05-09", "2030-02-30", "0000-00-00", "tomorrow"]

PLAUSIBLE: dict[str, Values] = {
    "text": st.sampled_from(["hello", "**bold** @Ana", "see https://example.org/", "😀"]),
    "client_id": st.text("abcdefghij-_0123456789", min_size=1, max_size=20),
    "name": st.sampled_from(["Ana", "Bo Berg", "李雷"]),
    "email": st.sampled_from(["$email", "nobody@example.org", "a@b"]),
    "password": st.sampled_from(["correct horse battery", "x", "another long password"]),
    "title": st.sampled_from(["Lisbon", "A very long way", "x"]),
    "destination": st.sampled_from(["Lisbon", None]),
    "starts_on": st.sampled_from(_DAYS),
    "ends_on": st.sampled_from(_DAYS),
    "time_zone": st.sampled_from(["Europe/Lisbon", "UTC", "Mars/Olympus"]),
    "expires_in_hours": st.integers(0, 10_000),
    "max_uses": st.integers(0, 10_000),
    "mentions": st.lists(st.sampled_from(IDS), max_size=3),
    "attachment_ids": st.lists(st.sampled_from(IDS), max_size=3),
    "kind": st.sampled_from(["text", "unreadable", "place", "photo"]),
    "body": st.fixed_dictionaries({"text": st.sampled_from(["hello", "", "*x*", "x" * 5000])}),
    "emoji": st.sampled_from(["👍", "❤️", "🇵🇹", "👍👍", "x", "%F0%9F"]),
    "link": st.sampled_from(["unknown", "w.x.1"]),
    "packets": st.lists(st.sampled_from(["2", "3", "40/_event,", "41", "1"]), max_size=3),
    "trip_id": _own,
    "user_id": st.sampled_from(IDS),
    "code": st.sampled_from(["$code"] * 6 + IDS),
}
"""Values that a field of this name may well have."""

_NUMBERED = {"seq", "reply_to_seq", "before", "after", "after_rev", "first", "last", "limit", "n"}


def value_of(name: str) -> Values:
    """What may be sent in a field of this name: mostly what belongs there."""
    fitting = st.integers(0, 8) if name in _NUMBERED else PLAUSIBLE.get(name, scalars)
    return st.one_of(fitting, fitting, fitting, anything)


@st.composite
def objects(draw: st.DrawFn, names: list[str]) -> dict[str, Any]:
    """A JSON object with these fields, a few of them left out, now and then one that is unknown."""
    kept = [name for name in names if draw(st.integers(0, 9)) > 0]
    given = {name: draw(value_of(name)) for name in kept}
    if draw(st.integers(0, 9)) == 0:
        given[draw(st.text(max_size=6))] = draw(anything)
    return given


def filled(value: Any, ids: Mapping[str, str]) -> Any:
    """The value with the ids that it stands for."""
    if isinstance(value, str):
        return ids.get(value, value)
    if isinstance(value, list):
        return [filled(each, ids) for each in value]
    if isinstance(value, dict):
        return {filled(key, ids): filled(each, ids) for key, each in value.items()}
    return value
