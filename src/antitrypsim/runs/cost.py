"""What a large run will cost, told before it begins from a few of its people."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from time import perf_counter

from antitrypsim.foundations.sizes import size_of, time_of
from antitrypsim.modelling import Model
from antitrypsim.runs.making import make_part
from antitrypsim.runs.plan import LargePlan
from antitrypsim.simulation.settings import DEFAULT, Settings

PILOT = 192
"""People who are lived to learn the cost."""
TABLES_SHARE = 0.5
"""What tables take on the disk beside lives."""


@dataclass(frozen=True)
class Cost:
    """Seconds of computing and bytes on the disk; ``people`` were lived to tell them."""

    seconds: float
    bytes: int
    people: int

    def describe(self) -> str:
        """Return one sentence."""
        return (
            f"this takes about {time_of(self.seconds)} and {size_of(self.bytes)} on the disk "
            f"(told from {self.people} people)"
        )


def cost_of(plan: LargePlan, model: Model, settings: Settings = DEFAULT) -> Cost:
    """Live a few of the plan's people and return what all of them will cost; raises as ``run_large``."""
    quiet = replace(settings.silent(), seed=plan.seed)
    few = min(PILOT, plan.participants)
    # Most of a large run's people are met anew.
    plan = replace(plan, meet_anew=True)
    # A first person bears the loading of the model, which a long run does not feel.
    make_part(plan, model, 0, 1, quiet)
    begun = perf_counter()
    _, data = make_part(plan, model, 0, few, quiet)
    seconds, share = perf_counter() - begun, plan.participants / few
    return Cost(seconds * share, int(len(data) * share * (1 + TABLES_SHARE)), few)


def room(folder: Path) -> int:
    """Return the bytes that are free where a folder lies or would lie."""
    from shutil import disk_usage

    place = folder.resolve()
    while not place.exists():
        place = place.parent
    return disk_usage(place).free
