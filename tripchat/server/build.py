"""Builds of the page, one for each state of its sources, so that a second start finds it ready."""

from __future__ import annotations

import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.metadata import version
from pathlib import Path

from tripchat.errors import CannotStart
from tripchat.server.site import BUILD_NAME
from tripchat.settings import Settings

ROOT = Path(__file__).resolve().parents[2]
BUILDS = ROOT / ".build"
KEEP = 4
"""Builds kept: a few sets of extensions may be served side by side."""

_SOURCES = ("rxconfig.py", "tripchat", "assets", "reflex.lock")
_SUFFIXES = {".py", ".js", ".css", ".svg", ".json", ".png", ".ico", ".webmanifest"}


def built_site(settings: Settings) -> Path:
    """The folder of the page's build for these settings, built now unless it is there already.

    Raises:
        CannotStart: the build failed; its output has been printed.
    """
    folder = BUILDS / _fingerprint(settings)
    if not folder.exists():
        BUILDS.mkdir(exist_ok=True)
        with _lock(BUILDS / "lock"):
            if not folder.exists():
                _build(folder)
    os.utime(folder)
    return folder


def _fingerprint(settings: Settings) -> str:
    digest = hashlib.sha256(version("reflex").encode())
    # What the page has of the settings.
    baked = (
        settings.message_max_chars,
        settings.attachments_per_message,
        settings.attachment_max_bytes,
        settings.reconnect_seconds,
        settings.health_check_seconds,
    )
    digest.update(repr(baked).encode())
    for source in _SOURCES:
        for file in _files(ROOT / source):
            digest.update(f"{file.relative_to(ROOT)}\0".encode() + file.read_bytes())
    for name in sorted(settings.extensions):
        digest.update(name.encode())
        origin = getattr(sys.modules[name], "__file__", None)
        if origin is not None:
            # Of an extension that is a package, everything in it.
            path = Path(origin)
            for file in _files(path.parent if path.name == "__init__.py" else path):
                digest.update(file.read_bytes())
    return digest.hexdigest()[:16]


def _files(path: Path) -> list[Path]:
    files = sorted(path.rglob("*")) if path.is_dir() else [path]
    return [file for file in files if file.suffix in _SUFFIXES]


@contextmanager
def in_use(folder: Path) -> Iterator[None]:
    """Keep a build from being cleared away while it is served."""
    with folder.with_suffix(".used").open("w") as handle:
        fcntl.flock(handle, fcntl.LOCK_SH)
        yield


def _served(folder: Path) -> bool:
    with folder.with_suffix(".used").open("w") as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
    return False


@contextmanager
def _lock(file: Path) -> Iterator[None]:
    """Let one process build at a time: the working folder is shared."""
    with file.open("w") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield


def _build(folder: Path) -> None:
    print("Building the page (the first time takes a minute)…", flush=True)
    command = [sys.executable, "-m", "reflex", "export", "--frontend-only", "--no-zip"]
    environment = {name: value for name, value in os.environ.items() if "SKIP_COMPILE" not in name}
    environment[BUILD_NAME] = folder.name
    done = subprocess.run(
        command, cwd=ROOT, env=environment, text=True, stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL,
    )  # fmt: skip
    output = ROOT / ".web" / "build" / "client"
    if done.returncode != 0 or not output.is_dir():
        print(done.stdout)
        raise CannotStart("the page could not be built; what the build said stands above")
    unfinished = folder.with_suffix(".new")
    shutil.rmtree(unfinished, ignore_errors=True)
    shutil.copytree(output, unfinished)
    unfinished.rename(folder)
    others = [path for path in BUILDS.iterdir() if path.is_dir() and path != folder]
    for old in sorted(others, key=lambda path: path.stat().st_mtime, reverse=True)[KEEP - 1 :]:
        if not _served(old):
            shutil.rmtree(old, ignore_errors=True)
            old.with_suffix(".used").unlink(missing_ok=True)
