"""Links that want the server to call what only it can reach, to wait, or to take too much."""

import asyncio
import datetime
import gzip
import ssl
import time
import zlib
from collections.abc import AsyncIterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import httpcore
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from tests.kit.elsewhere import SOMEWHERE, Elsewhere, elsewhere, html, redirect, titled
from tripchat.previews import page
from tripchat.previews.network import PublicNetwork, is_public
from tripchat.previews.page import MOST_BYTES, MOST_REDIRECTS, fetch
from tripchat.previews.summary import DESCRIPTION_CHARS, TITLE_CHARS, summary
from tripchat.previews.web_address import NoPreview, web_address

PRIVATE = [
    *("0.0.0.0", "0.1.2.3", "10.0.0.1", "100.64.0.1", "100.100.100.200", "100.127.255.254"),  # noqa: S104
    *("127.0.0.1", "127.255.255.254", "168.63.129.16", "169.254.169.254", "172.16.0.1"),
    *("172.31.255.255", "192.0.0.1", "192.0.0.192", "192.0.2.1", "192.88.99.1", "192.168.1.1"),
    *("198.18.0.1", "198.51.100.1", "203.0.113.1", "224.0.0.1", "239.255.255.255", "240.0.0.1"),
    *("255.255.255.255", "::", "::1", "::127.0.0.1", "::8.8.8.8", "::ffff:127.0.0.1"),
    *("::ffff:8.8.8.8", "::ffff:0:8.8.8.8", "64:ff9b::7f00:1", "64:ff9b::808:808"),
    *("64:ff9b:1::1", "100::1", "2001::1", "2001:0:4136:e378:8000:63bf:3fff:fdd2", "2001:10::1"),
    *("2001:20::1", "2001:db8::1", "2002:7f00:1::", "2002:808:808::", "3fff::1", "4000::1"),
    *("5f00::1", "fc00::1", "fd00:ec2::254", "fe80::1", "fe80::1%eth0", "fec0::1", "ff02::1"),
    *("2606:4700::1111%eth0", "localhost", "", "8.8.8.8/32", "08.8.8.8"),
]

PUBLIC = ["8.8.8.8", SOMEWHERE, "1.1.1.1", "2606:4700:4700::1111", "2a00:1450:4001::200e"]

