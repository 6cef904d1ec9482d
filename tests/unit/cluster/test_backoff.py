"""Waits between attempts."""

from tripchat.cluster.backoff import Backoff


def test_waits_double_up_to_a_limit_and_half_of_each_is_drawn() -> None:
    backoff = Backoff(first=1, most=8)
    for full in (1, 2, 4, 8, 8, 8):
        assert full / 2 <= backoff.next() <= full


def test_after_a_success_they_begin_anew() -> None:
    backoff = Backoff(first=1, most=8)
    for _ in range(5):
        backoff.next()
    backoff.reset()
    assert backoff.next() <= 1


def test_many_do_not_come_at_once() -> None:
    assert len({Backoff().next() for _ in range(20)}) > 15
