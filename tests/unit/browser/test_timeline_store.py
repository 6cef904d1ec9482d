"""Runs the browser's own logic under Node, which the requirements bring along."""

import subprocess
import sysconfig
from pathlib import Path

HERE = Path(__file__).parent


def test_the_timeline_store() -> None:
    node = Path(sysconfig.get_path("scripts")) / "node"
    done = subprocess.run(
        [node, "--test", HERE / "timeline_store.test.mjs"], capture_output=True, text=True
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "pass 16" in done.stdout, done.stdout
