"""What of a design is judged before anybody lives, beyond what its file and protocol tell."""

from __future__ import annotations

from typing import TYPE_CHECKING

from antitrypsim.foundations.errors import InputError, ProtocolError
from antitrypsim.laboratory.designs.kind import kind_of
from antitrypsim.laboratory.effect import check_effects

if TYPE_CHECKING:
    from antitrypsim.laboratory.design_file.trial_design import TrialDesign
    from antitrypsim.protocols import Protocol


def check_before(design: TrialDesign, protocol: Protocol) -> None:
    """Raise InputError for an effect that is no benefit, or a kind that cannot be conducted as said."""
    check_effects(design, protocol)
    try:
        kind_of(design).check_before(design, protocol)
    except InputError as problem:
        raise ProtocolError(problem.message, key=problem.key or "design") from problem
