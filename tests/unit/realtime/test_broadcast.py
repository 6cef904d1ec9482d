"""Coalescing: at once after a pause, together under load, the last value of each var."""

import asyncio
from typing import Any, cast

from tripchat.realtime.broadcast import Broadcaster, Channel, delta


class Recorder:
    """Stands where the tabs are: notes what arrives, and can be slow."""

    def __init__(self) -> None:
        self.asked = 0
        self.sent: list[dict[str, Any]] = []
        self.gate = asyncio.Event()
        self.gate.set()

    async def send(self, state: str, changed: dict[str, Any], to: str) -> None:
        self.asked += 1
        await self.gate.wait()
        self.sent.append(dict(changed))


def channel_to(recorder: Recorder) -> Channel:
    return Channel(cast(Broadcaster, recorder), "state", "group")


async def until(condition: Any) -> None:
    async with asyncio.timeout(5):
        while not condition():  # noqa: ASYNC110
            await asyncio.sleep(0)


def test_a_delta_names_each_var_as_reflex_does() -> None:
    assert delta("a.b", {"x": 1}) == {"a.b": {"x_rx_state_": 1}}


async def test_the_first_change_waits_for_nothing() -> None:
    recorder = Recorder()
    channel_to(recorder).put({"a": 1})
    await until(lambda: recorder.sent)
    assert recorder.sent == [{"a": 1}]


async def test_changes_within_a_pause_go_out_together() -> None:
    recorder = Recorder()
    channel = channel_to(recorder)
    channel.put({"a": 0})
    await until(lambda: recorder.sent)
    for value in range(1, 100):
        channel.put({"a": value, f"b{value}": value})
    await until(lambda: len(recorder.sent) == 2)
    assert recorder.sent[1] == {"a": 99} | {f"b{value}": value for value in range(1, 100)}


async def test_what_comes_while_sending_is_sent_after() -> None:
    recorder = Recorder()
    channel = channel_to(recorder)
    recorder.gate.clear()
    channel.put({"a": 1})
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    channel.put({"a": 2})
    recorder.gate.set()
    await until(lambda: len(recorder.sent) == 2)
    assert recorder.sent == [{"a": 1}, {"a": 2}]


async def test_nothing_is_sent_for_no_change() -> None:
    recorder = Recorder()
    channel = channel_to(recorder)
    channel.put({})
    channel.put({"a": 1})
    await until(lambda: recorder.sent)
    assert recorder.sent == [{"a": 1}]


async def test_no_value_is_passed_over_where_every_one_counts() -> None:
    recorder = Recorder()
    channel = Channel(
        cast(Broadcaster, recorder), "state", "group", every=lambda name: name.startswith("c")
    )
    recorder.gate.clear()
    for value in range(5):
        channel.put({"a": value, f"c{value % 2}": value})
    recorder.gate.set()
    await until(lambda: len(recorder.sent) == 3)
    assert [sent.get("c0") for sent in recorder.sent] == [0, 2, 4]
    assert [sent.get("c1") for sent in recorder.sent] == [1, 3, None]
    assert recorder.sent[-1]["a"] == 4


async def test_what_is_patient_goes_along_with_the_next_that_is_not() -> None:
    recorder = Recorder()
    channel = channel_to(recorder)
    channel.put({"a": 1}, patience=60)
    channel.put({"b": 2}, patience=60)
    channel.put({"c": 3})
    await until(lambda: recorder.sent)
    assert recorder.sent == [{"a": 1, "b": 2, "c": 3}]


async def test_what_is_patient_goes_alone_when_nothing_comes() -> None:
    recorder = Recorder()
    channel = channel_to(recorder)
    channel.put({"a": 1}, patience=0.02)
    channel.put({"a": 2, "b": 3}, patience=60)
    await until(lambda: recorder.sent)
    assert recorder.sent == [{"a": 2, "b": 3}]


async def test_nothing_keeps_a_pause_after_what_was_patient() -> None:
    recorder = Recorder()
    channel = Channel(cast(Broadcaster, recorder), "state", "group", pause=60)
    channel.put({"a": 1}, patience=0.001)
    await until(lambda: recorder.sent)
    channel.put({"b": 2})
    await until(lambda: len(recorder.sent) == 2)
    channel.put({"c": 3}, patience=0.001)
    channel.put({"d": 4})
    other = channel_to(recorder)
    other.put({"e": 5}, patience=0.01)
    await until(lambda: len(recorder.sent) == 3)
    assert recorder.sent == [{"a": 1}, {"b": 2}, {"e": 5}]


async def test_what_comes_while_patient_ones_are_sent_follows_them() -> None:
    recorder = Recorder()
    channel = channel_to(recorder)
    recorder.gate.clear()
    channel.put({"a": 1}, patience=0.001)
    await until(lambda: recorder.asked)
    channel.put({"b": 2}, patience=60)
    channel.put({"c": 3})
    recorder.gate.set()
    await until(lambda: len(recorder.sent) == 2)
    assert recorder.sent == [{"a": 1}, {"b": 2, "c": 3}]


async def test_a_closed_channel_is_silent() -> None:
    recorder = Recorder()
    channel, other = channel_to(recorder), channel_to(recorder)
    channel.put({"a": 1})
    channel.close()
    other.put({"b": 1})
    await until(lambda: recorder.sent)
    assert recorder.sent == [{"b": 1}]
