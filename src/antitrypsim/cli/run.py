"""``antitrypsim run``: conduct a virtual trial."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from antitrypsim.cli.console import (
    Files,
    Json,
    MeetAnew,
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
)
from antitrypsim.cli.large import PARTS_FROM, checked, hand_over, run_parts, say_cost
from antitrypsim.foundations.errors import AntitrypsimError, InputError, RunError
from antitrypsim.foundations.seed import SEED

if TYPE_CHECKING:
    from antitrypsim.reports.document import Document
    from antitrypsim.runs.requests.run import RunRequest
    from antitrypsim.trials.trial import Trial


def run_protocol(
    protocol: Annotated[
        str,
        typer.Argument(
            metavar="PROTOCOL", help="A bundled protocol, such as rapid, or a protocol file."
        ),
    ],
    out: Annotated[
        str | None,
        typer.Option("--out", metavar="DIR", help="The run folder; by default a new one in runs/."),
    ] = None,
    force: Annotated[
        bool, typer.Option("--force", help="Replace the run folder that is there.")
    ] = False,
    seed: Seed = SEED,
    participants: Annotated[
        int | None,
        typer.Option(
            "--participants",
            metavar="N",
            help="How many take part, instead of the protocol's number.",
        ),
    ] = None,
    uncertainty: Annotated[
        int,
        typer.Option(
            "--uncertainty",
            metavar="N",
            help="Draw N times from what is unknown, such as 200, and say which unknown decides.",
        ),
    ] = 0,
    part_size: Annotated[
        int | None,
        typer.Option(
            "--part-size",
            metavar="N",
            help="Write it in parts of N participants, which any stop leaves whole; from 50,000 "
            "participants on parts of 4,096 unless said.",
        ),
    ] = None,
    cluster: Annotated[
        str | None,
        typer.Option(
            "--cluster",
            metavar="ADDRESS",
            help="Live the parts on the workers of this Dask scheduler (the extra 'cluster').",
        ),
    ] = None,
    cost: Annotated[
        bool, typer.Option("--cost", help="Say what a run in parts will cost, and stop.")
    ] = False,
    posterior: PosteriorFile = None,
    prior: Prior = False,
    json: Json = None,
    pdf: Pdf = None,
    meet_anew: MeetAnew = False,
    tolerance: Tolerance = 1e-4,
    threads: Threads = 2,
    quiet: Quiet = False,
) -> None:
    """Run a virtual trial: say what came out beside what was published.

    A run folder is written: protocol, data, results, report and manifest. The exit code is 1 where
    a planned analysis could not be done; everything is written all the same. A run in parts that was
    stopped or killed goes on by the same command.
    """
    from antitrypsim.calibration.posterior.knowledge import chosen
    from antitrypsim.reports import lay_out_html, lay_out_text
    from antitrypsim.reports.trialdocument import trial_document
    from antitrypsim.runs.catalogue import enter
    from antitrypsim.runs.folder import write_run
    from antitrypsim.runs.plan import PART_SIZE, run_id
    from antitrypsim.runs.requests.run import RunRequest

    request = RunRequest.asked(
        protocol=protocol, participants=participants, uncertainty=uncertainty,
        posterior=chosen(posterior, prior),
    )  # fmt: skip
    files = Files(json, None, pdf)
    if _in_parts(request, part_size, cluster, cost):
        if uncertainty:
            raise InputError(
                "draws from what is unknown are not made of a run in parts; leave --uncertainty out, "
                "or ask for fewer participants"
            )
        if posterior is not None or prior:
            raise InputError(
                "a run in parts draws nothing from what is unknown; leave --posterior and --prior out, or "
                "ask for fewer participants"
            )
        plan, model, place = checked(
            protocol, participants, PART_SIZE if part_size is None else part_size, out, files,
            force=force, seed=seed, tolerance=tolerance, meet_anew=meet_anew,
        )  # fmt: skip
        with computing(
            quiet, seed=seed, tolerance=tolerance, threads=threads, meet_anew=meet_anew
        ) as settings:
            if cost:
                say_cost(plan, model, place, settings)
                return
            large = run_parts(plan, model, place, settings, force=force, cluster=cluster)
        hand_over(large, files)
        return
    folder = _checked(request, files, out, force=force, seed=seed)
    with computing(
        quiet, seed=seed, tolerance=tolerance, threads=threads, meet_anew=meet_anew
    ) as settings:
        trial = request.answer(settings)
        settings.tell("writing", 0, 1)
        document = trial_document(trial)
        text, html = lay_out_text(document), lay_out_html(document)
        folder = write_run(trial, folder, html=html, force=force, numbered=out is None)
        settings.tell("writing", 1, 1)
    enter(run_id(trial.provenance.to_dict(), folder), folder, request.as_command(settings))
    _hand_over(trial, document, text, folder, files)
    _judge(trial, folder)


def _in_parts(request: RunRequest, part_size: int | None, cluster: str | None, cost: bool) -> bool:
    """Whether the run is to be written in parts: where asked for, and where it is large."""
    from antitrypsim.protocols import load_protocol

    if part_size is not None or cluster is not None or cost:
        return True
    count = request.participants
    return (load_protocol(request.protocol).participants if count is None else count) >= PARTS_FROM


def _checked(request: RunRequest, files: Files, out: str | None, *, force: bool, seed: int) -> Path:
    """Refuse what cannot be before anybody lives, warn of what is doubtful; return the run folder."""
    from antitrypsim.experiments.trial_uncertainty import check_drawn, check_draws
    from antitrypsim.protocols import load_protocol, may_stay_empty, result_warnings
    from antitrypsim.runs.folder import check_target, default_folder
    from antitrypsim.trials.conduct import check_participants

    if request.uncertainty:
        check_draws(request.uncertainty)
    plan = load_protocol(request.protocol)
    if request.uncertainty:
        check_drawn(plan)
    count = plan.participants if request.participants is None else request.participants
    folder = Path(
        check_target(default_folder(plan.id, seed, count) if out is None else out, force=force)
    )
    check_outputs([request.protocol], folder, json=files.json, pdf=files.pdf)
    # Before the warnings, which would be of a trial that cannot be.
    check_participants(plan, count)
    for warning in (*result_warnings(plan, participants=count), *may_stay_empty(plan, count)):
        print(f"warning: {warning}", file=sys.stderr)
    return folder


def _hand_over(trial: Trial, document: Document, text: str, folder: Path, files: Files) -> None:
    """Print the report and write the files that were asked beside the run folder."""
    from antitrypsim.foundations.files import write_bytes, write_file
    from antitrypsim.foundations.provenance import answer_hash
    from antitrypsim.reports import lay_out_pdf
    from antitrypsim.runs.folder import results_json

    try:
        results = "" if files.json is None else results_json(trial)
        if files.json is not None:
            write_file(files.json, results)
        print(text)
        print(f"\nRun folder: {folder}")
        if files.json is not None:
            print(f"Results as JSON: {files.json}")
            print(f"Hash of the answer: {answer_hash(results)}")
        if files.pdf is not None:
            write_bytes(files.pdf, lay_out_pdf(document))
            print(f"Report as PDF: {files.pdf}")
    except KeyboardInterrupt:
        raise Stopped(f"stopped; the run folder {folder} is complete") from None
    except AntitrypsimError as problem:
        problem.message += f"; the run folder {folder} is complete"
        # The input was good: what failed came after the work.
        problem.exit_code = RunError.exit_code
        raise


def _judge(trial: Trial, folder: Path) -> None:
    """Fail where a planned analysis could not be done, the primary one or another."""
    told = [
        f"the {'primary' if plan.primary else 'secondary'} analysis '{plan.id}' could not be done: "
        f"{plan.wanting}"
        for plan in trial.plans
        if plan.wanting
    ]
    if told:
        raise RunError(f"{'; '.join(told)}; the run folder {folder} is complete")
