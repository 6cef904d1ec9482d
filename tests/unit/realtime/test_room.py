"""The room's projection: what it holds, and what each change sends."""

from functools import partial
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tripchat.hub import MessageAdded, MessageChange, MessageChanged, Reacted
from tripchat.kinds import kind
from tripchat.realtime.room import RING, WINDOW, GapError, Room, Vars, slot
from tripchat.services.viewing import quote
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
    "joined_at": 1,
    "left": False,
}


class Store:
    """What the database would hold: messages, and the number of the trip's last change."""

    def __init__(self) -> None:
        self.messages: list[MessageView] = []
        self.last_rev = 0

    def add(self, reply_to: int | None = None) -> MessageAdded:
        seq = len(self.messages) + 1
        message: MessageView = {
            "id": f"id-{seq}",
            "client_id": f"client-{seq}",
            "seq": seq,
            "rev": self._next(),
            "author_id": "ana",
            "kind": "text",
            "body": {"text": f"text {seq}"},
            "sent_at": 1_700_000_000_000 + seq,
        }
        if reply_to is not None:
            message["reply_to_seq"] = reply_to
        self.messages.append(message)
        return MessageAdded("trip-1", self.view(seq))

    def edit(self, seq: int) -> MessageChanged:
        rev = self._next()
        self._at(seq).update(rev=rev, body={"text": f"edit {rev}"}, edited_at=rev)
        return MessageChanged("trip-1", self.view(seq))

    def delete(self, seq: int) -> MessageChanged:
        message = self._at(seq)
        message.update(rev=self._next(), body={}, deleted=True)
        message.pop("edited_at", None)
        message.pop("reactions", None)
        return MessageChanged("trip-1", self.view(seq))

    def react(self, seq: int, user_id: str, emoji: str) -> Reacted:
        """Put the emoji there, or take it away if it is there already."""
        rev = self._next()
        message = self._at(seq)
        of = {**message.get("reactions", {})}
        mine = {**of.get(user_id, {})}
        there = mine.pop(emoji, None) is None
        of[user_id] = {**mine, emoji: rev} if there else mine
        reactions = {one: emojis for one, emojis in of.items() if emojis}
        message.update(rev=rev, reactions=reactions)
        if not reactions:
            del message["reactions"]
        return Reacted("trip-1", seq, rev, user_id, emoji, there)

    def view(self, seq: int) -> MessageView:
        message: Any = {**self._at(seq)}
        if "reply_to_seq" in message:
            message["quote"] = quote(self.messages[message["reply_to_seq"] - 1])
        return message

    def newest(self) -> list[MessageView]:
        return [self.view(seq) for seq in range(1, len(self.messages) + 1)][-WINDOW:]

    def changed_after(self, rev: int) -> list[MessageView]:
        changed = [message for message in self.messages if message["rev"] > rev]
        return [self.view(one["seq"]) for one in sorted(changed, key=lambda one: one["rev"])]

    def room(self) -> Room:
        """A room that is opened now."""
        return Room(TRIP, [ANA], self.newest(), self.last_rev)

    def _at(self, seq: int) -> Any:
        return self.messages[seq - 1]

    def _next(self) -> int:
        self.last_rev += 1
        return self.last_rev


def store_with(count: int) -> Store:
    store = Store()
    for _ in range(count):
        store.add()
    return store


def held(room: Room) -> list[int]:
    messages = [value for name, value in room.snapshot().items() if name[0] == "m" and value]
    return sorted(value["seq"] for value in messages)


def at(room: Room, seq: int) -> Vars:
    return room.snapshot()[slot(seq)]


# What happens in a trip, as numbers that `play` makes something of.
ACTIONS = st.tuples(
    st.sampled_from(["add", "reply", "edit", "delete", "react"]),
    st.integers(0, 200),
    st.sampled_from(["ana", "bo"]),
)


def play(store: Store, action: tuple[str, int, str]) -> MessageChange:
    name, number, user_id = action
    living = [one["seq"] for one in store.messages if not one.get("deleted")]
    if name == "add" or not living:
        return store.add()
    # The newest, as people do; the oldest, which are no longer in the window; any.
    pool = (living[-3:], living[:3], living)[number % 3]
    seq = pool[number % len(pool)]
    if name == "reply":
        return store.add(reply_to=seq)
    if name == "react":
        return store.react(seq, user_id, ["🎉", "👍"][number % 2])
    return store.delete(seq) if name == "delete" else store.edit(seq)


@given(st.integers(0, WINDOW + 10), st.lists(ACTIONS, max_size=60), st.data())
def test_a_room_that_saw_it_live_equals_one_that_is_opened_afterwards(
    before: int, actions: list[tuple[str, int, str]], data: st.DataObject
) -> None:
    store = store_with(before)
    room = store.room()
    changes: list[MessageChange] = []
    for action in actions:
        changes.append(play(store, action))
        room.apply(changes[-1])
        if data.draw(st.booleans()):
            # Told again, or late: it is known already.
            assert room.apply(data.draw(st.sampled_from(changes))) == {}
    assert room.snapshot() == store.room().snapshot()


