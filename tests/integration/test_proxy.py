"""The proxy that breaks connections breaks them as it says, and nothing else."""

import asyncio
from asyncio import StreamReader, StreamWriter
from collections.abc import AsyncIterator

import pytest

from tests.kit.proxy import Proxy

UPGRADE = b"GET /_event HTTP/1.1\r\nHost: here\r\nUpgrade: websocket\r\n\r\n"


class Echo:
    """A server that says again whatever it is told."""

    def __init__(self) -> None:
        self.told = b""
        self.resets = 0
        self.ends = 0

    async def serve(self, reader: StreamReader, writer: StreamWriter) -> None:
        try:
            while data := await reader.read(65536):
                self.told += data
                writer.write(data)
                await writer.drain()
            self.ends += 1
            writer.close()
        except ConnectionResetError:
            self.resets += 1


class Client:
    """Somebody at the other side of the proxy."""

    def __init__(self, reader: StreamReader, writer: StreamWriter) -> None:
        self._reader = reader
        self._writer = writer

    @classmethod
    async def at(cls, port: int) -> "Client":
        return cls(*await asyncio.open_connection("127.0.0.1", port))

    @classmethod
    async def connected(cls, port: int) -> "Client":
        """On a WebSocket, as far as the proxy can see: whatever is said from now on passes."""
        client = await cls.at(port)
        client.says(UPGRADE)
        await client.hears(UPGRADE)
        return client

    def says(self, data: bytes) -> None:
        self._writer.write(data)

    async def hears(self, data: bytes) -> None:
        async with asyncio.timeout(5):
            try:
                heard = await self._reader.readexactly(len(data))
            except asyncio.IncompleteReadError as end:
                heard = end.partial
        assert heard == data

    async def hears_the_end(self) -> bytes:
        async with asyncio.timeout(5):
            return await self._reader.read()

    def has_heard(self) -> bytes:
        return bytes(self._reader._buffer)  # type: ignore[attr-defined]

    def says_no_more(self) -> None:
        self._writer.write_eof()

    def leaves(self) -> None:
        self._writer.close()


@pytest.fixture
async def echo() -> Echo:
    return Echo()


@pytest.fixture
async def port(echo: Echo) -> AsyncIterator[int]:
    server = await asyncio.start_server(echo.serve, "127.0.0.1", 0)
    yield server.sockets[0].getsockname()[1]
    server.close()


@pytest.fixture
async def proxy(port: int) -> AsyncIterator[Proxy]:
    async with Proxy(port) as proxy:
        yield proxy


async def until(condition) -> None:
    """Let everything else go on until this holds."""
    async with asyncio.timeout(5):
        while not condition():  # noqa: ASYNC110  # there is nobody who would tell
            await asyncio.sleep(0)


async def elsewhere(port: int) -> None:
    """Time for whatever is about to happen: a word goes to the server and back beside the proxy."""
    client = await Client.at(port)
    for _ in range(20):
        client.says(b"*")
        await client.hears(b"*")
    client.says_no_more()
    await client.hears_the_end()


async def test_it_passes_everything_on(proxy: Proxy) -> None:
    client = await Client.connected(proxy.port)
    said = bytes(range(256)) * 4096
    client.says(said)
    await client.hears(said)
    client.says(b"more")
    await client.hears(b"more")


async def test_the_end_of_one_side_reaches_the_other(proxy: Proxy, echo: Echo) -> None:
    client = await Client.connected(proxy.port)
    client.says(b"bye")
    await client.hears(b"bye")
    client.leaves()
    await until(lambda: echo.ends == 1)
    await until(lambda: proxy.connections == 0)


async def test_a_cut_ends_both_sides_in_good_order(proxy: Proxy, echo: Echo) -> None:
    client = await Client.connected(proxy.port)
    proxy.cut()
    assert await client.hears_the_end() == b""
    await until(lambda: echo.ends == 1)
    assert echo.resets == 0
    await Client.connected(proxy.port)


async def test_a_reset_breaks_both_sides(proxy: Proxy, echo: Echo) -> None:
    client = await Client.connected(proxy.port)
    proxy.reset()
    with pytest.raises(ConnectionResetError):
        await client.hears_the_end()
    await until(lambda: echo.resets == 1)
    assert echo.ends == 0


async def test_a_stall_passes_nothing_and_keeps_it_for_later(
    proxy: Proxy, echo: Echo, port: int
) -> None:
    client = await Client.connected(proxy.port)
    proxy.stall()
    client.says(b"during")
    late = await Client.at(proxy.port)
    late.says(UPGRADE)
    await elsewhere(port)
    assert echo.told.replace(b"*", b"") == UPGRADE
    proxy.mend()
    await client.hears(b"during")
    await late.hears(UPGRADE)


