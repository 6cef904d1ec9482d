"""The room's projection: what it holds, and what each change sends."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tripchat.kinds import kind
from tripchat.realtime.room import WINDOW, GapError, Room, Vars, slot
from tripchat.views import MemberView, MessageView, TripView

TRIP: TripView = {
    "trip_id": "trip-1",
    "title": "Lisbon",
    "destination": None,
    "starts_on": "2026-05-01",
    "ends_on": None,
    "time_zone": "Europe/Lisbon",
    "last_seq": 0,
    "role": "member",
    "read_seq": 0,
}
ANA: MemberView = {
    "user_id": "ana",
    "name": "Ana Lima",
    "role": "organiser",
    "read_seq": 0,
    "left": False,
}


def message(seq: int) -> MessageView:
    return {
        "id": f"id-{seq}",
        "client_id": f"client-{seq}",
        "seq": seq,
        "author_id": "ana",
        "kind": "text",
        "body": {"text": f"text {seq}"},
        "sent_at": 1_700_000_000_000 + seq,
    }


def room_with(count: int) -> Room:
    return Room(TRIP, [ANA], [message(seq) for seq in range(max(1, count - WINDOW + 1), count + 1)])


def held(room: Room) -> list[int]:
    messages = [value for name, value in room.snapshot().items() if name[0] == "m" and value]
    return sorted(value["seq"] for value in messages if isinstance(value, dict))


def test_a_new_message_sends_itself_alone() -> None:
    room = room_with(3)
    assert room.add(message(4)) == {slot(4): message(4)}


def test_a_message_that_is_there_already_sends_nothing() -> None:
    room = room_with(3)
    version = room.version
    assert room.add(message(3)) == {}
    assert room.version == version


def test_a_missing_message_is_told_and_not_guessed() -> None:
    room = room_with(3)
    with pytest.raises(GapError) as gap:
        room.add(message(6))
    assert (gap.value.last_seq, gap.value.seq) == (3, 6)
    assert room.last_seq == 3


@given(st.integers(0, 3 * WINDOW), st.integers(0, 3 * WINDOW))
def test_the_window_is_always_the_newest_messages(before: int, added: int) -> None:
    room = room_with(before)
    for seq in range(before + 1, before + added + 1):
        room.add(message(seq))
    newest = before + added
    assert held(room) == list(range(max(1, newest - WINDOW + 1), newest + 1))


@given(st.lists(st.sampled_from(["message", "come", "go", "describe"]), max_size=80))
def test_a_snapshot_and_what_followed_equal_a_later_snapshot(changes: list[str]) -> None:
    room = room_with(5)
    seen: Vars = room.snapshot()
    for change in changes:
        if change == "message":
            seen |= room.add(message(room.last_seq + 1))
        elif change == "describe":
            seen |= room.describe({**TRIP, "title": f"Lisbon {room.version}"}, [ANA])
        else:
            seen |= room.present("ana", change == "come")
    assert seen == room.snapshot()


def test_every_change_has_a_version_of_its_own() -> None:
    room = room_with(0)
    versions = [room.version]
    room.add(message(1))
    versions.append(room.version)
    room.present("ana", True)
    versions.append(room.version)
    room.present("ana", True)
    assert versions == sorted(set(versions))
    assert room.version == versions[-1]


def test_a_message_without_text_comes_with_its_line() -> None:
    unreadable: MessageView = {**message(1), "kind": "unreadable", "body": {}}
    (sent,) = room_with(0).add(unreadable).values()
    assert sent["line"] == kind("unreadable").line({})
    (sent,) = room_with(0).add(message(1)).values()
    assert "line" not in sent


def test_members_come_with_a_face() -> None:
    (member,) = room_with(0).snapshot()["members"]
    assert member["initials"] == "AL"
    assert 0 <= member["hue"] < 360
    assert room_with(0).name_of("ana") == "Ana Lima"
    assert room_with(0).name_of("nobody") == ""
