"""``antitrypsim compare``: the same virtual people under several therapies."""

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
    Without,
    check_outputs,
    computing,
    hand_over_report,
    listed,
)
from antitrypsim.foundations.errors import InputError
from antitrypsim.foundations.plain import Plain
from antitrypsim.foundations.seed import SEED


def compare(
    file: Annotated[
        str | None,
        typer.Argument(metavar="[FILE]", help="A comparison file, instead of --therapy."),
    ] = None,
    therapy: Annotated[
        list[str] | None,
        typer.Option(
            "--therapy",
            help="product:dose/interval, or 'Name: product:dose/interval'; give it again for each; join with '+'.",
        ),
    ] = None,
    population: Annotated[str | None, POPULATION] = None,
    people: Annotated[
        int | None, typer.Option("--people", metavar="N", help="How many people, 100 by default.")
    ] = None,
    years: Annotated[
        str | None, typer.Option("--years", help="Years to read at, 1,2,5,10 by default.")
    ] = None,
    uncertainty: Annotated[
        int | None,
        typer.Option(
            "--uncertainty", metavar="N", help="Draws from what is unknown, 200 by default."
        ),
    ] = None,
    combine: Annotated[
        bool | None,
        typer.Option(
            "--combine/--no-combine", help="Up to three therapies in every combination too."
        ),
    ] = None,
    without: Without = None,
    posterior: PosteriorFile = None,
    prior: Prior = False,
    title: Annotated[str | None, typer.Option("--title", help="What is asked, in words.")] = None,
    seed: Seed = SEED,
    meet_anew: MeetAnew = False,
    tolerance: Tolerance = 1e-4,
    json: Json = None,
    html: Html = None,
    pdf: Pdf = None,
    threads: Threads = 2,
    quiet: Quiet = False,
) -> None:
    """Compare therapies and their combinations in the same virtual people.

    Each person's own difference to no treatment, with the spread between people and from uncertainty.
    """
    check_outputs([file, population, posterior], json=json, html=html, pdf=pdf)
    from antitrypsim.calibration.posterior.knowledge import chosen
    from antitrypsim.reports.compare import compare_document
    from antitrypsim.runs.requests.compare import CompareRequest

    said: Plain = {
        "title": title,
        "population": population,
        "people": people,
        "years": None if years is None else listed(years, float, "years", "1,2,5,10"),
        "uncertainty": uncertainty,
        "combine": combine,
        "without": without,
        "posterior": chosen(posterior, prior),
    }
    asked = _asked(file, therapy) | {key: value for key, value in said.items() if value is not None}
    request = CompareRequest.asked(**asked)
    with computing(
        quiet, seed=seed, tolerance=tolerance, threads=threads, meet_anew=meet_anew
    ) as settings:
        found = request.answer(settings)
    hand_over_report(partial(compare_document, found), found.to_dict, Files(json, html, pdf))


def _asked(file: str | None, therapy: list[str] | None) -> Plain:
    if file is not None and therapy:
        raise InputError("a file and --therapy both say what to compare; keep one of the two")
    if file is not None and not file.strip():
        raise InputError("the comparison file has no name; name one, or therapies with --therapy")
    if file is None:
        return {"therapies": _named(therapy or [])}
    from antitrypsim.experiments.comparison_file import load_comparison

    said = load_comparison(file).model_dump(exclude_unset=True)
    del said["compare"]
    return said


def _named(texts: list[str]) -> dict[str, str]:
    """Return therapies by name: 'Name: text', or the text for its own name."""
    found: dict[str, str] = {}
    for text in texts:
        name, _, given = text.rpartition(": ")
        if not given.strip():
            raise InputError(
                f"'{text}' names no therapy; write for example augmentation:60mg/kg/week"
            )
        if (name or given) in found:
            raise InputError("the same therapy is named twice; name each once")
        found[name or given] = given
    if not found:
        raise InputError("nothing to compare; name a therapy such as augmentation:60mg/kg/week")
    return found
