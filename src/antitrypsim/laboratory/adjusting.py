"""What an analysis may be adjusted for or stratified by: who people are, place by place."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from antitrypsim.foundations.arrays import Floats, Wholes
from antitrypsim.foundations.errors import InputError
from antitrypsim.laboratory import readings
from antitrypsim.protocols.plannable import COVARIATES, FACTORS, GROUPED, MEASURED
from antitrypsim.protocols.strata import bands_of
from antitrypsim.trials.groups import number_of

if TYPE_CHECKING:
    from antitrypsim.laboratory.replicates import Replicates

_GROUPS = {column: word for word, column in FACTORS.items()}
_NUMBERS = {c: word for word, c in COVARIATES.items() if word not in (*GROUPED, "baseline")}


def people_of(
    drawn: Replicates, named: Sequence[str]
) -> tuple[dict[str, Floats], dict[str, Wholes]]:
    """Return what of people is named, as covariates and factors of a block, each (R, n).

    ``named``: columns of ``COVARIATES`` and ``FACTORS``. What is measured is as read on day 0. Raises
    InputError for a column that people do not have.
    """
    covariates: dict[str, Floats] = {}
    factors: dict[str, Wholes] = {}
    for name in named:
        if name in _GROUPS:
            factors[name] = groups_at_start(drawn, _GROUPS[name])
        elif name in _NUMBERS:
            covariates[name] = _number(drawn, _NUMBERS[name])
        else:
            known = ", ".join((*_GROUPS, *_NUMBERS))
            raise InputError(f"people have no '{name}' to adjust for; there are {known}")
    return covariates, factors


def groups_at_start(drawn: Replicates, word: str) -> Wholes:
    """Return the group of each place by a stratum, whole numbers from 0, (R, n)."""
    bands = bands_of(drawn.sampler.protocol, word)
    if bands is not None:
        return bands.places(_number(drawn, word))
    return drawn.sampler.groups(FACTORS[word], drawn.person, drawn.site)


def _number(drawn: Replicates, word: str) -> Floats:
    if word in MEASURED:
        return readings.values(drawn, MEASURED[word], {"baseline": 0.0})[:, :, 0].astype(float)
    return number_of(drawn.sampler.library.people, word)[drawn.person]
