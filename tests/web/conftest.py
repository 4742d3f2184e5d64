"""One server for the tests of a file."""

import pytest
from serving import start


@pytest.fixture(scope="module")
def served(tmp_path_factory):
    found = start(tmp_path_factory.mktemp("page"))
    yield found
    found.process.terminate()
    found.process.communicate(timeout=30)
