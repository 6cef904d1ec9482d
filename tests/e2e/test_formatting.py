"""What is written with a little Markdown is shown formatted, and nothing else becomes markup."""

from typing import Any

import pytest
from playwright.async_api import expect

from tests.e2e.acting import edits, reads
from tests.e2e.person import NewPerson, Person, Tab, together
from tests.e2e.test_phone import PHONE, fits

SITE = "https://example.org/a?b=c&d=1"

FORMATTED = {
    "**bold**": [("strong", "bold")],
    "*italic* or _italic_": [("em", "italic"), ("em", "italic")],
    "~~strike~~": [("s", "strike")],
    "***both***, **bold *and* italic**": [
        ("em", "both"),
        ("strong", "both"),
        ("strong", "bold and italic"),
        ("em", "and"),
    ],
    "`code *as it is*`": [("code", "code *as it is*")],
    "```\nfirst\n    <indented> & **plain**\n```": [
        ("pre", "first\n    <indented> & **plain**"),
        ("code", "first\n    <indented> & **plain**"),
    ],
    "> quoted *words*": [("blockquote", "quoted words"), ("em", "words")],
    "- one\n- **two**": [("ul", "onetwo"), ("li", "one"), ("li", "two"), ("strong", "two")],
    "1. one\n2. two": [("ol", "onetwo"), ("li", "one"), ("li", "two")],
    f"[a site]({SITE})": [("a", "a site")],
    f"see {SITE}.": [("a", SITE)],
    "5 * 3 * 2, snake_case_name, 2 ~ 3": [],
    "# no heading": [],
    "a | table\n--|--\n1 | 2": [],
    "![picture](https://example.org/x.png)": [("a", "https://example.org/x.png")],
}

HOSTILE = [
    '<img src=x onerror="window.pwned = 1">',
    '**<img src=x onerror="window.pwned = 1">**',
    "<script>window.pwned = 1</script>",
    "- <script>window.pwned = 1</script>",
    "<b>bold</b> and <a href='javascript:window.pwned=1'>click</a> **so**",
    "> <iframe srcdoc='<script>parent.pwned=1</script>'></iframe>",
    "`</code><svg onload=window.pwned=1>`",
    "```\n</code></pre><svg onload=window.pwned=1>\n```",
    '```x" onmouseover="window.pwned=1\ncode\n```',
    "[click](javascript:window.pwned=1)",
    "[click](  JaVaScRiPt:window.pwned=1)",
    "[click](data:text/html,<script>parent.pwned=1</script>)",
    "[click](vbscript:x) [click](file:///etc/passwd)",
    '[click](https://example.org/"onmouseover="window.pwned=1)',
    '[click](https://example.org "x\\" onmouseover=\\"window.pwned=1")',
    "[<img src=x onerror=window.pwned=1>](https://example.org)",
    "&lt;img src=x onerror=window.pwned=1&gt; **&#60;b&#62;**",
    "<span class=mention data-user-id=x data-me=true>@Nobody</span> **x**",
]

ONE_LINE = {
    "**Train** at `nine`:\n\n- *bags*\n- [tickets](https://x.org)": "Train at nine: bags tickets",
    "> quoted\n\n~~not~~ <b>this</b>": "quoted not <b>this</b>",
    "1 < 2 & **3** > 2": "1 < 2 & 3 > 2",
    "```\nx = 1\ny = 2\n```": "x = 1 y = 2",
}

ALLOWED = "p, br, strong, em, s, code, pre, blockquote, ul, ol, li, a, span"

WITHIN = "[data-testid=message-text] > div *"
"""The elements of rendered messages; they stand in one that the page brings."""

ELEMENTS = f"""(row) => [...row.querySelectorAll("{WITHIN}")]
  .filter((element) => !["p", "br"].includes(element.localName))
  .map((element) => [element.localName, element.textContent])"""

ATTRIBUTES = """(all) => all.flatMap((element) =>
  element.getAttributeNames().map((name) => `${element.localName} ${name}`))"""

LINES = """(text) => {
  // How many lines of text there are on the screen.
  const texts = document.createTreeWalker(text, NodeFilter.SHOW_TEXT);
  const range = document.createRange();
  const bottoms = new Set();
  while (texts.nextNode()) {
    range.selectNodeContents(texts.currentNode);
    for (const box of range.getClientRects()) if (box.width) bottoms.add(Math.round(box.bottom));
  }
  return bottoms.size;
}"""


async def html(tab: Tab) -> list[str]:
    """What stands in each message, as markup."""
    return await tab.part("message-text").evaluate_all("all => all.map(e => e.innerHTML)")


async def elements(tab: Tab, seq: int) -> list[tuple[str, str]]:
    """The elements within a message, each with its text."""
    found = await tab.at(seq).evaluate(ELEMENTS)
    return [(name, text) for name, text in found]


TOUCHING = """all => {
  for (const text of all)
    for (const each of [text, ...text.querySelectorAll("*")])
      for (const type of ["mouseover", "focus", "error", "load", "toggle"])
        each.dispatchEvent(new Event(type, { bubbles: true }));
}"""
"""All that a page may do to run what an attribute says."""


async def write_all(trip: str, writer: Person, reader: Person, texts: Any) -> None:
    """One writes in the page, the other reads along."""
    for text in texts:
        await writer.sends(text)
    for who in (writer, reader):
        await who.has_seen(len(texts))
        await expect(who.messages.last).to_have_attribute("data-state", "sent")