@given(st.integers(0, WINDOW + 10), st.lists(st.tuples(ACTIONS, st.booleans()), max_size=60))
def test_what_was_not_heard_is_read_and_then_nothing_is_missing(
    before: int, actions: list[tuple[tuple[str, int, str], bool]]
) -> None:
    store = store_with(before)
    room = store.room()
    for action, is_heard in actions:
        change = play(store, action)
        if not is_heard:
            continue
        try:
            room.apply(change)
        except GapError:
            for message in store.changed_after(room.last_rev):
                room.take(message)
    for message in store.changed_after(room.last_rev):
        room.take(message)
    assert room.snapshot() == store.room().snapshot()


@given(st.lists(ACTIONS, min_size=1, max_size=30), st.integers(0, 30))
def test_messages_that_were_read_late_are_never_put_back(
    actions: list[tuple[str, int, str]], when: int
) -> None:
    """A room is opened, or catches up, while its trip changes: what it reads may be newer than the
    changes that follow, or older than those it has taken meanwhile."""
    store = store_with(WINDOW - 3)
    for quoted in (1, 2, 3):
        store.add(reply_to=quoted)
    rev, changes = store.last_rev, []
    opened: Room | None = None
    read: list[MessageView] = []
    for index, action in enumerate(actions):
        changes.append(play(store, action))
        if index == min(when, len(actions) - 1):
            opened, read = Room(TRIP, [ANA], store.newest(), rev), store.changed_after(rev)
    assert opened is not None
    before = revs(opened)
    steps = [partial(opened.apply, each) for each in changes]
    for step in steps + [partial(opened.take, each) for each in read]:
        step()
        after = revs(opened)
        assert all(after.get(name, rev) >= rev for name, rev in before.items())
        before = after
    assert opened.snapshot() == store.room().snapshot()


def revs(room: Room) -> dict[str, int]:
    """The change that each message of the window, and each quote there, is from."""
    messages = [value for name, value in room.snapshot().items() if name[0] == "m" and value]
    quotes = {f"quote in {m['seq']}": m["quote"]["rev"] for m in messages if "quote" in m}
    return {f"message {m['seq']}": m["rev"] for m in messages} | quotes


@given(st.integers(0, 3 * WINDOW), st.integers(0, 3 * WINDOW))
def test_the_window_is_always_the_newest_messages(before: int, added: int) -> None:
    store = store_with(before)
    room = store.room()
    for _ in range(added):
        room.apply(store.add())
    newest = before + added
    assert held(room) == list(range(max(1, newest - WINDOW + 1), newest + 1))


def test_a_new_message_sends_itself_alone() -> None:
    store = store_with(3)
    room = store.room()
    added = store.add()
    assert room.apply(added) == {slot(4): added.message}


def test_a_message_that_is_there_already_sends_nothing() -> None:
    store = store_with(2)
    added = store.add()
    room = store.room()
    version = room.version
    assert room.apply(added) == {}
    assert room.version == version


def test_a_missing_change_is_told_and_not_guessed() -> None:
    store = store_with(3)
    room = store.room()
    store.edit(1)
    with pytest.raises(GapError) as gap:
        room.apply(store.edit(2))
    assert (gap.value.last_rev, gap.value.rev) == (3, 5)
    assert at(room, 2)["body"] == {"text": "text 2"}
    assert room.last_rev == 3


def test_a_change_is_told_in_the_ring_with_its_trip_and_number() -> None:
    store = store_with(3)
    room = store.room()
    changed = store.edit(2)
    assert room.apply(changed) == {
        "c4": {"trip_id": "trip-1", "rev": 4, "message": changed.message}
    }
    assert room.apply(store.react(2, "bo", "🎉")) == {
        "c5": {
            "trip_id": "trip-1",
            "rev": 5,
            "seq": 2,
            "user_id": "bo",
            "emoji": "🎉",
            "there": True,
        }
    }


def test_whoever_changes_a_message_need_not_know_when_it_was_broadcast() -> None:
    store = store_with(2)
    room = store.room()
    room.date(2, 7)
    for change in (store.edit(2), store.delete(2)):
        (told,) = room.apply(change).values()
        assert told["message"] == change.message | {"broadcast_at": 7} == at(room, 2)
    assert room.undated == {"id-1": 1}


def test_changes_that_follow_each_other_never_share_a_place_in_the_ring() -> None:
    store = store_with(1)
    room = store.room()
    names = [name for _ in range(RING) for name in room.apply(store.edit(1))]
    assert len(set(names)) == RING


def test_a_change_of_a_message_that_left_the_window_is_told_as_well() -> None:
    store = store_with(WINDOW + 1)
    room = store.room()
    (told,) = room.apply(store.edit(1)).values()
    assert told["message"]["body"] == store.messages[0]["body"]
    assert held(room) == list(range(2, WINDOW + 2))
    (told,) = room.apply(store.react(1, "bo", "🎉")).values()
    assert told["seq"] == 1


