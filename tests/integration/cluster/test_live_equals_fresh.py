"""The same property with people, tabs and actions on two workers."""

from tests.integration.realtime.test_live_equals_fresh import (  # noqa: F401
    people,
    runner,
    test_a_tab_that_saw_it_live_equals_a_fresh_one,
)
