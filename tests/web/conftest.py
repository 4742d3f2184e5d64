"""One server and one browser for the tests of a file."""

import shutil

import pytest
from serving import start


@pytest.fixture(scope="module")
def served(tmp_path_factory):
    found = start(tmp_path_factory.mktemp("page"))
    yield found
    found.process.terminate()
    found.process.communicate(timeout=120)


@pytest.fixture(scope="module")
def browser():
    sync = pytest.importorskip("playwright.sync_api")
    with sync.sync_playwright() as play:
        found = play.chromium.launch(executable_path=shutil.which("chromium"))
        yield found
        found.close()
