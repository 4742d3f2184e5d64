"""``antitrypsim export records`` and ``import records``: what is given, as NONMEM's columns."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from antitrypsim.cli.console import Json, check_outputs, hand_over_text

if TYPE_CHECKING:
    from antitrypsim.interchange.records import DosingRecords

Out = Annotated[
    str | None,
    typer.Option(
        "--out",
        metavar="FILE",
        help="Write the records to this file and print the report; else they are printed, the report to stderr.",
    ),
]


def export_records(
    protocol: Annotated[
        str, typer.Argument(metavar="PROTOCOL", help="A bundled protocol, or a protocol file.")
    ],
    arm: Annotated[
        str | None, typer.Option("--arm", metavar="ID", help="One arm; all of them without.")
    ] = None,
    out: Out = None,
) -> None:
    """Write what each arm of a protocol is given as dosing records, an ID an arm."""
    check_outputs([protocol], out=out)
    from antitrypsim.interchange.records import export_records as export

    _hand_over(export(protocol, arm), out)


def import_records(
    file: Annotated[str, typer.Argument(metavar="FILE", help="Dosing records, CSV.")],
    dose: Annotated[
        list[str] | None,
        typer.Option(
            "--dose",
            metavar="CMT=PRODUCT/ROUTE",
            help="What a word or number of CMT stands for, such as 1=augmentation/intravenous, or with a unit "
            "1=augmentation/intravenous:mg; repeatable.",
        ),
    ] = None,
    ignore: Annotated[
        list[str] | None,
        typer.Option("--ignore", metavar="COLUMN", help="Pass over a column; repeatable."),
    ] = None,
    hours: Annotated[
        bool, typer.Option("--hours", help="Times are hours and rates per hour; days without.")
    ] = False,
    weight: Annotated[
        str | None,
        typer.Option(
            "--weight", metavar="COLUMN", help="Body weight, of which the changes are carried."
        ),
    ] = None,
    out: Out = None,
    json: Json = None,
) -> None:
    """Read dosing records as regimens, one a person; write them in days, a row a dose."""
    check_outputs([file], out=out, json=json)
    from antitrypsim.cli.analyse import pairs_of
    from antitrypsim.foundations.files import write_file
    from antitrypsim.foundations.plain import json_text
    from antitrypsim.interchange.records import import_records as read

    doses = pairs_of(dose or [], "1=augmentation/intravenous")
    found = read(
        file, doses={code: names[-1] for code, names in doses.items()}, ignore=ignore or (),
        hours=hours, weight=weight,
    )  # fmt: skip
    if json is not None:
        write_file(json, json_text({str(k): v.to_dict() for k, v in found.regimens.items()}))
    _hand_over(found, out)


def _hand_over(found: DosingRecords, out: str | None) -> None:
    report = found.report.text()
    hand_over_text(found.to_csv(), out, aside=report, below=f"{report}\n\nWritten: {out}")
