"""What a design must not say: the same thing twice, two things that exclude each other, or nothing."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, get_args

from pydantic_core import PydanticCustomError

from antitrypsim.documents.times import days
from antitrypsim.foundations.errors import ProtocolError
from antitrypsim.populations.possible import nobody_has
from antitrypsim.populations.spec import Stratum
from antitrypsim.protocols.strata import check_stratum

if TYPE_CHECKING:
    from antitrypsim.laboratory.design_file.conducting import Screen
    from antitrypsim.laboratory.design_file.trial_design import TrialDesign
    from antitrypsim.protocols.protocol import Protocol


def check_contradictions(design: TrialDesign, protocol: Protocol, arms: tuple[str, ...]) -> None:
    """Raise ProtocolError, one sentence with its key, for the first contradiction."""
    _twice(design)
    _allocation(design, protocol, arms)
    _screening(design, protocol)
    _leaving(design, protocol)
    _events(design)
    _worth(design)


def _twice(design: TrialDesign) -> None:
    listed: dict[str, Iterable[str | int]] = {
        "sizes": design.sizes, "visits": design.visits, "allocation.within": design.allocation.within or (),
    }  # fmt: skip
    for k, event in enumerate(design.intercurrent):
        listed[f"intercurrent[{k}].arms"] = event.arms
    if design.search is not None:
        listed["search.participants"] = design.search.participants
        listed["search.until"] = design.search.until
        listed["search.endpoints"] = [plan.id for plan in design.search.endpoints]
        for name, visits in design.search.visits.items():
            listed[f"search.visits.{name}"] = visits
    for key, own in design.design.lists().items():
        listed[f"design.{key}"] = own
    for key, entries in listed.items():
        seen: set[str | int] = set()
        for entry in entries:
            if entry in seen:
                raise ProtocolError(
                    f"'{entry}' is listed twice, and one hides the other; keep one", key=key
                )
            seen.add(entry)


def _allocation(design: TrialDesign, protocol: Protocol, arms: tuple[str, ...]) -> None:
    from antitrypsim.laboratory.design_file.in_force import ratio_of

    said = design.allocation
    people = design.participants or protocol.participants
    if design.accrual.sites > people:
        raise ProtocolError(
            f"{design.accrual.sites:,} sites for {people:,} participants: most would have nobody; "
            "write fewer", key="accrual.sites",
        )  # fmt: skip
    if said.method == "simple" and said.within:
        raise ProtocolError(
            "simple allocation knows no strata; write 'method: blocks' or 'minimised', or leave "
            "'within' out", key="allocation.within",
        )  # fmt: skip
    for k, word in enumerate(said.within or ()):
        try:
            check_stratum(protocol, word)
        except PydanticCustomError as problem:
            raise ProtocolError(str(problem), key=f"allocation.within[{k}]") from problem
    if said.method != "blocks" and said.block is not None:
        raise ProtocolError(
            f"'block' belongs to the method 'blocks', not '{said.method}'; leave it out",
            key="allocation.block",
        )
    if said.method != "minimised" and said.chance is not None:
        raise ProtocolError(
            f"'chance' belongs to the method 'minimised', not '{said.method}'; leave it out",
            key="allocation.chance",
        )
    if len(arms) < 2 or design.design.own_allocation:
        return
    parts = ratio_of(design, protocol, arms)
    for arm, part in zip(arms, parts, strict=True):
        if people * part < sum(parts):
            raise ProtocolError(
                f"{people:,} participants in the ratio {' to '.join(f'{p:,}' for p in parts)} leave "
                f"nobody for the arm '{arm}'", key="allocation",
            )  # fmt: skip
    if said.block is not None:
        if said.block > people:
            raise ProtocolError(
                f"a block of {said.block:,} is never filled by {people:,} participants, so the arms "
                "would not come out in the ratio; write a smaller one", key="allocation.block",
            )  # fmt: skip
        if said.block % sum(parts):
            raise ProtocolError(
                f"a block of {said.block:,} cannot hold the ratio "
                f"{' to '.join(str(p) for p in parts)}; a multiple of {sum(parts)} can",
                key="allocation.block",
            )


def _screening(design: TrialDesign, protocol: Protocol) -> None:
    _agree(design.screening, protocol, "screening")
    for name, more in (design.search.populations if design.search else {}).items():
        _agree((*design.screening, *more), protocol, f"search.populations.{name}")


def _agree(screens: Sequence[Screen], protocol: Protocol, key: str) -> None:
    """Raise ProtocolError for criteria that nobody can meet together."""
    limits: dict[tuple[str, float | None, bool], tuple[float, float]] = {}
    taken: dict[str, set[str]] = {name: set(levels) for name, levels in _levels(protocol).items()}
    for said in screens:
        for name, levels in said.only.items():
            left = taken[name] & set(levels)
            if not left:
                there = ", ".join(sorted(taken[name]))
                raise ProtocolError(
                    f"nobody has the {name.replace('_', ' ')} {' or '.join(levels)}: by the protocol "
                    f"and the other criteria it is {there}", key=key,
                )  # fmt: skip
            taken[name] = left
        if said.endpoint is None:
            continue
        over = None if said.change_over is None else days(said.change_over)
        what = said.endpoint, over, said.percent
        low, high = limits.get(what, (float("-inf"), float("inf")))
        new = (max(low, _or(said.min, low)), min(high, _or(said.max, high)))
        of = f"the change of '{said.endpoint}'" if over is not None else f"'{said.endpoint}'"
        if new[0] >= new[1]:
            raise ProtocolError(
                f"the criteria exclude each other: {of} cannot be at least {new[0]:g} and at most "
                f"{new[1]:g}", key=key,
            )  # fmt: skip
        if over is None:
            _shown(said, key)
        limits[what] = new


def _shown(said: Screen, key: str) -> None:
    assert said.endpoint is not None
    if wrong := nobody_has(said.endpoint, (said.min, said.max)):
        raise ProtocolError(wrong, key=key)


def _or(limit: float | None, other: float) -> float:
    return other if limit is None else limit


def _levels(protocol: Protocol) -> dict[str, set[str]]:
    """Return who there is in the protocol's population, by label."""
    return {word: set(protocol.population.kinds(word)) for word in get_args(Stratum)}


def _leaving(design: TrialDesign, protocol: Protocol) -> None:
    on = design.leaving.depends_on
    if on is None or not on.seen:
        return
    if len(protocol.assessment_visits(on.endpoint)) < 2:
        raise ProtocolError(
            f"'{on.endpoint}' is measured at fewer than two visits of the protocol, so nobody can leave "
            "by a change that was seen; write 'seen: false' for its true value, or measure it",
            key="leaving.depends_on",
        )


def _events(design: TrialDesign) -> None:
    for k, event in enumerate(design.intercurrent):
        if event.then is not None and event.then in event.arms:
            raise ProtocolError(
                f"the event '{event.event}' sends people of the arm '{event.then}' to the arm in which "
                "they are; leave that arm out of 'arms'", key=f"intercurrent[{k}].then",
            )  # fmt: skip


def _worth(design: TrialDesign) -> None:
    if design.worth is None:
        return
    if design.worth.right_claim <= 0:
        raise ProtocolError(
            f"a right claim worth {design.worth.right_claim:g} would make no trial the best; write a "
            "number above 0", key="worth.right_claim",
        )  # fmt: skip
    for name in ("wrong_claim", "missed"):
        value = getattr(design.worth, name)
        if value > 0:
            raise ProtocolError(
                f"{value:g} would reward a wrong conclusion; write a loss below 0, or 0",
                key=f"worth.{name}",
            )
