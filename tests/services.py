"""PostgreSQL, Redis and nginx for the tests: found on this machine, or installed.

`python -m tests.services` installs Debian's packages of those that are missing, and fails when that
does not work.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

PACKAGES = {"postgres": "postgresql", "redis-server": "redis-server", "nginx": "nginx-light"}
"""Program -> the Debian package that has it."""


def missing() -> list[str]:
    """The packages of programs that are not there."""
    # Debian keeps servers out of most people's PATH.
    places = ["/usr/sbin", *map(str, Path("/usr/lib/postgresql").glob("*/bin"))]
    path = os.pathsep.join([os.environ.get("PATH", os.defpath), *places])
    return [package for name, package in PACKAGES.items() if not shutil.which(name, path=path)]


def main() -> int:
    """Install what is missing; gives the exit status."""
    if packages := missing():
        as_root = [] if os.geteuid() == 0 else ["sudo", "--non-interactive"]
        quiet = ["env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "--yes", "--quiet"]
        for command in (["update"], ["install", "--no-install-recommends", *packages]):
            subprocess.run([*as_root, *quiet, *command], stdin=subprocess.DEVNULL, check=False)
    if packages and (packages := missing()):
        sys.stderr.write(f"The tests need: apt-get install {' '.join(packages)}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
