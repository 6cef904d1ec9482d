"""Bringing the database's tables up to date, before the server starts."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy.exc import SQLAlchemyError

from tripchat import db
from tripchat.errors import CannotStart
from tripchat.settings import Settings

ROOT = Path(__file__).resolve().parent.parent


def upgrade(settings: Settings) -> None:
    """Apply the migrations that are missing; call it where no event loop runs.

    Raises CannotStart when the database cannot be reached or changed.
    """
    try:
        db.prepare_folder(settings.database)
        command.upgrade(config(settings), "head")
    except (SQLAlchemyError, OSError) as error:
        said = str(getattr(error, "orig", None) or error) or "it does not answer"
        reason = said.splitlines()[0]
        raise CannotStart(f"the database cannot be brought up to date: {reason}") from error


def config(settings: Settings) -> Config:
    """Alembic's configuration for the database of these settings."""
    alembic = Config(ROOT / "alembic.ini")
    alembic.set_main_option("script_location", str(ROOT / "alembic"))
    alembic.attributes["url"] = settings.database
    return alembic
