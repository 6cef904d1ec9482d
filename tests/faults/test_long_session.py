"""A page that stays open in a lively trip lets go of what has passed."""

from pathlib import Path

from playwright.async_api import Browser

from tests.faults.lively_group import an_hour
from tests.faults.long_session import SHOWN_AT_MOST, long_session

BEFORE = 450
"""Messages after which the page has let go of its first rows."""
LOOSE = 2000
"""Nodes that may be held for a while; the rows that are let go have five times as many."""
SHARE = 0.25
"""Of an hour's traffic: 300 messages."""


async def test_rows_and_nodes_stay_bounded(browser: Browser, tmp_path: Path) -> None:
    async with long_session(browser, tmp_path) as session:
        await session.group.writes_much(BEFORE)
        await session.looks()
        await session.lives_through(an_hour(SHARE))
    assert session.page.errors == []
    assert session.held[-1].last_seq >= BEFORE + 300
    assert all(held.rows <= SHOWN_AT_MOST for held in session.held)
    # Rows that were let go, and still held by somebody, would be nodes outside of the document.
    first, *others = (held.loose for held in session.held)
    assert max(others) < first + LOOSE, session.table
