"""Make the lived parts of a large run: one after the other here, or wherever a ``Maker`` says."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

from antitrypsim.foundations.hashtree import nodes_of
from antitrypsim.foundations.parquet import parquet
from antitrypsim.modelling import Model
from antitrypsim.runs.ledger import Part, part_of
from antitrypsim.runs.plan import LargePlan
from antitrypsim.simulation.settings import Settings
from antitrypsim.trials.part import live_part

LIVES = "lives"
Made = tuple[Part, bytes]
Maker = Callable[[LargePlan, Model, list[tuple[int, int]], Settings], Iterator[Made]]
"""Makes the lived parts of blocks, in any order."""


def here(
    plan: LargePlan, model: Model, blocks: list[tuple[int, int]], settings: Settings
) -> Iterator[Made]:
    """Live the parts one after the other in this process."""
    for first, count in blocks:
        yield make_part(plan, model, first, count, settings)


def make_part(plan: LargePlan, model: Model, first: int, count: int, settings: Settings) -> Made:
    """Live one part and return its line and the bytes of its file."""
    settings = replace(settings, meet_anew=plan.meet_anew)
    lived = live_part(plan.protocol, model, first, count, settings=settings)
    data = parquet(lived.table)
    part = part_of(LIVES, first, count, data, enrolled=lived.enrolled, failed=list(lived.failed))
    return replace(part, tree=nodes_of(lived.leaves(), first)), data
