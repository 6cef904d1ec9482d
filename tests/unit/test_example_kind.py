"""The example of docs/extending.md: it is the file that it says it is, and it works."""

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tripchat import extensions
from tripchat.errors import Invalid
from tripchat.kinds import MessageKind, registry

DOCS = Path(__file__).resolve().parents[2] / "docs"
PIER = {"name": "The pier", "lat": 37.74, "lon": -25.66}


@pytest.fixture
def place(monkeypatch: pytest.MonkeyPatch) -> Iterator[MessageKind]:
    """The example's kind, registered for this test alone."""
    monkeypatch.setattr(registry, "_kinds", dict(registry._kinds))
    monkeypatch.syspath_prepend(str(DOCS / "examples"))
    extensions.load(["place_kind"])
    yield registry.kind("place")
    sys.modules.pop("place_kind", None)


def test_the_page_shows_the_file_as_it_is() -> None:
    code = (DOCS / "examples" / "place_kind.py").read_text(encoding="utf-8")
    assert f"```python\n{code}```\n" in (DOCS / "extending.md").read_text(encoding="utf-8")


def test_a_place_is_seen_as_a_link_to_the_map(place: MessageKind) -> None:
    seen = place.view(place.validate({**PIER, "name": " The pier ", "more": 1}))
    assert seen["name"] == "The pier"
    assert (
        seen["url"] == "https://www.openstreetmap.org/?mlat=37.74&mlon=-25.66#map=16/37.74/-25.66"
    )
    assert place.line(seen) == "📍 The pier"


WRONG = [
    *(("name", value) for value in ("", " ", None, "x" * 81)),
    *(("lat", value) for value in (90.5, "1", None)),
    *(("lon", value) for value in (-181, float("nan"))),
]


@pytest.mark.parametrize(("field", "value"), WRONG)
def test_what_is_no_place_is_refused_by_its_field(
    place: MessageKind, field: str, value: Any
) -> None:
    with pytest.raises(Invalid) as raised:
        place.validate({**PIER, field: value})
    assert raised.value.field == field
