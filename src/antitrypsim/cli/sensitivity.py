"""``antitrypsim sensitivity``: which grade of evidence decides an effect, with all that grades do together."""

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
    Quiet,
    Seed,
    Threads,
    Tolerance,
    check_outputs,
    computing,
    hand_over_report,
)
from antitrypsim.foundations.seed import SEED


def sensitivity(
    therapy: Annotated[
        str, typer.Option("--therapy", help="product:dose/interval; join with '+'.")
    ],
    endpoint: Annotated[
        str, typer.Option("--endpoint", metavar="ID", help="What the effect is on.")
    ] = "density",
    years: Annotated[float, typer.Option("--years", metavar="N", help="When it is read.")] = 5.0,
    population: Annotated[str, POPULATION] = "rapid",
    people: Annotated[
        int, typer.Option("--people", metavar="N", help="How many people live every point.")
    ] = 20,
    points: Annotated[
        int, typer.Option("--points", metavar="N", help="Points of each grade, a power of two.")
    ] = 64,
    seed: Seed = SEED,
    meet_anew: MeetAnew = False,
    tolerance: Tolerance = 1e-4,
    json: Json = None,
    html: Html = None,
    pdf: Pdf = None,
    threads: Threads = 2,
    quiet: Quiet = False,
) -> None:
    """Share an effect's variance out to grades of evidence by Sobol indices, with all that grades do together."""
    check_outputs([population], json=json, html=html, pdf=pdf)
    from antitrypsim.experiments.sensitivity import sensitivity as find
    from antitrypsim.reports.sensitivity import sensitivity_document

    with computing(
        quiet, seed=seed, tolerance=tolerance, threads=threads, meet_anew=meet_anew
    ) as settings:
        found = find(
            therapy, endpoint_id=endpoint, years=years, population=population, people=people,
            points=points, settings=settings,
        )  # fmt: skip
    hand_over_report(partial(sensitivity_document, found), found.to_dict, Files(json, html, pdf))
