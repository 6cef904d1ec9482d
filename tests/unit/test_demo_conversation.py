"""The demonstration's conversations: how they are read, and when each line is said."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from tripchat.demo import conversation, people
from tripchat.demo.conversation import MINUTE, Line
from tripchat.demo.trips import TRIPS, DemoTrip
from tripchat.services.emojis import one_emoji

LISBON = ZoneInfo("Europe/Lisbon")
NOON = round(datetime(2030, 6, 21, 12, tzinfo=UTC).timestamp() * 1000)


def test_a_line_goes_on_where_it_is_indented() -> None:
    [scene] = conversation.read("== 5 minutes ago\nann: Bring\n    - a hat\n      or two\nben: ok")
    assert [line.text for line in scene.lines] == ["Bring\n- a hat\n  or two", "ok"]


def test_scenes_are_at_a_time_of_day_or_counted_back_from_now() -> None:
    scenes = conversation.read("== 2 days ago, 08:30\nann: Hi\n== 7 minutes ago\nben: Hello")
    moments = [moment for moment, _ in conversation.timed(scenes, NOON, LISBON)]
    morning = datetime(2030, 6, 19, 8, 30, tzinfo=LISBON)
    assert moments == [morning.timestamp() * 1000, NOON - 7 * MINUTE]


def test_a_pause_is_in_minutes_and_a_line_takes_the_time_to_write_it() -> None:
    scenes = conversation.read("== 60 minutes ago\nann: Hi\n+8 ben: Hello\nann: Well")
    first, second, third = (at for at, _ in conversation.timed(scenes, NOON, LISBON))
    assert second - first == 8 * MINUTE
    assert 0 < third - second < MINUTE


def test_below_a_line_stands_what_has_happened_to_it() -> None:
    text = """\
== 9 minutes ago
ann: Shall we?
ben: Yes
ann: Where?
    Here?
  ❤️ ben cleo
  👍 ann
  > Shall
  was: Who?
ben: oops
  deleted"""
    [scene] = conversation.read(text)
    first, second, third, last = scene.lines
    assert (first, second) == (Line("ann", "Shall we?"), Line("ben", "Yes"))
    assert third.text == "Where?\nHere?"
    assert third.reactions == [("❤️", "ben"), ("❤️", "cleo"), ("👍", "ann")]
    assert third.answers is first
    assert (third.was, third.deleted, last.deleted) == ("Who?", False, True)


@pytest.mark.parametrize("below", ["  > Later", "  > ann", "  gone", " ❤️ ben", "  ❤️", "  yes ben"])
def test_what_cannot_be_read_below_a_line_is_named(below: str) -> None:
    with pytest.raises(ValueError, match="line 3 "):
        conversation.read(f"== 5 minutes ago\nann: Hi\n{below}\nben: Later")


@pytest.mark.parametrize("line", ["ann: too early", "== yesterday", "== 1 day ago", "Ann: Hi"])
def test_a_line_that_cannot_be_read_is_named(line: str) -> None:
    with pytest.raises(ValueError, match="line 1 "):
        conversation.read(line)


@pytest.mark.parametrize("trip", TRIPS, ids=lambda trip: trip.conversation)
class TestEachTrip:
    def test_nobody_speaks_who_is_not_there(self, trip: DemoTrip) -> None:
        spoken = {line.author for scene in conversation.read(trip.text) for line in scene.lines}
        assert spoken == set(trip.people) <= set(people.NAMES)

    def test_nothing_is_said_twice(self, trip: DemoTrip) -> None:
        texts = [line.text for scene in conversation.read(trip.text) for line in scene.lines]
        assert len(set(texts)) == len(texts)

    def test_who_is_there_reacts_once_with_each_emoji(self, trip: DemoTrip) -> None:
        for scene in conversation.read(trip.text):
            for line in scene.lines:
                assert len(set(line.reactions)) == len(line.reactions)
                for emoji, person in line.reactions:
                    assert one_emoji(emoji) == emoji
                    assert person in trip.people

    def test_it_is_in_order_and_over_by_now_at_any_time_of_day(self, trip: DemoTrip) -> None:
        scenes = conversation.read(trip.text)
        for minute in range(0, 24 * 60, 20):
            now = NOON + minute * MINUTE
            moments = [at for at, _ in conversation.timed(scenes, now, ZoneInfo(trip.time_zone))]
            assert moments == sorted(set(moments))
            assert moments[-1] < now
