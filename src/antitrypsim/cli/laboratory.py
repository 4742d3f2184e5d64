"""What the commands of the trial laboratory share: their options, and how answers are written."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from antitrypsim.cli.desk import check_outputs, hand_over
from antitrypsim.foundations.errors import InputError

if TYPE_CHECKING:
    from antitrypsim.protocols import Protocol
    from antitrypsim.protocols.trial_design import TrialDesign
    from antitrypsim.reports.dossier import Dossier

Replicates = Annotated[
    int | None,
    typer.Option("--replicates", metavar="N", help="Trials drawn, instead of the file's number."),
]
People = Annotated[
    int | None,
    typer.Option("--people", metavar="N", help="Virtual people from whom trials are drawn."),
]
Draws = Annotated[
    int | None,
    typer.Option("--draws", metavar="N", help="Draws of what is unknown; 0 for no assurance."),
]
LabSeed = Annotated[
    int | None, typer.Option("--seed", help="Keys every random number, instead of the file's seed.")
]
Html = Annotated[
    str | None, typer.Option("--html", metavar="FILE", help="Write the answer as one HTML page.")
]
Pdf = Annotated[
    str | None, typer.Option("--pdf", metavar="FILE", help="Write it as PDF (the extra 'pdf').")
]
MOST_REPLICATES = 1_000_000


def asked(
    file: str, changes: dict[str, Any], files: tuple[str | None, ...], pdf: str | None
) -> tuple[TrialDesign, Protocol]:
    """Return the design with what the command line changes; raise InputError for what cannot be."""
    from antitrypsim.protocols.trial_design import check_design, load_design

    check_outputs([file], **dict(zip(("json", "html", "pdf", "keep"), files, strict=False)))
    if pdf is not None:
        from antitrypsim.reports.dossier import checked_pdf

        checked_pdf()
    design, protocol = load_design(file)
    said = {k: v for k, v in changes.items() if v is not None}
    if "sizes" in said:
        said["sizes"] = _sizes(said["sizes"])
    if "wanted" in said and not 0 < said["wanted"] < 1:
        raise InputError(f"a power of {said['wanted']:g} cannot be; between 0 and 1 can")
    if "replicates" in said and not 2 <= said["replicates"] <= MOST_REPLICATES:
        raise InputError(f"{said['replicates']} replicates cannot be; 2 to {MOST_REPLICATES:,} can")
    library: dict[str, Any] = {k: said.pop(k) for k in ("people", "draws") if k in said}
    if library.get("draws", 0) < 0:
        raise InputError(f"{library['draws']} draws cannot be; 0 or more can")
    if library:
        size = design.library.model_copy(update=library)
        if "people" in library and size.per_draw > size.people:
            size = size.model_copy(update={"per_draw": size.people})
        said["library"] = size
    design = design.model_copy(update=said)
    check_design(design, protocol)
    return design, protocol


def written(
    dossier: Dossier, data: dict[str, Any], json: str | None, html: str | None, pdf: str | None
) -> None:
    """Write what was asked for, and print the answer."""
    from antitrypsim.foundations.plain import json_text
    from antitrypsim.reports.dossier import lay_out_html, lay_out_pdf, lay_out_text

    hand_over(
        lambda: lay_out_text(dossier),
        (json, lambda: json_text(data)),
        (html, lambda: lay_out_html(dossier)),
        (pdf, lambda: lay_out_pdf(dossier)),
    )


def _sizes(text: str) -> tuple[int, ...]:
    try:
        found = tuple(sorted({int(part) for part in text.split(",")}))
    except ValueError:
        raise InputError(f"'{text}' is no list of sizes; write for example 60,120,240") from None
    if found[0] < 2 or found[-1] > 100_000:
        raise InputError("sizes lie between 2 and 100,000")
    return found
