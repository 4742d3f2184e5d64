"""Take the pictures of the page that the documents show.

    python docs/images/page/make.py

needs the extras ``page`` and ``test``, and a chromium.
"""

import re
import shutil
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from playwright.sync_api import sync_playwright

HERE = Path(__file__).parent
AUGMENTATION = "augmentation%3A60mg%2Fkg%2Fweek"
SHOTS = {
    "person": (1400, 1000, "light", f"person?age=48&fev1=60&therapy={AUGMENTATION}&asked=1"),
    "person-phone": (390, 1500, "dark", f"person?age=48&fev1=60&therapy={AUGMENTATION}&asked=1"),
    "compare": (1400, 1000, "light", "compare?asked=1"),
    "trial": (1400, 1000, "light", "trial?asked=1"),
}
"""By name: width, height, light or dark, and the address."""

PAGE = "from antitrypsim.cli.main import run; run()"


def main() -> None:
    """Start the page and take every picture, or those that are named."""
    with TemporaryDirectory() as folder:
        words = [
            sys.executable,
            "-c",
            PAGE,
            "page",
            "--port",
            "0",
            "--no-browser",
            "--folder",
            folder,
        ]
        with subprocess.Popen(words, stdout=subprocess.PIPE, text=True) as server:
            assert server.stdout is not None
            found = re.search(r"http\S+", server.stdout.readline())
            assert found is not None
            try:
                for name in sys.argv[1:] or SHOTS:
                    shoot(found.group(), name)
            finally:
                server.terminate()


def shoot(address: str, name: str) -> None:
    """Take one picture of an answer."""
    width, height, scheme, where = SHOTS[name]
    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=shutil.which("chromium"))
        look = {"viewport": {"width": width, "height": height}, "color_scheme": scheme}
        page = browser.new_context(**look).new_page()
        page.goto(address)
        page.goto(f"{address.partition('?')[0]}#/{where}")
        page.reload()
        page.wait_for_selector("#answer-hash", timeout=300_000)
        page.wait_for_load_state("networkidle")
        page.screenshot(path=HERE / f"{name}.png")
        browser.close()


if __name__ == "__main__":
    main()
