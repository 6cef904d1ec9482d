import asyncio

import pytest
from limits import RateLimitItem

from tripchat import limits
from tripchat.errors import TooMany
from tripchat.services import acts, limiting
from tripchat.services.acts import Act
from tripchat.services.limiting import Limiter, network_of


class Elsewhere:
    """What all workers count: the first `allowed` of each key."""

    def __init__(self, allowed: int = 1000) -> None:
        self.told: list[tuple[str, int]] = []
        self.was_told = asyncio.Event()
        self.forgotten: list[str] = []
        self._allowed = allowed
        self._counts: dict[str, int] = {}

    async def hit(self, key: str, rate: RateLimitItem, cost: int = 1) -> float:
        self.told.append((key, cost))
        self.was_told.set()
        self._counts[key] = self._counts.get(key, 0) + cost
        return 0.0 if self._counts[key] <= self._allowed else 30.0

    async def forget(self, key: str, rate: RateLimitItem) -> None:
        self.forgotten.append(key)


async def passed(limiter: Limiter, times: int, name: str = "sends", **whom: str) -> int:
    """How often of so many times it was allowed."""
    allowed = 0
    for _ in range(times):
        try:
            await limiter.check(name, **(whom or {"person": "ana"}))
        except TooMany:
            continue
        allowed += 1
    return allowed


async def test_each_person_has_a_limit_of_their_own():
    limiter = Limiter({"sends": "5/minute"})
    assert await passed(limiter, 20) == 5
    assert await passed(limiter, 20, person="bo") == 5


async def test_each_rate_of_a_limit_counts():
    limiter = Limiter({"sends": "5/10 seconds;3/minute"})
    assert await passed(limiter, 20) == 3


async def test_all_who_come_from_an_address_have_one_together():
    limiter = Limiter({"sends_address": "5/minute"})
    assert await passed(limiter, 3, person="ana", address="192.0.2.1") == 3
    assert await passed(limiter, 3, person="bo", address="192.0.2.1") == 2
    assert await passed(limiter, 3, person="bo", address="192.0.2.2") == 3


async def test_an_account_is_guarded_against_all_addresses_together():
    limiter = Limiter({"sign_in": "2/minute", "sign_in_account": "5/minute"})
    guesses = [
        await passed(limiter, 3, "sign_in", person=f"ana {address}", account="ana")
        for address in ("192.0.2.1", "192.0.2.2", "192.0.2.3")
    ]
    assert guesses == [2, 2, 1]


async def test_who_gets_in_has_made_no_attempts():
    limiter = Limiter({"sign_in": "2/minute"}, elsewhere := Elsewhere())
    await passed(limiter, 2, "sign_in", person="ana")
    await limiter.forgive("sign_in", person="ana")
    assert await passed(limiter, 9, "sign_in", person="ana") == 2
    assert elsewhere.forgotten == ["sign_in 60 ana"]


@pytest.mark.parametrize(
    ("rate", "words"),
    [("1/second", "1 second"), ("1/minute", "60 seconds"), ("1/hour", "60 minutes")],
)
async def test_who_did_too_much_is_told_when_to_go_on(rate: str, words: str):
    limiter = Limiter({"sign_in": rate})
    await limiter.check("sign_in", person="ana")
    with pytest.raises(TooMany) as refused:
        await limiter.check("sign_in", person="ana")
    assert refused.value.detail == f"Too many attempts. Try again in {words}."
    assert 0 < refused.value.retry_after <= 3600


async def test_what_is_rare_is_counted_for_all_workers_before_it_is_done():
    limiter = Limiter({}, Elsewhere(allowed=2))
    assert await passed(limiter, 5, "sign_in", account="ana") == 2


async def test_who_does_too_much_here_is_not_asked_after_elsewhere():
    limiter = Limiter({"sign_in": "2/minute"}, elsewhere := Elsewhere())
    await passed(limiter, 50, "sign_in", person="ana")
    assert len(elsewhere.told) == 2


async def test_what_is_done_often_is_told_later_and_all_at_once(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(limiting, "TELL_SECONDS", 0)
    limiter = Limiter({"sends": "100/minute"}, elsewhere := Elsewhere(allowed=40))
    assert await passed(limiter, 50) == 50
    assert elsewhere.told == []
    await elsewhere.was_told.wait()
    assert elsewhere.told == [("sends 60 ana", 50)]
    await asyncio.sleep(0)
    # With what was done elsewhere it was too much.
    with pytest.raises(TooMany) as refused:
        await limiter.check("sends", person="ana")
    assert refused.value.retry_after == 30
    await limiter.check("sends", person="bo")
    await limiter.stop()


async def test_who_does_little_is_told_of_nowhere(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(limiting, "TELL_SECONDS", 0)
    limiter = Limiter({"sends": "100/minute"}, elsewhere := Elsewhere())
    assert await passed(limiter, 10) == 10
    for _ in range(5):
        await asyncio.sleep(0)
    assert elsewhere.told == []


async def test_what_has_no_limit_is_not_counted():
    limiter = Limiter({})
    assert await passed(limiter, 5000, "", person="ana") == 5000
    await limiting.check("sends", person="ana")  # nor is anything where no limiter is in use


def test_each_act_counts_for_a_limit_that_there_is():
    for act in vars(acts).values():
        if isinstance(act, Act) and act.limit:
            known = {act.limit, f"{act.limit}_address"} & limits.DEFAULTS.keys()
            assert known, f"{act.name} counts for {act.limit}"


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("192.0.2.1", "192.0.2.1"),
        ("::ffff:192.0.2.1", "192.0.2.1"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2::", "2001:db8:1:2::/64"),
        ("fe80::1%eth0", "fe80::/64"),
        ("a socket", "a socket"),
    ],
)
def test_an_address_stands_for_its_network(address: str, network: str):
    assert network_of(address) == network
