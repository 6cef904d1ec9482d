"""What one does with a message that is there, and how it looks then."""

import re

from playwright.async_api import Locator, expect

from tests.e2e.person import Tab


def action(tab: Tab, seq: int, name: str) -> Locator:
    """One of the buttons beside a message: menu, react, reply, edit, delete."""
    return tab.at(seq).get_by_test_id(f"message-{name}")


def quote(tab: Tab, seq: int) -> Locator:
    """What a reply shows of the message that it answers."""
    return tab.at(seq).get_by_test_id("reply-quote")


async def begins_to_edit(tab: Tab, seq: int) -> None:
    """Have a message's text in a field."""
    await action(tab, seq, "edit").click()
    await expect(tab.part("edit-input")).to_be_focused()


async def edits(tab: Tab, seq: int, text: str) -> None:
    """Change what a message says."""
    await begins_to_edit(tab, seq)
    await tab.part("edit-input").fill(text)
    await tab.part("edit-input").press("Enter")
    await expect(tab.part("edit-input")).to_have_count(0)


async def begins_to_reply(tab: Tab, seq: int) -> None:
    """Have the next message answer this one."""
    await action(tab, seq, "reply").click()
    await expect(tab.part("reply-bar")).to_be_visible()


async def replies(tab: Tab, seq: int, text: str) -> None:
    """Answer a message."""
    await begins_to_reply(tab, seq)
    await tab.sends(text)


async def reads(tab: Tab, seq: int, words: str | re.Pattern[str]) -> None:
    """A message says exactly this."""
    await expect(tab.at(seq).get_by_test_id("message-text")).to_have_text(words)


async def sees_it_edited(tab: Tab, seq: int, words: str) -> None:
    """A message says this now, is marked as edited, and nothing about it is on its way."""
    await reads(tab, seq, words)
    await expect(tab.at(seq)).to_have_attribute("data-edited", "true")
    await expect(tab.at(seq)).to_have_attribute("data-changing", "false")


async def sees_it_deleted(tab: Tab, seq: int) -> None:
    """Only a message's place is left, and nothing can be done with it."""
    await expect(tab.at(seq)).to_have_attribute("data-state", "deleted")
    await reads(tab, seq, "Message deleted")
    await expect(tab.at(seq).get_by_test_id("reaction")).to_have_count(0)
    for name in ("menu", "react", "reply", "edit", "delete"):
        await expect(action(tab, seq, name)).to_have_count(0)


async def is_taken_to(tab: Tab, seq: int) -> None:
    """A message is in view, and set off from the others."""
    await expect(tab.at(seq)).to_be_in_viewport(ratio=0.99)
    await expect(tab.at(seq)).to_have_class(re.compile(r"\bis-target\b"))
