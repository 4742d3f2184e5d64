"""``antitrypsim export adam`` and ``import adam``: data sets of trials as statisticians' programs have them."""

from __future__ import annotations

from typing import Annotated

import typer


def export_adam(
    run: Annotated[
        str, typer.Argument(metavar="RUN_FOLDER", help="A run folder, such as runs/mine.")
    ],
    out: Annotated[str, typer.Option("--out", metavar="DIR", help="The new folder to write.")],
    format: Annotated[
        list[str] | None,
        typer.Option(
            "--format",
            metavar="NAME",
            help="xpt (with Define-XML; the default), json, ndjson or parquet; repeatable.",
        ),
    ] = None,
) -> None:
    """Write a trial as ADaM data sets: ADSL, BDS, ADTTE, ADAE, ADEX.

    What was carried and what was left out is printed. Nobody of them is a real person, and every file says so.
    """
    from antitrypsim.interchange.adam.write import check_adam
    from antitrypsim.interchange.adam.write import export_adam as write
    from antitrypsim.runs.folder import read_run

    formats = format or ["xpt"]
    check_adam(out, formats)
    report = write(read_run(run), out, formats)
    print(report.text())
    print(f"\nWritten: {out}")


def import_adam(
    file: Annotated[
        str,
        typer.Argument(
            metavar="FILE", help="A data set: XPT, Dataset-JSON, NDJSON, SAS, Parquet, CSV."
        ),
    ],
) -> None:
    """Say what a data set of trial data holds, and which analyses can be made of it."""
    from antitrypsim.foundations.width import wrapped
    from antitrypsim.interchange.adam.importing import import_adam as read

    found = read(file)
    print(found.loss.text())
    if found.one_row_a_subject:
        print(
            f"\nA row a subject: give it to the analysis of another file with '--subjects {file}'."
        )
        return
    print("\nAnalyses:" if found.possible else "\nNo analysis has its columns:")
    for name in found.possible:
        print(f"  antitrypsim analyse {file} --analysis {name} --reference ...")
    for name, absent in found.missing.items():
        print(wrapped(f"  {name} wants {', '.join(absent)}", 4))
