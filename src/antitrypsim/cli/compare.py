"""``antitrypsim compare``: the same virtual people under several therapies."""

from __future__ import annotations

import os
from typing import Annotated, Any

import typer

from antitrypsim.cli.desk import Json, Quiet, Seed, Stopped, Threads, Without, progress
from antitrypsim.foundations.errors import InputError
from antitrypsim.foundations.seed import SEED


def compare(
    file: Annotated[
        str | None,
        typer.Argument(metavar="[FILE]", help="A comparison file, instead of --therapy."),
    ] = None,
    therapy: Annotated[
        list[str] | None,
        typer.Option(
            "--therapy", help="product:dose/interval; give it again for each; join with '+'."
        ),
    ] = None,
    population: Annotated[
        str | None,
        typer.Option("--population", metavar="PROTOCOL", help="Whose people take part."),
    ] = None,
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
    seed: Seed = SEED,
    json: Json = None,
    html: Annotated[
        str | None,
        typer.Option("--html", metavar="FILE", help="Write the comparison as one HTML page."),
    ] = None,
    threads: Threads = 2,
    quiet: Quiet = False,
) -> None:
    """Compare therapies and their combinations in the same virtual people.

    Each person's own difference to no treatment, with the spread between people and from ignorance.
    """
    from antitrypsim.trials.disk import check_file, write_file

    for name in (json, html):
        if name is not None:
            check_file(name)
    if json is not None and html is not None and os.path.realpath(json) == os.path.realpath(html):
        raise InputError("--json and --html name the same file; give each its own", path=html)
    asked = _asked(file, therapy)
    said: dict[str, Any] = {
        "population": population,
        "people": people,
        "years": None if years is None else _years(years),
        "uncertainty": uncertainty,
        "combine": combine,
        "without": without,
    }
    asked |= {key: value for key, value in said.items() if value is not None}
    from antitrypsim.trials.compare import compare as compared

    with progress(quiet) as tell:
        found = compared(asked.pop("therapies"), seed=seed, threads=threads, progress=tell, **asked)
    from antitrypsim.reports import compare_html, compare_text

    written: list[str] = []
    try:
        if json is not None:
            import json as to_json

            text = to_json.dumps(found.to_dict(), ensure_ascii=False, indent=1, allow_nan=False)
            write_file(json, text + "\n")
            written.append(json)
        if html is not None:
            write_file(html, compare_html(found))
            written.append(html)
        print(compare_text(found))
        for name in written:
            print(f"Written: {name}")
    except KeyboardInterrupt:
        raise Stopped(f"stopped; {' and '.join(written) or 'nothing'} was written") from None


def _asked(file: str | None, therapy: list[str] | None) -> dict[str, Any]:
    if file is not None and therapy:
        raise InputError("a file and --therapy both say what to compare; keep one of the two")
    if file is None:
        return {"therapies": therapy or []}
    from antitrypsim.protocols.comparison import load_comparison

    said = load_comparison(file).model_dump()
    del said["compare"]
    return said


def _years(text: str) -> list[float]:
    try:
        return [float(part) for part in text.split(",")]
    except ValueError:
        raise InputError(f"'{text}' is no list of years; write for example 1,2,5,10") from None
