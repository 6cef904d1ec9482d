"""All workers are replaced by new ones while people talk: nobody is to notice."""

import asyncio
from collections.abc import AsyncIterator

import pytest_asyncio
from playwright.async_api import expect

from tests.e2e import watch
from tests.e2e.acting import action
from tests.e2e.person import NewPerson, Person, all_in_one_trip
from tests.e2e.test_details import facts, shows_details
from tests.e2e.test_fallback import behind, is_in_fallback
from tests.e2e.test_message_actions import is_open
from tests.kit.cluster import Cluster, a_cluster
from tests.kit.proxy import Proxy

BETWEEN_SECONDS = 0.15

AT_REST = """() => {
  const { scrollTop } = document.querySelector("[data-testid=timeline]");
  const isAtRest = scrollTop === window.lastPlace;
  window.lastPlace = scrollTop;
  return isAtRest;
}"""
"""Whether the timeline has not been scrolled since this was asked last."""

SELECTION = """field => [field.selectionStart, field.selectionEnd, field.selectionDirection]"""


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def cluster() -> AsyncIterator[Cluster]:
    """A site of two workers."""
    async with a_cluster() as cluster:
        yield cluster
        assert cluster.complaints() == [], cluster.output()


async def talks(who: Person, until: "asyncio.Task[None]", said: list[str]) -> None:
    """Write and send one message after the other; notes what."""
    while not until.done():
        text = f"{who.name} {len(said)}"
        said.append(text)
        await who.composer.press_sequentially(text)
        await who.composer.press("Enter")
        await asyncio.sleep(BETWEEN_SECONDS)


async def drafts(who: Person, until: "asyncio.Task[None]") -> str:
    """Write a text that is never sent, one letter after the other; gives it."""
    draft = ""
    while not until.done():
        letter = "abcdefghij"[len(draft) % 10]
        draft += letter
        await who.composer.press_sequentially(letter)
        await asyncio.sleep(BETWEEN_SECONDS)
    return draft


async def moved(who: Person) -> None:
    """The page has gone to another worker at least once, and is live."""
    await who.until("window.events.some(([name]) => name === 'attempt')")
    await who.is_live()


async def noticed(who: Person) -> list[str]:
    """What a person could have seen of it."""
    states = await who.page.evaluate("window.connectionStates")
    seen = await who.page.evaluate("window.seen")
    return [*(state for state in states if state not in {"connecting", "connected"}), *seen]


async def test_nobody_notices_that_all_workers_are_replaced(
    cluster: Cluster, person: NewPerson
) -> None:
    ana, bo, cy = people = [await person(name, at=cluster) for name in ("Ana", "Bo", "Cy")]
    for who in people:
        for script in (watch.ROWS, watch.CONNECTION, watch.EVENTS, watch.TROUBLE):
            await who.watches(script)
    trip = await all_in_one_trip(people)
    said: dict[str, list[str]] = {"Bo": [], "Cy": []}
    for _ in range(2):
        renewing = asyncio.create_task(cluster.renew())
        draft, *_ = await asyncio.gather(
            drafts(ana, renewing),
            talks(bo, renewing, said["Bo"]),
            talks(cy, renewing, said["Cy"]),
        )
        assert await ana.composer.input_value() == draft
        await expect(ana.composer).to_be_focused()
        await ana.composer.fill("")
    for who in people:
        await moved(who)
    total = sum(map(len, said.values()))
    for who in people:
        await who.has_seen(total)
    stored = await ana.account.reads_all(trip)
    assert len(stored) == total
    for name, texts in said.items():
        assert [each["text"] for each in stored if each["text"].startswith(name)] == texts
    for who in people:
        shown = await who.messages.get_by_test_id("message-text").all_text_contents()
        assert shown == [message["text"] for message in stored][-len(shown) :]
        for row in (await who.page.evaluate("window.rows")).values():
            assert row["counts"] in ([1], [1, 0]), "there was a moment without it, or with two"
        assert await noticed(who) == []


