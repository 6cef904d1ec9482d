from collections.abc import Callable, Iterator

import pytest
from starlette.requests import Request

from tripchat.api.origin import (
    base_url,
    is_foreign,
    is_https,
    is_named,
    is_trustworthy,
    public_url,
)
from tripchat.settings import get_settings


def request(scheme: str = "http", **headers: str) -> Request:
    raw = [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()]
    return Request(
        {"type": "http", "scheme": scheme, "path": "/", "server": ("x", 80), "headers": raw}
    )


@pytest.mark.parametrize(
    "headers",
    [
        {"host": "trips.example"},
        {"host": "trips.example", "origin": "https://trips.example"},
        {"host": "trips.example:443", "origin": "https://trips.example"},
        {"host": "localhost:3000", "origin": "http://localhost:3000"},
        {"host": "Trips.example", "origin": "http://trips.EXAMPLE"},
        {"host": "10.0.0.5:3000", "x_forwarded_host": "t.example", "origin": "https://t.example"},
        {"host": "[::1]:3000", "origin": "http://[::1]:3000"},
    ],
)
def test_our_own_pages(headers: dict[str, str]):
    assert not is_foreign(request(**headers))


@pytest.mark.parametrize(
    "origin",
    [
        "null",
        "",
        "https://evil.example",
        "https://trips.example.evil.example",
        "https://eviltrips.example",
        "https://trips.example:8443",
        "trips.example",
        "https://",
    ],
)
def test_pages_of_other_sites(origin: str):
    assert is_foreign(request(host="trips.example", origin=origin))


def test_an_origin_without_any_host_is_foreign():
    assert is_foreign(request(origin="https://trips.example"))


@pytest.mark.parametrize("near", ["cross-site", "same-site"])
def test_what_another_page_has_a_browser_load(near: str):
    assert is_foreign(request(host="trips.example", sec_fetch_site=near))


@pytest.mark.parametrize("near", ["same-origin", "none"])
def test_what_our_own_page_or_the_visitor_has_a_browser_load(near: str):
    assert not is_foreign(request(host="trips.example", sec_fetch_site=near))


def test_our_host_by_http_is_foreign_where_the_browser_says_so():
    origin = "http://trips.example"
    assert is_foreign(request(host="trips.example", origin=origin, sec_fetch_site="cross-site"))


def test_the_origins_that_the_settings_name_are_friends(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("TRIPCHAT_CORS_ORIGINS", "https://App.example,http://localhost:5000")
    get_settings.cache_clear()
    try:
        for origin in ("https://app.example", "http://localhost:5000"):
            friend = request(host="trips.example", origin=origin, sec_fetch_site="cross-site")
            assert is_named(friend)
            assert not is_foreign(friend)
        for origin in ("http://app.example", "https://app.example:8443", "https://x.app.example"):
            assert not is_named(request(host="trips.example", origin=origin))
            assert is_foreign(request(host="trips.example", origin=origin))
    finally:
        get_settings.cache_clear()


@pytest.mark.parametrize(
    ("scheme", "host", "trustworthy"),
    [
        ("https", "trips.example", True),
        ("http", "localhost:3000", True),
        ("http", "127.0.0.1:3000", True),
        ("http", "[::1]:3000", True),
        ("http", "trips.example", False),
        ("http", "10.0.0.5:3000", False),
        ("http", "[::1", False),
        ("http", "", False),
    ],
)
def test_where_browsers_heed_what_they_are_told(scheme: str, host: str, trustworthy: bool):
    assert is_trustworthy(request(scheme, host=host)) is trustworthy


def test_https_is_known_directly_and_through_a_proxy():
    assert is_https(request("https", host="x"))
    assert is_https(request(host="x", x_forwarded_proto="https, http"))
    assert not is_https(request(host="x"))


def test_the_address_is_the_one_visitors_know():
    assert base_url(request(host="localhost:3000")) == "http://localhost:3000"
    forwarded = request(host="10.0.0.5", x_forwarded_host="t.example", x_forwarded_proto="https")
    assert base_url(forwarded) == "https://t.example"


@pytest.fixture
def set_to(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[str], None]]:
    """Sets the site's address."""

    def set_address(address: str) -> None:
        monkeypatch.setenv("TRIPCHAT_PUBLIC_URL", address)
        get_settings.cache_clear()

    set_address("")
    yield set_address
    get_settings.cache_clear()


def arrival(address: object, port: object, **headers: str) -> Request:
    arrived = request(**headers)
    arrived.scope["server"] = (address, port)
    return arrived


@pytest.mark.parametrize("host", ["evil.example", "evil.example:3000", "x@evil.example", ""])
def test_links_in_mails_do_not_believe_the_host_that_a_request_names(
    set_to: Callable[[str], None], host: str
):
    assert public_url(arrival("192.168.1.5", 3000, host=host)) == "http://192.168.1.5:3000"
    set_to("https://trips.example/")
    for header in ("host", "x_forwarded_host", "forwarded"):
        assert public_url(arrival("10.0.0.5", 3000, **{header: host})) == "https://trips.example"


def test_a_machine_is_known_by_its_address(set_to: Callable[[str], None]):
    assert public_url(arrival("127.0.0.1", 3456)) == "http://127.0.0.1:3456"
    assert public_url(arrival("fd00::7", 3000)) == "http://[fd00::7]:3000"


@pytest.mark.parametrize(
    "proxy", ["x_forwarded_for", "x_forwarded_host", "x_forwarded_proto", "via"]
)
def test_behind_a_proxy_nobody_knows_the_sites_address_unless_it_is_set(
    set_to: Callable[[str], None], proxy: str
):
    assert public_url(arrival("10.0.0.5", 3000, **{proxy: "trips.example"})) is None


@pytest.mark.parametrize("server", [("/run/trips.sock", None), (None, None)])
def test_a_socket_without_an_address_gives_none(
    set_to: Callable[[str], None], server: tuple[object, object]
):
    assert public_url(arrival(*server, host="evil.example")) is None
