"""Builds of the page, one for each state of its sources, so that a second start finds it ready."""

from __future__ import annotations

import fcntl
import hashlib
import importlib.util
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.metadata import version
from pathlib import Path

from tripchat.errors import CannotStart

ROOT = Path(__file__).resolve().parents[2]
BUILDS = ROOT / ".build"
KEEP = 4
"""Builds kept: a few sets of extensions may be served side by side."""

_SOURCES = ("rxconfig.py", "tripchat", "assets", "reflex.lock")
_SUFFIXES = {".py", ".js", ".css", ".svg", ".json", ".png", ".ico", ".webmanifest"}


def built_site(extensions: list[str]) -> Path:
    """The folder of the page's build for these extensions, built now unless it is there already.

    Raises:
        CannotStart: the build failed; its output has been printed.
    """
    fingerprint = _fingerprint(extensions)
    folder = BUILDS / fingerprint
    if not folder.exists():
        BUILDS.mkdir(exist_ok=True)
        with _lock(BUILDS / "lock"):
            if not folder.exists():
                _build(folder, extensions)
    os.utime(folder)
    return folder


def _fingerprint(extensions: list[str]) -> str:
    digest = hashlib.sha256(version("reflex").encode())
    for source in _SOURCES:
        path = ROOT / source
        files = sorted(path.rglob("*")) if path.is_dir() else [path]
        for file in files:
            inside = file.relative_to(ROOT)
            if file.suffix in _SUFFIXES and inside.parts[:2] != ("assets", "external"):
                digest.update(f"{inside}\0".encode() + file.read_bytes())
    for name in sorted(extensions):
        digest.update(name.encode())
        spec = importlib.util.find_spec(name)
        if spec is not None and spec.origin is not None:
            digest.update(Path(spec.origin).read_bytes())
    return digest.hexdigest()[:16]


@contextmanager
def _lock(file: Path) -> Iterator[None]:
    """Let one process build at a time: the working folder is shared."""
    with file.open("w") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield


def _build(folder: Path, extensions: list[str]) -> None:
    print("Building the page (the first time takes a minute)…", flush=True)
    command = [sys.executable, "-m", "reflex", "export", "--frontend-only", "--no-zip"]
    environment = {name: value for name, value in os.environ.items() if "SKIP_COMPILE" not in name}
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
        shutil.rmtree(old, ignore_errors=True)
