"""``antitrypsim fit``: one's own trial or cohort updates what is unknown of the population."""

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
    PosteriorFile,
    Prior,
    Quiet,
    Seed,
    Stopped,
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


def fit(
    ctx: typer.Context,
    data: Annotated[
        str,
        typer.Argument(
            metavar="DATA",
            help="One row a person, endpoint and time, with ADaM's names: CSV, XPT, Parquet or Dataset-JSON.",
        ),
    ],
    protocol: Annotated[
        str,
        typer.Option(
            "--protocol",
            metavar="FILE",
            help="Who was enrolled, the arms and the visits: a file or a bundled protocol.",
        ),
    ],
    subjects: Annotated[
        str | None,
        typer.Option(
            "--subjects", metavar="FILE", help="An ADSL, whose columns are joined by USUBJID."
        ),
    ] = None,
    posterior: PosteriorFile = None,
    prior: Prior = False,
    out: Annotated[
        str | None,
        typer.Option(
            "--out",
            "-o",
            metavar="DIR",
            help="Folder of the runs and the posterior; one begun goes on.",
        ),
    ] = None,
    waves: Annotated[int, typer.Option("--waves", metavar="N", help="Waves of runs.")] = 2,
    runs: Annotated[int, typer.Option("--runs", metavar="N", help="Runs in each wave.")] = 120,
    people: Annotated[
        int,
        typer.Option("--people", metavar="N", help="Virtual people who live every arm in a run."),
    ] = 300,
    check: Annotated[
        int, typer.Option("--check", metavar="N", help="Draws that are lived to check it.")
    ] = 60,
    draws: Annotated[int, typer.Option("--draws", metavar="N", help="Draws that are kept.")] = 1000,
    json: Json = None,
    html: Html = None,
    pdf: Pdf = None,
    seed: Seed = SEED,
    tolerance: Tolerance = 1e-3,
    threads: Threads = 2,
    quiet: Quiet = False,
) -> None:
    """Learn from your own trial or cohort what is unknown: a posterior for --posterior, and a page on it.

    Runs are kept one by one in the folder: the same command goes on after a stop, with the same result.
    """  # fmt: skip
    check_outputs([data, subjects, posterior], out, json=json, html=html, pdf=pdf)
    from antitrypsim.calibration.posterior.knowledge import chosen
    from antitrypsim.experiments.fitting.data import read_trial
    from antitrypsim.experiments.fitting.fit import POSTERIOR, Plan
    from antitrypsim.experiments.fitting.fit import fit as find
    from antitrypsim.protocols import load_protocol
    from antitrypsim.reports.fit import fit_document

    plan = Plan(waves, runs, people, check, draws)
    start = chosen(posterior, prior)
    read_for = load_protocol(protocol)
    seen = read_trial(data, read_for, subjects)

    kept = (
        "Each run is kept."
        if out
        else "Nothing is kept; --out DIR keeps the runs and the posterior."
    )
    tell(f"{len(seen.ids)} people and {seen.rows:,} values; {plan.cost}. {kept}", quiet)

    def first(seconds: float) -> None:
        if out:
            enter_learning(ctx, out)
        tell(
            f"a run takes {seconds:.1f} s or more, so that all take about {seconds * plan.lives / 60:.0f} min",
            quiet,
        )

    try:
        with computing(quiet, seed=seed, tolerance=tolerance, threads=threads) as settings:
            found = find(
                seen, read_for, posterior=start, out=out, plan=plan, settings=settings, first=first
            )
    except (Cancelled, KeyboardInterrupt):
        raise (Stopped("stopped; nothing was kept") if out is None else stopped_at(out)) from None
    if out:
        enter_learning(ctx, out)
    hand_over_report(
        partial(fit_document, found), found.to_dict, Files(json, html, pdf),
        below=lambda: f"Written: {Path(out) / POSTERIOR}" if out else "No posterior was kept; --out DIR keeps it.",
    )  # fmt: skip
