"""`python -m bench.scaling`: what many open tabs need, and where it ends; see docs/scaling.md."""

from collections.abc import Iterator
from math import isinf

from bench.scaling.demand import ONE_CHANNEL, demand, lines, most_tabs, own_work
from bench.scaling.figures import Figures, Traffic
from bench.scaling.storm import storm
from bench.scaling.waiting import waiting

OWN_SHARE = 0.3  # of a worker's core, for its own tabs, in the simulation of waiting
OWN_COST = 1e-3  # seconds, of one piece of its own work


def main() -> None:
    """Prints everything, in Markdown."""
    figures, traffic = Figures(), Traffic()
    print(f"An open tab takes {1e6 * own_work(figures, traffic):.0f} us of CPU each second.\n")
    for part in (lines(figures, traffic), _hearing(figures, traffic), _storms(figures)):
        print("\n".join(part), end="\n\n")


def _hearing(figures: Figures, traffic: Traffic) -> Iterator[str]:
    yield f"With one channel {most_tabs(figures, traffic):,} tabs are the most."
    yield ""
    yield "| open tabs | changes heard/s | of a core | a message waits p50 | p95 | Redis |"
    yield "|---:|---:|---:|---:|---:|---:|"
    for tabs in (10_000, 50_000, 100_000, 150_000, 200_000, 250_000):
        heard = tabs * traffic.each_second * traffic.changes
        busy = heard * figures.heard
        if busy + OWN_SHARE < 1:
            middle, late = waiting(OWN_SHARE / OWN_COST, OWN_COST, heard, figures.heard)
            waits = f"{1e3 * middle:.2f} ms | {1e3 * late:.1f} ms"
        else:
            waits = "for ever | for ever"
        redis = demand(tabs, ONE_CHANNEL, figures, traffic).redis
        share = "–" if isinf(redis) else f"{redis:.0%} of a core"
        yield f"| {tabs:,} | {heard:,.0f} | {busy:.0%} | {waits} | {share} |"


def _storms(figures: Figures) -> Iterator[str]:
    yield "| tabs | workers that take them | 50 % back after | 95 % | last | attempts |"
    yield "|---:|---|---:|---:|---:|---:|"
    for tabs, workers, ready, busy in (
        (500, 1, 1.3, 0.0),
        (1_000, 1, 0.0, 0.3),
        (3_000, 1, 0.0, 0.3),
        (10_000, 1, 0.0, 0.3),
        (10_000, 4, 0.0, 0.3),
        (100_000, 40, 0.0, 0.3),
        (100_000, 40, 10.0, 0.0),
        (100_000, 16, 10.0, 0.0),
    ):
        found = storm(tabs, workers, figures.open_worker, ready, busy)
        which = f"{workers}, {busy:.0%} busy" + (f", {ready:g} s later" if ready else "")
        yield (
            f"| {tabs:,} | {which} | {_seconds(found.half)} | {_seconds(found.most)} | "
            f"{_seconds(found.last)} | {found.attempts:.1f} |"
        )


def _seconds(value: float) -> str:
    return "not in five minutes" if isinf(value) else f"{value:.1f} s"


if __name__ == "__main__":
    main()
