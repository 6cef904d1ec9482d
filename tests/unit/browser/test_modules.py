"""Runs the browser's own logic under Node, which the requirements bring along."""

import re
import subprocess
import sysconfig
from pathlib import Path

import pytest

NODE = Path(sysconfig.get_path("scripts")) / "node"
FILES = sorted(Path(__file__).parent.glob("*.test.mjs"))


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.name)
def test_the_browsers_modules(file: Path) -> None:
    done = subprocess.run([NODE, "--test-reporter=tap", file], capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    assert re.search(r"^# pass [1-9]", done.stdout, re.MULTILINE), done.stdout
    assert re.search(r"^# fail 0$", done.stdout, re.MULTILINE), done.stdout


def test_there_are_modules_to_test() -> None:
    assert FILES
