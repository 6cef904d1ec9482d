import logging

import pytest

from tripchat import hub
from tripchat.hub import Change, MembersChanged, MessageAdded, MessageChanged
from tripchat.views import MessageView

MESSAGE: MessageView = {
    "id": "m1",
    "client_id": "c1",
    "seq": 1,
    "rev": 1,
    "author_id": "u1",
    "kind": "text",
    "body": {"text": "a secret"},
    "sent_at": 0,
}


def test_everybody_hears_everything_in_order(heard: list[Change]):
    also: list[Change] = []
    stop = hub.subscribe(also.append)
    changes = [MembersChanged(str(n)) for n in range(5)]
    for change in changes:
        hub.publish(change)
    stop()
    hub.publish(MembersChanged("later"))
    assert also == changes
    assert heard == [*changes, MembersChanged("later")]


def test_stopping_twice_is_harmless(heard: list[Change]):
    stop = hub.subscribe(heard.append)
    stop()
    stop()
    hub.publish(MembersChanged("t"))
    assert len(heard) == 1


def test_a_failing_subscriber_stops_nobody_and_quotes_no_message(caplog: pytest.LogCaptureFixture):
    def fail(change: Change) -> None:
        raise RuntimeError(f"cannot take {change} {MESSAGE}")

    after: list[Change] = []
    stops = [hub.subscribe(fail), hub.subscribe(after.append)]
    with caplog.at_level(logging.DEBUG):
        hub.publish(MessageAdded("t", MESSAGE))
    for stop in stops:
        stop()
    assert after == [MessageAdded("t", MESSAGE)]
    assert "RuntimeError" in caplog.text
    assert "test_hub.py" in caplog.text
    assert "a secret" not in caplog.text


@pytest.mark.parametrize("change", [MessageAdded("t", MESSAGE), MessageChanged("t", MESSAGE)])
def test_a_change_is_printed_without_its_message(change: Change):
    assert "a secret" not in repr(change)
