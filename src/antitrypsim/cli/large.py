"""A run in parts from the command line: what it costs, how far it is, and what is kept of one that stops."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from antitrypsim.cli.console import Files, Stopped, check_outputs, hand_over_report
from antitrypsim.foundations.errors import Cancelled, RunError

if TYPE_CHECKING:
    from antitrypsim.modelling import Model
    from antitrypsim.reports.document import Document
    from antitrypsim.runs.large_result import LargeRun
    from antitrypsim.runs.plan import LargePlan
    from antitrypsim.simulation.settings import Settings

PARTS_FROM = 50_000
"""Participants from which a run is written in parts without being asked to."""


def checked(
    protocol: str, participants: int | None, part_size: int, out: str | None, files: Files,
    *, force: bool, seed: int, tolerance: float, meet_anew: bool,
) -> tuple[LargePlan, Model, Path]:  # fmt: skip
    """Refuse what cannot be before anybody lives, and return what will run and where."""
    from antitrypsim.protocols import may_stay_empty, result_warnings
    from antitrypsim.runs.folder import check_name
    from antitrypsim.runs.large import check_large, plan_large
    from antitrypsim.simulation.settings import Settings

    if out is not None:
        check_name(out)
    how = Settings(seed=seed, tolerance=tolerance, meet_anew=meet_anew)
    plan, model = plan_large(protocol, participants=participants, part_size=part_size, settings=how)
    named = f"runs/{plan.protocol.id}-{plan.seed}-{plan.participants}" if out is None else out
    check_large(plan, Path(named), force=force)
    check_outputs([protocol], named, json=files.json, pdf=files.pdf)
    told, count = plan.protocol, plan.participants
    for warning in (*result_warnings(told, participants=count), *may_stay_empty(told, count)):
        print(f"warning: {warning}", file=sys.stderr)
    return plan, model, Path(named)


def say_cost(plan: LargePlan, model: Model, folder: Path, settings: Settings) -> None:
    """Say on stderr what the run will cost, and where the disk may not hold it."""
    from antitrypsim.runs.cost import cost_of, room

    cost = cost_of(plan, model, settings)
    print(cost.describe(), file=sys.stderr)
    free = room(folder)
    if cost.bytes > free:
        print(f"warning: the disk has {free / 1e9:.3g} GB free", file=sys.stderr)


def run_parts(
    plan: LargePlan, model: Model, folder: Path, settings: Settings,
    *, force: bool = False, cluster: str | None = None,
) -> LargeRun:  # fmt: skip
    """Conduct the run and write it down in the catalogue; a failure says what is kept."""
    from antitrypsim.runs.catalogue import enter
    from antitrypsim.runs.large import conduct_large

    def begun() -> None:
        enter(plan.id(folder), folder, f"run {plan.protocol.id}")

    with _kept(folder):
        return conduct_large(
            plan, model, folder, force=force, cluster=cluster, settings=settings, begun=begun
        )


@contextmanager
def _kept(folder: Path) -> Iterator[None]:
    """Add to a failure how much is done and kept."""
    from antitrypsim.runs.large import kept_in

    try:
        yield
    except (KeyboardInterrupt, Cancelled):
        raise Stopped(f"stopped; {kept_in(folder)}") from None
    except RunError as problem:
        problem.message += f"; {kept_in(folder)}"
        raise


def hand_over(found: LargeRun, files: Files) -> None:
    """Print the report, write the files that were asked for, and fail where an analysis could not be done."""
    from antitrypsim.reports.large import large_document

    for part in found.remade:
        print(f"warning: {part} was not as it was written and was made anew", file=sys.stderr)

    def document(*, pictures: bool = True) -> Document:
        return large_document(found.protocol, found.rows, found.summary, found.manifest)

    hand_over_report(
        document, lambda: list(found.rows), files, below=lambda: f"Run folder: {found.folder}"
    )
    failed = [f"'{row['plan']}': {row['failed']}" for row in found.rows if row.get("failed")]
    if failed:
        raise RunError(
            f"a planned analysis could not be done: {'; '.join(failed)}; the run folder "
            f"{found.folder} is complete"
        )
