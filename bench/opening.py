"""How long a trip takes to open: from connecting to hydrated with its newest messages there."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

from bench.site import Site, Trip


@dataclass
class Opening:
    """Times to open trips with so many stored messages, in milliseconds."""

    chat: str
    stored: int
    first: list[float]  # nobody had the trip open: its messages come from the database
    again: list[float]  # somebody had it open not long ago


async def opening(
    site: Site, small: Sequence[Trip], large: Sequence[Trip], samples: int
) -> tuple[Opening, Opening]:
    """Opens small and large trips in turns, one tab at a time.

    The trips must not have been opened before.
    """
    figures = (
        Opening(site.name, small[0].stored, [], []),
        Opening(site.name, large[0].stored, [], []),
    )
    for pair in zip(small, large, strict=True):
        for figure, trip in zip(figures, pair, strict=True):
            figure.first.append(await _open(site, len(figure.first), trip))
    for sample in range(samples):
        for figure, trip in zip(figures, (small[0], large[0]), strict=True):
            figure.again.append(await _open(site, sample, trip))
    return figures


async def _open(site: Site, person: int, trip: Trip) -> float:
    tab = site.tab(person, trip, waits_for=trip.newest)
    seconds = await tab.open()
    tab.close()
    await asyncio.sleep(0.05)  # what closing costs the server belongs to no opening
    return 1000 * seconds
