"""Words that are scripts to careless pages, in every place where people's words are shown.

A policy that would keep a script from running is not relied upon: nothing of what is written may
become an element or an attribute of the page at all.
"""

import asyncio
import io
import re
import zipfile
from base64 import b64decode
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from playwright.async_api import expect

from tests.e2e.person import NewPerson, Person
from tests.kit.people import Account
from tests.security.browser.conftest import Attach
from tests.security.browser.trap import TRACES, Trap
from tests.security.payloads import PAYLOADS
from tripchat.errors import Refused
from tripchat.kinds import text as text_kind
from tripchat.services import checks

AT_ONCE = 40
"""Payloads on one page: as many as its newest messages."""

CHUNKS = [PAYLOADS[at : at + AT_ONCE] for at in range(0, len(PAYLOADS), AT_ONCE)]

TINY_GIF = b64decode("R0lGODdhAQABAIAAAP///////ywAAAAAAQABAAACAkQBADs=")

OWN = ["form", "style"]
"""What the page's own parts are made of, besides what nobody has to look for."""


def taken(words: list[str], check: Callable[[str], object]) -> list[str]:
    """Those that are taken at all: what is refused at the door is shown to nobody."""
    found = []
    for each in words:
        try:
            check(each)
        except Refused:
            continue
        found.append(each)
    return found


def texts(words: list[str]) -> list[str]:
    """Those that may be said."""
    return taken(words, lambda each: text_kind.validate({"text": each}))


async def trapped(person: NewPerson, name: str, **options: Any) -> tuple[Person, Trap]:
    """Somebody whose tab is watched; `options` are their browser's."""
    who = await person(name, **options)
    # Whatever of it is a link to some host leads nowhere.
    await who.context.route(lambda url: not url.startswith(who.url), lambda route: route.abort())
    who.may_hear("net::ERR_FAILED")
    trap = Trap(who, OWN)
    await trap.arm()
    return who, trap


async def all_at_once(work: list[Awaitable[object]]) -> None:
    """Do these, a few at a time."""
    for at in range(0, len(work), 8):
        await asyncio.gather(*work[at : at + 8])


def test_there_are_many() -> None:
    assert len(PAYLOADS) >= 300
    assert len(texts(PAYLOADS)) > 0.97 * len(PAYLOADS)


async def test_the_trap_springs(person: NewPerson) -> None:
    # The page's policy would keep the scripts from running: the trap has to see that they do.
    ana, trap = await trapped(person, "Ana", bypass_csp=True)
    ana.may_hear("404")
    await ana.visits("/")
    for payload in (
        "<img src=x onerror=xss()>",
        "<a href=javascript:xss()>x</a>",
        "<svg onload=xss()>",
    ):
        await ana.page.evaluate(
            "html => document.body.insertAdjacentHTML('beforeend', `<p id=trapped>${html}</p>`)",
            payload,
        )
        assert await ana.page.evaluate(TRACES, OWN)
        await ana.page.evaluate("document.getElementById('trapped').remove()")
    await ana.page.evaluate("xss('by hand')")
    with pytest.raises(AssertionError, match="by hand"):
        await trap.stays_shut()


@pytest.mark.parametrize("chunk", range(len(CHUNKS)))
async def test_messages_and_what_they_said_before(person: NewPerson, chunk: int) -> None:
    words = texts(CHUNKS[chunk])
    bo, trap = await trapped(person, "Bo")
    ana = await Account.sign_up(bo.url, "Ana")
    trip = await ana.makes_trip("Lisbon", bo.account)
    await bo.opens(trip)
    await ana.writes_all(trip, words)
    await bo.has_seen(len(words))
    await trap.stays_shut()
    # What is live and what a fresh page is given may be made in two ways.
    await bo.reloads()
    await bo.has_seen(len(words))
    await trap.stays_shut()
    await all_at_once([ana.edits(trip, seq, f"{word} !") for seq, word in enumerate(words, 1)])
    await expect(bo.at(len(words))).to_have_attribute("data-edited", "true")
    await bo.at(len(words)).get_by_test_id("message-edited").click()
    await expect(bo.part("message-version")).to_have_count(1)
    await trap.stays_shut()
    await ana.close()


