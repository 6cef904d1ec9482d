"""Whatever is cut, and whenever: who resumes gets every packet once and in order, or is told no."""

from hypothesis import given
from hypothesis import strategies as st

from tripchat.realtime.packets import PIECE_BYTES, Packets

KEPT, KEPT_BYTES = 5, 3 * PIECE_BYTES

_step = st.one_of(
    st.tuples(st.just("add"), st.sampled_from([1, 100, PIECE_BYTES // 2, 2 * PIECE_BYTES])),
    st.tuples(st.sampled_from(("send", "send", "arrive", "arrive", "cut")), st.integers(0, 9)),
)


@given(st.lists(_step, max_size=80))
def test_who_resumes_misses_nothing_and_gets_nothing_twice(steps: list[tuple[str, int]]) -> None:
    packets = Packets(KEPT, KEPT_BYTES)
    sizes: list[int] = []
    on_the_way: list[int] = []
    arrived = 0
    for step, number in steps:
        if step == "add":
            sizes.append(number)
            packets.add(b"x" * number)
        elif step == "send":
            on_the_way += [packet for packet, _ in packets.send()]
        elif step == "arrive":
            for packet in on_the_way[:number]:
                assert packet == arrived + 1
                arrived = packet
            del on_the_way[:number]
        elif packets.resume(arrived):
            on_the_way = []
        else:
            # More was on its way than is kept.
            assert len(on_the_way) > KEPT or sum(sizes[at - 1] for at in on_the_way) > KEPT_BYTES
            return
        waiting = sizes[arrived + len(on_the_way) :]
        assert packets.waiting_bytes == sum(waiting)
    while sent := packets.send():
        on_the_way += [packet for packet, _ in sent]
    assert on_the_way == list(range(arrived + 1, len(sizes) + 1))


@given(st.integers(0, 20), st.integers(0, 20), st.integers(-3, 30))
def test_a_resume_goes_on_only_from_what_is_kept(sent: int, waiting: int, heard: int) -> None:
    packets = Packets(KEPT)
    for number in range(1, sent + 1):
        packets.add(b"%d" % number)
    packets.send()
    for number in range(sent + 1, sent + waiting + 1):
        packets.add(b"%d" % number)
    assert packets.resume(heard) == (max(0, sent - KEPT) <= heard <= sent)
    if heard <= sent and heard >= sent - KEPT and heard >= 0:
        assert packets.send() == [
            (number, b"%d" % number) for number in range(heard + 1, sent + waiting + 1)
        ]


def test_what_is_sent_at_once_is_little_and_what_is_kept_is_bounded() -> None:
    packets = Packets(kept_packets=1000, kept_bytes=KEPT_BYTES)
    for _ in range(40):
        packets.add(b"x" * (PIECE_BYTES // 4))
    pieces = []
    while piece := packets.send():
        pieces.append(len(piece))
    assert pieces == [4] * 10
    assert not packets.resume(40 - 13)
    assert packets.resume(40 - 12)
