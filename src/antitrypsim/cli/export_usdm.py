"""``antitrypsim export usdm`` and ``import usdm``: protocols as CDISC USDM v4 studies, and back."""

from __future__ import annotations

from typing import Annotated

import typer

from antitrypsim.cli.console import check_outputs, hand_over_text

Out = Annotated[
    str | None,
    typer.Option(
        "--out",
        metavar="FILE",
        help="Write it to this file and print the report; else it is printed, the report to stderr.",
    ),
]


def export_usdm(
    protocol: Annotated[
        str, typer.Argument(metavar="PROTOCOL", help="A bundled protocol, or a protocol file.")
    ],
    out: Out = None,
    plain: Annotated[
        bool,
        typer.Option(
            "--plain", help="Without extensions: only what USDM itself can say, the rest left out."
        ),
    ] = False,
) -> None:
    """Say a protocol as a CDISC USDM v4 study (JSON), and what was carried, extended and left out."""
    from antitrypsim.interchange.usdm import export_usdm as export

    check_outputs([protocol], out=out)
    text, report = export(protocol, extensions=not plain)
    _hand_over(text, report.text(), out)


def import_usdm(
    file: Annotated[str, typer.Argument(metavar="FILE", help="A USDM v4 study, JSON.")],
    out: Out = None,
) -> None:
    """Draft a protocol from a CDISC USDM v4 study (JSON), each gap a question above its key.

    What the model cannot simulate is told, with the nearest thing that it can.
    """
    from antitrypsim.foundations.plural import so_many
    from antitrypsim.interchange.usdm import import_usdm as read

    check_outputs([file], out=out)
    draft = read(file)
    counts = ", ".join(f"{key} {count}" for key, count in draft.counts.items())
    gaps = (
        f"{so_many(len(draft.questions), 'question')} to answer, each a '# TODO' line of the draft; "
        "then 'antitrypsim protocol check' says whether it can be run."
        if draft.questions
        else "Nothing is left to ask: it can be run."
    )
    _hand_over(draft.text(), f"The file has: {counts}.\n{draft.loss.text()}\n{gaps}", out)


def _hand_over(text: str, report: str, out: str | None) -> None:
    hand_over_text(text, out, aside=report, below=f"{report}\nWritten: {out}")
