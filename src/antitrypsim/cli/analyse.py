"""``antitrypsim analyse``: one statistical analysis of a file; the model takes no part."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from antitrypsim.cli.console import Json, check_outputs, hand_over
from antitrypsim.foundations.errors import InputError, nearest
from antitrypsim.foundations.plain import Plain
from antitrypsim.foundations.width import wrapped

if TYPE_CHECKING:
    from antitrypsim.statistics import AnalysisResult


def analyse(
    file: Annotated[
        str | None,
        typer.Argument(
            metavar="[FILE]",
            help="Rows with ADaM's column names: CSV, Parquet, SAS transport, Dataset-JSON or "
            "NDJSON. Left out: the analyses there are.",
        ),
    ] = None,
    analysis: Annotated[
        str, typer.Option("--analysis", metavar="NAME", help="Which one, such as mmrm.")
    ] = "",
    reference: Annotated[
        str,
        typer.Option("--reference", metavar="ARM", help="The arm that others are held against."),
    ] = "",
    option: Annotated[
        list[str] | None,
        typer.Option(
            "--option",
            metavar="NAME=VALUE",
            help="An option of the analysis, such as visit=M12 or 'covariates=[AGE, SEX]'; repeatable.",
        ),
    ] = None,
    where: Annotated[
        list[str] | None,
        typer.Option(
            "--where",
            metavar="COLUMN=WORD",
            help="Keep the rows whose column holds this, such as PARAMCD=PD15; repeatable, several "
            "words of one column are alternatives.",
        ),
    ] = None,
    column: Annotated[
        list[str] | None,
        typer.Option(
            "--column",
            metavar="NAME=OTHER",
            help="What the analysis calls NAME is the file's OTHER, such as ARM=TRTA; repeatable.",
        ),
    ] = None,
    subjects: Annotated[
        str | None,
        typer.Option(
            "--subjects", metavar="FILE", help="An ADSL, whose columns are joined by USUBJID."
        ),
    ] = None,
    level: Annotated[float, typer.Option("--level", help="Of the confidence intervals.")] = 0.95,
    json: Json = None,
) -> None:
    """Analyse a file of trial data: one row a participant and visit, count or event.

    The same code analyses the virtual trials; it is held against R. Nothing of the model is used.
    """
    if file is None:
        print(listed())
        return
    check_outputs([file, subjects], json=json)
    if not analysis or not reference:
        what = "--analysis" if not analysis else "--reference"
        raise InputError(f"{what} is missing; 'antitrypsim analyse' without a file lists analyses")
    from antitrypsim.statistics import ANALYSES

    if analysis not in ANALYSES:
        names = tuple(ANALYSES)
        hint = nearest(analysis, names) or f"; there is {', '.join(names)}"
        raise InputError(f"no analysis '{analysis}'{hint}")
    from antitrypsim.documents.trialdata import read_table
    from antitrypsim.interchange.adam.adopting import adopted

    options = options_of(option or [])
    columns = {name: other[-1] for name, other in pairs_of(column or [], "ARM=TRTA").items()}
    kept = pairs_of(where or [], "PARAMCD=PD15")
    frame, notes = adopted(
        read_table(file), columns=columns, where=kept,
        subjects=None if subjects is None else read_table(subjects),
    )  # fmt: skip
    found = ANALYSES[analysis].run(frame, reference=reference, level=level, **options)
    from antitrypsim.foundations.plain import json_text, plain

    about = {"analysis": analysis, "file": Path(file).name, "level": level, "read": list(notes)}
    data = {**about, **plain(asdict(found))}
    hand_over(lambda: told(found, level, notes), (json, lambda: json_text(data)))


def listed() -> str:
    """Return each analysis with the columns that it needs and its options."""
    from antitrypsim.statistics import ANALYSES

    lines = []
    for name, program in ANALYSES.items():
        lines += [
            f"{name}: {program.title}",
            f"  columns USUBJID, ARM, {', '.join(program.columns)}",
        ]
        lines += [wrapped(f"  {key}: {words}", 2) for key, words in program.options.items()]
        lines.append("")
    return "\n".join(lines).rstrip()


def options_of(said: list[str]) -> Plain:
    """Return options by name; a value is read as YAML, so that lists and numbers can be said."""
    from ruamel.yaml import YAML, YAMLError

    found: Plain = {}
    for each in said:
        name, sign, value = each.partition("=")
        if not sign or not name.strip():
            raise InputError(f"'{each}' is no option; write for example visit=M12")
        if name.strip() in found:
            raise InputError(f"the option '{name.strip()}' is given twice; keep one")
        try:
            found[name.strip()] = YAML(typ="safe", pure=True).load(value)
        except YAMLError as problem:
            raise InputError(
                f"the value of '{name.strip()}' cannot be read: '{value}'"
            ) from problem
    return found


def pairs_of(said: list[str], example: str) -> dict[str, list[str]]:
    """Return the words behind each name, of 'NAME=WORD'; raise InputError for anything else."""
    found: dict[str, list[str]] = {}
    for each in said:
        name, sign, word = (part.strip() for part in each.partition("="))
        if not (sign and name and word):
            raise InputError(f"'{each}' cannot be read; write for example {example}")
        found.setdefault(name, []).append(word)
    return found


def told(found: AnalysisResult, level: float, read: Sequence[str] = ()) -> str:
    """Return the numbers as a table, then what was done and what to beware of."""
    head = ("arm", "against", "visit", "n", "estimate", "se", f"{100 * level:g} % interval", "p")
    rows = [head]
    for row in found.rows:
        when = (
            row.visit if row.visit is not None else "" if row.time is None else f"day {row.time:g}"
        )
        p = "" if row.p is None else "< 0.0001" if row.p < 1e-4 else f"{row.p:.4f}"
        rows.append((
            row.arm, row.contrast or "", when, f"{row.n:,}", f"{row.estimate:.5g}", f"{row.se:.4g}",
            f"{row.lower:.5g} to {row.upper:.5g}", p,
        ))  # fmt: skip
    kept = [k for k in range(len(head)) if any(row[k] for row in rows[1:])]
    widths = [max(len(row[k]) for row in rows) for k in kept]
    lines = [
        "  ".join(
            row[k].ljust(width) if k < 3 else row[k].rjust(width)
            for k, width in zip(kept, widths, strict=True)
        ).rstrip()
        for row in rows
    ]
    per = {row.unit_per for row in found.rows} - {None}
    notes = [*read, found.method, *(f"Estimates are per {unit}." for unit in sorted(map(str, per)))]
    if any(row.scale == "ratio" for row in found.rows):
        notes.append("A contrast is a ratio; its standard error is that of the logarithm.")
    return "\n".join(
        [*lines, "", *map(wrapped, notes), *(wrapped(f"Beware: {w}") for w in found.warnings)]
    )
