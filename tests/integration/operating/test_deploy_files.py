"""What is in deploy/: right in form, and with settings that TripChat takes."""

import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from tests.kit.server import ROOT
from tripchat.settings import Settings

DEPLOY = ROOT / "deploy"
BIN = Path(sys.executable).parent

SECRETS = {
    "POSTGRES_PASSWORD": "a" * 48,
    "TRIPCHAT_SECRET_KEY": "A" * 43 + "=",
    "TRIPCHAT_OLD_SECRET_KEYS": "",
    "TRIPCHAT_METRICS_TOKEN": "b" * 48,
    "SITE_PORT": "80",
    "TRIPCHAT_PUBLIC_URL": "https://trips.example",
    "TRIPCHAT_MAIL": "smtp://user:password@mail.example:587",
    "TRIPCHAT_MAIL_FROM": "TripChat <chat@trips.example>",
}


def compose() -> dict[str, Any]:
    return YAML(typ="safe").load((DEPLOY / "compose.yaml").read_text())


def filled_in(text: str) -> str:
    """A value of the compose file, as it is with a .env that is filled in."""

    def value(match: re.Match[str]) -> str:
        name, default = match[1], match[2]
        assert default.startswith((":?", ":-")), f"{name} may be forgotten"
        return SECRETS[name]

    return re.sub(r"\$\{([A-Z_]+)(:?[-?][^}]*)?\}", value, text)


@pytest.mark.parametrize(
    "command",
    [
        ["hadolint", "--failure-threshold", "info", "deploy/Containerfile"],
        ["check-jsonschema", "--builtin-schema", "vendor.compose-spec", "deploy/compose.yaml"],
    ],
)
def test_linted(command: list[str]):
    done = subprocess.run(
        [BIN / command[0], *command[1:]], cwd=ROOT, text=True, capture_output=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_all_secrets_are_asked_for_and_explained():
    used = set(re.findall(r"\$\{([A-Z_]+)", (DEPLOY / "compose.yaml").read_text()))
    explained = re.findall(r"^([A-Z_]+)=(.*)$", (DEPLOY / ".env.example").read_text(), re.MULTILINE)
    assert {name for name, _ in explained} == used == set(SECRETS)
    # There is no secret that everybody knows.
    assert {name for name, value in explained if value} == {"SITE_PORT"}


def test_the_workers_settings_are_taken(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    services = compose()["services"]
    workers = {name: each for name, each in services.items() if name.startswith("tripchat-")}
    assert len(workers) == 2
    urls = set()
    for name, worker in workers.items():
        for variable, value in worker["environment"].items():
            monkeypatch.setenv(variable, filled_in(value))
        settings = Settings()
        assert settings.database.startswith("postgresql+asyncpg://tripchat:")
        assert settings.redis_url is not None
        assert settings.own_url == f"http://{name}:3000"
        urls.add(settings.own_url)
        # Its addresses are those of services.
        named = re.findall(r"@([a-z]+):|//([a-z]+):6379", " ".join(worker["environment"].values()))
        assert {one or other for one, other in named} == {"postgres", "redis"} <= set(services)
    assert len(urls) == len(workers)


def test_everything_is_watched_and_started_again():
    for name, service in compose()["services"].items():
        assert service["restart"] == "always"
        in_the_image = name.startswith("tripchat-")
        assert in_the_image or service["healthcheck"]["test"][0] == "CMD"
        published = [port for port in service.get("ports", ()) if port]
        assert bool(published) == (name == "nginx")


def test_redis_keeps_nothing():
    command = compose()["services"]["redis"]["command"]
    assert command[command.index("--save") + 1] == ""
    assert command[command.index("--appendonly") + 1] == "no"


def test_nginx_knows_the_same_workers_as_the_compose_file():
    upstream = re.findall(r"server (\S+):3000", (DEPLOY / "nginx" / "nginx.conf").read_text())
    assert set(upstream) == {n for n in compose()["services"] if n.startswith("tripchat-")}


def test_the_service_starts_what_there_is():
    unit = (DEPLOY / "tripchat.service").read_text()
    command = re.findall(r"^ExecStart=/srv/tripchat/(.*)$", unit, re.MULTILINE)
    assert command == [".venv/bin/python -m tripchat run"]
    done = subprocess.run(
        [*command[0].split(), "--help"], cwd=ROOT, capture_output=True, check=False
    )
    assert done.returncode == 0
