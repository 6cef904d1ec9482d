"""Somebody sends far more than a person can: nobody else is kept waiting, and nothing is lost."""

from tests.kit.people import Account
from tests.kit.server import Server
from tests.kit.tab import ROOM_STATE, tab_of

KEYS = 1500
"""More than passes at once; the server takes some seconds for the rest."""


async def test_a_flood_of_keystrokes_slows_nobody(
    impatient: Server, lea: Account, max_: Account
) -> None:
    trip = await lea.makes_trip("Lisbon", max_)
    async with (
        tab_of(impatient, lea, f"/trip/{trip}") as flooding,
        tab_of(impatient, max_, f"/trip/{trip}") as other,
    ):
        flooding.floods(f"{ROOM_STATE}.types", KEYS)
        await flooding.sends(trip, "after the flood")
        await other.until(lambda: other.typing == [lea.user_id])
        said = [f"message {number}" for number in range(50)]
        for number, text in enumerate(said, 1):
            await other.sends(trip, text)
            await other.until(lambda: other.last_seq == number)  # noqa: B023
        await other.until(lambda: other.last_seq == len(said) + 1)
        # All of them got through before the flood did; and the flooding tab has lost nothing,
        # although the server waited for its pongs in vain.
        assert other.texts == [*said, "after the flood"]
        assert flooding.texts == other.texts
        assert not flooding.closed


async def test_frames_that_come_in_pieces_and_all_at_once_are_read(
    server: Server, ana: Account
) -> None:
    trip = await ana.makes_trip("Lisbon")
    long = ["".join(chr(0x1F600 + (size + at) % 60) for at in range(size)) for size in (3999, 4000)]
    async with tab_of(server, ana, f"/trip/{trip}") as tab:
        texts = [text for number in range(20) for text in (f"short {number}", *long)]
        for text in texts:
            await tab.sends(trip, text)
        await tab.until(lambda: tab.last_seq == len(texts))
        assert tab.texts == texts
