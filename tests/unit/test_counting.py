import pytest
from hypothesis import given
from hypothesis import strategies as st

from tripchat.services.counting import Windows


class Clock:
    """A clock that is put forward by hand."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


def windows(clock: Clock, most: int = 100) -> Windows:
    return Windows(most, clock)


def allowed(counted: Windows, times: int, amount: int, seconds: float = 10.0) -> int:
    return sum(counted.hit("a", amount, seconds) == 0 for _ in range(times))


def test_as_much_as_is_allowed_and_no_more(clock: Clock):
    counted = windows(clock)
    assert allowed(counted, 100, amount=5) == 5
    assert counted.hit("b", 5, 10.0) == 0


def test_whoever_waits_as_long_as_they_are_told_goes_on(clock: Clock):
    counted = windows(clock)
    allowed(counted, 5, amount=5)
    clock.now += 3
    wait = counted.hit("a", 5, 10.0)
    assert wait == pytest.approx(7)
    clock.now += wait - 0.01
    assert counted.hit("a", 5, 10.0) == pytest.approx(0.01)
    clock.now += 0.02
    assert counted.hit("a", 5, 10.0) == 0
    # Of the five before as many count as the last ten seconds still touch.
    assert counted.hit("a", 5, 10.0) == pytest.approx(2, abs=0.02)


def test_after_a_long_pause_nothing_counts(clock: Clock):
    counted = windows(clock)
    allowed(counted, 5, amount=5)
    clock.now += 20
    assert allowed(counted, 9, amount=5) == 5


def test_one_in_a_while(clock: Clock):
    counted = windows(clock)
    assert allowed(counted, 3, amount=1) == 1
    clock.now += 10.001
    assert allowed(counted, 3, amount=1) == 1


def test_those_are_forgotten_that_nothing_was_counted_in_for_longest(clock: Clock):
    counted = windows(clock, most=3)
    for key in "abcade":
        counted.hit(key, 1, 10.0)
    assert len(counted) == 3
    assert counted.hit("a", 1, 10.0) > 0
    assert counted.hit("b", 1, 10.0) == 0


def test_what_is_closed_opens_again(clock: Clock):
    counted = windows(clock)
    counted.hit("a", 5, 10.0)
    counted.close("a", 4)
    assert counted.hit("a", 5, 10.0) == 4
    clock.now += 4
    assert counted.hit("a", 5, 10.0) == 0


def test_what_is_forgotten_begins_anew(clock: Clock):
    counted = windows(clock)
    allowed(counted, 5, amount=5)
    counted.forget("a")
    counted.forget("unknown")
    assert allowed(counted, 9, amount=5) == 5


def test_who_does_little_is_not_told_of_and_what_is_told_is_told_once(clock: Clock):
    counted = windows(clock)
    allowed(counted, 2, amount=20)
    assert not counted.is_busy("a", 20)
    allowed(counted, 1, amount=20)
    assert counted.is_busy("a", 20)
    assert [counted.take_untold("a"), counted.take_untold("a")] == [3, 0]
    assert counted.take_untold("unknown") == 0


@given(
    amount=st.integers(1, 6),
    pauses=st.lists(st.floats(0, 15, allow_nan=False), min_size=1, max_size=60),
)
def test_in_no_ten_seconds_more_than_twice_the_amount_and_no_wait_in_vain(
    amount: int, pauses: list[float]
):
    clock = Clock()
    counted = windows(clock)
    passed: list[float] = []
    for pause in pauses:
        clock.now += pause
        wait = counted.hit("a", amount, 10.0)
        assert 0 <= wait <= 20
        if wait:
            clock.now += wait + 1e-6
            assert counted.hit("a", amount, 10.0) == 0
        passed.append(clock.now)
        assert sum(each > clock.now - 10 for each in passed) <= 2 * amount
