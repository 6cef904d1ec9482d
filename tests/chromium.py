"""The browser of the end-to-end tests: found on this machine, or installed.

`python -m tests.chromium` prints its path; without one it installs Debian's package, on Ubuntu
(whose package is a snap) the build that Playwright brings, and fails when neither works.
"""

from __future__ import annotations

import os
import platform
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from functools import lru_cache
from pathlib import Path

COMMANDS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
ANSWER_SECONDS = 60

_UNUSED = (
    # Pages of the browser itself, behind every window: a third of what opening one of ours costs.
    "WebUIOmniboxPopup",
    "WebUIOmniboxAimPopup",
    # Chromium heeds only the last such list, so what matters of Playwright's own is said again.
    "HttpsUpgrades",
    "MediaRouter",
    "NetworkTimeServiceQuerying",
    "OptimizationHints",
)

ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    f"--disable-features={','.join(_UNUSED)}",
]
"""How a browser without a screen, and without anything to say to its maker, is started."""


class NoBrowser(Exception):
    """There is no Chromium, and it could not be installed; the text says what to do."""


@lru_cache
def find() -> Path | None:
    """A Chromium that starts: the one CHROMIUM names, an installed one, or Playwright's."""
    return next((browser for browser in _candidates() if _starts(browser)), None)


def _candidates() -> Iterator[Path]:
    if named := os.environ.get("CHROMIUM"):
        yield Path(named)
    for command in COMMANDS:
        if path := shutil.which(command):
            yield Path(path)
    cache = os.environ.get("PLAYWRIGHT_BROWSERS_PATH", "~/.cache/ms-playwright")
    yield from sorted(Path(cache).expanduser().glob("chromium-*/chrome-linux*/chrome"))


def _starts(browser: Path) -> bool:
    # Ubuntu's chromium-browser may be a script that only tells to install the snap.
    try:
        done = subprocess.run(
            [browser, "--version"], capture_output=True, timeout=ANSWER_SECONDS, check=False
        )
    except (OSError, subprocess.TimeoutExpired):
        return False
    return done.returncode == 0


def install() -> Path:
    """Install a Chromium; raises NoBrowser when that fails."""
    if platform.freedesktop_os_release().get("ID") == "ubuntu":
        _run([sys.executable, "-m", "playwright", "install", "--with-deps", "chromium"])
    elif shutil.which("apt-get"):
        as_root = [] if os.geteuid() == 0 else ["sudo", "--non-interactive"]
        quiet = ["env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "--yes", "--quiet"]
        _run([*as_root, *quiet, "update"])
        _run([*as_root, *quiet, "install", "chromium"])
    find.cache_clear()
    browser = find()
    if browser is None:
        raise NoBrowser(
            "there is no Chromium, and it could not be installed. Install one (on Debian: "
            "apt-get install chromium), or set CHROMIUM to the path of one."
        )
    return browser


def _run(command: Sequence[str]) -> None:
    sys.stderr.write(f"+ {' '.join(command)}\n")
    sys.stderr.flush()
    try:
        subprocess.run(command, stdin=subprocess.DEVNULL, stdout=sys.stderr, check=False)
    except OSError as error:
        sys.stderr.write(f"{error}\n")


def main() -> int:
    """Print the path of the browser, installing one if needed; gives the exit status."""
    try:
        sys.stdout.write(f"{find() or install()}\n")
    except NoBrowser as problem:
        sys.stderr.write(f"The browser tests cannot run: {problem}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
