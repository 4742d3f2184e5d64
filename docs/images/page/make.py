"""Take the pictures of the page: every room, four widths, light and dark.

    python docs/images/page/make.py [ROOM ...]

needs the extras ``page`` and ``test``, and a chromium. Pictures have few colours, so that they are
small: all of them together stay below 3 MB.
"""

import io
import json
import re
import shutil
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from urllib.parse import quote

from PIL import Image
from playwright.sync_api import Browser, sync_playwright

from antitrypsim.web.drafts import OWN, draft_from

HERE = Path(__file__).parent
SIZES = {1400: 1000, 1024: 1000, 768: 1200, 390: 1700}
"""Width and the height of what is kept of a page."""

COLOURS = 64
AUGMENTATION = quote("augmentation:60mg/kg/week", safe="")
SHOTS = {
    "person": f"person?age=48&fev1=60&therapy={AUGMENTATION}&asked=1",
    "compare": "compare?asked=1",
    "trial": "trial?asked=1",
    "protocol": f"trial?protocol={OWN}&draft={quote(json.dumps(draft_from('copd-msc')), safe='')}",
    "design": "design?replicates=400&people=300&asked=1",
    "evidence": "evidence?asked=1",
}
"""By name of the picture the address; what is asked has an answer, what is written a check."""

PAGE = "from antitrypsim.cli.main import run; run()"


def main() -> None:
    """Start the page and take every picture, or those of the rooms that are named."""
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
                with sync_playwright() as play:
                    browser = play.chromium.launch(executable_path=shutil.which("chromium"))
                    for name in sys.argv[1:] or SHOTS:
                        for width in SIZES:
                            for scheme in ("light", "dark"):
                                shoot(browser, found.group(), name, width, scheme)
                    browser.close()
            finally:
                server.terminate()


def shoot(browser: Browser, address: str, name: str, width: int, scheme: str) -> None:
    """Take one picture."""
    look = {"viewport": {"width": width, "height": SIZES[width]}, "color_scheme": scheme}
    context = browser.new_context(**look, reduced_motion="reduce")
    page = context.new_page()
    page.goto(address)
    page.goto(f"{address.partition('?')[0]}#/{SHOTS[name]}")
    page.reload()
    done = "#answer-hash" if "asked=1" in SHOTS[name] else ".protocol .verdict:has-text('This can')"
    page.wait_for_selector(done, timeout=300_000)
    page.wait_for_load_state("networkidle")
    if name == "protocol":
        # The doses and the visits, which no other picture shows.
        page.evaluate("document.querySelectorAll('.protocol fieldset')[2].scrollIntoView()")
    elif width < 1000:
        # One column: what was asked stands above what came out, which is what a picture shows.
        page.evaluate("scrollTo(0, document.querySelector('.answer-side').offsetTop - 8)")
    shot = Image.open(io.BytesIO(page.screenshot())).convert("RGB")
    few = shot.quantize(COLOURS, method=Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE)
    few.save(HERE / f"{name}-{width}-{scheme}.png", optimize=True)
    context.close()


if __name__ == "__main__":
    main()
