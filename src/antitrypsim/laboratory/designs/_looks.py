"""What designs with looks on the way have in common."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Annotated

import numpy as np
from pydantic import Field

from antitrypsim.documents.faults import fault
from antitrypsim.endpoints import ENDPOINTS
from antitrypsim.foundations.arrays import Reals
from antitrypsim.foundations.errors import ProtocolError
from antitrypsim.laboratory.design_file.in_force import compared_arms, primary_of
from antitrypsim.protocols.parts import Number

if TYPE_CHECKING:
    from antitrypsim.laboratory.design_file.trial_design import TrialDesign
    from antitrypsim.laboratory.design_simulation import DesignSimulation
    from antitrypsim.protocols.protocol import Protocol
    from antitrypsim.statistics.block import Estimates

Looks = Annotated[tuple[Annotated[Number, Field(gt=0, le=1)], ...], Field(min_length=1)]


def check_rising(looks: tuple[float, ...]) -> None:
    """Raise a fault for looks that do not rise to the end of the trial."""
    if any(b <= a for a, b in pairwise(looks)):
        raise fault("the looks must rise, such as [0.5, 1]", "looks")
    if looks[-1] != 1:
        raise fault("the last look must be 1, the end of the trial", "looks")


def check_first_look(looks: tuple[float, ...], design: TrialDesign, protocol: Protocol) -> None:
    """Raise ProtocolError for a look at which there is nothing to see yet."""
    if ENDPOINTS[primary_of(design, protocol).endpoint].kind != "measurement":
        return
    arms = compared_arms(design, protocol)
    first = next((d for d in protocol.visit_days().values() if d > 0), None)
    people = design.participants or protocol.participants
    if first is None or round(looks[0] * people) < 2 * len(arms):
        raise ProtocolError(
            f"the first look, at {looks[0]:g} of {people} participants, comes before enough "
            "have a visit", key="design",
        )  # fmt: skip


def signed_z(lab: DesignSimulation, found: Estimates) -> Reals:
    """Return estimates as standard normal deviates, above 0 for a benefit: (R, comparisons)."""
    from scipy.special import ndtri

    with np.errstate(invalid="ignore"):
        size = -ndtri(np.maximum(found.p, 1e-300) / 2)
    return np.where(lab.better(found), size, -size)
