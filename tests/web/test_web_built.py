"""What is built lies in the package, and the source gives the same bytes."""

import shutil
import subprocess
from pathlib import Path

import pytest

from antitrypsim.web.app import STATIC

pytestmark = pytest.mark.contract

FRONT = Path(__file__).parents[2] / "frontend"
VITE = FRONT / "node_modules" / ".bin" / "vite"


def test_the_built_page_needs_nothing_from_outside():
    found = {file.relative_to(STATIC).as_posix() for file in STATIC.rglob("*") if file.is_file()}
    assert found == {"index.html", "assets/index.css", "assets/page.js", "licences.txt"}
    page = (STATIC / "index.html").read_text("utf-8")
    assert "http" not in page
    assert "style=" not in page
    assert page.count("<script") == 1
    assert 'src="/assets/page.js"' in page
    assert "url(http" not in (STATIC / "assets" / "index.css").read_text("utf-8")


def test_the_licences_of_what_is_in_the_bundle_are_shipped():
    told = (STATIC / "licences.txt").read_text("utf-8")
    for name in ("preact", "uplot"):
        assert f"== {name}" in told


def test_the_lock_holds_no_address():
    lock = (FRONT / "package-lock.json").read_text("utf-8")
    assert '"integrity"' in lock
    assert '"resolved"' not in lock


def test_colours_and_fonts_stand_in_one_file():
    for file in (FRONT / "src").iterdir():
        if file.name in ("look.css", "api.ts"):
            continue
        text = file.read_text("utf-8")
        assert "rgb(" not in text, file
        assert 'font-family: "' not in text, file


@pytest.mark.skipif(
    shutil.which("node") is None or not VITE.exists(), reason="'npm ci' was not run in frontend/"
)
def test_the_source_gives_these_bytes(tmp_path):
    words = [str(VITE), "build", "--outDir", str(tmp_path / "built"), "--logLevel", "error"]
    subprocess.run(words, cwd=FRONT, check=True, capture_output=True)
    for file in STATIC.rglob("*"):
        if file.is_file():
            again = tmp_path / "built" / file.relative_to(STATIC)
            assert again.read_bytes() == file.read_bytes(), file.name
