"""What the commands of the trial laboratory share: their options, and how a design is asked for."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from antitrypsim.cli.console import Files, check_outputs
from antitrypsim.foundations.errors import InputError

if TYPE_CHECKING:
    from antitrypsim.laboratory.design_file.trial_design import TrialDesign
    from antitrypsim.protocols import Protocol

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


def asked(
    file: str, changes: dict[str, Any], files: Files, keep: str | None = None
) -> tuple[TrialDesign, Protocol]:
    """Return the design with what the command line changes; raise InputError for what cannot be."""
    from antitrypsim.laboratory.design_file.load import beside, load_design
    from antitrypsim.laboratory.design_file.rules import check_design

    outputs = {**asdict(files), "keep": keep}
    check_outputs([file], **outputs)
    design, protocol = load_design(file)
    check_outputs([str(beside(Path(file), design.protocol))], **outputs)
    said = {k: v for k, v in changes.items() if v is not None}
    if "sizes" in said:
        said["sizes"] = _sizes(said["sizes"])
    if "target_power" in said and not 0 < said["target_power"] < 1:
        raise InputError(f"a power of {said['target_power']:g} cannot be; between 0 and 1 can")
    library: dict[str, Any] = {k: said.pop(k) for k in ("people", "draws") if k in said}
    if library:
        size = design.library.model_copy(update=library)
        if "people" in library and size.per_draw > size.people:
            size = size.model_copy(update={"per_draw": size.people})
        said["library"] = size
    design = design.model_copy(update=said)
    check_design(design, protocol)
    return design, protocol


def checked(design: TrialDesign, protocol: Protocol) -> str:
    """Return what can be said of a design before anything is run.

    Raises InputError for one that cannot be: what ``power`` and ``design`` would refuse.
    """
    from antitrypsim.foundations.width import wrapped
    from antitrypsim.laboratory.before import check_before
    from antitrypsim.laboratory.design_file.in_force import compared_arms
    from antitrypsim.laboratory.search import candidates, extended, impossible
    from antitrypsim.reports.dossiersettings import changed, looked_at

    whole = extended(design, protocol)
    check_before(design, whole)
    people = design.participants or protocol.participants
    arms = compared_arms(design, protocol)
    lines = [
        f"{design.id}: {design.title}",
        f"It can be drawn: {design.design.kind}, {people:,} participants ({', '.join(arms)}), on the "
        f"protocol '{protocol.id}'.",
        *protocol.notices,
    ]
    if design.search is not None:
        lines.append(f"The search tries {len(candidates(design, whole)):,} designs.")
        lines += [f"{n:,} more cannot be: {why}." for why, n in impossible(design, whole).items()]
    for title, told in (("Look at before believing a result:", looked_at(design, protocol)),
                        ("What the design changes in the protocol:", changed(design, protocol))):  # fmt: skip
        if told:
            lines += ["", title, *(wrapped(line, 2) for line in told)]
    return "\n".join(line if line.startswith(" ") or not line else wrapped(line) for line in lines)


def _sizes(text: str) -> tuple[int, ...]:
    try:
        found = tuple(sorted({int(part) for part in text.split(",")}))
    except ValueError:
        raise InputError(f"'{text}' is no list of sizes; write for example 60,120,240") from None
    return found
