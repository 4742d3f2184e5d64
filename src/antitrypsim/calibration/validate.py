"""Hold the model against every covered target, and say what falls short."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

from antitrypsim.calibration.scene import SEED, TOLERANCE, Scene
from antitrypsim.calibration.target import Study, TargetRow, published_targets
from antitrypsim.calibration.targets import studies
from antitrypsim.foundations.arguments import different, whole
from antitrypsim.foundations.errors import InputError, nearest
from antitrypsim.foundations.plain import Plain
from antitrypsim.modelling import Model
from antitrypsim.simulation.settings import DEFAULT, Settings, how
from antitrypsim.therapies import build_model
from antitrypsim.uncertainty.draws import ParameterSet

PEOPLE = 20_000
_HERE = Path(__file__).parent


@dataclass(frozen=True)
class Validation:
    """Every covered target's row; ``known`` holds the reasons of listed shortfalls by id."""

    rows: tuple[TargetRow, ...]
    known: Mapping[str, str]
    people: int
    seed: int

    @property
    def unexpected(self) -> tuple[TargetRow, ...]:
        """Rows that failed and are not listed."""
        return tuple(r for r in self.rows if not r.passed and r.published.id not in self.known)

    @property
    def recovered(self) -> tuple[TargetRow, ...]:
        """Rows that are listed as shortfalls and passed."""
        return tuple(r for r in self.rows if r.passed and r.published.id in self.known)

    def to_dicts(self) -> list[Plain]:
        """Return the rows as plain data: id, quantity, people, simulated, published, accept ..."""
        return [row.to_dict() for row in self.rows]


@cache
def known_shortfalls() -> dict[str, str]:
    """Return the reasons of listed shortfalls by target id.

    A block of the list is of one target, or has the ids of several in ``targets``.
    """
    # Installed, the list lies beside this file; in a checkout it lies in validation/.
    places = (
        _HERE / "known-shortfalls.toml",
        _HERE.parents[2] / "validation" / "known-shortfalls.toml",
    )
    for place in places:
        if place.exists():
            data = tomllib.loads(place.read_text(encoding="utf-8"))
            return {
                id: block["reason"]
                for name, block in data.items()
                for id in block.get("targets", [name])
            }
    return {}


def by_population(
    needs: Mapping[str, frozenset[str]],
) -> Iterator[tuple[str, frozenset[str]]]:
    """Yield target ids in an order that enrols each population once, each with what must be kept.

    ``needs``: the populations of each target. Next comes the target that lets most populations go and
    enrols fewest, by its id where several do; with it what is in hand and still needed.
    """
    left = dict(needs)
    held: frozenset[str] = frozenset()

    def cost(id: str) -> tuple[int, int, str]:
        others = frozenset().union(*(need for other, need in left.items() if other != id))
        return len(left[id] - held), len((held | left[id]) & others), id

    while left:
        id = min(left, key=cost)
        held = (held & frozenset().union(*left.values())) | left.pop(id)
        yield id, held


def therapies_together(covered: Mapping[str, Study]) -> dict[str, frozenset[str]]:
    """Return the therapies of the model in which each target is simulated.

    Targets that share a population share its people and so a model: of what any of them gives. Without
    the therapies that nobody is given the same people live the same lives in half the time.
    """
    groups: list[tuple[set[str], frozenset[str], frozenset[str]]] = []
    for id, one in covered.items():
        ids, populations, therapies = {id}, one.populations, one.therapies
        apart = []
        for group in groups:
            if group[1] & populations:
                ids |= group[0]
                populations, therapies = populations | group[1], therapies | group[2]
            else:
                apart.append(group)
        groups = [*apart, (ids, populations, therapies)]
    return {id: therapies for ids, _, therapies in groups for id in ids}


def validate(
    *,
    model: Model | None = None,
    people: int = PEOPLE,
    only: Sequence[str] | None = None,
    parameters: ParameterSet | None = None,
    settings: Settings = DEFAULT,
) -> Validation:
    """Simulate every covered target, or those of ``only``.

    Targets that share a population are read one after another, and a population is let go as soon as
    no target is left that needs it, so that memory does not grow with the number of targets. Raises
    InputError for an id that is unknown or not covered, or fewer than 20 people.
    """
    how(settings)
    only = different(only, "only") if only else ()
    if whole(people, "people") < 20:
        raise InputError(
            f"{people} people are too few to judge a target; 20 or more can be, and rows are judged on 20,000"
        )
    covered = studies()
    chosen = list(covered) if not only else list(only)
    for id in chosen:
        if id not in covered:
            known = "is not covered yet" if id in published_targets() else "is unknown"
            raise InputError(f"target '{id}' {known}{nearest(id, list(covered))}")
    rows: dict[str, TargetRow] = {}
    total = len(set(chosen))

    def tell_where(stage: str, *_: int) -> None:
        settings.tell(f"{len(rows) + 1} of {total} targets: {stage}", len(rows), total)

    seed = SEED if settings.seed is None else settings.seed
    past = model or build_model(therapies=())
    scene = Scene(
        past,
        people=people,
        parameters=parameters,
        settings=replace(
            settings,
            seed=seed,
            progress=tell_where,
            tolerance=max(settings.tolerance, TOLERANCE),
        ),
        past=past,
        among=frozenset().union(*(covered[id].populations for id in chosen)),
    )
    given = {} if model else therapies_together(covered)
    if parameters and not model:
        used = frozenset().union(*(given[id] for id in chosen))
        parameters.check(build_model(therapies=tuple(sorted(used))))
    for id, kept in by_population({id: covered[id].populations for id in chosen}):
        scene.keep(kept)
        if not model:
            scene.model = build_model(therapies=given[id])
            # Values of a therapy that nobody here is given play no part.
            scene.parameters = parameters and parameters.within(scene.model)
        rows[id] = TargetRow(published_targets()[id], tuple(covered[id](scene)))
    return Validation(
        tuple(rows[id] for id in chosen),
        {k: v for k, v in known_shortfalls().items() if k in chosen},
        people,
        seed,
    )
