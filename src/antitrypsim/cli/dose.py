"""``antitrypsim dose``: how much of a therapy it takes, when, how surely, and what decides."""

from __future__ import annotations

from functools import partial
from typing import Annotated

import typer

from antitrypsim.cli.console import (
    POPULATION,
    Files,
    Html,
    Json,
    MeetAnew,
    Pdf,
    PosteriorFile,
    Prior,
    Quiet,
    Seed,
    Threads,
    Tolerance,
    check_outputs,
    computing,
    hand_over_report,
    listed,
)
from antitrypsim.foundations.seed import SEED


def dose(
    therapy: Annotated[
        list[str],
        typer.Option("--therapy", help="product@route:dose/interval; repeat it to compare routes."),
    ],
    value: Annotated[float, typer.Option("--value", help="The value to reach, in its unit.")],
    outcome: Annotated[
        str, typer.Option("--outcome", help="The endpoint, such as serum_aat.")
    ] = "serum_aat",
    years: Annotated[float, typer.Option("--years", help="Within how many years.")] = 5.0,
    population: Annotated[str, POPULATION] = "natural-history",
    people: Annotated[int, typer.Option("--people", metavar="N", help="How many people.")] = 60,
    uncertainty: Annotated[
        int, typer.Option("--uncertainty", metavar="N", help="Draws from what is unknown.")
    ] = 200,
    factors: Annotated[
        str, typer.Option("--factors", help="Multiples of the doses that are tried.")
    ] = "0.1,0.3,1,3,10",
    posterior: PosteriorFile = None,
    prior: Prior = False,
    seed: Seed = SEED,
    meet_anew: MeetAnew = False,
    tolerance: Tolerance = 1e-4,
    json: Json = None,
    html: Html = None,
    pdf: Pdf = None,
    threads: Threads = 2,
    quiet: Quiet = False,
) -> None:
    """Say how much of a therapy brings people to a value, and what decides it."""
    check_outputs([population, posterior], json=json, html=html, pdf=pdf)
    steps = listed(factors, float, "factors", "0.1,1,10")
    from antitrypsim.calibration.posterior.knowledge import chosen
    from antitrypsim.runs.requests.dose import DoseRequest

    request = DoseRequest.asked(
        therapies=therapy,
        value=value,
        outcome=outcome,
        years=years,
        population=population,
        people=people,
        uncertainty=uncertainty,
        posterior=chosen(posterior, prior),
        factors=steps,
    )
    with computing(
        quiet, seed=seed, tolerance=tolerance, threads=threads, meet_anew=meet_anew
    ) as settings:
        found = request.answer(settings)
    from antitrypsim.reports.dose_finding import dose_document

    hand_over_report(partial(dose_document, found), found.to_dict, Files(json, html, pdf))
