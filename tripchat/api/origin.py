"""Where a request comes from, and how the site is reached."""

import ipaddress
from urllib.parse import urlsplit

from starlette.requests import HTTPConnection

from tripchat.settings import bracketed, get_settings

_OF_PROXIES = ("forwarded", "via", "x-forwarded-for", "x-forwarded-host", "x-forwarded-proto")

_DEFAULT_PORTS = {"http": ":80", "https": ":443", "ws": ":80", "wss": ":443"}


def is_https(connection: HTTPConnection) -> bool:
    """Whether the browser reached the site by https, directly or through a proxy."""
    return _scheme(connection) in {"https", "wss"}


def is_foreign(connection: HTTPConnection) -> bool:
    """Whether a page of another site sent this, and not one that the settings name.

    A page's Origin is the host it was sent to. Programs send none. Browsers cannot leave it out
    where something is changed or a socket opened, nor set X-Forwarded-Host for another site; of
    what else a page has them load they say in Sec-Fetch-Site how near it is.
    """
    if is_named(connection):
        return False
    near = connection.headers.get("sec-fetch-site")
    origin = connection.headers.get("origin")
    if origin is None:
        return near in {"cross-site", "same-site"}
    # Of the same host by http, while the site is reached by https.
    if near == "cross-site":
        return True
    scheme, _, place = origin.lower().partition("://")
    hosts = (connection.headers.get(name) for name in ("host", "x-forwarded-host"))
    port = _DEFAULT_PORTS.get(scheme, "")
    return not place or place.removesuffix(port) not in {
        host.split(",")[0].strip().lower().removesuffix(port) for host in hosts if host
    }


def is_named(connection: HTTPConnection) -> bool:
    """Whether a page sent this whose origin the settings name as a friend."""
    origin = connection.headers.get("origin")
    return origin is not None and origin.lower() in get_settings().cors_origins


def is_trustworthy(connection: HTTPConnection) -> bool:
    """Whether browsers take the site's origin for one that nobody on the way can have changed."""
    if is_https(connection):
        return True
    try:
        host = urlsplit(base_url(connection)).hostname or ""
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def address_of(connection: HTTPConnection) -> str:
    """The address it came from, as the proxies that are known say; empty when nobody knows."""
    return connection.client.host if connection.client else ""


def base_url(connection: HTTPConnection) -> str:
    """The site's address as its visitors know it, without a slash at the end."""
    host = connection.headers.get("x-forwarded-host") or connection.headers.get("host", "")
    return f"{_scheme(connection)}://{host.split(',')[0].strip()}"


def public_url(connection: HTTPConnection) -> str | None:
    """The address that a link in a mail begins with; None while nobody has set one.

    What a request says of the host is never believed: whoever asks for somebody else's link would
    have it lead to a host of their own. Without the setting it is where the connection arrived, as
    this machine knows it, and nothing behind a proxy.
    """
    settings = get_settings()
    if settings.public_url is not None:
        return settings.public_url
    if any(name in connection.headers for name in _OF_PROXIES):
        return None
    host, port = connection.scope.get("server") or ("", None)
    if not host or host.startswith("/") or connection.scope["scheme"] != "http":
        return None
    return f"http://{bracketed(host)}" + (f":{port}" if port else "")


def _scheme(connection: HTTPConnection) -> str:
    forwarded = connection.headers.get("x-forwarded-proto", "").split(",")[0].strip().lower()
    return forwarded if forwarded in {"http", "https"} else connection.scope["scheme"]