FORMS = [
    *("http://127.0.0.1/", "http://127.0.0.1./", "http://127.1/", "http://127.0.1/", "http://0/"),
    *("http://0.0.0.0/", "http://2130706433/", "http://0x7f000001/", "http://0x7f.0.0.1/"),
    *("http://0x7f.1/", "http://017700000001/", "http://0177.0.0.1/", "http://0177.1/"),
    *("http://00000000127.0.0.1/", "http://127.0.0.1.:80/", "http://256.256.256.256/"),
    *("http://4294967297/", "http://0x/", "http://1.2.3.0x1/", "http://[::]/", "http://[::1]/"),
    *("http://[0:0:0:0:0:0:0:1]/", "http://[::ffff:127.0.0.1]/", "http://[::ffff:7f00:1]/"),
    *("http://[::127.0.0.1]/", "http://[64:ff9b::7f00:1]/", "http://[2002:7f00:1::]/"),
    *("http://[fe80::1%25lo]/", "http://[fd00:ec2::254]/", "http://[::1]:80/", "https://[::1]/"),
    *("http://localhost/", "http://localhost./", "http://LOCALHOST/", "http://x.localhost/"),
    *("http://x.localhost./", "http://printer.local/", "http://metadata.google.internal/"),
    *("http://metadata/", "http://intranet/", "http://router.home.arpa/", "http://x.onion/"),
    *(
        "http://1２7.0.0.1/",
        "http://１２７.０.０.１/",
        "http://127。0。0。1/",
        "http://127．0．0．1/",
    ),
    *(
        "http://ⓛⓞⓒⓐⓛⓗⓞⓢⓣ/",
        "http://①②⑦.⓪.⓪.①/",
        "http://loc\u00adalhost/",
        "http://169.254.169.254/",
    ),
    *("http://127.0.0.1@example.org/", "http://example.org@127.0.0.1/", "http://a:b@example.org/"),
    *("http://@127.0.0.1/", "http://example.org:80@127.0.0.1/", "http://example.org%40127.0.0.1/"),
    *("http://example.org\\@127.0.0.1/", "http://127.0.0.1\\.example.org/", "http:\\\\127.0.0.1/"),
    *("http://127.0.0.1#@example.org/", "http://127.0.0.1?@example.org/", "http:127.0.0.1/"),
    *("http:///127.0.0.1/", "http://", "http:///", "//127.0.0.1/", "127.0.0.1", ""),
    *("http://127.0.0.1:22/", "http://example.org:22/", "http://example.org:8080/"),
    *("http://example.org:0/", "http://example.org:65616/", "http://example.org:-80/"),
    *("http://example.org:6379/", "https://example.org:11211/", "http://[::1]:6379/"),
    *(
        "file:///etc/passwd",
        "file://localhost/etc/passwd",
        "gopher://example.org:80/_GET",
        "data:text/html,x",
    ),
    *(
        "dict://example.org:11211/stat",
        "ftp://example.org/",
        "ldap://example.org/",
        "jar:http://x.org!/",
    ),
    *(
        "javascript:alert(1)",
        "ws://example.org/",
        "unix:/run/docker.sock",
        "http+unix://%2Frun%2Fx/",
    ),
    *("http://example.org/\r\nX-Injected: 1", "http://example.org/ HTTP/1.1\r\nHost: x"),
    *(
        "http://exam\tple.org/",
        "http://example.org/\x00",
        " http://example.org/",
        "http://ex ample.org/",
    ),
    *(
        "http://exa%6dple.org%00.evil.org/",
        "http://example.org\u2028/",
        "http://[::1/",
        "http://::1/",
    ),
    *("http://a..b/", "http://.127.0.0.1/", "http://%31%32%37.0.0.1/", "http://" + "x" * 3000),
]
"""Addresses of which none may make the server call anybody."""


@pytest.fixture
async def web() -> AsyncIterator[Elsewhere]:
    """The rest of the web."""
    async with elsewhere() as web:
        yield web


async def title(web: Elsewhere, address: str, tls: ssl.SSLContext | None = None) -> str:
    """The title behind a link; raises NoPreview."""
    return summary(address, await fetch(address, web.network, tls))["title"]


async def refused(web: Elsewhere, address: str) -> str:
    """A link must have no preview; gives why."""
    with pytest.raises(NoPreview) as reason:
        await title(web, address)
    return str(reason.value)


@pytest.mark.parametrize("address", PRIVATE)
def test_no_private_address_is_public(address: str):
    assert not is_public(address)


@pytest.mark.parametrize("address", PUBLIC)
def test_public_addresses_are(address: str):
    assert is_public(address)


async def test_a_page_of_the_web_is_read(web: Elsewhere):
    web.pages["example.org/a?b=c"] = titled("A page")
    assert await title(web, "http://example.org/a?b=c") == "A page"
    assert web.called == [(SOMEWHERE, 80)]


@pytest.mark.parametrize("address", FORMS)
async def test_no_form_of_address_calls_anybody(address: str):
    async with elsewhere() as web:
        # With this machine's own lookup: it understands more forms than anybody remembers.
        network = PublicNetwork(dial=web)
        with pytest.raises(NoPreview):
            await fetch(address, network)
        assert web.called == []


@pytest.mark.parametrize(
    "private", [*PRIVATE[:12], "::1", "::ffff:127.0.0.1", "fd00::1", "fe80::1"]
)
async def test_a_name_with_a_private_address_is_not_called(web: Elsewhere, private: str):
    web.hosts = {"a.example": [[private]], "b.example": [[SOMEWHERE, private]]}
    assert "not public" in await refused(web, "http://a.example/")
    assert "not public" in await refused(web, "http://b.example/")  # not even at its public one
    assert web.called == []


async def test_what_was_checked_is_called_and_not_looked_up_again(web: Elsewhere):
    web.hosts = {"rebinding.example": [[SOMEWHERE], ["127.0.0.1"]]}
    web.pages["rebinding.example/"] = titled("Once")
    assert await title(web, "http://rebinding.example/") == "Once"
    assert web.lookups == ["rebinding.example"]
    assert web.called == [(SOMEWHERE, 80)]


