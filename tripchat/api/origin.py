"""Where a request comes from, and how the site is reached."""

from starlette.requests import HTTPConnection

from tripchat.settings import bracketed, get_settings

_OF_PROXIES = ("forwarded", "via", "x-forwarded-for", "x-forwarded-host", "x-forwarded-proto")

_DEFAULT_PORTS = {"http": ":80", "https": ":443", "ws": ":80", "wss": ":443"}


def is_https(connection: HTTPConnection) -> bool:
    """Whether the browser reached the site by https, directly or through a proxy."""
    return _scheme(connection) in {"https", "wss"}


def is_foreign(connection: HTTPConnection) -> bool:
    """Whether a page of another site sent this: its Origin is not the host it was sent to.

    Programs send no Origin. Browsers cannot leave it out, nor set X-Forwarded-Host for another
    site.
    """
    origin = connection.headers.get("origin")
    if origin is None:
        return False
    scheme, _, place = origin.lower().partition("://")
    hosts = (connection.headers.get(name) for name in ("host", "x-forwarded-host"))
    port = _DEFAULT_PORTS.get(scheme, "")
    return not place or place.removesuffix(port) not in {
        host.split(",")[0].strip().lower().removesuffix(port) for host in hosts if host
    }


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
    return forwarded if forwarded in {"http", "https"} else connection.url.scheme
