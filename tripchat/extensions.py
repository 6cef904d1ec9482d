"""Loading what others add: an extension is a module that registers itself on import."""

import importlib
from collections.abc import Iterable

from tripchat.errors import CannotStart


def load(names: Iterable[str]) -> None:
    """Import these modules once each; raises CannotStart naming the one that fails."""
    for name in names:
        try:
            importlib.import_module(name)
        except Exception as error:
            raise CannotStart(
                f"the extension {name!r} cannot be loaded: {type(error).__name__}: {error}"
            ) from error