async def test_markdown_becomes_elements_for_everybody(person: NewPerson) -> None:
    trip, (ana, bo) = await together(person, "Ana", "Bo")
    await write_all(trip, ana, bo, FORMATTED)
    for who in (ana, bo):
        for seq, (text, expected) in enumerate(FORMATTED.items(), 1):
            assert await elements(who, seq) == expected, text
    live = await html(bo)
    assert await html(ana) == live
    await bo.reloads()
    await bo.has_seen(len(FORMATTED))
    assert await html(bo) == live
    await expect(bo.at(len(FORMATTED) - 3)).to_contain_text("5 * 3 * 2, snake_case_name, 2 ~ 3")


async def test_html_is_only_text_and_nothing_of_it_runs(person: NewPerson) -> None:
    trip, (ana, bo) = await together(person, "Ana", "Bo")
    await write_all(trip, ana, bo, HOSTILE)
    later = await bo.another_tab()
    await later.opens(trip)
    await later.has_seen(len(HOSTILE))
    for tab in (ana, bo, later):
        texts = tab.part("message-text")
        markup = tab.page.locator(WITHIN)
        assert await markup.and_(tab.page.locator(f":not({ALLOWED})")).count() == 0
        assert set(await markup.evaluate_all(ATTRIBUTES)) == {
            f"a {name}" for name in ("href", "target", "rel", "title")
        }
        for link in await texts.get_by_role("link").all():
            assert (await link.get_attribute("href") or "").startswith("https://example.org")
        await texts.evaluate_all(TOUCHING)
        assert await tab.page.evaluate("window.pwned === undefined")
    for seq in (1, 3):
        await reads(bo, seq, HOSTILE[seq - 1])
    await reads(bo, 2, HOSTILE[1].strip("*"))


async def test_what_an_edit_brings_is_formatted_and_as_harmless(person: NewPerson) -> None:
    _, (ana, bo) = await together(person, "Ana", "Bo")
    await ana.sends("Plain")
    await bo.sees("Plain")
    await edits(ana, 1, "**Bold** <img src=x onerror='window.pwned=1'>")
    for who in (ana, bo):
        text = who.at(1).get_by_test_id("message-text")
        await expect(text.locator("strong")).to_have_text("Bold")
        await reads(who, 1, "Bold <img src=x onerror='window.pwned=1'>")
        await expect(text.locator("img")).to_have_count(0)
        assert await who.page.evaluate("window.pwned === undefined")
    # The field holds what was written, not what it looks like.
    await ana.composer.press("ArrowUp")
    await expect(ana.part("edit-input")).to_have_value(
        "**Bold** <img src=x onerror='window.pwned=1'>"
    )
    await ana.part("edit-input").fill("Plain again")
    await ana.part("edit-input").press("Enter")
    for who in (ana, bo):
        await reads(who, 1, "Plain again")
        await expect(who.at(1).locator("strong")).to_have_count(0)


async def test_a_written_link_opens_in_a_new_tab_that_knows_nothing_of_us(
    person: NewPerson,
) -> None:
    _, (ana, bo) = await together(person, "Ana", "Bo")
    await ana.sends(f"Look at [the **map**]({SITE}) or [write](mailto:ana@example.org)")
    await bo.sees("Look at")
    links = bo.part("message-text").get_by_role("link")
    assert [await link.get_attribute("href") for link in await links.all()] == [
        SITE,
        "mailto:ana@example.org",
    ]
    for link in await links.all():
        await expect(link).to_have_attribute("target", "_blank")
        rel = await link.get_attribute("rel") or ""
        assert {"noopener", "noreferrer"} <= set(rel.split())
    await bo.context.route("https://example.org/**", lambda route: route.fulfill(body="there"))
    async with bo.context.expect_page() as opened:
        await links.first.click()
    page = await opened.value
    await page.wait_for_load_state()
    assert page.url == SITE
    assert await page.evaluate("[window.opener, document.referrer]") == [None, ""]


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("one\ntwo\n\nfour", ["one", "two", "four"]),
        ("**one**\ntwo", ["one", "two"]),
        ("**one**\n\nthree", ["one", "three"]),
        ("> one\n> two", ["one", "two"]),
        ("- one\n  more\n- two", ["one", "more", "two"]),
    ],
)
async def test_line_breaks_are_seen(person: NewPerson, text: str, shown: list[str]) -> None:
    _, (ana, bo) = await together(person, "Ana", "Bo")
    await ana.sends(text)
    for who in (ana, bo):
        await who.has_seen(1)
        await expect(who.messages).to_have_attribute("data-state", "sent")
        said = await who.part("message-text").inner_text()
        assert [line for line in said.split("\n") if line] == shown
        assert await who.part("message-text").evaluate(LINES) == len(shown)


async def test_a_list_of_trips_tells_it_in_one_line_without_markup(person: NewPerson) -> None:
    ana, bo = await person("Ana"), await person("Bo")
    trip = await ana.account.makes_trip("Lisbon", bo.account)
    await ana.opens(trip)
    await bo.visits("/")
    for text, line in ONE_LINE.items():
        await ana.sends(text)
        for who in (ana, bo):
            await expect(who.card(trip)).to_contain_text(line)
        await bo.reloads()
        await expect(bo.card(trip)).to_contain_text(line)


async def test_wide_code_scrolls_within_its_message(person: NewPerson) -> None:
    ana = await person("Ana", **PHONE)
    trip = await ana.account.makes_trip()
    await ana.account.writes(trip, f"```\n{'wide = ' * 100}\n```\n- {'w' * 500}\n> {'q' * 500}")
    await ana.opens(trip)
    await ana.has_seen(1)
    await fits(ana)
    block = ana.part("message-text").locator("pre")
    assert await block.evaluate("block => block.scrollWidth > block.clientWidth")
    assert await ana.timeline.evaluate("list => list.scrollWidth <= list.clientWidth")