async def test_a_redirect_to_the_same_name_is_checked_anew(web: Elsewhere):
    web.hosts = {"rebinding.example": [[SOMEWHERE], ["127.0.0.1"]]}
    web.pages["rebinding.example/"] = redirect("/again")
    web.pages["rebinding.example/again"] = titled("Inside")
    assert "not public" in await refused(web, "http://rebinding.example/")
    assert web.called == [(SOMEWHERE, 80)]


@pytest.mark.parametrize("status", ["301 x", "302 x", "303 x", "307 x", "308 x"])
@pytest.mark.parametrize(
    "location",
    [
        *("http://127.0.0.1/", "http://127.1/", "http://localhost/", "//169.254.169.254/latest"),
        *("http://inside.example/", "http://[::1]/", "file:///etc/passwd", "gopher://a.example/"),
        *("http://a:b@good.example/x", "http://good.example:6379/", "javascript:alert(1)"),
        *("data:text/html,<title>x", "http://1２7.0.0.1/", "", "http://good.example/\x0bx"),
    ],
)
async def test_a_redirect_leads_no_further_than_a_link(location: str, status: str):
    async with elsewhere() as web:
        web.hosts = {
            "inside.example": [["10.0.0.7"]],
            **{host: [[host]] for host in ("127.0.0.1", "169.254.169.254", "::1")},
        }
        web.pages["good.example/"] = redirect(location, status)
        await refused(web, "http://good.example/")
        assert len(web.called) == 1


async def test_redirects_that_end(web: Elsewhere):
    web.pages["a.example/"] = redirect("https-no-more", "301 x")
    web.pages["a.example/https-no-more"] = redirect("//b.example/c?d=%20e")
    web.pages["b.example/c?d=%20e"] = redirect("?f")
    web.pages["b.example/c?f"] = titled("Arrived")
    found = await fetch("http://a.example/", web.network)
    assert summary("http://a.example/", found) == {
        "url": "http://a.example/",
        "site": "b.example",  # what one gets to, not what the link says
        "title": "Arrived",
        "description": "",
    }


async def test_redirects_without_end(web: Elsewhere):
    web.pages["a.example/"] = redirect("/")
    assert "too many" in await refused(web, "http://a.example/")
    assert len(web.requests) == 1 + MOST_REDIRECTS


