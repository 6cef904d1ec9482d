"""The table of docs/security.md says what is there."""

import re
import subprocess
import sys

from tests.kit.server import ROOT
from tests.security.payloads import PAYLOADS

DOCUMENT = (ROOT / "docs" / "security.md").read_text()


def test_every_file_of_the_suite_is_in_the_table_with_its_number_of_tests():
    collected = subprocess.run(
        [sys.executable, "-m", "pytest", "-qq", "--collect-only", "tests/security"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    found = re.findall(r"tests/security/([\w/]+\.py): (\d+)", collected.stdout)
    told = re.findall(r"^\| `([\w/]+\.py)` \| (\d+) \|", DOCUMENT, re.MULTILINE)
    assert found
    assert sorted(told) == sorted(found)


def test_the_number_of_payloads():
    assert f"{len(PAYLOADS)} payloads" in DOCUMENT
