"""What all tests share: no law is timed, since a busy machine is no fault of the code."""

import os
import tempfile

import pytest
from hypothesis import HealthCheck, settings

from tests import count, shared

settings.register_profile(
    "untimed", deadline=None, max_examples=50, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("untimed")

# No test writes into the catalogue of whoever runs them.
CATALOGUE = tempfile.TemporaryDirectory(prefix="antitrypsim-runs-")
os.environ["ANTITRYPSIM_RUNS"] = CATALOGUE.name


def pytest_configure(config):
    if not hasattr(config, "workerinput"):
        config.add_cleanup(shared.begin())


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config, items):
    config.stash[count.COUNTED] = count.counted(items)
    if "slow" not in config.option.markexpr:
        left = pytest.mark.skip(reason="takes minutes; ask for it by -m slow")
        for item in items:
            if item.get_closest_marker("slow"):
                item.add_marker(left)
