"""What pages say on their connection, and what no page says."""

import json
from typing import Any

import pytest

from tripchat.realtime.page_server import PageServer, SpokenByPages, is_packet

EVENT = {"name": "x", "payload": {}, "router_data": {}}


@pytest.mark.parametrize(
    "text",
    ["1", "2", "3", "40/_event,", '40/_event,{"event":1}', "41/_event,", '42/_event,["ping"]'],
)
def test_packets_of_pages(text: str):
    assert is_packet(text)


@pytest.mark.parametrize(
    "text", ["", "4", "5", "6", "0{}", "3probe", "43[]", "bAAAA", "٣", "x", None, b"3", b"42[]"]
)
def test_what_is_none(text: Any):
    assert not is_packet(text)


@pytest.fixture
def server() -> PageServer:
    return PageServer(async_mode="asgi")


@pytest.mark.parametrize(
    "packet",
    [
        "0/_event,",
        '0/_event,{"event":{}}',
        "1/_event,",
        '2/_event,["ping"]',
        f'2/_event,["event",{json.dumps(EVENT)}]',
        '2/_event,["client_error",{"type":"x"}]',
        '2/_event,["heard by nobody",1,2]',
    ],
)
def test_socket_packets_of_pages(server: PageServer, packet: str):
    assert server._read(packet) is not None


@pytest.mark.parametrize(
    "packet",
    [
        *("", "x", "7", "3/_event,1[]", "4{}", "0/_event,[]", "0/_event,1", "2", "2/_event,"),
        *("2/_event,[]", "2/_event,{}", "2/_event,[1]", "2/_event,[null,{}]", "2/_event,nonsense"),
        *('2/_event,["event"]', '2/_event,["event",{},{}]', '2/_event,["ping",{}]'),
        *('2/_event,1["ping"]', '51-/_event,["event",{"_placeholder":true,"num":0}]'),
        "2/_event," + "[" * 20_000,
        '2/_event,["event",' + "9" * 6000 + "]",
        "2/_event," + "9" * 200 + "[]",
    ],
)
def test_socket_packets_of_no_page(server: PageServer, packet: str):
    assert server._read(packet) is None


async def test_whoever_says_something_else_is_gone_for_the_app():
    heard: list[dict[str, Any]] = []

    async def app(_scope: Any, receive: Any, _send: Any) -> None:
        while (message := await receive())["type"] == "websocket.receive":
            heard.append(message)
        heard.append(message)

    said = iter(["3", "2", "9", "3"])

    async def receive() -> dict[str, Any]:
        return {"type": "websocket.receive", "text": next(said)}

    async def send(_message: Any) -> None:
        raise AssertionError("nothing is said to them")

    await SpokenByPages(app)({"type": "websocket"}, receive, send)
    assert [message.get("text") for message in heard] == ["3", "2", None]
    assert heard[-1] == {"type": "websocket.disconnect", "code": 1003}
    assert next(said) == "3"
