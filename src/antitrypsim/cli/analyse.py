"""``antitrypsim analyse``: one statistical analysis of a file; the model takes no part."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from antitrypsim.cli.console import Json, check_outputs, hand_over
from antitrypsim.foundations.errors import InputError, nearest
from antitrypsim.foundations.plain import Plain
from antitrypsim.foundations.width import wrapped

if TYPE_CHECKING:
    import pandas as pd

    from antitrypsim.statistics import AnalysisResult

FORMATS = (".csv", ".parquet", ".xpt", ".sas7bdat")


def analyse(
    file: Annotated[
        str | None,
        typer.Argument(
            metavar="[FILE]",
            help="Rows with ADaM's column names: CSV, Parquet or SAS transport. Left out: the "
            "analyses there are.",
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
    level: Annotated[float, typer.Option("--level", help="Of the confidence intervals.")] = 0.95,
    json: Json = None,
) -> None:
    """Analyse a file of trial data: one row a participant and visit, count or event.

    The same code analyses the virtual trials; it is held against R. Nothing of the model is used.
    """
    if file is None:
        print(listed())
        return
    check_outputs([file], json=json)
    if not analysis or not reference:
        what = "--analysis" if not analysis else "--reference"
        raise InputError(f"{what} is missing; 'antitrypsim analyse' without a file lists analyses")
    from antitrypsim.statistics import ANALYSES

    if analysis not in ANALYSES:
        names = tuple(ANALYSES)
        hint = nearest(analysis, names) or f"; there is {', '.join(names)}"
        raise InputError(f"no analysis '{analysis}'{hint}")
    found = ANALYSES[analysis].run(
        frame_of(file), reference=reference, level=level, **options_of(option or [])
    )
    from antitrypsim.foundations.plain import json_text, plain

    data = {"analysis": analysis, "file": Path(file).name, "level": level, **plain(asdict(found))}
    hand_over(lambda: told(found, level), (json, lambda: json_text(data)))


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


def frame_of(file: str) -> pd.DataFrame:
    """Return the rows of a file; raise InputError for one that cannot be read as a table."""
    import pandas as pd

    ending = Path(file).suffix.lower()
    if ending not in FORMATS:
        raise InputError(f"a file of trial data ends in {', '.join(FORMATS)}", path=file)
    try:
        if ending == ".csv":
            return pd.read_csv(file)
        return (
            pd.read_parquet(file) if ending == ".parquet" else pd.read_sas(file, encoding="utf-8")
        )
    except OSError as problem:
        reason = (problem.strerror or str(problem)).lower()
        raise InputError(f"the file cannot be read: {reason}", path=file) from problem
    except Exception as problem:
        # pandas and its readers have dozens of errors for what is no table.
        first = str(problem).splitlines()[0] if str(problem) else type(problem).__name__
        raise InputError(f"this is no table: {first}", path=file) from problem


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


def told(found: AnalysisResult, level: float) -> str:
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
    notes = [found.method, *(f"Estimates are per {unit}." for unit in sorted(map(str, per)))]
    if any(row.scale == "ratio" for row in found.rows):
        notes.append("A contrast is a ratio; its standard error is that of the logarithm.")
    return "\n".join(
        [*lines, "", *map(wrapped, notes), *(wrapped(f"Beware: {w}") for w in found.warnings)]
    )
