"""Single-arm design with an external control.

One treated arm against nothing, a stated history, or untreated people from elsewhere.

Nothing here is randomised. What people come with (a recent fall that mends itself, other people in
the comparison) is in the answer, and the type I error that is told measures it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, ClassVar, Literal, Self

import numpy as np
from numpy.typing import NDArray
from pydantic import Field, model_validator

from antitrypsim.documents.faults import fault
from antitrypsim.foundations.arrays import Mask, Scalar
from antitrypsim.foundations.errors import ProtocolError
from antitrypsim.laboratory.design_file.conducting import Count
from antitrypsim.laboratory.design_file.in_force import primary_of
from antitrypsim.laboratory.design_file.limit import PEOPLE, VALUE, Limit
from antitrypsim.laboratory.designs.kind import DesignKind
from antitrypsim.protocols.parts import Number
from antitrypsim.statistics.analysis import ANALYSES

if TYPE_CHECKING:
    from antitrypsim.laboratory.characteristics import Characteristics
    from antitrypsim.laboratory.design_file.trial_design import TrialDesign
    from antitrypsim.laboratory.design_simulation import DesignSimulation
    from antitrypsim.laboratory.outcome import Outcome
    from antitrypsim.laboratory.replicates import Replicates
    from antitrypsim.protocols.protocol import Protocol
    from antitrypsim.statistics.block import Block


class SingleArm(DesignKind):
    """One treated arm, held against nothing, a stated history, or people from elsewhere."""

    least_arms: ClassVar[int] = 1
    most_arms: ClassVar[int | None] = 1
    randomised: ClassVar[bool] = False
    limits: ClassVar[Mapping[str, Limit]] = MappingProxyType(
        {"mean": VALUE, "people": PEOPLE, "shift": VALUE, "report": VALUE}
    )

    kind: Literal["single-arm"]
    against: Literal["baseline", "historical", "external"] = Field(
        default="baseline", description="what the change is held against"
    )
    mean: Number | None = Field(default=None, description="historical: the mean change assumed")
    people: Count | None = Field(default=None, description="external: how many untreated people")
    shift: Number = Field(
        default=0.0,
        description="external: by how much their values differ for reasons other than treatment",
    )
    report: Number | None = Field(
        default=None, description="a mean change whose being reported is counted, such as 10"
    )

    @model_validator(mode="after")
    def _fits(self) -> Self:
        if (self.against == "historical") != (self.mean is not None):
            raise fault("'mean' is needed for, and only for, 'against: historical'", "mean")
        if (self.against == "external") != (self.people is not None):
            raise fault("'people' is needed for, and only for, 'against: external'", "people")
        if self.shift and self.against != "external":
            raise fault("'shift' belongs to 'against: external'; leave it out", "shift")
        return self

    def check(self, design: TrialDesign, protocol: Protocol) -> None:
        """Refuse an analysis that does not do with one arm."""
        analysis = primary_of(design, protocol).analysis
        fitting = [name for name, one in ANALYSES.items() if one.alone]
        if analysis not in fitting:
            raise ProtocolError(f"a single arm is analysed by {_any(fitting)}", key="primary")
        fitting = [name for name in fitting if "null_value" in ANALYSES[name].options]
        if self.against == "historical" and analysis not in fitting:
            raise ProtocolError(f"a stated history goes with {_any(fitting)}", key="primary")

    def null_value(self, options: Mapping[str, Any]) -> float:
        """Return the stated history, or the option's value."""
        return super().null_value(options) if self.mean is None else float(self.mean)

    def conduct(self, lab: DesignSimulation, drawn: Replicates) -> Outcome:
        """Run the trials: a one-sample analysis, or one against people who were not screened."""
        block = lab.block(drawn)
        if self.against == "external":
            block = self._joined(lab, drawn, block)
        history = {"null_value": self.mean} if self.against == "historical" else {}
        found = lab.analyse(block, **history)
        null = lab.held_against
        with np.errstate(invalid="ignore"):
            significant = found.p <= lab.alpha
        better = lab.sign * (found.estimate - null) > 0
        details: dict[str, Mask] = {}
        if self.report is not None:
            details["reported"] = lab.sign * (found.estimate[:, 0] - self.report) >= 0
            own = (
                lab.reading(np.asarray(block.values, dtype=float), measured=True)
                if self.against != "external"
                else None
            )
            if own is not None:
                details["somebody reaches it"] = np.any(lab.sign * (own - self.report) >= 0, axis=1)
            details["reported and significant"] = details["reported"] & (significant & better)[:, 0]
        win, lose = significant & better, significant & ~better
        return replace(
            lab.outcome(drawn, found, details), win=win[:, 0], lose=lose[:, 0], wins=win,
            # The effect that is claimed over what the arm is held against is what is beyond it.
            estimate=found.estimate[:, 0] - null, lower=found.lower[:, 0] - null,
            upper=found.upper[:, 0] - null,
        )  # fmt: skip

    def _joined(self, lab: DesignSimulation, drawn: Replicates, block: Block) -> Block:
        """Return the arm with untreated people beside it who were taken as they come."""
        from antitrypsim.laboratory import readings
        from antitrypsim.laboratory.adjusting import people_of
        from antitrypsim.laboratory.sampler import Sampler

        assert self.people is not None
        plain = lab.design.model_copy(update={"screening": (), "seed": lab.design.seed + 7919})
        other = Sampler(lab.library, plain, lab.protocol)
        beside = other.draw(drawn.chunk, drawn.shape[0], self.people, drawn.truth)
        untreated = np.full_like(beside.arm, lab.library.untreated)
        beside = other.arranged(beside, untreated)
        # An untreated arm may be none of the protocol's, so it is read as the only arm here.
        seen = readings.values(beside, lab.plan.endpoint, lab.visits)
        seen[:, :, 1:] += np.float32(self.shift)
        assert block.values is not None
        covariates, factors = people_of(beside, [*block.covariates, *block.factors])
        return replace(
            block,
            covariates=_beside(covariates, block.covariates),
            factors=_beside(factors, block.factors),
            arms=("external", block.arms[0]),
            arm=np.concatenate(
                [np.zeros(seen.shape[:2], np.int8), np.where(block.arm == 0, 1, -1)], 1
            ),
            values=np.concatenate([seen, block.values], axis=1),
        )

    def also(self, nothing: Characteristics, unit: str) -> str:
        """Return how often what is to be reported comes by itself."""
        reported = nothing.details.get("reported")
        if reported is None:
            return ""
        line = (
            f"Where nothing works, {100 * reported.value:.1f} % (± {100 * reported.error:.1f}) would "
            f"report a mean change of {self.report:+g} {unit} or more"
        )
        some = nothing.details.get("somebody reaches it")
        if some is not None:
            line += f"; in {100 * some.value:.0f} % at least one participant reaches it"
        return f"{line}."

    def caution(self, bias: str) -> str:
        """Return that a change is no effect, where nobody else is in the comparison."""
        if self.against == "external":
            return ""
        return (
            "Without a concurrent control its estimate also holds what people do untreated, "
            f"{bias} on average here."
        )


def _any(names: Sequence[str]) -> str:
    return " or ".join([", ".join(names[:-1]), names[-1]] if len(names) > 1 else names)


def _beside(
    others: Mapping[str, NDArray[Scalar]], own: Mapping[str, NDArray[Scalar]]
) -> dict[str, NDArray[Scalar]]:
    """Return what is known of others and of the trial's own people, in this order, by name."""
    return {name: np.concatenate([others[name], each], axis=1) for name, each in own.items()}
