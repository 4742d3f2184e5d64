"""What somebody waits for at the page, measured in a real chromium.

    python benchmarks/page.py [TIMES] > page.json

Each wait is from the click or the key to the change on the screen, by the browser's own clock; the
median of TIMES (5) with another question each time, so that nothing is an answer that was kept.
"""

import json
import os
import re
import shutil
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from tempfile import TemporaryDirectory
from urllib.parse import quote

from playwright.sync_api import Page, sync_playwright

from antitrypsim.web.drafts import OWN, draft_from

PAGE = "from antitrypsim.cli.main import run; run()"
THERAPY = quote("augmentation:60mg/kg/week", safe="")
WATCH = """([clicked, seen]) => new Promise(done => {
  const before = performance.now();
  const there = () => document.querySelector(seen);
  const held = there();
  const look = () => { const now = there(); if (now && now !== held) { done(performance.now() - before); return true } };
  const watch = new MutationObserver(() => look() && watch.disconnect());
  watch.observe(document.body, {subtree: true, childList: true, characterData: true, attributes: true});
  document.querySelector(clicked).click();
})"""
TYPED = """([field, text, seen]) => new Promise(done => {
  const one = document.querySelector(field), held = document.querySelector(seen).textContent;
  const before = performance.now();
  const watch = new MutationObserver(() => {
    if (document.querySelector(seen).textContent !== held) { watch.disconnect(); done(performance.now() - before) }
  });
  watch.observe(document.body, {subtree: true, childList: true, characterData: true});
  Object.getOwnPropertyDescriptor(HTMLInputElement.prototype, 'value').set.call(one, text);
  one.dispatchEvent(new Event('input', {bubbles: true}));
})"""

REST = """async () => {
  const jobs = async () => (await (await fetch('/api/jobs')).json()).filter(one => ['waiting', 'running'].includes(one.state));
  for (let left = await jobs(); left.length; left = await jobs()) {
    for (const one of left) await fetch(`/api/jobs/${one.id}/stop`, {method: 'POST'});
    await new Promise(done => setTimeout(done, 100));
  }
}"""
"""Nothing that was asked before is still being worked on when the next wait begins."""


def main() -> None:
    """Measure everything and print it as JSON."""
    times = int(sys.argv[1]) if len(sys.argv) > 1 else 5
    found: dict[str, float] = {}
    with TemporaryDirectory() as folder:
        began = time.perf_counter()
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
            address = re.search(r"http\S+", server.stdout.readline())
            assert address is not None
            found["the server answers after its start"] = time.perf_counter() - began
            try:
                with sync_playwright() as play:
                    browser = play.chromium.launch(executable_path=shutil.which("chromium"))
                    page = browser.new_page(viewport={"width": 1400, "height": 1000})
                    found |= measured(page, address.group(), times)
                    browser.close()
            finally:
                server.terminate()
    told = {name: round(value, 3) for name, value in found.items()}
    print(
        json.dumps(
            {"load before": os.getloadavg()[0], "cores": os.cpu_count(), "seconds": told}, indent=1
        )
    )


def measured(page: Page, address: str, times: int) -> dict[str, float]:
    """Return seconds by what is waited for."""
    found: dict[str, float] = {}
    base = address.partition("/?")[0]
    began = time.perf_counter()
    page.goto(address)
    page.wait_for_selector("form.form")
    found["the form is there, the first time"] = time.perf_counter() - began
    paint = "performance.getEntriesByName('first-contentful-paint')[0].startTime"
    found["first paint, the first time"] = page.evaluate(paint) / 1000
    page.reload()
    page.wait_for_selector("form.form")
    found["first paint, again"] = page.evaluate(paint) / 1000

    def ask(where: str, seen: str) -> float:
        page.goto(f"{base}/#/{where}")
        page.reload()
        page.wait_for_selector("button.ask")
        page.wait_for_selector(".strip pre:not(:empty)")
        waited = float(page.evaluate(WATCH, ["button.ask", seen])) / 1000
        page.evaluate(REST)
        return waited

    def middle(one: Callable[[int], float]) -> float:
        return statistics.median(one(k) for k in range(times))

    courses, answer = ".plot canvas", "#answer-hash"
    found["Person: first picture, of 20 people, the model being compiled or read"] = ask(
        f"person?age=40&therapy={THERAPY}", courses
    )
    found["Person: first picture, of 20 people"] = middle(
        lambda k: ask(f"person?age={41 + k}&therapy={THERAPY}", courses)
    )
    found["Person: all 100 people"] = middle(
        lambda k: ask(f"person?age={51 + k}&therapy={THERAPY}", answer)
    )
    found["Person: first picture, FEV1 60 % described"] = middle(
        lambda k: ask(f"person?age={41 + k}&fev1=60&therapy={THERAPY}", courses)
    )
    found["Person: all 100 people, FEV1 60 % described"] = middle(
        lambda k: ask(f"person?age={51 + k}&fev1=60&therapy={THERAPY}", answer)
    )
    found["the strip after a key"] = middle(
        lambda k: page.evaluate(TYPED, ["#field-age", str(60 + k), "#strip-text"]) / 1000
    )
    found["the year line, one year on"] = middle(
        lambda k: page.evaluate(TYPED, [".yearline input", str(k + 1), ".alive"]) / 1000
    )
    found["Compare: first answer, of 20 people"] = middle(
        lambda k: ask(f"compare?seed={k + 2}", "article.answer")
    )
    found["Trial: RAPID, 180 people"] = middle(lambda k: ask(f"trial?seed={k + 2}", answer))
    found["Design: first points, 100 trials, nobody met before (another seed)"] = middle(
        lambda k: ask(f"design?seed={k + 2}", "article.answer")
    )
    found["Design: 400 trials of 500 people, nobody met before"] = middle(
        lambda k: ask(f"design?seed={k + 12}", answer)
    )
    ask("design", answer)
    found["Design: first points, another size"] = middle(
        lambda k: ask(f"design?sizes=60,120,{200 + 10 * k}", "article.answer")
    )
    found["Design: 400 trials of 500 people, another size"] = middle(
        lambda k: ask(f"design?sizes=60,120,{210 + 10 * k}", answer)
    )
    draft = quote(json.dumps(draft_from("rapid")), safe="")
    page.goto(f"{base}/#/trial?protocol={OWN}&draft={draft}")
    page.reload()
    page.wait_for_selector(".protocol .verdict:has-text('This can')")
    said = [["#p-participants", word, ".verdict"] for word in ("x", "180") * times]
    found["the protocol check after a key"] = statistics.median(
        page.evaluate(TYPED, one) / 1000 for one in said
    )
    return found


if __name__ == "__main__":
    main()