async def test_nothing_is_said_of_whoever_asks(web: Elsewhere, monkeypatch: pytest.MonkeyPatch):
    for name in ("http_proxy", "HTTP_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    web.pages["a.example/"] = redirect("http://a.example/b", "302 x", "Set-Cookie: id=1; Path=/")
    web.pages["a.example/b"] = titled("Here")
    assert await title(web, "http://a.example/#part") == "Here"
    for head in web.requests:
        names = {line.partition(":")[0].lower() for line in head.split("\r\n")[1:] if line}
        assert names == {"host", "user-agent", "accept", "accept-encoding", "connection"}
        assert "tripchat" not in head.lower()
        assert "part" not in head


async def test_a_location_cannot_add_headers(web: Elsewhere):
    web.pages["a.example/"] = redirect("/b%0d%0aX-Injected:%201")
    web.pages["a.example/b%0d%0aX-Injected:%201"] = titled("Harmless")
    assert await title(web, "http://a.example/") == "Harmless"
    assert not any(line.startswith("X-") for line in web.requests[-1].split("\r\n"))


async def slowly(writer: asyncio.StreamWriter) -> None:
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n<title>Slow</title>")
    while True:
        writer.write(b" ")
        await writer.drain()
        await asyncio.sleep(0.02)


async def slow_head(writer: asyncio.StreamWriter) -> None:
    while True:
        writer.write(b"HTTP/1.1 100 Continue\r\n\r\n")
        await writer.drain()
        await asyncio.sleep(0.02)


async def silent(writer: asyncio.StreamWriter) -> None:
    await writer.drain()
    await asyncio.sleep(60)


@pytest.mark.parametrize("answer", [slowly, slow_head, silent])
async def test_who_is_slow_is_left(answer: Any, web: Elsewhere, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(page, "SECONDS", 0.4)
    web.pages["a.example/"] = answer
    began = time.monotonic()
    assert "too long" in await refused(web, "http://a.example/")
    assert time.monotonic() - began < 5


async def test_a_lookup_that_takes_long_is_left(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(page, "SECONDS", 0.2)

    async def never(_host: str, _port: int) -> list[str]:
        await asyncio.sleep(60)
        return [SOMEWHERE]

    with pytest.raises(NoPreview, match="too long"):
        await fetch("http://a.example/", PublicNetwork(never))


async def test_a_body_without_end_is_read_to_the_limit(web: Elsewhere):
    sent = 0

    async def endless(writer: asyncio.StreamWriter) -> None:
        nonlocal sent
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n<title>Long</title>")
        while True:
            writer.write(b"x" * 65_536)
            await writer.drain()
            sent += 65_536

    web.pages["a.example/"] = endless
    found = await fetch("http://a.example/", web.network)
    assert len(found.html) == MOST_BYTES
    assert sent < 64 * MOST_BYTES  # what fits between the two, and no more


async def test_a_head_without_end_is_given_up(web: Elsewhere):
    async def endless(writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\n")
        while True:
            writer.write(b"X-Filling: " + b"x" * 8000 + b"\r\n")
            await writer.drain()

    web.pages["a.example/"] = endless
    assert "could not be read" in await refused(web, "http://a.example/")


@pytest.mark.parametrize("layers", [1, 2])
async def test_a_bomb_of_zeros_stays_small(web: Elsewhere, layers: int):
    bomb = b"<title>Bomb</title>" + b"\x00" * 200_000_000
    for _ in range(layers):
        bomb = gzip.compress(bomb, 1)
    web.pages["a.example/"] = html(bomb, "Content-Encoding: gzip")
    found = await fetch("http://a.example/", web.network)
    assert len(found.html) <= MOST_BYTES


async def test_what_is_packed_as_was_asked_for_is_read(web: Elsewhere):
    web.pages["a.example/"] = html(
        gzip.compress(b"<title>Packed</title>"), "Content-Encoding: gzip"
    )
    assert await title(web, "http://a.example/") == "Packed"


@pytest.mark.parametrize(
    ("content", "encoding"),
    [
        (zlib.compress(b"<title>x</title>"), "deflate"),
        (b"<title>x</title>", "br"),
        (gzip.compress(gzip.compress(b"<title>x</title>")), "gzip, gzip"),
        (b"<title>this is not packed</title>", "gzip"),
    ],
    # Packing notes the time: the bytes are no name for a test.
    ids=["deflate", "br", "twice", "not at all"],
)
async def test_what_is_packed_otherwise_is_not(web: Elsewhere, content: bytes, encoding: str):
    web.pages["a.example/"] = html(content, f"Content-Encoding: {encoding}")
    assert "packed" in await refused(web, "http://a.example/")


@pytest.mark.parametrize(
    "media_type",
    [
        *("text/plain", "application/json", "image/svg+xml", "image/png", "text/xml", ""),
        *("application/octet-stream", "text/html-not", "multipart/mixed; text/html", "text/html2"),
    ],
)
async def test_what_is_no_page_is_not_read(web: Elsewhere, media_type: str):
    answer = titled("x").replace(b"text/html", media_type.encode())
    web.pages["a.example/"] = answer
    assert "no page" in await refused(web, "http://a.example/")


@pytest.mark.parametrize("status", ["204 x", "206 x", "304 x", "401 x", "404 x", "500 x"])
async def test_only_what_is_there_is_read(web: Elsewhere, status: str):
    web.pages["a.example/"] = html("<title>x</title>", status=status)
    await refused(web, "http://a.example/")


@pytest.mark.parametrize(
    "answer",
    [
        *(b"", b"\r\n\r\n", b"SSH-2.0-OpenSSH\r\n", b"HTTP/1.1 2\xff0 OK\r\n\r\n", b"\x00" * 1000),
        b"HTTP/1.1 200 OK\r\nContent-Length: 99999999999999999999999\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: -1\r\nContent-Type: text/html\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nContent-Type: text/html\r\n\r\nzz\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 500\r\n\r\n<title>cut",
        b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n",
    ],
)
async def test_answers_that_are_none(answer: bytes):
    async with elsewhere() as web:
        web.pages["a.example/"] = answer
        await refused(web, "http://a.example/")


@pytest.mark.parametrize(
    ("content", "charset"),
    [
        ("<title>Zürich</title>".encode("latin-1"), "iso-8859-1"),
        ("<title>Zürich</title>".encode("utf-16"), "utf-16"),
        ("<meta charset=windows-1252><title>Zürich</title>".encode("cp1252"), ""),
        (
            '<meta http-equiv=x content="text/html; charset=utf-8"><title>Zürich</title>'.encode(),
            "",
        ),
        ("\ufeff<title>Zürich</title>".encode(), "no-such-charset"),
        ("<title>Zürich</title>".encode(), "punycode"),
        ("<title>Zürich</title>".encode(), "zip"),
    ],
)
async def test_charsets(web: Elsewhere, content: bytes, charset: str):
    answer = html(content).replace(b"text/html", f"text/html; charset={charset}".encode(), 1)
    web.pages["a.example/"] = answer
    assert await title(web, "http://a.example/") == "Zürich"


async def test_what_turns_text_round_or_hides_in_it_is_taken_out(web: Elsewhere):
    web.pages["a.example/"] = html(
        "<title>  pay\u202epal\u2066\u200b\x07 \u2028 \ufeffone&#8238;two&#10;three\U000e0041 "
        "</title>"
        '<meta name=description content="&lt;b&gt; a&#x202E;b">'
    )
    found = summary("x", await fetch("http://a.example/", web.network))
    assert (found["title"], found["description"]) == ("paypal onetwo three", "<b> ab")


async def test_what_is_long_is_cut(web: Elsewhere):
    web.pages["a.example/"] = html(
        f'<title>{"t" * 5000}</title><meta name="description" content="{"d" * 5000}">'
    )
    found = summary("x", await fetch("http://a.example/", web.network))
    assert (len(found["title"]), len(found["description"])) == (TITLE_CHARS, DESCRIPTION_CHARS)


@pytest.mark.parametrize(
    "piece",
    [
        *("<div>", "<ul><li>", "<b><div>", "<!--", "<![CDATA[", "<?", "</", "<", "<a ", '<a b="'),
        *("<title>", "<meta name=description content=", "<svg><math>", "<table>", "&amp", "<a x "),
        "<script>",
    ],
)
async def test_no_page_takes_long_to_be_read(piece: str):
    found = page.Page(web_address("http://a.example/"), piece * (MOST_BYTES // len(piece)))
    began = time.thread_time()
    with suppress(NoPreview):
        summary("x", found)
    assert time.thread_time() - began < 4  # in a thread of its own, one page at a time


@pytest.fixture
def authority(tmp_path: Path) -> tuple[ssl.SSLContext, ssl.SSLContext]:
    """A server's side of TLS for `good.example`, and the side of those who trust it."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "good.example")])
    now = datetime.datetime.now(datetime.UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("good.example")]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    file = tmp_path / "good.pem"
    file.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        + certificate.public_bytes(serialization.Encoding.PEM)
    )
    serving = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    serving.load_cert_chain(file)
    return serving, ssl.create_default_context(cafile=str(file))


async def test_a_certificate_has_to_be_the_hosts(
    authority: tuple[ssl.SSLContext, ssl.SSLContext],
):
    serving, trusting = authority
    async with elsewhere(serving) as web:
        web.pages["good.example/"] = web.pages["bad.example/"] = titled("Sealed")
        assert await title(web, "https://good.example/", trusting) == "Sealed"
        assert web.called == [(SOMEWHERE, 443)]
        with pytest.raises(NoPreview, match="could not be read"):
            await title(web, "https://bad.example/", trusting)
        with pytest.raises(NoPreview, match="could not be read"):
            await title(web, "https://good.example/", httpcore.default_ssl_context())
        assert len(web.requests) == 1
