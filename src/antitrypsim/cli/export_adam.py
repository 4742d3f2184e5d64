"""``antitrypsim export adam``: the data sets of a trial as statisticians' programs read them."""

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