def test_replies_quote_what_the_original_says_now() -> None:
    store = store_with(1)
    room = store.room()
    room.apply(store.add(reply_to=1))
    room.apply(store.edit(1))
    assert at(room, 2)["quote"] == quote(store.messages[0])
    assert at(room, 2)["quote"]["line"] == "edit 3"
    room.apply(store.delete(1))
    shown = at(room, 2)["quote"]
    assert (shown["line"], shown["deleted"]) == ("", True)


def test_reactions_of_several_people_stand_side_by_side() -> None:
    store = store_with(1)
    room = store.room()
    room.apply(store.react(1, "ana", "🎉"))
    room.apply(store.react(1, "bo", "🎉"))
    room.apply(store.react(1, "bo", "👍"))
    assert at(room, 1)["reactions"] == {"ana": {"🎉": 2}, "bo": {"🎉": 3, "👍": 4}}
    room.apply(store.react(1, "ana", "🎉"))
    room.apply(store.react(1, "bo", "🎉"))
    assert at(room, 1)["reactions"] == {"bo": {"👍": 4}}
    room.apply(store.react(1, "bo", "👍"))
    assert "reactions" not in at(room, 1)


PRESENT = st.tuples(st.just("present"), st.sampled_from(["ana", "bo"]), st.booleans())
READS = st.tuples(st.just("read"), st.sampled_from(["ana", "bo"]), st.integers(0, 9))
TYPES = st.tuples(st.just("types"), st.lists(st.sampled_from(["ana", "bo"]), unique=True))
SEATS = st.tuples(st.just("seat"), st.text("ab", min_size=1, max_size=2), st.booleans())
DESCRIBES = st.tuples(st.just("describe"), st.text("ab", min_size=1, max_size=2))


def do(room: Room, doing: tuple[Any, ...]) -> Vars:
    name, *arguments = doing
    if name == "present":
        return room.present(*arguments)
    if name == "read":
        return room.read(*arguments)
    if name == "types":
        return room.type(*arguments)
    if name == "seat":
        return room.seat(
            [ANA, {**ANA, "user_id": "bo", "name": arguments[0], "left": arguments[1]}]
        )
    return room.describe({**TRIP, "title": arguments[0]})


@given(st.lists(PRESENT | READS | TYPES | SEATS | DESCRIBES, max_size=80))
def test_a_snapshot_and_what_followed_equal_a_later_snapshot(doings: list[Any]) -> None:
    room = store_with(5).room()
    seen = room.snapshot()
    for doing in doings:
        version = room.version
        changed = do(room, doing)
        assert (room.version > version) == bool(changed)
        seen |= changed
    away = {name: False for name in room.snapshot() if name.startswith("o_")}
    assert away | seen == room.snapshot()


@given(st.lists(st.integers(0, 50), min_size=1))
def test_a_read_marker_never_goes_back(seqs: list[int]) -> None:
    room = Room(TRIP, [{**ANA, "read_seq": 7}], [], 0)
    for seq in seqs:
        room.read("ana", seq)
    # What was read from the database before may arrive after.
    room.seat([{**ANA, "read_seq": 3}])
    assert room.snapshot()["k_ana"] == max(7, *seqs)


def test_who_was_never_here_does_not_go_away() -> None:
    room = store_with(0).room()
    assert room.present("bo", False) == {}
    assert room.present("ana", True) == {"o_ana": True}
    assert room.present("ana", True) == {}
    assert room.present("ana", False) == {"o_ana": False}


def test_a_snapshot_says_of_everybody_whether_they_are_here() -> None:
    room = Room(TRIP, [ANA, {**ANA, "user_id": "bo"}], [], 0)
    room.present("bo", True)
    snapshot = room.snapshot()
    assert (snapshot["o_ana"], snapshot["o_bo"]) == (False, True)


def test_a_snapshot_says_up_to_which_change_it_is() -> None:
    store = store_with(3)
    room = store.room()
    room.apply(store.edit(1))
    assert room.snapshot()["rev"] == store.last_rev == 4


def test_a_message_without_text_comes_with_its_line() -> None:
    unreadable: MessageView = {**store_with(1).messages[0], "kind": "unreadable", "body": {}}
    (sent,) = Store().room().apply(MessageAdded("trip-1", unreadable)).values()
    assert sent["line"] == kind("unreadable").line({})
    (sent,) = Store().room().apply(store_with(0).add()).values()
    assert "line" not in sent


def test_people_come_with_a_face_of_this_trip() -> None:
    member = Store().room().snapshot()["u_ana"]
    assert (member["trip_id"], member["name"], member["initials"]) == ("trip-1", "Ana Lima", "AL")
    assert 0 <= member["hue"] < 360
    assert Store().room().name_of("ana") == "Ana Lima"
    assert Store().room().name_of("nobody") == ""


def test_a_card_counts_those_who_are_still_in_the_trip() -> None:
    room = Room(TRIP, [ANA, {**ANA, "user_id": "bo", "left": True}], [], 0)
    assert room.card() == {
        "title": "Lisbon",
        "destination": "",
        "starts_on": "2026-05-01",
        "ends_on": "",
        "member_count": 1,
    }
