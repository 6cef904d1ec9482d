"""Opening what is stored: the database, the key that goes with it, and the place for files."""

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError, SQLAlchemyError
from sqlmodel import col

from tripchat import db, files, sealing
from tripchat.errors import CannotStart, Unavailable
from tripchat.models import Seal
from tripchat.sealing import SealBroken, Sealer
from tripchat.settings import Settings

_PLACE = ("keyring", "known")  # no trip has such an id: real ones have 12 characters
_KNOWN = b"TripChat"


async def open_storage(settings: Settings) -> None:
    """Open the migrated database and make its key the process's sealer.

    The first start creates the key and notes it in the database. Raises CannotStart when the key is
    missing or is not the one this database was written with.
    """
    db.prepare_folder(settings.database)
    await db.open_database(settings.database, settings.database_connections)
    try:
        sealing.use(await _matching_sealer(settings))
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


async def _matching_sealer(settings: Settings) -> Sealer:
    known = await _known()
    key = sealing.load_master_key(settings, create=known is None)
    if known is None:
        known = await _note(Sealer(key))
    return check_key(settings, key, known)


def check_key(settings: Settings, key: bytes, known: bytes | None) -> Sealer:
    """The sealer with this key, if it opens what a database knows; raises CannotStart."""
    sealer = Sealer(key)
    try:
        if known is not None:
            sealer.open(*_PLACE, known)
    except SealBroken:
        source = "TRIPCHAT_SECRET_KEY" if settings.secret_key else str(settings.key_file)
        raise CannotStart(
            f"the key in {source} does not open this database: use the key it was written with"
        ) from None
    return sealer


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
