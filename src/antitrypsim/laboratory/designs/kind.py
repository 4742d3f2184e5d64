"""A kind of design: its rules against a protocol, how its trials end, and what reports say of it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

import numpy as np

from antitrypsim.foundations.arrays import Mask
from antitrypsim.laboratory.designs.base import DesignTerms

if TYPE_CHECKING:
    from antitrypsim.laboratory.characteristics import Characteristics
    from antitrypsim.laboratory.design_file.trial_design import TrialDesign
    from antitrypsim.laboratory.design_simulation import DesignSimulation
    from antitrypsim.laboratory.outcome import Outcome
    from antitrypsim.laboratory.replicates import Replicates
    from antitrypsim.protocols.protocol import Protocol


class DesignKind(DesignTerms):
    """What every kind of design derives from: one analysis at the end, and no rule of its own.

    A subclass states ``kind: Literal["its-word"]``, its keys and what of this and of ``DesignTerms``
    is otherwise in it. Its docstring is what the schema of files says of it.
    """

    def check(self, design: TrialDesign, protocol: Protocol) -> None:
        """Raise ProtocolError, with its key, for a protocol or a plan that this kind cannot have.

        Asked of every file and of every design that a search tries, so it must be quick.
        """

    def check_before(self, design: TrialDesign, protocol: Protocol) -> None:
        """Raise InputError for what takes the model or more than a moment to find out.

        Asked once, before anybody lives; a problem without a key is one of ``design``.
        """

    def findings(self, design: TrialDesign, protocol: Protocol) -> Iterator[tuple[str, str]]:
        """Yield what is doubtful in it: the key, and a sentence without its full stop."""
        yield from ()

    def places(self, lab: DesignSimulation, participants: int) -> int:
        """Return how many places must be drawn for a trial of so many participants."""
        return participants

    def conduct(self, lab: DesignSimulation, drawn: Replicates) -> Outcome:
        """Return how these trials end."""
        return lab.outcome(drawn, lab.analyse(lab.block(drawn)))

    def claims_by_size(
        self, lab: DesignSimulation, drawn: Replicates, sizes: Sequence[int]
    ) -> Mask:
        """Return which trials of the first people claim a benefit, (R, sizes); for ``nested`` kinds."""
        return np.stack([self.conduct(lab, drawn.first(n)).win for n in sizes], axis=1)

    def answer(self, typical: Characteristics) -> str:
        """Return the whole answer of a kind that claims no benefit; "" for the usual answer."""
        return ""

    def also(self, nothing: Characteristics, unit: str) -> str:
        """Return a further sentence of the answer, from its trials where nothing works; "" for none."""
        return ""

    def caution(self, bias: str) -> str:
        """Return why no claim must rest on it, whatever comes out; "" where one can.

        ``bias`` is the mean error of its estimate where nothing works, in words.
        """
        return ""

    def counted(self, replicates: int) -> str:
        """Return what was counted over the trials of a world, where it is not claims; "" for claims."""
        return ""


def kind_of(design: TrialDesign) -> DesignKind:
    """Return the kind of a design, whole."""
    kind: object = design.design
    assert isinstance(kind, DesignKind)
    return kind
