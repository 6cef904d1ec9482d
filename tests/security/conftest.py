"""What adversarial tests start from: storage, people and servers of the integration tests."""

from collections.abc import Iterator

import pytest

from tests.integration.api.conftest import client, new_client, signed_in
from tests.integration.conftest import opened, person, say, trip_of, unchanged
from tests.integration.realtime.conftest import served
from tests.security.fuzzed import Fuzzed

__all__ = ["client", "new_client", "opened", "person", "say", "signed_in", "trip_of", "unchanged"]


@pytest.fixture(scope="session")
def inputs(request: pytest.FixtureRequest) -> int:
    """How many inputs each part of the fuzzing makes."""
    return int(str(request.config.getoption("--inputs")))


@pytest.fixture
def fuzzed(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Fuzzed]:
    """A server that is sent anything; at the end nothing stands in its log."""
    for attacked in served(request, tmp_path_factory.mktemp("fuzzed")):
        fuzzed = Fuzzed(attacked)
        yield fuzzed
        fuzzed.close()
