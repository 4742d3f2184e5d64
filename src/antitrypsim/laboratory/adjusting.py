"""What an analysis may be adjusted for or stratified by: who people are, place by place."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from antitrypsim.foundations.arrays import Floats, Wholes
from antitrypsim.foundations.errors import InputError
from antitrypsim.laboratory import readings
from antitrypsim.protocols.plannable import COVARIATES, FACTORS

if TYPE_CHECKING:
    from antitrypsim.laboratory.replicates import Replicates

_GROUPS = tuple(COVARIATES[word] for word in FACTORS)
_NUMBERS = tuple(c for word, c in COVARIATES.items() if word not in (*FACTORS, "baseline"))


def people_of(
    drawn: Replicates, named: Sequence[str]
) -> tuple[dict[str, Floats], dict[str, Wholes]]:
    """Return what of people is named, as covariates and factors of a block, each (R, n).

    ``named``: columns of ``protocols.endpoints.COVARIATES``. FEV1 at baseline is as measured. Raises
    InputError for a column that people do not have.
    """
    covariates: dict[str, Floats] = {}
    factors: dict[str, Wholes] = {}
    for name in named:
        if name in _GROUPS:
            factors[name] = drawn.sampler.groups(name, drawn.person, drawn.site)
        elif name in _NUMBERS:
            covariates[name] = _number(drawn, name)
        else:
            known = ", ".join((*_GROUPS, *_NUMBERS))
            raise InputError(f"people have no '{name}' to adjust for; there are {known}")
    return covariates, factors


def _number(drawn: Replicates, name: str) -> Floats:
    if name == COVARIATES["fev1"]:
        return readings.values(drawn, "fev1", {"baseline": 0.0})[:, :, 0].astype(float)
    own: Floats = drawn.sampler.library.people[name].to_numpy(dtype=np.float64)
    return own[drawn.person]
