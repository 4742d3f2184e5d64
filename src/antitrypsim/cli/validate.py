"""``antitrypsim validate``: hold the model against published numbers."""

from __future__ import annotations

from typing import Annotated

import typer

from antitrypsim.cli.console import (
    STOP,
    Files,
    Html,
    Json,
    Pdf,
    Quiet,
    Threads,
    Tolerance,
    check_outputs,
    hand_over_report,
    stage,
)
from antitrypsim.cli.laboratory import LabSeed


def validate(
    json: Json = None,
    html: Html = None,
    pdf: Pdf = None,
    people: Annotated[
        int, typer.Option("--people", metavar="N", help="Virtual people of each population.")
    ] = 20_000,
    only: Annotated[
        list[str] | None,
        typer.Option("--only", metavar="TGT", help="One target, such as TGT-02; repeat for more."),
    ] = None,
    seed: LabSeed = None,
    tolerance: Tolerance = 1e-4,
    threads: Threads = 2,
    quiet: Quiet = False,
) -> None:
    """Simulate every published target and say which are met.

    Known shortfalls come first. The exit code is 1 where another falls short.
    """
    check_outputs([], json=json, html=html, pdf=pdf)
    from antitrypsim.runs.requests.validate import ValidateRequest
    from antitrypsim.simulation.settings import Settings

    request = ValidateRequest.asked(people=people, only=only)

    with stage(quiet) as tell:
        settings = Settings(
            seed=seed, tolerance=tolerance, threads=threads,
            progress=lambda stage, *_: tell(stage), cancel=STOP.is_set,
        )  # fmt: skip
        found = request.answer(settings)
    from antitrypsim.reports.validation import validation_document

    hand_over_report(
        lambda pictures=False: validation_document(found),
        lambda: request.data(found),
        Files(json, html, pdf),
    )
    if found.unexpected:
        ids = ", ".join(row.published.id for row in found.unexpected)
        print(f"Falling short and not listed: {ids}.")
        raise typer.Exit(1)
