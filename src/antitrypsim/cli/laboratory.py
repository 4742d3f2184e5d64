"""What the commands of the trial laboratory share: their options, and how a design is asked for."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from antitrypsim.cli.console import Files, check_outputs
from antitrypsim.foundations.plural import so_many

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


def check_design_outputs(file: str, files: Files, keep: str | None = None) -> None:
    """Raise InputError for files that must not or cannot be written beside a design and its protocol."""
    from antitrypsim.laboratory.design_file.load import beside, load_design

    outputs = {**asdict(files), "keep": keep}
    check_outputs([file], **outputs)
    design, _ = load_design(file)
    check_outputs([str(beside(Path(file), design.protocol))], **outputs)


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
        f"It can be drawn: {design.design.kind}, {so_many(people, 'participant')} ({', '.join(arms)}), on the "
        f"protocol '{protocol.id}'.",
        *protocol.notices,
    ]
    if design.search is not None:
        lines.append(f"The search tries {so_many(len(candidates(design, whole)), 'design')}.")
        lines += [f"{n:,} more cannot be: {why}." for why, n in impossible(design, whole).items()]
    for title, told in (("Look at before believing a result:", looked_at(design, protocol)),
                        ("What the design changes in the protocol:", changed(design, protocol))):  # fmt: skip
        if told:
            lines += ["", title, *(wrapped(line, 2) for line in told)]
    return "\n".join(line if line.startswith(" ") or not line else wrapped(line) for line in lines)
