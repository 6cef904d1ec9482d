"""Who types: each person once, until they stop, send or go."""

from hypothesis import given
from hypothesis import strategies as st

from tripchat.realtime.typing import LASTS_SECONDS, Typing

PEOPLE = ("ana", "bo", "cy")


def test_somebody_types_until_nothing_was_heard_of_them_for_a_while() -> None:
    typing = Typing()
    typing.goes_on("ana", "tab", 10.0)
    assert typing.user_ids(10.0 + LASTS_SECONDS - 0.1) == ["ana"]
    assert typing.user_ids(10.0 + LASTS_SECONDS) == []
    assert typing.next_end() is None


def test_who_goes_on_is_shown_longer() -> None:
    typing = Typing()
    typing.goes_on("ana", "tab", 0.0)
    typing.goes_on("ana", "tab", 2.0)
    assert typing.next_end() == 2.0 + LASTS_SECONDS
    assert typing.user_ids(LASTS_SECONDS + 1.0) == ["ana"]


def test_several_devices_count_once_and_each_ends_by_itself() -> None:
    typing = Typing()
    typing.goes_on("ana", "phone", 0.0)
    typing.goes_on("ana", "laptop", 3.0)
    assert typing.user_ids(3.0) == ["ana"]
    assert typing.user_ids(LASTS_SECONDS) == ["ana"]
    typing.left("ana", "laptop")
    assert typing.user_ids(LASTS_SECONDS) == []


def test_sending_ends_it_on_all_devices() -> None:
    typing = Typing()
    typing.goes_on("ana", "phone", 0.0)
    typing.goes_on("ana", "laptop", 0.0)
    typing.goes_on("bo", "tab", 0.0)
    typing.sent("ana")
    assert typing.user_ids(0.0) == ["bo"]


def test_who_began_first_stands_first() -> None:
    typing = Typing()
    for now, user_id in enumerate(("bo", "ana", "bo")):
        typing.goes_on(user_id, "tab", now)
    assert typing.user_ids(2.0) == ["bo", "ana"]


STEPS = st.tuples(
    st.sampled_from(["types", "sends", "goes"]),
    st.sampled_from(PEOPLE),
    st.sampled_from(["phone", "laptop"]),
    st.floats(0.0, 4.0, allow_nan=False),
)


@given(st.lists(STEPS, max_size=40))
def test_those_who_type_are_those_who_lately_pressed_keys(
    steps: list[tuple[str, str, str, float]],
) -> None:
    typing, now = Typing(), 0.0
    pressed: dict[tuple[str, str], float] = {}
    for what, user_id, device, pause in steps:
        now += pause
        if what == "types":
            typing.goes_on(user_id, device, now)
            pressed[user_id, device] = now
        elif what == "sends":
            typing.sent(user_id)
            pressed = {key: at for key, at in pressed.items() if key[0] != user_id}
        else:
            typing.left(user_id, device)
            pressed.pop((user_id, device), None)
        ends = {key: at + LASTS_SECONDS for key, at in pressed.items() if at + LASTS_SECONDS > now}
        found = typing.user_ids(now)
        assert sorted(found) == sorted({user_id for user_id, _ in ends})
        assert typing.next_end() == min(ends.values(), default=None)
