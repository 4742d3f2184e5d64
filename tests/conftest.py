"""What all tests share: no law is timed, since a busy machine is no fault of the code."""

import pytest
from hypothesis import HealthCheck, settings

from tests import count, shared

settings.register_profile(
    "untimed", deadline=None, max_examples=50, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("untimed")


def pytest_configure(config):
    if not hasattr(config, "workerinput"):
        config.add_cleanup(shared.begin())


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config, items):
    config.stash[count.COUNTED] = count.counted(items)
