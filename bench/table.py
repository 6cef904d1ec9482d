"""The results as one Markdown table."""

from collections.abc import Iterator
from dataclasses import dataclass
from math import inf, isinf

from bench.figures import Spread, number, percentile
from bench.results import Results

STEADY = {"steady-100": "100 tabs", "steady-500": "500 tabs"}
ROOMS = {"quiet-200": "quiet", "lively-200": "lively"}
CHANGES: dict[str, tuple[str, int | None]] = {
    "reaction": ("a reaction, a person's 1st to 20th under a message", 700),
    "presence": ("somebody comes or goes", 200),
    "typing": ("somebody begins to type, the 1st to the 20th", None),
    "edit": ("an edit of a message with 120 characters", None),
}
HEADINGS = ("", "TripChat", "floor", "twin", "TripChat / floor", "goal", "")
KB = 1000  # bytes


@dataclass(frozen=True)
class Row:
    """One line: what was measured, by whom, and what was asked for."""

    label: str
    tripchat: str = ""
    floor: str = ""
    twin: str = ""
    ratio: str = ""
    goal: str = ""
    met: bool | None = None

    def cells(self) -> tuple[str, ...]:
        """The row's text, column by column."""
        met = {True: "met", False: "**missed**", None: ""}[self.met]
        return (self.label, self.tripchat, self.floor, self.twin, self.ratio, self.goal, met)


def markdown(results: Results) -> str:
    """The table, and below it what could not be measured."""
    lines = [HEADINGS, ("---", *["---:"] * (len(HEADINGS) - 2), "---")]
    lines += [row.cells() for row in rows(results)]
    table = "\n".join(f"| {' | '.join(cells)} |" for cells in lines)
    notes = list(results.notes)
    notes += [
        f"{chat}, {scenario}: other processes kept {busy:.1f} cores busy, so the times say little"
        for (scenario, chat), busy in results.disturbed().items()
    ]
    return "\n".join([table, "", *(f"- {note}" for note in notes)]).rstrip()


def rows(results: Results) -> Iterator[Row]:
    """All rows for which there are figures."""
    for scenario, tabs in STEADY.items():
        yield from _steady(results, scenario, tabs)
    yield from _burst(results)
    yield from _memory(results)
    yield from _opening(results)
    yield from _large(results)
    yield from _clicks(results)
    yield from _rooms(results)
    yield from _changes(results)
    yield from _typing_and_strangers(results)


def _steady(results: Results, scenario: str, tabs: str) -> Iterator[Row]:
    what = f"{tabs}, 10 messages/s"
    for figure in ("p50", "p95", "p99"):
        ratio = results.ratio(scenario, figure, "floor")
        goal, met = "", None
        if figure == "p95" and ratio:
            goal, met = "at most 1.25 x the floor", ratio.median <= 1.25
        if figure == "p50" and scenario == "steady-100":
            ours, twin = (results.spread(scenario, name, figure) for name in ("tripchat", "twin"))
            if ours and twin:
                times = twin.median / ours.median
                goal = f"50 x better than the twin (is {number(times)} x)"
                # On a busy machine the twin is overwhelmed, and any chat looks good beside it.
                if (scenario, "twin") not in results.disturbed():
                    met = times >= 50
        yield _compared(results, scenario, figure, f"{what}: {figure}", "ms", ratio, goal, met)
    size = results.spread(scenario, "tripchat", "bytes_per_message")
    yield _compared(
        *(results, scenario, "bytes_per_message", f"{what}: bytes per message per tab", ""),
        goal="at most 600",
        met=size.median <= 600 if size else None,
    )
    label = f"{what}: server CPU per 1,000 deliveries"
    ratio = results.ratio(scenario, "cpu_per_1000", "floor")
    yield _compared(results, scenario, "cpu_per_1000", label, "s", ratio)


def _burst(results: Results) -> Iterator[Row]:
    label = "burst of 200 messages to 100 tabs: last arrival"
    ratio = results.ratio("burst-100", "seconds", "floor")
    met = ratio.median <= 1 if ratio else None
    yield _compared(
        *(results, "burst-100", "seconds", label, "s", ratio),
        goal="no slower than the floor",
        met=met,
    )
    label = "burst: server CPU per 1,000 deliveries"
    ratio = results.ratio("burst-100", "cpu_per_1000", "floor")
    yield _compared(results, "burst-100", "cpu_per_1000", label, "s", ratio)


def _memory(results: Results) -> Iterator[Row]:
    cells = {}
    for name in ("tripchat", "floor", "twin"):
        memory = results.memory(name)
        cells[name] = f"{memory.per_tab / KB:.0f} KB ({memory.tabs} tabs)" if memory else ""
    ours = results.memory("tripchat")
    yield Row(
        "server memory per connected tab",
        **cells,
        goal="at most 100 KB",
        met=ours.per_tab <= 100 * KB if ours else None,
    )