async def test_what_somebody_is_in_the_middle_of_stays(cluster: Cluster, person: NewPerson) -> None:
    ana, bo = people = [await person(name, at=cluster) for name in ("Ana", "Bo")]
    for who in people:
        for script in (watch.CONNECTION, watch.EVENTS, watch.TROUBLE):
            await who.watches(script)
    trip = await ana.account.makes_trip("Lisbon", bo.account)
    await ana.account.writes_all(trip, [f"Message {number}" for number in range(1, 61)])
    for who in people:
        await who.opens(trip)
    # Ana edits one of hers, Bo has a menu open somewhere above.
    await action(ana, 60, "edit").click()
    await ana.part("edit-input").fill("Half a correction")
    await bo.timeline.hover()
    await bo.page.mouse.wheel(0, -1500)
    await expect(bo.timeline).to_have_attribute("data-at-end", "false")
    place = "element => element.scrollTop"
    await bo.until(f"({AT_REST})()")
    before = await bo.timeline.evaluate(place)
    await cluster.renew()
    for who in people:
        await moved(who)
    await expect(ana.part("edit-input")).to_have_value("Half a correction")
    await expect(ana.part("edit-input")).to_be_focused()
    assert await bo.timeline.evaluate(place) == before
    for who in people:
        assert await noticed(who) == []


async def test_what_is_open_stays_open_and_a_draft_keeps_its_caret(
    cluster: Cluster, person: NewPerson
) -> None:
    ana, bo, cy = people = [await person(name, at=cluster) for name in ("Ana", "Bo", "Cy")]
    for who in people:
        for script in (watch.CONNECTION, watch.EVENTS, watch.TROUBLE):
            await who.watches(script)
    await all_in_one_trip(people)
    for seq, who in enumerate(people, 1):
        await who.sends(f"From {who.name}")
        await who.sees(f"From {who.name}")
        await cy.has_seen(seq)
    for who in people:
        await who.has_seen(3)
        await who.writes("Half a sentence")
        await who.composer.evaluate("field => field.setSelectionRange(5, 6, 'backward')")
    # Ana looks at the details of hers, Bo has the menu of his open, Cy is about to type.
    await shows_details(ana, 1)
    await expect(ana.part("details-read")).to_contain_text("Cy")
    told = await facts(ana)
    await action(bo, 2, "menu").focus()
    await bo.page.keyboard.press("Enter")
    await is_open(bo, 2)
    menu = '[data-testid=message][data-seq="2"] [data-testid=message-menu]'
    expanded = await watch.Watched.on(bo.page, menu, "aria-expanded")
    await cluster.renew()
    for who in people:
        await moved(who)
    assert await facts(ana) == told
    await expect(ana.page.get_by_role("dialog", name="Message details")).to_be_visible()
    assert await expanded.values() == ["true"]
    await expect(action(bo, 2, "menu")).to_be_focused()
    for who in people:
        await expect(who.composer).to_have_value("Half a sentence")
        assert await who.composer.evaluate(SELECTION) == [5, 6, "backward"]
        assert await noticed(who) == []
    await cy.page.keyboard.type("the")
    await expect(cy.composer).to_have_value("Half the sentence")


async def test_nobody_notices_it_over_http(cluster: Cluster, person: NewPerson) -> None:
    async with Proxy(cluster.port) as proxy:
        proxy.refuse_upgrades()
        ana, bo = await person("Ana", at=cluster), await person("Bo", at=cluster)
        trip = await ana.account.makes_trip("Lisbon", bo.account)
        await bo.opens(trip)
        for script in (watch.ROWS, watch.CONNECTION, watch.EVENTS):
            await ana.watches(script)
        await behind(proxy, ana, trip)
        # A post may come to a worker that does not know the one which is about to end any more.
        ana.may_hear("status of 404")
        opened = "window.events.filter(([name]) => name === 'connected').length"
        before = await ana.page.evaluate(opened)
        said: list[str] = []
        await talks(ana, asyncio.create_task(cluster.renew()), said)
        await bo.has_seen(len(said))
        await ana.has_seen(len(said))
        await is_in_fallback(ana)
        assert await ana.page.evaluate(opened) > before
        assert [each["text"] for each in await ana.account.reads_all(trip)] == said
        states = await ana.page.evaluate("window.connectionStates")
        assert states[states.index("fallback") :] == ["fallback"]
        for row in (await ana.page.evaluate("window.rows")).values():
            assert row["counts"] in ([1], [1, 0]), "there was a moment without it, or with two"
        await ana.page.close()
