import subprocess
import sys

import pytest

from tripchat import kinds
from tripchat.errors import CannotStart, Invalid
from tripchat.extensions import load
from tripchat.kinds.registry import MessageKind


def test_text_comes_through_the_same_door():
    assert kinds.kind("text") in kinds.kinds()


@pytest.mark.parametrize("name", ["nothing", "", None, 5, ["text"], {}])
def test_an_unknown_kind_is_refused(name: object):
    with pytest.raises(Invalid) as raised:
        kinds.kind(name)
    assert raised.value.field == "kind"


def test_a_name_belongs_to_one_kind():
    first = kinds.kind("text")
    assert kinds.register(first) is first
    with pytest.raises(ValueError, match="'text' is registered twice"):
        kinds.register(MessageKind("text", dict, dict, str, str))


def test_services_and_kinds_do_not_load_reflex():
    script = (
        "import sys, tripchat.services.messages, tripchat.services.trips, tripchat.api.routes;"
        "sys.exit('reflex' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", script], check=False).returncode == 0


def test_an_extension_that_fails_is_named():
    with pytest.raises(CannotStart, match="'no_such_extension' cannot be loaded"):
        load(["no_such_extension"])


def test_extensions_load_once():
    load(["json", "json"])
