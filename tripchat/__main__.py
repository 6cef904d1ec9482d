"""`python -m tripchat run`: bring the database up to date, build the page, serve."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from contextlib import nullcontext
from pathlib import Path

from tripchat.errors import CannotBackUp, CannotRotate, CannotStart
from tripchat.server.inheritance import Inheritance
from tripchat.settings import get_settings

ROOT = Path(__file__).resolve().parents[1]

SERVING = {
    "run": "serve the site",
    "demo": "serve the site with a demonstration trip",
    "run-cluster": "serve the site with several workers, and a PostgreSQL and a Redis of its own",
    "build": "build the page and stop",
}

KEEPING = {
    "backup": "write all that is stored into a file, while the site goes on or not",
    "restore": "make what is in such a file what is stored",
}


KEYS = {
    "rotate": "put all that is sealed under a new key, while the site goes on or not",
    "status": "say how much is sealed under which key",
}


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command; gives the process's exit status."""
    options = _parser().parse_args(arguments)
    # Whatever reads the settings later, in this process or one it starts, reads these.
    for name in ("port", "data"):
        if (value := getattr(options, name, None)) is not None:
            os.environ[f"TRIPCHAT_{name.upper()}"] = value
    # From here on relative paths mean the project's folder.
    if data := os.environ.get("TRIPCHAT_DATA"):
        os.environ["TRIPCHAT_DATA"] = os.path.abspath(data)
    os.chdir(ROOT)
    try:
        return _run(options)
    except (CannotBackUp, CannotRotate) as problem:
        print(f"TripChat: {problem}", file=sys.stderr)
        return 1
    except CannotStart as problem:
        print(f"TripChat cannot start: {problem}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="tripchat", description="Group chat for trips.")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for name, purpose in (SERVING | KEEPING).items():
        command = commands.add_parser(name, help=purpose)
        command.add_argument("--data", help="the folder for what is stored (default data)")
        if name in SERVING:
            command.add_argument("--port", help="the port to listen at (default 3000)")
        else:
            command.add_argument("file", type=os.path.abspath)
            command.add_argument("--cluster", action="store_true", help="of `run-cluster`")
        if name == "restore":
            command.add_argument("--replace", action="store_true", help="what is stored now")
    keys = commands.add_parser("keys", help="the keys that messages are sealed with")
    actions = keys.add_subparsers(dest="action", required=True, metavar="ACTION")
    for name, purpose in KEYS.items():
        action = actions.add_parser(name, help=purpose)
        action.add_argument("--data", help="the folder for what is stored (default data)")
        action.add_argument("--cluster", action="store_true", help="of `run-cluster`")
    # What the supervisor of several workers starts.
    commands.add_parser("prepare").add_argument("--demo", action="store_true")
    Inheritance.add_arguments(commands.add_parser("worker"))
    return parser


def _run(options: argparse.Namespace) -> int:
    # Nothing is loaded before it is known what is needed: the supervisor is to be small.
    data = Path(os.environ.get("TRIPCHAT_DATA") or "data")
    if options.command == "run-cluster":
        from tripchat.local.cluster import local_cluster

        with local_cluster(data):
            return _supervise()
    if options.command in KEEPING:
        _keep(options, data)
        return 0
    if options.command == "keys":
        _turn_keys(options, data)
        return 0
    if options.command in ("run", "demo") and get_settings().workers > 1:
        return _supervise(demo=options.command == "demo")

    from tripchat.server import start

    match options.command:
        case "build":
            start.build()
        case "prepare":
            start.prepare(demo=options.demo)
        case "worker":
            start.start_worker(Inheritance.from_arguments(options))
        case command:
            start.start(demo=command == "demo")
    return 0


def _keep(options: argparse.Namespace, data: Path) -> None:
    from tripchat import backup
    from tripchat.local.cluster import local_database

    try:
        with local_database(data) if options.cluster else nullcontext():
            if options.command == "backup":
                backup.back_up(get_settings(), Path(options.file))
            else:
                backup.restore(get_settings(), Path(options.file), replace=options.replace)
    except CannotStart as problem:
        raise CannotBackUp(str(problem)) from problem


def _turn_keys(options: argparse.Namespace, data: Path) -> None:
    from tripchat import rotation
    from tripchat.local.cluster import local_database

    work = rotation.rotate if options.action == "rotate" else rotation.tell_status
    try:
        with local_database(data) if options.cluster else nullcontext():
            work(get_settings(), _say)
    except CannotStart as problem:
        raise CannotRotate(str(problem)) from problem


def _say(line: str) -> None:
    # At once, also into a pipe: somebody waits for it.
    print(line, flush=True)


def _supervise(*, demo: bool = False) -> int:
    from tripchat.server.supervisor import supervise

    return supervise(get_settings(), demo=demo)


if __name__ == "__main__":
    sys.exit(main())
