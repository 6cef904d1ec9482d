"""Names after an `@`."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tripchat.kinds.names import Names

PEOPLE = [("a", "Ann"), ("l", "Ann Lee"), ("d", "Dé·"), ("s", "A*b_"), ("t", "ANN"), ("i", "İx")]


def found(text: str) -> list[tuple[str, str]]:
    """Each place of an `@` that names somebody: the ids, and the name as it is written."""
    names = Names(PEOPLE)
    places = (names.at(text, at) for at, sign in enumerate(text) if sign == "@")
    return [("".join(place[0]), text[: place[1]].rpartition("@")[2]) for place in places if place]


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("@Ann", [("at", "Ann")]),
        ("hi @ann, @Ann Lee and @ann lee!", [("at", "ann"), ("l", "Ann Lee"), ("l", "ann lee")]),
        ("@Ann Leeds @Anna @Ann2 @An", [("at", "Ann")]),
        ("(@Ann) _@Ann_ **@Ann** @@Ann", [("at", "Ann")] * 4),
        ("bob@Ann é@Ann 1@Ann", []),
        ("@A*b_ @a*B_, @A*b", [("s", "A*b_"), ("s", "a*B_")]),
        ("@dé· @Dé", [("d", "dé·")]),
        ("@İx @i\u0307x", [("i", "İx"), ("i", "i\u0307x")]),
        ("@ Ann @", []),
    ],
)
def test_the_longest_whole_name_after_a_free_standing_at_sign(
    text: str, named: list[tuple[str, str]]
):
    assert found(text) == named


alphabet = st.text("Aa b@·_1", max_size=6)


@given(st.lists(st.tuples(st.text("xyz", min_size=1, max_size=1), alphabet.filter(bool))), alphabet)
def test_a_name_ends_where_it_says_and_was_asked_for(people: list[tuple[str, str]], text: str):
    names = Names(people)
    for at, sign in enumerate(text):
        place = names.at(text, at) if sign == "@" else None
        if place is not None:
            ids, end = place
            assert all(
                (user_id, text[at + 1 : end].lower())
                in [(each, name.lower()) for each, name in people]
                for user_id in ids
            )
            assert end <= len(text)
            assert not text[end : end + 1].isalnum()
