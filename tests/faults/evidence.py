"""What whoever looks for the cause of a failure needs to know."""

import json
from typing import Any

from tests.faults.crowd import Crowd
from tests.kit.server import ROOT

RESULTS = ROOT / "test-results"
LINES = 300
"""Of each page's console."""


def keep(name: str, crowd: Crowd, wrong: dict[str, Any], happened: list[dict[str, Any]]) -> None:
    """Write down what is wrong, what has happened when, and what pages and server have said."""
    consoles = {page.name: page.console[-LINES:] for page in crowd.pages}
    found = {"wrong": wrong, "happened": happened, "consoles": consoles}
    RESULTS.mkdir(exist_ok=True)
    (RESULTS / f"{name}.json").write_text(json.dumps(found, indent=1, ensure_ascii=False))
    (RESULTS / f"{name}.server.log").write_text(crowd.server.output())
