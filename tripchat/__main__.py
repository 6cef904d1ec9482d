"""`python -m tripchat run`: bring the database up to date, build the page, serve."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence

from tripchat.errors import CannotStart


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command; gives the process's exit status."""
    parser = argparse.ArgumentParser(prog="tripchat", description="Group chat for trips.")
    commands = parser.add_subparsers(dest="command", required=True)
    for name, purpose in (
        ("run", "serve the site"),
        ("demo", "serve the site with a demonstration trip"),
        ("build", "build the page and stop"),
    ):
        command = commands.add_parser(name, help=purpose)
        command.add_argument("--port", help="the port to listen at (default 3000)")
        command.add_argument("--data", help="the folder for what is stored (default data)")
    options = parser.parse_args(arguments)
    # Whatever reads the settings later, in this process or one it starts, reads these.
    for name in ("port", "data"):
        if (value := getattr(options, name)) is not None:
            os.environ[f"TRIPCHAT_{name.upper()}"] = value
    try:
        from tripchat.server.start import build, start

        if options.command == "build":
            build()
        else:
            start(demo=options.command == "demo")
    except CannotStart as problem:
        print(f"TripChat cannot start: {problem}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
