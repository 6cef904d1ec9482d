"""What one connection may send: bursts pass, a flood waits."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tripchat.realtime.budget import Budget


def test_a_burst_passes_at_once_and_what_follows_in_its_turn() -> None:
    budget = Budget(rate=10, burst=5)
    assert [budget.spend(100.0) for _ in range(5)] == [0.0] * 5
    assert [budget.spend(100.0) for _ in range(3)] == pytest.approx([0.1, 0.2, 0.3])


def test_who_was_quiet_has_the_whole_burst_again() -> None:
    budget = Budget(rate=10, burst=5)
    for _ in range(5):
        budget.spend(0.0)
    assert [budget.spend(60.0) for _ in range(5)] == pytest.approx([0.0] * 5)
    assert budget.spend(60.0) == pytest.approx(0.1)


@given(st.lists(st.floats(0, 0.5, allow_nan=False), min_size=1, max_size=200))
def test_never_more_than_the_burst_and_the_rate(pauses: list[float]) -> None:
    budget, now, passed = Budget(rate=10, burst=5), 0.0, []
    for pause in pauses:
        now += pause
        now += budget.spend(now)
        passed.append(now)
    for first in range(len(passed)):
        for last in range(first, len(passed)):
            assert last - first + 1 <= 5 + 10 * (passed[last] - passed[first]) + 1.001
