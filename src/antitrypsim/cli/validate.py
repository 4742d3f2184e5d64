"""``antitrypsim validate``: hold the model against published numbers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

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

if TYPE_CHECKING:
    from antitrypsim.reports.document import Document


def validate(
    json: Json = None,
    html: Html = None,
    pdf: Pdf = None,
    people: Annotated[
        int | None,
        typer.Option(
            "--people",
            metavar="N",
            help="Virtual people of each population.",
            show_default="20000; 300 for a round, 100 with therapies",
        ),
    ] = None,
    only: Annotated[
        list[str] | None,
        typer.Option("--only", metavar="TGT", help="One target, such as TGT-02; repeat for more."),
    ] = None,
    round_: Annotated[
        bool,
        typer.Option(
            "--round",
            help="Instead of targets, people of every genotype from youth to age, on a page to judge.",
        ),
    ] = False,
    therapies: Annotated[
        bool,
        typer.Option(
            "--therapies", help="With --round: what every therapy adds to the same people of 45."
        ),
    ] = False,
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

    request = ValidateRequest.asked(people=people, only=only, round=round_, therapies=therapies)

    with stage(quiet) as tell:
        settings = Settings(
            seed=seed, tolerance=tolerance, threads=threads,
            progress=lambda stage, *_: tell(stage), cancel=STOP.is_set,
        )  # fmt: skip
        found = request.answer(settings)
    from antitrypsim.calibration.physicians_round import Round
    from antitrypsim.calibration.validate import Validation
    from antitrypsim.reports.physicians_round import round_document, therapies_round_document
    from antitrypsim.reports.validation import validation_document

    def document(pictures: bool = False) -> Document:
        if isinstance(found, Validation):
            return validation_document(found)
        return (
            round_document(found) if isinstance(found, Round) else therapies_round_document(found)
        )

    hand_over_report(
        document,
        lambda: request.data(found),
        Files(json, html, pdf),
    )
    if isinstance(found, Validation) and found.unexpected:
        ids = ", ".join(row.published.id for row in found.unexpected)
        print(f"Falling short and not listed: {ids}.")
        raise typer.Exit(1)
