"""Changes between workers: nothing of them is lost, nothing of them can be read on the way."""

from dataclasses import fields
from typing import Any, get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tripchat import hub
from tripchat.cluster.signs import Beat, Goodbye
from tripchat.cluster.wire import Envelope, Item, Unreadable, packed, unpacked
from tripchat.hub import Missed
from tripchat.sealing import Sealer

SEALER = Sealer(bytes(range(32)))

numbers = st.integers(0, 2**53)
words = st.text(max_size=40)
ids = st.text("ABCabc012_-", min_size=1, max_size=12)
messages = st.fixed_dictionaries(
    {
        "id": ids,
        "client_id": ids,
        "seq": numbers,
        "rev": numbers,
        "author_id": ids,
        "kind": st.just("text"),
        "body": st.fixed_dictionaries({"text": words}),
        "sent_at": numbers,
    },
    optional={
        "broadcast_at": numbers,
        "deleted": st.booleans(),
        "reactions": st.dictionaries(ids, st.dictionaries(words, numbers), max_size=3),
    },
)
people = st.dictionaries(ids, st.lists(ids, max_size=3), max_size=3)
OF_FIELD: dict[str, st.SearchStrategy[Any]] = {
    "message": messages,
    "named_before": st.frozensets(ids, max_size=3),
    "trip_ids": st.lists(ids, max_size=3).map(tuple),
    "here": st.booleans(),
    "there": st.booleans(),
    "seq": numbers,
    "rev": numbers,
    "sent_at": st.floats(0, 1e9),
}
TOLD = [*(each for each in get_args(hub.Change) if each is not Missed), Beat, Goodbye]


def of_type(kind: type[Any]) -> st.SearchStrategy[Any]:
    """Anything of one type of change."""
    values = {each.name: OF_FIELD.get(each.name, words) for each in fields(kind)}
    if kind is hub.Everybody:
        values |= {"here": people, "typing": people}
    return st.builds(kind, **values)


@given(ids, numbers, st.lists(st.one_of(*map(of_type, TOLD)), max_size=5))
def test_every_change_arrives_as_it_was(worker_id: str, number: int, items: list[Item]) -> None:
    envelope = Envelope(worker_id, number, items)
    assert unpacked(packed(envelope, SEALER), SEALER) == envelope


@pytest.mark.parametrize("kind", TOLD)
@given(data=st.data())
def test_each_type_of_change_arrives(kind: type[Any], data: st.DataObject) -> None:
    item = data.draw(of_type(kind))
    assert unpacked(packed(Envelope("w", 1, [item]), SEALER), SEALER).items == [item]


@given(st.text("abcdefgh ", min_size=8, max_size=40), ids.filter(lambda each: len(each) > 7))
def test_nothing_of_it_can_be_read_on_the_way(text: str, name: str) -> None:
    renamed = hub.PersonRenamed("user-of-it", text, ("trip-of-it",))
    sealed = packed(Envelope(name, 1, [renamed]), SEALER)
    for secret in (text, name, "user-of-it", "trip-of-it", "PersonRenamed"):
        assert secret.encode() not in sealed


@given(st.data())
def test_what_no_worker_has_sealed_is_unreadable(data: st.DataObject) -> None:
    sealed = bytearray(packed(Envelope("w", 1, [Goodbye()]), SEALER))
    bit = data.draw(st.integers(0, len(sealed) * 8 - 1))
    sealed[bit // 8] ^= 1 << bit % 8
    with pytest.raises(Unreadable):
        unpacked(bytes(sealed), SEALER)


@given(st.binary(max_size=100))
def test_rubbish_is_unreadable_sealed_or_not(rubbish: bytes) -> None:
    for payload in (rubbish, SEALER.seal_for("changes between workers", rubbish)):
        with pytest.raises(Unreadable):
            unpacked(payload, SEALER)


def test_a_change_that_this_version_does_not_know_is_unreadable_and_not_quoted() -> None:
    sealed = SEALER.seal_for("changes between workers", b'["w",1,[["Unknown",["secret"]]]]')
    with pytest.raises(Unreadable) as unreadable:
        unpacked(sealed, SEALER)
    assert "secret" not in str(unreadable.value)
    assert unreadable.value.__cause__ is None


def test_what_is_no_json_cannot_be_packed() -> None:
    with pytest.raises(TypeError):
        packed(Envelope("w", 1, [hub.TripsChanged(object())]), SEALER)  # type: ignore[arg-type]
