"""``antitrypsim mouse``: what was found in mice, simulated, and the way from there to people."""

from __future__ import annotations

from functools import partial

from antitrypsim.cli.console import (
    Files,
    Html,
    Json,
    Pdf,
    Quiet,
    Seed,
    Threads,
    Tolerance,
    check_outputs,
    computing,
    hand_over_report,
)
from antitrypsim.foundations.seed import SEED


def mouse(
    json: Json = None,
    html: Html = None,
    pdf: Pdf = None,
    seed: Seed = SEED,
    tolerance: Tolerance = 1e-4,
    threads: Threads = 2,
    quiet: Quiet = False,
) -> None:
    """Run a PiZ mouse (cells in the liver) and an elastase mouse (cells and vesicles in the lung).

    Beside each: what was published of animals, the same in people, and the species factor between them.
    """
    check_outputs([], json=json, html=html, pdf=pdf)
    from antitrypsim.reports.mouse import mouse_document
    from antitrypsim.runs.requests.mouse import MouseRequest

    request = MouseRequest.asked()
    with computing(quiet, seed=seed, tolerance=tolerance, threads=threads) as settings:
        found = request.answer(settings)
    hand_over_report(partial(mouse_document, found), found.to_dict, Files(json, html, pdf))
