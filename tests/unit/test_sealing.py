import pytest
from hypothesis import given
from hypothesis import strategies as st

from tripchat.sealing import MasterKey, SealBroken, Sealer

KEY = bytes(range(32))
OLD = bytes(range(32, 64))

# As the version before this one has written them, under OLD.
NAMELESS = {
    ("trip", "message"): bytes.fromhex(
        "01a5e844fc1070640bbf6e408778f62fe6da2a3fb7b2437dea61a1cdc726678d0d58773d0127b633"
        "120f0e26218c"
    )
}
FOR_A_PURPOSE = bytes.fromhex(
    "015b55e071bf9288d7e296fdaed407f741996f3804b578d5598959b37f5d3b2b4b15"
)
ids = st.text("ABCabc012_-", min_size=1, max_size=12)


@given(ids, ids, st.binary(max_size=300))
def test_what_is_sealed_opens_again(trip: str, message: str, body: bytes):
    assert Sealer(KEY).open(trip, message, Sealer(KEY).seal(trip, message, body)) == body


@given(ids, ids, ids, ids, st.binary(max_size=50))
def test_it_opens_in_its_own_place_only(trip: str, message: str, t: str, m: str, body: bytes):
    sealed = Sealer(KEY).seal(trip, message, body)
    if (t, m) != (trip, message):
        with pytest.raises(SealBroken):
            Sealer(KEY).open(t, m, sealed)


@given(st.binary(max_size=50), st.data())
def test_one_changed_bit_breaks_the_seal(body: bytes, data: st.DataObject):
    sealed = bytearray(Sealer(KEY).seal("trip", "message", body))
    bit = data.draw(st.integers(0, len(sealed) * 8 - 1))
    sealed[bit // 8] ^= 1 << bit % 8
    with pytest.raises(SealBroken):
        Sealer(KEY).open("trip", "message", bytes(sealed))


@given(st.binary(max_size=60))
def test_other_bytes_do_not_open(garbage: bytes):
    with pytest.raises(SealBroken):
        Sealer(KEY).open("trip", "message", garbage)


def test_another_key_does_not_open():
    sealed = Sealer(KEY).seal("trip", "message", b"hello")
    with pytest.raises(SealBroken):
        Sealer(bytes(32)).open("trip", "message", sealed)


def test_the_same_body_is_never_sealed_the_same_way():
    sealer = Sealer(KEY)
    assert len({sealer.seal("trip", "message", b"hello") for _ in range(100)}) == 100


def test_a_key_has_32_bytes():
    with pytest.raises(ValueError, match="32 bytes"):
        Sealer(b"short")


@given(st.text(max_size=20), st.text(max_size=20), st.binary(max_size=50))
def test_what_is_sealed_for_a_purpose_opens_for_no_other(one: str, other: str, content: bytes):
    sealed = Sealer(KEY).seal_for(one, content)
    assert Sealer(KEY).open_for(one, sealed) == content
    for use in (
        lambda: Sealer(KEY).open(one, "", sealed),
        lambda: Sealer(KEY[::-1]).open_for(one, sealed),
    ):
        with pytest.raises(SealBroken):
            use()
    if other != one:
        with pytest.raises(SealBroken):
            Sealer(KEY).open_for(other, sealed)


def test_a_name_is_the_same_under_one_key_and_for_one_purpose_alone():
    names = [MasterKey(key).name_for(use) for key in (KEY, KEY[::-1]) for use in ("a", "b")]
    assert len(set(names)) == 4
    assert MasterKey(KEY).name_for("a") == names[0]
    assert all(len(name) == 16 and KEY.hex()[:8] not in name for name in names)


def test_what_is_sealed_names_its_key_and_a_key_is_named_in_one_way():
    sealed = Sealer(KEY).seal("trip", "message", b"hello")
    assert sealed.startswith(MasterKey(KEY).head)
    assert MasterKey(KEY[::-1]).id != MasterKey(KEY).id
    assert MasterKey(KEY).id not in KEY


@given(ids, ids, st.binary(max_size=50))
def test_what_an_older_key_has_sealed_opens_and_nothing_new_is_under_it(
    trip: str, message: str, body: bytes
):
    old, new, ring = Sealer(OLD), Sealer(KEY), Sealer(KEY, OLD)
    sealed = old.seal(trip, message, body)
    assert ring.open(trip, message, sealed) == body
    assert new.open(trip, message, ring.seal(trip, message, body)) == body
    with pytest.raises(SealBroken):
        new.open(trip, message, sealed)


def test_a_renewed_body_is_under_the_current_key_alone():
    old, new, ring = Sealer(OLD), Sealer(KEY), Sealer(KEY, OLD)
    renewed = ring.renewed("trip", "message", old.seal("trip", "message", b"hello"))
    assert ring.is_current(renewed)
    assert new.open("trip", "message", renewed) == b"hello"
    assert ring.renewed("trip", "message", renewed) is renewed
    with pytest.raises(SealBroken):
        old.open("trip", "message", renewed)
    with pytest.raises(SealBroken):
        new.renewed("trip", "message", old.seal("trip", "message", b"hello"))


@pytest.mark.parametrize("keys", [(OLD,), (KEY, OLD), (OLD, KEY)])
def test_what_was_sealed_before_keys_had_names_opens(keys: tuple[bytes, ...]):
    for (trip, message), sealed in NAMELESS.items():
        assert Sealer(*keys).open(trip, message, sealed) == b'{"text": "hello"}'
        with pytest.raises(SealBroken):
            Sealer(*keys).open(trip, message + "x", sealed)
        with pytest.raises(SealBroken):
            Sealer(KEY).open(trip, message, sealed)
    assert Sealer(*keys).open_for("a purpose", FOR_A_PURPOSE) == b"hello"


def test_the_name_of_a_key_cannot_be_exchanged():
    sealed = Sealer(OLD).seal("trip", "message", b"hello")
    renamed = MasterKey(KEY).head + sealed[len(MasterKey(KEY).head) :]
    with pytest.raises(SealBroken):
        Sealer(KEY, OLD).open("trip", "message", renamed)
