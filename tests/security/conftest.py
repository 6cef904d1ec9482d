"""What adversarial tests start from: the storage, people and servers of the integration tests."""

from tests.integration.api.conftest import client, new_client, signed_in
from tests.integration.conftest import opened, person, say, trip_of, unchanged

__all__ = ["client", "new_client", "opened", "person", "say", "signed_in", "trip_of", "unchanged"]
