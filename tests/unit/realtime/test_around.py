"""Who is around on other workers: whatever was missed, what is said last counts."""

from hypothesis import given
from hypothesis import strategies as st

from tripchat.realtime.around import Trips

WORKERS, TRIPS, PEOPLE = ("w1", "w2"), ("t1", "t2"), ("ana", "bo")
_said = st.tuples(*map(st.sampled_from, (WORKERS, TRIPS, PEOPLE)), st.booleans())


def elsewhere(trips: Trips) -> dict[str, set[str]]:
    """Who is where."""
    return {trip: set(trips.of(trip).elsewhere) for trip in TRIPS}


@given(st.lists(_said))
def test_a_person_is_there_as_long_as_they_are_on_any_worker(said: list) -> None:
    trips = Trips()
    there: set[tuple[str, str, str]] = set()
    for worker, trip, user, here in said:
        trips.of(trip).put(user, worker, here)
        (there.add if here else there.discard)((worker, trip, user))
    assert elsewhere(trips) == {t: {u for _, at, u in there if at == t} for t in TRIPS}


@given(st.lists(_said), st.lists(_said))
def test_all_that_a_worker_says_replaces_what_was_known_of_it(before: list, after: list) -> None:
    trips, fresh = Trips(), Trips()
    for worker, trip, user, here in before:
        trips.of(trip).put(user, worker, here)
    for worker in WORKERS:
        people: dict[str, list[str]] = {}
        for at, trip, user, is_here in after:
            if is_here and at == worker:
                people.setdefault(trip, []).append(user)
        was = elsewhere(trips)
        changed = trips.replace(worker, people, {}, now=0)
        fresh.replace(worker, people, {}, now=0)
        is_now = elsewhere(trips)
        assert all(was[t] ^ is_now[t] <= changed.get(t, set()) for t in TRIPS)
    assert elsewhere(trips) == elsewhere(fresh)


def test_who_types_on_a_worker_that_goes_types_no_more() -> None:
    trips = Trips()
    trips.replace("w1", {}, {"t1": ["ana", "bo"]}, now=0)
    trips.of("t1").typing.goes_on("bo", "a tab of ours", 0)
    assert trips.gone("w1") == {"t1": {"ana", "bo"}}
    assert trips.of("t1").typing.user_ids(1) == ["bo"]


def test_who_lost_the_trip_is_nowhere_in_it() -> None:
    trips = Trips()
    trips.replace("w1", {"t1": ["ana"]}, {"t1": ["ana"]}, now=0)
    trips.of("t1").lose("ana")
    assert not trips.of("t1").elsewhere
    assert trips.of("t1").typing.user_ids(1) == []


def test_only_trips_where_nobody_is_are_forgotten() -> None:
    trips = Trips()
    trips.replace("w1", {"t1": ["ana"]}, {"t2": ["bo"]}, now=0)
    kept = trips.of("kept")
    trips.forget(1, {"kept"})
    assert set(trips.of("t1").elsewhere) == {"ana"}
    assert trips.of("t2").typing.user_ids(1) == ["bo"]
    assert trips.of("kept") is kept
    trips.gone("w1")
    trips.forget(1, {"kept"})
    assert trips.of("kept") is kept
