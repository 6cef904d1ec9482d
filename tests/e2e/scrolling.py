"""Moving through a trip's messages with the wheel."""

from playwright.async_api import expect

from tests.e2e.person import Person

A_TURN = 20_000
"""Pixels; far enough that the next page has to be loaded."""

_GAPLESS = """(list) => {
  const all = [...list.querySelectorAll("[data-testid=message]")].map((row) => +row.dataset.seq);
  return all.every((seq, index) => index === 0 || seq === all[index - 1] + 1);
}"""


async def shows_no_gap(person: Person) -> None:
    """The messages on the page are a stretch of the trip with none left out and none twice."""
    assert await person.timeline.evaluate(_GAPLESS)


async def scrolls_up(person: Person) -> None:
    """Turn the wheel until the end is out of sight."""
    await person.timeline.hover()
    await person.page.mouse.wheel(0, -1500)
    await expect(person.timeline).to_have_attribute("data-at-end", "false")


async def reads_back(person: Person) -> None:
    """Turn the wheel up until older messages are there."""
    first = await person.messages.first.get_attribute("data-seq")
    await person.timeline.hover()
    await person.page.mouse.wheel(0, -A_TURN)
    await expect(person.messages.first).not_to_have_attribute("data-seq", first or "")
    await shows_no_gap(person)


async def reads_back_to(person: Person, seq: int) -> None:
    """Turn the wheel up until this message is there."""
    while await person.at(seq).count() == 0:
        await reads_back(person)


async def reads_on(person: Person) -> None:
    """Turn the wheel down until newer messages are there."""
    last = await person.messages.last.get_attribute("data-seq")
    await person.timeline.hover()
    await person.page.mouse.wheel(0, A_TURN)
    await expect(person.messages.last).not_to_have_attribute("data-seq", last or "")
    await shows_no_gap(person)


async def reads_on_to(person: Person, seq: int) -> None:
    """Turn the wheel down until this message is there."""
    while await person.at(seq).count() == 0:
        await reads_on(person)


async def goes_to_the_top(person: Person) -> None:
    """Drag the scrollbar to its top."""
    await person.timeline.evaluate("list => { list.scrollTop = 0 }")


async def goes_to_the_bottom(person: Person) -> None:
    """Drag the scrollbar to its bottom."""
    await person.timeline.evaluate("list => { list.scrollTop = list.scrollHeight }")
