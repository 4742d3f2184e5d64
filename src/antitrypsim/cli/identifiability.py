"""``antitrypsim identifiability``: what a posterior knows of each unknown, and of which only together."""

from __future__ import annotations

from typing import Annotated

import typer

from antitrypsim.cli.console import Files, Html, Json, Pdf, check_outputs, hand_over_report


def identifiability(
    file: Annotated[
        str, typer.Argument(metavar="FILE", help="A posterior that 'calibrate' or 'fit' wrote.")
    ],
    json: Json = None,
    html: Html = None,
    pdf: Pdf = None,
) -> None:
    """Say what a posterior knows of each unknown by itself, and of which only together."""
    check_outputs([file], json=json, html=html, pdf=pdf)
    from antitrypsim.calibration.posterior.file import Posterior
    from antitrypsim.calibration.posterior.identifiability import identifiability as read
    from antitrypsim.reports.calibration import identifiability_document

    found = read(Posterior.load(file))
    document = identifiability_document(found)
    hand_over_report(lambda **_: document, found.to_dict, Files(json, html, pdf))
