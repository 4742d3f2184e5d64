"""``antitrypsim power``: power against size, and the size for a wanted power."""

from __future__ import annotations

from functools import partial
from typing import Annotated

import typer

from antitrypsim.cli.console import (
    Files,
    Html,
    Json,
    MeetAnew,
    Pdf,
    PosteriorFile,
    Prior,
    Quiet,
    Threads,
    Tolerance,
    computing,
    hand_over_report,
    listed,
)
from antitrypsim.cli.laboratory import Draws, LabSeed, People, Replicates, check_design_outputs

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
    looks: Annotated[
        str | None,
        typer.Option(
            "--looks",
            metavar="SHARE,...",
            help="Look at these shares of the participants, the last 1: 0.5,1.",
        ),
    ] = None,
    bounds: Annotated[
        str | None,
        typer.Option(
            "--bounds",
            metavar="WORD",
            help="How looks spend the type I error: obrien-fleming, pocock, lan-demets-obrien-fleming, lan-demets-pocock.",
        ),
    ] = None,
    futility: Annotated[
        float | None,
        typer.Option(
            "--futility", help="Give up at a look below this conditional power, such as 0.1."
        ),
    ] = None,
    per_month: Annotated[
        float | None, typer.Option("--per-month", help="Participants who are found a month.")
    ] = None,
    relevant: Annotated[
        float | None,
        typer.Option(
            "--relevant",
            help="The smallest effect that matters, in the unit of the effect; any benefit if left out.",
        ),
    ] = None,
    posterior: PosteriorFile = None,
    prior: Prior = False,
    seed: LabSeed = None,
    meet_anew: MeetAnew = False,
    tolerance: Tolerance = 1e-4,
    json: Json = None,
    html: Html = None,
    pdf: Pdf = None,
    threads: Threads = 2,
    quiet: Quiet = False,
) -> None:
    """Say the power of a trial by its size, the size for a wanted power, and the assurance.

    Trials are drawn by the thousand from virtual people who lived once under every arm.
    """
    from antitrypsim.calibration.posterior.knowledge import chosen
    from antitrypsim.runs.requests.power import PowerRequest

    request = PowerRequest.asked(
        design=file,
        wanted=wanted,
        sizes=None if sizes is None else listed(sizes, int, "sizes", "60,120,240"),
        replicates=replicates,
        people=people,
        draws=draws,
        looks=None if looks is None else listed(looks, float, "looks", "0.5,1"),
        bounds=bounds,
        futility=futility,
        per_month=per_month,
        relevant=relevant,
        posterior=chosen(posterior, prior),
    )
    files = Files(json, html, pdf)
    check_design_outputs(file, files)
    with computing(
        quiet, seed=seed, tolerance=tolerance, threads=threads, meet_anew=meet_anew
    ) as settings:
        found = request.answer(settings)
    from antitrypsim.reports.dossier import power_document

    hand_over_report(partial(power_document, found.lab, found.curve), found.to_dict, files)
