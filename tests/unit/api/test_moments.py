from datetime import datetime

from hypothesis import given
from hypothesis import strategies as st

from tripchat.api.moments import iso


def test_a_moment_is_utc_with_milliseconds():
    assert iso(1_900_000_000_007) == "2030-03-17T17:46:40.007Z"
    assert iso(None) is None


@given(st.integers(0, 4_000_000_000_000))
def test_it_reads_back_as_the_same_millisecond(moment: int):
    assert round(datetime.fromisoformat(iso(moment)).timestamp() * 1000) == moment
