"""Reading a page of somebody else's site: little of it, soon, and without saying who asks."""

from __future__ import annotations

import asyncio
import re
import ssl
import zlib
from dataclasses import dataclass

import httpcore
import httpx

from tripchat.previews.network import PublicNetwork
from tripchat.previews.web_address import NoPreview, port_of, web_address

SECONDS = 5.0
"""How long all of it may take: the lookup, redirects and reading."""

MOST_BYTES = 256 * 1024
"""What is read of a page, and what that may become when it is unpacked."""

MOST_REDIRECTS = 3

_HEADERS = [
    (b"User-Agent", b"Mozilla/5.0 (compatible; link preview)"),
    (b"Accept", b"text/html, application/xhtml+xml"),
    (b"Accept-Encoding", b"gzip"),
    (b"Connection", b"close"),
]
_REDIRECTS = {301, 302, 303, 307, 308}
_TYPES = {"text/html", "application/xhtml+xml"}
_GZIP = 16 + zlib.MAX_WBITS

_CHARSET = re.compile(rb"""<meta[^<>]{0,200}?charset\s{0,9}=\s{0,9}["']?([\w.:-]{1,40})""", re.I)
_BOMS = ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"))
# Python has many more codecs, some of which take very long for what they are made for.
_KNOWN_CHARSET = re.compile(
    r"utf-?8|utf-?16(le|be)?|us-ascii|(iso-8859|windows)-[0-9]{1,4}|latin-?1|koi8-[ru]|gb2312|gbk"
    r"|gb18030|big5|shift_jis|euc-(jp|kr)|iso-2022-jp|macintosh",
    re.I,
)


@dataclass(frozen=True)
class Page:
    """The beginning of a page."""

    url: httpx.URL
    """Where it was found at last."""
    html: str


async def fetch(text: str, network: PublicNetwork, tls: ssl.SSLContext | None = None) -> Page:
    """The page at this address; raises NoPreview when there is none to be had.

    Each redirect is looked at like the first address. Nothing is sent but the address itself:
    no cookie, no sign-in, no word on where the link stood. What the environment says of proxies is
    not heeded.
    """
    try:
        async with asyncio.timeout(SECONDS):
            return await _follow(web_address(text), network, tls)
    except TimeoutError:
        raise NoPreview("the page takes too long") from None
    except (httpcore.NetworkError, httpcore.ProtocolError, httpcore.TimeoutException, OSError):
        raise NoPreview("the page could not be read") from None


async def _follow(url: httpx.URL, network: PublicNetwork, tls: ssl.SSLContext | None) -> Page:
    for _ in range(1 + MOST_REDIRECTS):
        # One connection for each request: nothing is kept from one host to the next.
        async with (
            httpcore.AsyncConnectionPool(
                ssl_context=tls, max_connections=1, network_backend=network
            ) as connections,
            connections.stream("GET", _target(url), headers=_HEADERS) as response,
        ):
            if response.status not in _REDIRECTS:
                return Page(url, await _html(response))
        location = _header(response, b"location")
        if not location:
            raise NoPreview("a redirect leads nowhere")
        url = web_address(location, url)
    raise NoPreview("there are too many redirects")


def _target(url: httpx.URL) -> httpcore.URL:
    return httpcore.URL(
        scheme=url.raw_scheme, host=url.raw_host, port=port_of(url), target=url.raw_path
    )


async def _html(response: httpcore.Response) -> str:
    if response.status != 200:
        raise NoPreview("there is no page")
    media_type, _, parameters = _header(response, b"content-type").partition(";")
    if media_type.strip().lower() not in _TYPES:
        raise NoPreview("it is no page")
    encoding = _header(response, b"content-encoding").strip().lower()
    if encoding not in ("", "identity", "gzip"):
        raise NoPreview("the page is packed otherwise than asked for")
    content = await _content(response, packed=encoding == "gzip")
    return content.decode(_charset(content, parameters), errors="replace")


async def _content(response: httpcore.Response, *, packed: bool) -> bytes:
    """The beginning of what comes, unpacked: neither of both is ever larger than `MOST_BYTES`."""
    unpacking = zlib.decompressobj(_GZIP)
    content, came = bytearray(), 0
    async for chunk in response.aiter_stream():
        came += len(chunk)
        try:
            content += unpacking.decompress(chunk, MOST_BYTES) if packed else chunk
        except zlib.error:
            raise NoPreview("the page cannot be unpacked") from None
        if max(came, len(content)) >= MOST_BYTES or unpacking.eof:
            break
    return bytes(content[:MOST_BYTES])


def _charset(content: bytes, parameters: str) -> str:
    for mark, charset in _BOMS:
        if content.startswith(mark):
            return charset
    said = re.search(r"charset\s*=\s*[\"']?([\w.:-]{1,40})", parameters, re.I)
    meant = _CHARSET.search(content[:2048])
    charset = said[1] if said else meant[1].decode("ascii") if meant else "utf-8"
    if not _KNOWN_CHARSET.fullmatch(charset):
        return "utf-8"
    try:
        "".encode(charset)
    except LookupError:
        return "utf-8"
    return charset


def _header(response: httpcore.Response, wanted: bytes) -> str:
    """The first header of this name; empty when there is none."""
    found = (value for name, value in response.headers if name.lower() == wanted)
    return next(found, b"").decode("utf-8", errors="replace")
