"""What all tests share: no law is timed, since a busy machine is no fault of the code."""

from hypothesis import HealthCheck, settings

from tests import shared

settings.register_profile("untimed", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("untimed")


def pytest_configure(config):
    if not hasattr(config, "workerinput"):
        config.add_cleanup(shared.begin())
