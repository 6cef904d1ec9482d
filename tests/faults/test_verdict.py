"""Whoever judges a run has to see what is wrong."""

from types import SimpleNamespace
from typing import Any

import pytest

from tests.faults.crowd import PROBE
from tests.faults.faults import KINDS, drawn
from tests.faults.traveller import FORGETS_MS, shown_by
from tests.faults.verdict import Verdict, first_difference, judge_storage

WRITTEN = ["Ana-1-1", "Ana-1-2", "Ana-1-3"]


def judged(*client_ids: str, **of_the_tab: Any) -> Verdict:
    """What is said of these stored messages, in this order, where one tab has written three."""
    tab = {"name": "Ana-1", "written": WRITTEN, "refused": {}, "doubtful": set()} | of_the_tab
    stored = [
        {"client_id": client_id, "seq": seq, "text": client_id}
        for seq, client_id in enumerate(client_ids, 1)
    ]
    verdict = Verdict()
    judge_storage(verdict, [SimpleNamespace(**tab)], stored)  # type: ignore[list-item]
    return verdict


def test_what_is_right_is_right() -> None:
    assert judged(f"{PROBE}1", *WRITTEN, f"{PROBE}2").wrong == {}
    assert judged("Ana-1-1", "Ana-1-3", refused={"Ana-1-2": "gone"}).wrong == {}
    assert judged(*WRITTEN, "perhaps", doubtful={"perhaps"}).wrong == {}


@pytest.mark.parametrize(
    ("stored", "wrong"),
    [
        (["Ana-1-1", "Ana-1-3"], "lost"),
        (["Ana-1-1", "Ana-1-2", "Ana-1-2", "Ana-1-3"], "doubled"),
        (["Ana-1-1", "Ana-1-2", "Ana-1-3", "nobody"], "doubled"),
        (["Ana-1-2", "Ana-1-1", "Ana-1-3"], "disordered"),
    ],
)
def test_what_is_wrong_is_found(stored: list[str], wrong: str) -> None:
    assert list(judged(*stored).wrong) == [wrong]


def test_the_same_text_twice_is_found_whatever_it_is_called() -> None:
    verdict = Verdict()
    tab = SimpleNamespace(name="Ana-1", written=["a", "b"], refused={}, doubtful=set())
    stored = [
        {"client_id": name, "seq": seq, "text": "Ana-1 1."} for seq, name in ((1, "a"), (2, "b"))
    ]
    judge_storage(verdict, [tab], stored)  # type: ignore[list-item]
    assert list(verdict.wrong) == ["doubled"]


@pytest.mark.parametrize(
    ("killed_at", "is_excused"),
    [([], False), ([999], False), ([1000], True), ([1000 + FORGETS_MS], False)],
)
def test_only_a_kill_excuses_that_a_broadcast_is_forgotten(
    killed_at: list[int], is_excused: bool
) -> None:
    stored = {"seq": 1, "sent_at": 1000}
    fresh: Any = SimpleNamespace(room={}, seen=SimpleNamespace(at=lambda _: stored))
    shown = {"messages": {"1": stored | {"broadcast_at": 1001}}}
    assert (shown_by(fresh, shown, killed_at) == shown) == is_excused
    other = {"messages": {"1": stored}}
    assert shown_by(fresh, other, killed_at) == other


def test_the_first_difference_is_told() -> None:
    one = {"messages": [{"text": "a"}, {"text": "b"}], "typing": []}
    other = {"messages": [{"text": "a"}, {"text": "c"}], "typing": []}
    assert first_difference(one, one) == ""
    assert first_difference(one, other) == ".messages[1].text: 'b', afresh 'c'"
    assert first_difference(one, {"messages": one["messages"]}) == ".typing: [], afresh None"


def test_a_seed_draws_the_same_faults_of_all_kinds() -> None:
    faults = drawn(1000, 5, ["one", "another"], ["Ana"])
    assert faults == drawn(1000, 5, ["one", "another"], ["Ana"])
    assert {fault.kind for fault in faults[: len(KINDS)]} == set(KINDS)
    assert {fault.whom for fault in faults} == {"one", "another", "Ana", "everybody"}
