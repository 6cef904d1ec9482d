import pytest
from starlette.requests import Request

from tripchat.api.origin import base_url, is_foreign, is_https


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


def test_https_is_known_directly_and_through_a_proxy():
    assert is_https(request("https", host="x"))
    assert is_https(request(host="x", x_forwarded_proto="https, http"))
    assert not is_https(request(host="x"))


def test_the_address_is_the_one_visitors_know():
    assert base_url(request(host="localhost:3000")) == "http://localhost:3000"
    forwarded = request(host="10.0.0.5", x_forwarded_host="t.example", x_forwarded_proto="https")
    assert base_url(forwarded) == "https://t.example"
