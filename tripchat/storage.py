"""Opening what is stored: the database, the key that goes with it, and the place for files."""

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError, SQLAlchemyError
from sqlmodel import col

from tripchat import db, files, sealing
from tripchat.errors import CannotStart, Unavailable
from tripchat.keyring import Keyring
from tripchat.models import Seal
from tripchat.sealing import SealBroken, Sealer
from tripchat.settings import Settings

_PLACE = ("keyring", "known")  # no trip has such an id: real ones have 12 characters
_KNOWN = b"TripChat"


async def open_storage(settings: Settings) -> None:
    """Open the migrated database, and seal in this process with the key that goes with it.

    The first start creates the key and notes it in the database. Raises CannotStart when the key is
    missing or is not the one this database was written with.
    """
    db.prepare_folder(settings.database)
    await db.open_database(settings.database, settings.database_connections)
    try:
        sealing.use(await _matching_keys(settings))
        files.use(files.open_store(settings))
    except Unavailable as error:
        await close_storage()
        raise CannotStart("the database does not answer") from error
    except SQLAlchemyError as error:
        await close_storage()
        raise CannotStart(
            f"the database does not answer as expected ({type(error).__name__}): is it migrated?"
        ) from error
    except BaseException:
        await close_storage()
        raise


async def close_storage() -> None:
    """Close the database, forget the key and the place for files."""
    files.use(None)
    sealing.use(None)
    await db.close_database()


async def _matching_keys(settings: Settings) -> Keyring:
    known = await _known()
    keys = Keyring(settings, create=known is None)
    if known is None:
        known = await _note(keys())
    check_keys(settings, keys(), known)
    return keys


def check_keys(settings: Settings, sealer: Sealer, known: bytes | None) -> None:
    """Raise CannotStart unless one of the sealer's keys opens what a database knows."""
    try:
        if known is not None:
            sealer.open(*_PLACE, known)
    except SealBroken:
        source = "TRIPCHAT_SECRET_KEY" if settings.secret_key else str(settings.key_file)
        raise CannotStart(
            f"the key in {source} does not open this database: use the key it was written with"
        ) from None


async def renew_known() -> None:
    """Put what the database knows under the current key."""
    ours = sealing.sealer()
    async with db.transaction() as session:
        seal = (await session.scalars(select(Seal))).one()
        seal.known = ours.renewed(*_PLACE, seal.known)


async def _known() -> bytes | None:
    async with db.reading() as session:
        return await session.scalar(select(col(Seal.known)))


async def _note(sealer: Sealer) -> bytes:
    try:
        async with db.transaction() as session:
            session.add(Seal(known=sealer.seal(*_PLACE, _KNOWN)))
    except IntegrityError:
        pass  # another worker was first: its note has to open with this key as well
    known = await _known()
    assert known is not None
    return known