def _opening(results: Results) -> Iterator[Row]:
    ours, twins = results.opening("tripchat"), results.opening("twin")
    for name, figure in (("first", "first time"), ("again", "opened before")):
        medians = [percentile(getattr(one, name), 50) for one in ours]
        beside = [percentile(getattr(one, name), 50) for one in twins]
        for size, (opening, median) in enumerate(zip(ours, medians, strict=True)):
            times = median / medians[0]
            yield Row(
                f"open a trip with {opening.stored:,} messages, {figure}",
                f"{number(median)} ms",
                twin=f"{number(beside[size])} ms" if beside else "",
                goal=f"at most 1.2 x the small one (is {times:.2f} x)" if size else "",
                met=times <= 1.2 if size else None,
            )


def _large(results: Results) -> Iterator[Row]:
    for scenario, opening in zip(("small", "large"), results.opening("tripchat"), strict=False):
        if spread := results.spread(scenario, "tripchat", "p95"):
            label = f"100 tabs in a trip with {opening.stored:,} stored messages: p95"
            yield Row(label, _spread(spread, "ms"))


def _clicks(results: Results) -> Iterator[Row]:
    if results.clicks is None:
        return
    for percent, most in ((50, 20), (95, 50)):
        delay = percentile(results.clicks.delays, percent)
        yield Row(
            f"Chromium, click in A to message in B's DOM: p{percent}",
            f"{number(delay)} ms",
            goal=f"at most {most} ms",
            met=delay <= most,
        )
    for label, moments, most in (
        ("first key in A to typing shown in B", results.clicks.typing, 150),
        ("opening a trip to being online for B", results.clicks.came, 1000),
        ("closing the last tab to being away for B", results.clicks.went, 1000),
    ):
        yield Row(
            f"Chromium, {label}: p50, most",
            f"{number(percentile(moments, 50))}, {number(max(moments))} ms",
            goal=f"at most {most:,} ms",
            met=max(moments) <= most,
        )


def _rooms(results: Results) -> Iterator[Row]:
    if not results.all_delays("lively-200"):
        return
    for figure, what, unit in (
        ("p50", "p50", "ms"),
        ("p95", "p95", "ms"),
        ("cpu_per_1000", "server CPU per 1,000 deliveries", "s"),
    ):
        for scenario, room in ROOMS.items():
            goal, met = "", None
            if scenario == "lively-200" and figure == "p95":
                quiet, lively = (percentile(results.all_delays(room), 95) for room in ROOMS)
                goal = f"at most 1.3 x the quiet room (all turns together: {lively / quiet:.2f} x)"
                met = lively <= 1.3 * quiet < inf
            label = f"200 tabs in a {room} room, 10 messages/s: {what}"
            yield _compared(results, scenario, figure, label, unit, goal=goal, met=met)


def _typing_and_strangers(results: Results) -> Iterator[Row]:
    if cost := results.typing_cost:
        label = f"server CPU of a typing event, of {cost.events:,} from {cost.typists} of 200 tabs"
        yield Row(label, f"{number(1e6 * cost.per_event)} us")
    if strangers := results.strangers:
        others, own = (count / strangers.messages for count in (strangers.others, strangers.own))
        yield Row(
            f"{strangers.trips} trips, a tab each: bytes of a message to all tabs of other trips",
            f"{others:,.0f} ({own:,.0f} to its own)",
            goal="none",
            met=strangers.others == 0,
        )


def _changes(results: Results) -> Iterator[Row]:
    for name, (label, most) in CHANGES.items():
        if change := results.change(name):
            spread = Spread.of(change.bytes_per_tab)
            yield Row(
                f"bytes per tab: {label}",
                _spread(spread, ""),
                goal=f"at most {most}" if most else "",
                met=spread.high <= most if most else None,
            )


def _compared(
    results: Results,
    scenario: str,
    figure: str,
    label: str,
    unit: str,
    ratio: Spread | None = None,
    goal: str = "",
    met: bool | None = None,
) -> Row:
    cells = {
        name: _spread(results.spread(scenario, name, figure), unit)
        for name in ("tripchat", "floor", "twin")
    }
    return Row(label, **cells, ratio=_spread(ratio, ""), goal=goal, met=met)


def _spread(spread: Spread | None, unit: str) -> str:
    if spread is None:
        return ""
    if isinf(spread.median):
        return "never came"
    text = f"{number(spread.median)} {unit}".rstrip()
    if spread.low == spread.high:
        return text
    return f"{text} ({number(spread.low)}–{number(spread.high)})"
