import asyncio
import secrets
import threading

import pytest

from tripchat.errors import Invalid
from tripchat.services import password_rules

ANN = {"name": "Ann-Marie O'Neill", "email": "annie.oneill@trips.example"}


@pytest.mark.parametrize(
    "password",
    [
        "correct horse",
        "tripchat-demo",
        "blue kettle, slow train",
        "Zq8#mT4w",
        "été à Lisboa ☀",
        secrets.token_urlsafe(300)[:256],
    ],
)
async def test_passwords_that_may_be_chosen(password: str):
    assert await password_rules.chosen(password, **ANN) == password


@pytest.mark.parametrize(
    "password",
    [
        "password",
        "password1",
        "Passw0rd!",
        "12345678",
        "qwertyuiop",
        "iloveyou",
        "sunshine2024",
        "letmein123",
        "aaaaaaaaaaaa",
        "abcabcabcabc",
        "tripchat",
        "TripChat1",
        "1" * 256,
    ],
)
async def test_passwords_that_are_tried_first(password: str):
    with pytest.raises(Invalid, match=r"too easy|not a password") as raised:
        await password_rules.chosen(password, **ANN, field="new_password")
    assert raised.value.field == "new_password"


@pytest.mark.parametrize(
    "password",
    [
        "annie.oneill@trips.example",
        "ANNIE.ONEILL@TRIPS.EXAMPLE",
        "annie.oneill",
        "Ann-Marie O'Neill",
        "ann-marieo'neill",
        "AnnMarie",
        "oneilloneill",
        "trips.example",
        "annie2024",
    ],
)
async def test_a_name_and_an_address_are_no_passwords(password: str):
    with pytest.raises(Invalid):
        await password_rules.chosen(password, **ANN)


async def test_whose_name_it_is_not_may_have_it():
    assert await password_rules.chosen("Ann-Marie O'Neill", name="Bo", email="bo@example.org")


@pytest.mark.parametrize("password", ["", "short 7", "x" * 257, None, 12345678])
async def test_the_length_comes_first(password: object):
    with pytest.raises(Invalid):
        await password_rules.chosen(password, **ANN)


async def test_it_is_judged_beside_the_event_loop_and_one_at_a_time(
    monkeypatch: pytest.MonkeyPatch,
):
    threads: list[str] = []
    running = threading.Lock()

    def judge(password: str, known: list[str], max_length: int) -> dict[str, int]:
        assert running.acquire(blocking=False)
        threads.append(threading.current_thread().name)
        running.release()
        return {"score": 4}

    monkeypatch.setattr(password_rules, "zxcvbn", judge)
    await asyncio.gather(*(password_rules.chosen(f"password {n}", **ANN) for n in range(20)))
    assert len(threads) == 20
    assert len(set(threads)) == 1
    assert threading.current_thread().name not in threads