@pytest.mark.parametrize("chunk", range(len(CHUNKS)))
async def test_quotes_and_lines_in_lists(person: NewPerson, chunk: int) -> None:
    words = texts(CHUNKS[chunk])
    bo, trap = await trapped(person, "Bo")
    ana = await Account.sign_up(bo.url, "Ana")
    trip = await ana.makes_trip("Lisbon", bo.account)
    await ana.writes_all(trip, words)
    await all_at_once(
        [ana.writes(trip, "so?", reply_to_seq=seq) for seq in range(1, len(words) + 1)]
    )
    await bo.opens(trip)
    await bo.has_seen(2 * len(words))
    await expect(bo.part("reply-quote").first).to_be_visible()
    await trap.stays_shut()
    await bo.visits("/")
    for word in [each for each in words if each.isascii() and each.isprintable()][:5]:
        await ana.writes(trip, word)
        shown = text_kind.line(text_kind.view({"text": word}))
        await expect(bo.card(trip)).to_contain_text(shown)
        await trap.stays_shut()
    await ana.close()


async def test_names_of_people_in_every_place(person: NewPerson) -> None:
    words = taken(PAYLOADS, lambda each: checks.words(each, "name", "Name", checks.NAME_CHARS))
    assert len(words) > 150
    bo, trap = await trapped(person, "Bo")
    ana = await Account.sign_up(bo.url, "Ana")
    trip = await bo.account.makes_trip("Lisbon", ana)
    await bo.opens(trip)
    await ana.writes(trip, "hello")
    await ana.reacts(trip, 1, "👍")
    seq = 1
    for word in words[:: len(words) // 40]:
        await ana.is_called(word)
        seq = (await bo.account.writes(trip, f"@{word} and **you**"))["seq"]
        await bo.has_seen(seq)
    await expect(bo.at(1).get_by_test_id("message-author")).to_have_text(ana.name)
    await trap.stays_shut()
    await (
        bo.member(ana.user_id).get_by_role("button").first.click()
    )  # the question whether to remove
    await trap.stays_shut()
    await bo.reloads()
    await bo.has_seen(seq)
    await trap.stays_shut()
    await ana.close()


async def test_titles_and_destinations_in_lists_and_on_invites(person: NewPerson) -> None:
    words = taken(PAYLOADS, lambda each: checks.words(each, "title", "It", checks.TITLE_CHARS))
    assert len(words) > 150
    bo, trap = await trapped(person, "Bo")
    ana = await Account.sign_up(bo.url, "<img src=x onerror=xss()>")
    some = words[:: len(words) // 40]
    trips = [
        await bo.account.posts("/api/trips", {"title": word, "destination": word}) for word in some
    ]
    await bo.visits("/")
    await expect(bo.part("trip-card")).to_have_count(len(some))
    await trap.stays_shut()
    for made in trips[:5]:
        await bo.opens(made["trip_id"])
        await trap.stays_shut()
    for word in some[:10]:
        theirs = (await ana.posts("/api/trips", {"title": word, "destination": word}))["trip_id"]
        await bo.visits(f"/join/{await ana.invites_to(theirs)}")
        await expect(bo.part("join-accept")).to_be_visible()
        await trap.stays_shut()
    await ana.close()


async def test_addresses_that_hold_a_script(person: NewPerson) -> None:
    bo, trap = await trapped(person, "Bo")
    bo.may_hear("404")
    for word in ("<script>xss()", "javascript:xss()", '"onload="xss()', "{{xss()}}"):
        for path in ("/join/", "/trip/", "/no-such-page/"):
            await bo.page.goto(bo.url + path + word.replace("/", "%2f"))
            await expect(bo.app).to_have_attribute("data-hydrated", "true")
            await trap.stays_shut()


async def test_what_a_tab_keeps_of_drafts_and_unsent_messages(person: NewPerson) -> None:
    bo, trap = await trapped(person, "Bo")
    trip = await bo.account.makes_trip("Lisbon")
    await bo.opens(trip)
    for word in texts(PAYLOADS)[::25]:
        await bo.writes(word.replace("\n", " "))
    await bo.page.reload()
    await bo.is_live()
    await trap.stays_shut()
    await bo.sends("<img src=x onerror=xss()> **[x](javascript:xss())**")
    await bo.has_seen(1)
    await bo.composer.press("ArrowUp")
    await expect(bo.part("edit-input")).to_be_visible()
    await trap.stays_shut()


async def test_names_of_files(person: NewPerson) -> None:
    words = [each for each in PAYLOADS if each.isprintable() and len(each) < 100][::10]
    bo, trap = await trapped(person, "Bo")
    ana = await Account.sign_up(bo.url, "Ana")
    trip = await ana.makes_trip("Lisbon", bo.account)
    await bo.opens(trip)
    for word in words:
        for name, content in ((f"{word}.txt", b"hello"), (word, TINY_GIF)):
            file = await ana.uploads(trip, name, content)
            await ana.writes(trip, "", attachment_ids=[file["attachment_id"]])
    await bo.has_seen(2 * len(words))
    await expect(bo.part("attachment").last).to_be_visible()
    await trap.stays_shut()
    await bo.reloads()
    await bo.has_seen(2 * len(words))
    await trap.stays_shut()
    await ana.close()


async def test_the_page_of_an_export(person: NewPerson) -> None:
    hostile = "<img src=x onerror=xss()>"
    words = texts(PAYLOADS)[::3]
    bo, trap = await trapped(person, "Bo")
    ana = await Account.sign_up(bo.url, hostile)
    made = await ana.posts("/api/trips", {"title": f"</title>{hostile}", "destination": hostile})
    trip = made["trip_id"]
    await ana.writes_all(trip, words)
    await all_at_once([ana.writes(trip, "so?", reply_to_seq=seq) for seq in range(1, 40)])
    file = await ana.uploads(trip, f"{hostile}.txt", b"hello")
    await ana.writes(trip, "", attachment_ids=[file["attachment_id"]])
    answer = await ana.http.get(f"/api/trips/{trip}/export")
    with zipfile.ZipFile(io.BytesIO(answer.content)) as archive:
        page = archive.read("index.html").decode()
    unguarded = re.sub(r'<meta http-equiv="Content-Security-Policy"[^>]*>', "", page)
    assert unguarded != page
    await bo.context.route(
        f"{bo.url}/exported",
        lambda route: route.fulfill(body=unguarded, content_type="text/html; charset=utf-8"),
    )
    await bo.page.goto(f"{bo.url}/exported")
    assert await bo.page.locator("article").count() == len(words) + 40
    await trap.stays_shut()
    await ana.close()


async def test_previews(person: NewPerson, attach: Attach) -> None:
    words = [each for each in PAYLOADS if each.isprintable()][::8][:AT_ONCE]
    bo, trap = await trapped(person, "Bo")
    ana = await Account.sign_up(bo.url, "Ana")
    trip = await ana.makes_trip("Lisbon", bo.account)
    links = [f"https://x.example/{number}?a='b'&c=%22d" for number in range(len(words))]
    await ana.writes_all(trip, links)
    await asyncio.to_thread(attach, trip, list(zip(links, words, strict=True)))
    await bo.opens(trip)
    cards = bo.part("link-preview")
    await expect(cards).to_have_count(len(links))
    shown = await cards.evaluate_all(
        "all => all.map(e => [e.dataset.url, e.href, e.children.length])"
    )
    assert [[url, children] for url, _, children in shown] == [[link, 3] for link in links]
    assert all(href.startswith("https://x.example/") for _, href, _ in shown)
    titles = await cards.locator(".link-preview-title").all_text_contents()
    assert titles == words
    await trap.stays_shut()
    await ana.close()
