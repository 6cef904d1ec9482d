"""A download under way ends when its reader may read no more, whichever worker is told."""

import asyncio
import secrets
from collections.abc import Awaitable, Callable

import pytest

from tests.kit.people import Account
from tests.kit.raw_http import RawCall
from tests.kit.server import Server

SIZE = 20 * 1024 * 1024


async def removed(ana: Account, reader: Account, trip_id: str, _seq: int) -> None:
    await ana.removes(trip_id, reader)


async def left(_ana: Account, reader: Account, trip_id: str, _seq: int) -> None:
    await reader.leaves(trip_id)


async def signed_out(_ana: Account, reader: Account, _trip_id: str, _seq: int) -> None:
    (await reader.http.post("/api/auth/sign-out")).raise_for_status()


async def on_worker(workers: list[Server], index: int, account: Account) -> Account:
    """The same session, on one of the workers."""
    account.http.base_url = workers[index].url
    return account


@pytest.mark.parametrize("ending", [removed, left, signed_out])
async def test_a_download_breaks_off(
    workers: list[Server],
    ana: Account,
    ending: Callable[[Account, Account, str, int], Awaitable[None]],
):
    reader = await Account.sign_up(workers[0].url, "Bo Berg")
    trip_id = await ana.makes_trip("Lisbon", reader)
    file = await ana.uploads(trip_id, "film.bin", secrets.token_bytes(SIZE))
    sent = await ana.sends(trip_id, {"attachment_ids": [file["attachment_id"]]})
    path = f"/api/attachments/{file['attachment_id']}"
    call = await RawCall.begin(reader, "GET", path)
    status, headers = await call.head()
    assert (status, headers["content-length"]) == (200, str(SIZE))
    assert headers["content-security-policy"] == "sandbox; default-src 'none'"
    assert headers["cache-control"] == "private, no-cache"
    for account in (ana, reader):
        await on_worker(workers, 1, account)
    await ending(ana, reader, trip_id, sent["seq"])
    async with asyncio.timeout(20):
        received = await call.rest()
    assert received < SIZE
    again = await reader.http.get(f"{workers[0].url}{path}")
    assert again.status_code in (401, 403)
    call.close()
    await reader.close()


async def test_somebody_elses_download_goes_on(workers: list[Server], ana: Account):
    bo = await Account.sign_up(workers[0].url, "Bo Berg")
    cem = await Account.sign_up(workers[0].url, "Cem Kaya")
    trip_id = await ana.makes_trip("Lisbon", bo, cem)
    content = secrets.token_bytes(SIZE)
    file = await ana.uploads(trip_id, "film.bin", content)
    await ana.sends(trip_id, {"attachment_ids": [file["attachment_id"]]})
    call = await RawCall.begin(bo, "GET", f"/api/attachments/{file['attachment_id']}")
    await call.head()
    await ana.removes(trip_id, cem)
    received = 0
    async with asyncio.timeout(30):
        while received < SIZE:
            received += len(await call.reader.read(65_536))
    assert received == SIZE
    call.close()
    for account in (bo, cem):
        await account.close()
