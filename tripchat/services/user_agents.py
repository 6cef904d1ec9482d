"""What a browser says it is, in the words of whoever uses it: "Firefox on Windows"."""

from __future__ import annotations

import re

# The first that is found counts: most browsers also name those that they descend from.
_BROWSERS = (
    ("Edg", "Edge"),
    ("OPR/", "Opera"),
    ("SamsungBrowser/", "Samsung Internet"),
    ("Vivaldi/", "Vivaldi"),
    ("YaBrowser/", "Yandex Browser"),
    ("Firefox/", "Firefox"),
    ("FxiOS/", "Firefox"),
    ("CriOS/", "Chrome"),
    ("Chrome/", "Chrome"),
    ("Safari/", "Safari"),
)
_SYSTEMS = (
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Android", "Android"),
    ("Windows", "Windows"),
    ("CrOS", "ChromeOS"),
    ("Mac OS X", "Mac"),
    ("Linux", "Linux"),
    ("X11", "Linux"),
)
_PROGRAM = re.compile(r"(?!Mozilla)[A-Za-z][A-Za-z0-9._-]{0,30}(?=/)")


def device_name(user_agent: str) -> str:
    """A browser and its system, a program's own name, or that it is unknown."""
    if program := _PROGRAM.match(user_agent):
        return program[0]
    browser = _first(_BROWSERS, user_agent)
    system = _first(_SYSTEMS, user_agent)
    if not browser and not system:
        return "Unknown device"
    return " on ".join(filter(None, (browser or "Unknown browser", system)))


def _first(known: tuple[tuple[str, str], ...], user_agent: str) -> str:
    return next((name for sign, name in known if sign in user_agent), "")
