"""In which order messages have reached a tab."""

from __future__ import annotations

import json

from tests.kit.tab import NAMESPACE, ROOM_STATE, Tab


def first_arrivals(tab: Tab) -> list[int]:
    """The numbers of the messages in the order in which the tab first heard of them."""
    seqs: dict[int, None] = {}
    for frame in tab.frames:
        _, content = json.loads(frame[len(f"42{NAMESPACE},") :])
        room = (content["delta"] or {}).get(ROOM_STATE, {})
        slots = [value for name, value in room.items() if name[0] == "m" and name[1].isdigit()]
        seqs |= dict.fromkeys(sorted(message["seq"] for message in slots if message))
    return list(seqs)


def assert_in_order(tab: Tab) -> None:
    """No message has come before the one it follows, and none is missing."""
    arrived = first_arrivals(tab)
    assert arrived == list(range(1, len(arrived) + 1))
