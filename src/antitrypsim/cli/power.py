"""``antitrypsim power``: power against size, and the size for a wanted power."""

from __future__ import annotations

from functools import partial
from typing import Annotated, Any

import typer

from antitrypsim.cli.console import (
    Files,
    Html,
    Json,
    Pdf,
    Quiet,
    Threads,
    hand_over_report,
    progress,
)
from antitrypsim.cli.laboratory import Draws, LabSeed, People, Replicates, asked

Wanted = Annotated[
    float | None, typer.Option("--wanted", help="The power that is wanted, such as 0.9.")
]


def power(
    file: Annotated[
        str,
        typer.Argument(
            metavar="FILE", help="A design file, a bundled design, or a protocol such as rapid."
        ),
    ],
    wanted: Wanted = None,
    sizes: Annotated[
        str | None,
        typer.Option("--sizes", metavar="N,N,...", help="Numbers of participants to look at."),
    ] = None,
    replicates: Replicates = None,
    people: People = None,
    draws: Draws = None,
    seed: LabSeed = None,
    json: Json = None,
    html: Html = None,
    pdf: Pdf = None,
    threads: Threads = 2,
    quiet: Quiet = False,
) -> None:
    """Say the power of a trial by its size, the size for a wanted power, and the assurance.

    Trials are drawn by the thousand from virtual people who lived once under every arm.
    """
    changes: dict[str, Any] = {"target_power": wanted, "sizes": sizes, "replicates": replicates,
                               "people": people, "draws": draws, "seed": seed}  # fmt: skip
    files = Files(json, html, pdf)
    design, protocol = asked(file, changes, files)
    from antitrypsim.laboratory.appraisal import laboratory
    from antitrypsim.laboratory.power import power_curve
    from antitrypsim.reports.dossier import power_document
    from antitrypsim.simulation.settings import Settings

    with progress(quiet) as tell:
        settings = Settings(threads=threads, progress=tell)
        lab, _ = laboratory(design, protocol, settings)
        curve = power_curve(lab, settings=settings)
    hand_over_report(
        partial(power_document, lab, curve), lambda: {"design": design.id, **curve.to_dict()}, files
    )
