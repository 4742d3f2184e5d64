"""``antitrypsim design``: judge a trial design, search for a better one, write its dossier."""

from __future__ import annotations

import os
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
    Stopped,
    Threads,
    Tolerance,
    computing,
    hand_over_report,
)
from antitrypsim.cli.laboratory import (
    Draws,
    LabSeed,
    People,
    Replicates,
    check_design_outputs,
    checked,
)
from antitrypsim.foundations.errors import Cancelled, InputError


def design(
    file: Annotated[
        str | None,
        typer.Argument(metavar="[FILE]", help="A design file, a bundled design, or a protocol."),
    ] = None,
    listed: Annotated[
        bool, typer.Option("--list", help="List the bundled designs and stop.")
    ] = False,
    schema: Annotated[
        bool, typer.Option("--schema", help="Print the JSON Schema of design files and stop.")
    ] = False,
    check: Annotated[
        bool,
        typer.Option(
            "--check", help="Say whether the design can be and what is doubtful, and run nothing."
        ),
    ] = False,
    keep: Annotated[
        str | None,
        typer.Option(
            "--keep",
            metavar="FILE",
            help="Write a search down here, and go on with it if it is there.",
        ),
    ] = None,
    replicates: Replicates = None,
    people: People = None,
    draws: Draws = None,
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
    """Judge a trial design over thousands of trials, and search for a better one if it says so.

    Type I error, power, assurance, how often it would mislead, who takes part, how long it takes.
    """
    if listed or schema:
        _tell(schema)
        return
    if file is None:
        raise InputError("name a design file, a bundled design or a protocol; --list lists designs")
    from antitrypsim.calibration.posterior.knowledge import chosen
    from antitrypsim.runs.requests.design import DesignRequest

    request = DesignRequest.asked(
        design=file,
        replicates=replicates,
        people=people,
        draws=draws,
        posterior=chosen(posterior, prior),
    )
    files = Files(json, html, pdf)
    check_design_outputs(file, files, keep)
    if check:
        print(checked(*request.design_and_protocol(seed)))
        return
    try:
        with computing(
            quiet, seed=seed, tolerance=tolerance, threads=threads, meet_anew=meet_anew
        ) as settings:
            found = request.answer(settings, keep)
    except (KeyboardInterrupt, Cancelled):
        if keep is None or not os.path.exists(keep):
            raise
        raise Stopped(f"stopped; '{keep}' holds what was tried, and goes on from there") from None
    from antitrypsim.reports.dossier import design_document

    hand_over_report(partial(design_document, found), found.to_dict, files)


def _tell(schema: bool) -> None:
    from antitrypsim.laboratory.design_file.load import bundled_designs
    from antitrypsim.laboratory.design_file.trial_design import TrialDesign

    if schema:
        import json as to_json

        print(to_json.dumps(TrialDesign.model_json_schema(by_alias=True), indent=1))
        return
    for id, title in bundled_designs().items():
        print(f"{id:28} {title}")
