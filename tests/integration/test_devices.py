import pytest

from tripchat.errors import NotFound
from tripchat.hub import Change, SessionEnded
from tripchat.services import devices, sessions
from tripchat.services.sessions import Identity

FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
IPHONE = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like "
    "Gecko) Version/17.5 Mobile/15E148 Safari/604.1"
)


async def signed_in(user_id: str, user_agent: str = "") -> Identity:
    found = await sessions.identify(await sessions.start(user_id, user_agent))
    assert found is not None
    return found


async def names_of(who: Identity) -> list[str]:
    return [device["device"] for device in await devices.mine(who)]


@pytest.mark.usefixtures("ticking")
async def test_where_i_am_signed_in_with_this_device_first(ann: str, ben: str):
    here = await signed_in(ann, FIREFOX)
    await signed_in(ann, "curl/8.5.0")
    await signed_in(ann, IPHONE)
    await signed_in(ben, IPHONE)
    found = await devices.mine(here)
    assert [each["device"] for each in found] == ["Firefox on Linux", "Safari on iPhone", "curl"]
    assert [each["current"] for each in found] == [True, False, False]
    assert len({each["session_id"] for each in found}) == 3
    for each in found:
        assert each["signed_in_at"] <= each["last_seen_at"]
        assert here.session_id not in str(each)


async def test_signing_out_there(ann: str, heard: list[Change]):
    here, there = await signed_in(ann, FIREFOX), await signed_in(ann, IPHONE)
    (other,) = [each for each in await devices.mine(here) if not each["current"]]
    await devices.sign_out(here, other["session_id"])
    assert heard == [SessionEnded(there.session_id)]
    assert await names_of(here) == ["Firefox on Linux"]
    with pytest.raises(NotFound):
        await devices.sign_out(here, other["session_id"])


async def test_signing_out_everywhere_else(ann: str, ben: str, heard: list[Change]):
    here = await signed_in(ann, FIREFOX)
    others = [await signed_in(ann), await signed_in(ann)]
    bens = await signed_in(ben)
    await devices.sign_out_elsewhere(here)
    assert {change.session_id for change in heard if isinstance(change, SessionEnded)} == {
        each.session_id for each in others
    }
    assert await names_of(here) == ["Firefox on Linux"]
    assert len(await devices.mine(bens)) == 1
    await devices.sign_out_elsewhere(here)
    assert len(heard) == 2


async def test_sessions_of_others_do_not_exist_for_me(ann: str, ben: str, heard: list[Change]):
    anns, bens = await signed_in(ann), await signed_in(ben)
    (theirs,) = await devices.mine(bens)
    for handle in (theirs["session_id"], bens.session_id, "", "x" * 100, None, "nonsense", 7):
        with pytest.raises(NotFound):
            await devices.sign_out(anns, handle)
    assert heard == []
    assert len(await devices.mine(bens)) == 1
