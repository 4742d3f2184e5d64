"""The ways by which a therapy acts on an outcome: the shortest, and one for each mechanism."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass

from antitrypsim.modelling.explain.chain import Chain, Step, following, link, shortest
from antitrypsim.modelling.explain.compute import check_module
from antitrypsim.modelling.model import Model

ENDS = ("lung.fev1", "liver.stiffness")
"""Where a way ends: the first for every mechanism, the others once for the whole therapy."""

Graph = dict[str, list[Step]]
Steps = list[Step] | None


@dataclass(frozen=True)
class Way:
    """A chain from a dose to an outcome; ``mechanism`` is the therapy's own on it, if it has one."""

    mechanism: str
    chain: Chain


def ways(model: Model, module: str) -> tuple[Way, ...]:
    """Return the ways from the doses of a module to FEV1 and to the stiffness of the liver.

    The shortest to FEV1, then the shortest by each of the module's own mechanisms, then the
    shortest to the liver. A way through an event, such as an exacerbation, is not counted. Empty
    for a module without doses; raises ModelError for a module that the model lacks.
    """
    check_module(model, module)
    # Nor one through what another therapy has brought: nobody is given that one too.
    others = {d.module for d in model.doses} - {module}
    graph = {
        start: [s for s in found if s[2] != "event" and not _among(s[1], others)]
        for start, found in following(model).items()
    }
    doses = [d for d in model.doses if d.module == module]
    # Where one route is the usual one the shortest way is of it, be another's shorter.
    usual = [d.name for d in doses if d.usual] or [d.name for d in doses]

    def found(starts: list[str], end: str, mechanism: str = "", through: Steps = None) -> list[Way]:
        each = _each(graph, starts, through, end)
        made = (Chain(w[0][0], end, tuple(link(model, s, of=module) for s in w)) for w in each)
        return sorted((Way(mechanism, chain) for chain in made), key=_size)

    lung, liver = (found(usual, end)[:1] for end in ENDS)
    named: list[Way] = []
    for mechanism, through in _mechanisms(model, graph, module).items():
        each = found([d.name for d in doses], ENDS[0], mechanism, through)
        same = (w for w in each if lung and w.chain.start == lung[0].chain.start)
        named += [way] if (way := next(same, each[0] if each else None)) else []
    chains = [way.chain for way in named]
    return (*(w for w in lung if w.chain not in chains), *sorted(named, key=_size), *liver)


def _among(name: str, modules: Collection[str]) -> bool:
    """Say whether a handle is of one of these modules, or an instance that one of them added."""
    owner, _, rest = name.partition(".")
    return owner in modules or rest.partition("[")[2].rstrip("]") in modules


def _size(way: Way) -> tuple[int, int]:
    # Of ways of one length the first is that of the route that loses least on its way.
    return len(way.chain.links), len(way.chain.links[0].parameters)


def _mechanisms(model: Model, graph: Graph, module: str) -> dict[str, list[Step]]:
    """Return for each mechanism of a module the steps that its effects take."""
    found: dict[str, list[Step]] = {}
    for effect in model.effects:
        if effect.module == module and effect.mechanism:
            reads = sorted(effect.expression.free_symbols, key=str)
            steps = (step for symbol in reads for step in graph.get(symbol.name, ()))
            taken = found.setdefault(effect.mechanism, [])
            taken += [step for step in steps if step[1] == effect.target.name]
    return found


def _each(graph: Graph, doses: list[str], through: Steps, end: str) -> Iterator[list[Step]]:
    """Return the shortest way from each dose by each of the steps, where there is one."""
    found: list[list[Step] | None] = []
    for dose in doses:
        if through is None:
            found.append(shortest(graph, dose, end))
        for step in through or ():
            before, after = shortest(graph, dose, step[0]), shortest(graph, step[1], end)
            found.append(None if before is None or after is None else [*before, step, *after])
    # A way that comes back to where it was is no way.
    return (way for way in found if way and len({s[1] for s in way}) == len(way))