async def test_a_stall_in_one_direction_lets_the_other_pass(
    proxy: Proxy, echo: Echo, port: int
) -> None:
    client = await Client.connected(proxy.port)
    proxy.stall(to_server=False)
    client.says(b"during")
    await until(lambda: b"during" in echo.told)
    await elsewhere(port)
    assert client.has_heard() == b""
    proxy.mend()
    await client.hears(b"during")


async def test_nobody_hears_of_an_end_during_a_stall(proxy: Proxy, echo: Echo, port: int) -> None:
    client = await Client.connected(proxy.port)
    proxy.stall()
    client.leaves()
    await elsewhere(port)
    assert echo.ends == 1  # of `elsewhere`
    proxy.mend()
    await until(lambda: echo.ends == 2)


async def test_what_was_held_back_is_lost_after_a_reset(
    proxy: Proxy, echo: Echo, port: int
) -> None:
    client = await Client.connected(proxy.port)
    proxy.stall()
    client.says(b"during")
    await elsewhere(port)
    proxy.reset()
    proxy.mend()
    with pytest.raises(ConnectionResetError):
        await client.hears_the_end()
    await until(lambda: echo.resets == 1)
    assert b"during" not in echo.told


async def test_who_is_stranded_hears_nothing_any_more_and_comes_back_anew(
    proxy: Proxy, echo: Echo, port: int
) -> None:
    client = await Client.connected(proxy.port)
    proxy.strand()
    client.says(b"is anybody there?")
    await elsewhere(port)
    again = await Client.connected(proxy.port)
    client.leaves()
    await elsewhere(port)
    assert b"anybody" not in echo.told
    assert echo.ends == 2  # of `elsewhere`
    again.says(b"here I am")
    await again.hears(b"here I am")


async def test_a_delay_keeps_the_order_and_holds_each_way(proxy: Proxy) -> None:
    proxy.delay(0.05)
    client = await Client.at(proxy.port)
    loop = asyncio.get_running_loop()
    began = loop.time()
    client.says(UPGRADE)
    for _ in range(5):
        client.says(b"ping")
    client.says(b"pong")
    await client.hears(UPGRADE + b"ping" * 5 + b"pong")
    # What comes one after the other is not delayed one after the other.
    assert 0.1 <= loop.time() - began < 0.5


async def test_a_throttle_takes_its_time(proxy: Proxy) -> None:
    client = await Client.connected(proxy.port)
    proxy.throttle(10_000)
    loop = asyncio.get_running_loop()
    began = loop.time()
    client.says(b"x" * 2000)
    await client.hears(b"x" * 2000)
    assert loop.time() - began >= 0.2
    client.says(b"y" * 1_000_000)
    proxy.mend()
    await client.hears(b"y" * 1_000_000)


async def test_refused_connections_break_and_present_ones_stay(proxy: Proxy) -> None:
    present = await Client.connected(proxy.port)
    proxy.refuse()
    with pytest.raises(ConnectionResetError):
        await Client.connected(proxy.port)
    present.says(b"still here")
    await present.hears(b"still here")
    proxy.mend()
    await Client.connected(proxy.port)


@pytest.mark.parametrize("cuts", [1, 7, 40, len(UPGRADE)])
async def test_upgrades_are_refused_and_other_requests_pass(
    proxy: Proxy, echo: Echo, cuts: int
) -> None:
    proxy.refuse_upgrades()
    plain = b"POST /api/x HTTP/1.1\r\nContent-Length: 23\r\n\r\nUpgrade: websocket\r\n\r\n!"
    client = await Client.at(proxy.port)
    for start in range(0, len(plain), cuts):
        client.says(plain[start : start + cuts])
        await asyncio.sleep(0)
    await client.hears(plain)
    for start in range(0, len(UPGRADE), cuts):
        client.says(UPGRADE[start : start + cuts])
        await asyncio.sleep(0)
    answer = await client.hears_the_end()
    assert answer.startswith(b"HTTP/1.1 403 ")
    assert echo.told == plain


async def test_an_upgrade_passes_when_it_may_and_hides_what_follows(proxy: Proxy) -> None:
    client = await Client.connected(proxy.port)
    proxy.refuse_upgrades()
    client.says(UPGRADE)
    await client.hears(UPGRADE)


async def test_without_a_server_connections_break(proxy: Proxy, port: int) -> None:
    proxy.target_port = 1
    client = await Client.at(proxy.port)
    client.says(UPGRADE)
    with pytest.raises(ConnectionResetError):
        await client.hears_the_end()
    await until(lambda: proxy.connections == 0)
