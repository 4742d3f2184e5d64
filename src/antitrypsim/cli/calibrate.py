"""``antitrypsim calibrate``: the joint posterior of what is unknown."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Annotated

import typer

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
    enter_learning,
    hand_over_report,
    stopped_at,
    tell,
)
from antitrypsim.foundations.errors import Cancelled
from antitrypsim.foundations.seed import SEED


def calibrate(
    ctx: typer.Context,
    out: Annotated[
        str,
        typer.Option(
            "--out", metavar="DIR", help="Folder of the runs and the posterior; one begun goes on."
        ),
    ],
    waves: Annotated[int, typer.Option("--waves", metavar="N", help="Waves of runs.")] = 3,
    runs: Annotated[int, typer.Option("--runs", metavar="N", help="Runs in each wave.")] = 150,
    people: Annotated[
        int,
        typer.Option("--people", metavar="N", help="Virtual people of each population in a run."),
    ] = 500,
    check: Annotated[
        int,
        typer.Option(
            "--check",
            metavar="N",
            help="Draws that others live, to put emulators right, and again to check them; 0 for none.",
        ),
    ] = 100,
    check_people: Annotated[
        int,
        typer.Option("--check-people", metavar="N", help="Virtual people who live each of them."),
    ] = 2000,
    draws: Annotated[int, typer.Option("--draws", metavar="N", help="Draws that are kept.")] = 1000,
    only: Annotated[
        list[str] | None,
        typer.Option("--only", metavar="TGT", help="One target, such as TGT-02; repeat for more."),
    ] = None,
    spreads: Annotated[
        bool,
        typer.Option(
            "--spreads/--no-spreads", help="Whether how far people differ is unknown too."
        ),
    ] = True,
    json: Json = None,
    html: Html = None,
    pdf: Pdf = None,
    seed: Seed = SEED,
    tolerance: Tolerance = 1e-4,
    threads: Threads = 2,
    quiet: Quiet = False,
) -> None:
    """Learn from the targets what is unknown: a posterior, and a page on what was learned.

    Runs are kept one by one in the folder: the same command goes on after a stop, with the same result.
    """
    check_outputs([], out, json=json, html=html, pdf=pdf)
    from antitrypsim.calibration.posterior.calibrate import POSTERIOR, Plan, problem_of
    from antitrypsim.calibration.posterior.calibrate import calibrate as find
    from antitrypsim.reports.calibration import calibration_document

    plan = Plan(waves, runs, people, check, check_people, draws, tuple(only or ()), spreads)
    problem = problem_of(plan)

    tell(
        f"{len(problem.data)} statistics and {len(problem.unknowns)} unknowns; {plan.cost}. Each run is kept.",
        quiet,
    )

    told: list[float] = []

    def first(seconds: float) -> None:
        if not told:
            enter_learning(ctx, out)
            told.append(seconds)
            hours = seconds * plan.waves * plan.runs / 3600
            tell(
                f"a run takes {seconds:.0f} s, so that {plan.waves} x {plan.runs} take about {hours:.1f} h; a "
                "checked draw takes longer by its people",
                quiet,
            )

    try:
        with computing(quiet, seed=seed, tolerance=tolerance, threads=threads) as settings:
            found = find(out, plan, problem=problem, settings=settings, first=first)
    except (Cancelled, KeyboardInterrupt):
        raise stopped_at(out) from None
    enter_learning(ctx, out)
    hand_over_report(
        partial(calibration_document, found), found.to_dict, Files(json, html, pdf),
        below=lambda: f"Written: {Path(out) / POSTERIOR}",
    )  # fmt: skip
