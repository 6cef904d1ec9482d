"""Addresses of pages that the server may ask for: plain http and https on their own ports."""

import re

import httpx

MOST_CHARS = 2048

PORTS = {"http": 80, "https": 443}

_UNPRINTABLE = re.compile(r"[\x00-\x20\x7f-\x9f\\]")
_NUMBER = re.compile(r"(?:0x[0-9a-f]*|[0-9]+)\.?", re.IGNORECASE)
_PLAIN_IPV4 = re.compile(r"(?:(?:0|[1-9][0-9]{0,2})\.){3}(?:0|[1-9][0-9]{0,2})")
_NOT_PUBLIC = (".localhost", ".local", ".internal", ".home.arpa", ".onion")
"""Names that end like this mean another machine for everybody who asks."""


class NoPreview(Exception):
    """There is nothing to show of a link; the text says why, without the link."""


def web_address(text: str, base: httpx.URL | None = None) -> httpx.URL:
    """The address of a page, which may be relative to the `base` that led there.

    Raises NoPreview for what is no web page, has a sign-in in it, or names a port or a host that
    no public page has. Whether the host's machine may be called is the network's to say.
    """
    if len(text) > MOST_CHARS or _UNPRINTABLE.search(text):
        raise NoPreview("the address is malformed")
    try:
        url = httpx.URL(text) if base is None else base.join(text)
        host = url.raw_host.decode("ascii").lower()
    except (httpx.InvalidURL, UnicodeError, ValueError):
        raise NoPreview("the address is malformed") from None
    if url.scheme not in PORTS or not host:
        raise NoPreview("the address is none of the web")
    if url.userinfo or "@" in url.netloc.decode("latin-1"):
        raise NoPreview("the address has a sign-in in it")
    if port_of(url) not in PORTS.values():
        raise NoPreview("the port is none of the web")
    if ":" not in host:
        _check_name(host)
    return url


def port_of(url: httpx.URL) -> int:
    """The port that is called for an address."""
    return url.port or PORTS[url.scheme]


def _check_name(host: str) -> None:
    labels = host.removesuffix(".").split(".")
    if _NUMBER.fullmatch(labels[-1]):
        # 127.1, 0x7f000001 and 017700000001 are addresses to some programs and names to others.
        if not _PLAIN_IPV4.fullmatch(host):
            raise NoPreview("the host is a number")
    elif len(labels) < 2 or any(
        f".{host.removesuffix('.')}".endswith(f".{end}") for end in _NOT_PUBLIC
    ):
        raise NoPreview("the host is no public name")
