"""Between which numbers a design file may choose, and why; a kind of design states those of its own keys."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from antitrypsim.documents.times import days
from antitrypsim.foundations.errors import ProtocolError
from antitrypsim.foundations.plain import Plain
from antitrypsim.foundations.units import YEAR
from antitrypsim.laboratory.design_file.limit import (
    BEYOND,
    MOST_PARTICIPANTS,
    PEOPLE,
    UNIT,
    VALUE,
    Limit,
)
from antitrypsim.populations.spec import MOST_PARTICIPANTS as MOST_MET
from antitrypsim.protocols.plannable import MOST_VALUE

if TYPE_CHECKING:
    from antitrypsim.laboratory.design_file.trial_design import TrialDesign

LEAST_PEOPLE, MOST_PEOPLE = 20, MOST_MET
"""The fewest people of a library, and the most, which are those of any population."""
MOST_DRAWS = 100_000
"""The most draws of what is unknown, whose parameters are held in memory."""
MOST_REPLICATES = 1_000_000
"""The most trials that are drawn."""
LEAST_ALPHA = 1e-6
"""The smallest type I error that is tested at."""
LONGEST_PAST_DAYS = 10 * YEAR
"""The longest time before randomisation over which people are watched."""


LIMITS: Mapping[str, Limit] = MappingProxyType(
    {
        "participants": PEOPLE,
        "sizes[]": PEOPLE,
        "search.participants[]": PEOPLE,
        "alpha": Limit(
            LEAST_ALPHA, 0.5, "", "nobody tests at such a level", "one in two would be no test"
        ),
        "replicates": Limit(
            2, MOST_REPLICATES, "trials", "one has no spread", "more tell nothing more"
        ),
        "library.people": Limit(
            LEAST_PEOPLE, MOST_PEOPLE, "people", "trials of fewer tell of these few alone",
            "no population has more",
        ),
        "library.draws": Limit(
            0, MOST_DRAWS, "draws", "0 asks for no assurance", "more tell nothing more"
        ),
        "library.per_draw": Limit(
            2, MOST_PEOPLE, "people", "one has nobody to be compared with",
            "no population has more",
        ),
        "accrual.per_month": Limit(
            0.01, 10_000, "participants a month", "nobody would live to see the end",
            "no disease is so common",
        ),
        "accrual.ramp_months": Limit(
            0, 120, "months", above="a pace that takes longer is never reached"
        ),
        "accrual.sites": Limit(1, MOST_PARTICIPANTS, "sites", above="most would have nobody"),
        "accrual.site_sd": Limit(0, MOST_VALUE, UNIT, above=BEYOND),
        "leaving.depends_on.ratio": Limit(
            0.01, 100, "times", "that is a rule of who stays, and no chance",
            "that is a rule of who stays, and no chance",
        ),
        **dict.fromkeys(
            (
                "relevant", "leaving.depends_on.per",
                "screening[].min", "screening[].max", "search.populations.*[].min",
                "search.populations.*[].max", "intercurrent[].value", "intercurrent[].when.below",
                "intercurrent[].when.above",
            ),
            VALUE,
        ),
    }
)  # fmt: skip
"""Limits by key: ``[]`` stands for each entry of a list, ``*`` for each of a group."""

_COST = Limit(-1e12, 1e12, "of the currency", *["take a larger unit, such as kEUR"] * 2)


def check_limits(design: TrialDesign) -> None:
    """Raise ProtocolError for the first number outside its limits, with its key."""
    data = design.model_dump(mode="json", exclude_none=True)
    own = {f"design.{key}": limit for key, limit in design.design.limits.items()}
    for pattern, limit in {**LIMITS, **own}.items():
        for key, value in _found(data, pattern.replace("[]", ".[]").split("."), ""):
            _within(key, value, limit)
    for room in ("costs", "worth"):
        for key, value in _numbers(data.get(room), room):
            _within(key, value, _COST)
    for key, value in _past(data, design.design.watched):
        _long_enough(key, value)


def _within(key: str, value: float, limit: Limit) -> None:
    if not limit.low <= value <= limit.high:
        raise ProtocolError(limit.sentence(value), key=key)


def _long_enough(key: str, value: str) -> None:
    length = days(value)
    if length <= 0:
        raise ProtocolError("nothing changes in no time; write for example '6 months'", key=key)
    if length > LONGEST_PAST_DAYS:
        raise ProtocolError(
            f"'{value}' cannot be; up to {LONGEST_PAST_DAYS / YEAR:g} years before randomisation "
            "can, since people must be old enough", key=key,
        )  # fmt: skip


def _past(data: Plain, watched: tuple[str, ...]) -> Iterator[tuple[str, str]]:
    for pattern in ("screening.[].change_over", "search.populations.*.[].change_over"):
        yield from _found(data, pattern.split("."), "")
    for key in watched:
        yield f"design.{key}", data["design"][key]


def _found(node: object, path: list[str], key: str) -> Iterator[tuple[str, Any]]:
    if not path:
        if not isinstance(node, dict | list):
            yield key, node
        return
    head, rest = path[0], path[1:]
    if head == "[]":
        for k, each in enumerate(node if isinstance(node, list) else ()):
            yield from _found(each, rest, f"{key}[{k}]")
    elif isinstance(node, dict):
        for name in node if head == "*" else (head,):
            if name in node:
                yield from _found(node[name], rest, f"{key}.{name}" if key else name)


def _numbers(node: object, key: str) -> Iterator[tuple[str, float]]:
    if isinstance(node, dict):
        for name, each in node.items():
            yield from _numbers(each, f"{key}.{name}")
    elif isinstance(node, int | float) and not isinstance(node, bool):
        yield key, node
