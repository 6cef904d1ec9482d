from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tripchat.errors import Invalid
from tripchat.services import checks

anything = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.text(),
    st.binary(),
    st.lists(st.text()),
)


@given(anything)
def test_a_check_accepts_or_refuses_and_never_breaks(value: object):
    for check in (
        lambda: checks.words(value, "f", "It", 60),
        lambda: checks.email(value),
        lambda: checks.password(value),
        lambda: checks.day(value, "f", "It"),
        lambda: checks.time_zone(value),
        lambda: checks.whole(value, "f", "It", 0),
    ):
        try:
            check()
        except Invalid as refused:
            assert refused.field
            assert refused.detail.endswith(".")


@pytest.mark.parametrize(
    ("value", "kept"), [("Ann", "Ann"), ("  Zoë Ó Briain ", "Zoë Ó Briain"), ("👩‍🚀", "👩‍🚀")]
)
def test_names_are_stripped(value: str, kept: str):
    assert checks.words(value, "name", "The name", 60) == kept


@pytest.mark.parametrize(
    "value", ["", "   ", "\u200b\u200d", "a\nb", "a\x00", "a\u202eb", "a" * 61, "\ud800", 7, None]
)
def test_names_that_are_refused(value: object):
    with pytest.raises(Invalid) as raised:
        checks.words(value, "name", "The name", 60)
    assert raised.value.field == "name"


def test_an_email_is_lower_case():
    assert checks.email(" Ann@Example.ORG ") == "ann@example.org"


@pytest.mark.parametrize("value", ["ann", "ann@", "@x.org", "a b@x.org", "ann@x..org", "", 3, None])
def test_what_is_no_email(value: object):
    with pytest.raises(Invalid):
        checks.email(value)


@pytest.mark.parametrize("value", ["1234567", "x" * 257, "password\ud800", 12345678, None])
def test_passwords_that_are_refused(value: object):
    with pytest.raises(Invalid):
        checks.password(value)


@pytest.mark.parametrize("value", ["12345678", "x" * 256, "pass  word ", "пароль-пароль"])
def test_passwords_are_taken_as_they_are(value: str):
    assert checks.password(value) == value


def test_days():
    assert checks.day("2028-02-29", "f", "It") == date(2028, 2, 29)
    assert checks.day("", "f", "It") is None
    for wrong in ("2027-02-29", "2028-2-9", "20280229", "tomorrow", "2028-02-29T00:00", 20280229):
        with pytest.raises(Invalid):
            checks.day(wrong, "f", "It")


def test_time_zones():
    assert checks.time_zone("Europe/Lisbon") == "Europe/Lisbon"
    assert checks.time_zone(None) is None
    for wrong in ("Europe/Atlantis", "../etc/passwd", "europe/lisbon ", "+01:00", 1):
        with pytest.raises(Invalid):
            checks.time_zone(wrong)


def test_true_is_no_number():
    assert checks.whole(1, "f", "It", 0) == 1
    for wrong in (True, 1.0, "1", -1, 2**53, None):
        with pytest.raises(Invalid):
            checks.whole(wrong, "f", "It", 0)
