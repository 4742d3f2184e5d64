"""Group-sequential design.

Looks on the way, with bounds that keep the type I error, and giving up for futility.
Jennison and Turnbull 2000, Group Sequential Methods with Applications to Clinical Trials.

A look rests on the participants who have had their last reading by then; those who came since are
enrolled and are counted, but are not yet in the analysis.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, ClassVar, Literal, Self

import numpy as np
from pydantic import Field, ValidationError, model_validator

from antitrypsim.documents.faults import Part, fault
from antitrypsim.foundations.arguments import listed, number
from antitrypsim.foundations.errors import InputError
from antitrypsim.laboratory.design_file.in_force import alpha_of
from antitrypsim.laboratory.design_file.limit import Limit
from antitrypsim.laboratory.designs._looks import Looks, check_first_look, check_rising, signed_z
from antitrypsim.laboratory.designs.kind import DesignKind
from antitrypsim.laboratory.outcome import Outcome
from antitrypsim.protocols.parts import Number
from antitrypsim.statistics import sequential

if TYPE_CHECKING:
    from antitrypsim.laboratory.design_file.trial_design import TrialDesign
    from antitrypsim.laboratory.design_simulation import DesignSimulation
    from antitrypsim.laboratory.replicates import Replicates
    from antitrypsim.protocols.protocol import Protocol


Spending = Literal["obrien-fleming", "pocock", "lan-demets-obrien-fleming", "lan-demets-pocock"]


class Futility(Part):
    """When a trial is given up at a look."""

    rule: Literal["z", "conditional-power"] = Field(description="what is looked at")
    below: Number = Field(description="given up below this")
    binding: bool = Field(default=False, description="whether the bounds count on it")

    @model_validator(mode="after")
    def _range(self) -> Self:
        if self.rule == "conditional-power" and not 0 < self.below < 1:
            raise fault("a conditional power lies between 0 and 1", "below")
        return self


class GroupSequential(DesignKind):
    """Looks on the way, with bounds that keep the type I error."""

    most_arms: ClassVar[int | None] = 2
    limits: ClassVar[Mapping[str, Limit]] = MappingProxyType(
        {"futility.below": Limit(-10, 10, "", "no z is there", "no z is there")}
    )

    kind: Literal["group-sequential"]
    looks: Looks = Field(description="shares of the participants who have been seen, the last 1")
    bounds: Spending = Field(
        default="lan-demets-obrien-fleming", description="how the type I error is spent"
    )
    futility: Futility | None = Field(default=None, description="when the trial is given up")

    @model_validator(mode="after")
    def _rising(self) -> Self:
        check_rising(self.looks)
        return self

    def check(self, design: TrialDesign, protocol: Protocol) -> None:
        """Refuse a first look at nobody."""
        check_first_look(self.looks, design, protocol)

    def check_before(self, design: TrialDesign, protocol: Protocol) -> None:
        """Raise InputError for looks and a futility rule that leave no bounds."""
        self.bounds_at(alpha_of(design, protocol))

    def conduct(self, lab: DesignSimulation, drawn: Replicates) -> Outcome:
        """Run the trials to the look at which each ends; estimates are those of that look, naive."""
        bounds = self.bounds_at(lab.alpha)
        rows, n = drawn.shape
        sizes = [max(2, round(f * n)) for f in self.looks]
        stage = np.zeros(rows, dtype=int)
        win, lose, futile, usable = (np.zeros(rows, dtype=bool) for _ in range(4))
        estimate, lower, upper, days = (np.full(rows, np.nan) for _ in range(4))
        enrolled = np.full(rows, n)
        for k, size in enumerate(sizes):
            part = drawn.first(size)
            found = lab.analyse(lab.block(part))
            z = signed_z(lab, found)[:, 0]
            last = k == len(sizes) - 1
            with np.errstate(invalid="ignore"):
                good, bad = z >= bounds.efficacy[k], z <= -bounds.efficacy[k]
                give_up = (z <= bounds.futility[k]) & ~good & (not last)
            ends = (stage == 0) & (good | bad | give_up | last)
            day = part.entry[:, -1] + lab.end
            here = (drawn.entry <= day[:, None]).sum(axis=1)
            for held, value in (
                (win, good), (lose, bad), (futile, give_up), (usable, np.isfinite(z)),
                (estimate, found.estimate[:, 0]), (lower, found.lower[:, 0]),
                (upper, found.upper[:, 0]), (days, day), (enrolled, here), (stage, k + 1),
            ):  # fmt: skip
                np.copyto(held, value, where=ends, casting="unsafe")
        trues = lab.true_effects(drawn)
        return Outcome(
            win=win, lose=lose, usable=usable, wins=win[:, None], estimate=estimate, lower=lower,
            upper=upper, true=trues[:, 0], trues=trues, enrolled=enrolled, screened=drawn.screened,
            days=days, stage=stage, futile=futile, draw=drawn.draw,
        )  # fmt: skip

    def bounds_at(self, alpha: float) -> sequential.Bounds:
        """Return the bounds on the scale of z, one-sided at half the two-sided level."""
        futility: sequential.FixedFutility | sequential.ConditionalPower | None = None
        if self.futility is not None and len(self.looks) > 1:
            if self.futility.rule == "z":
                futility = sequential.FixedFutility([self.futility.below] * (len(self.looks) - 1))
            else:
                futility = sequential.ConditionalPower(self.futility.below)
        binding = self.futility is not None and self.futility.binding
        return sequential.boundaries(
            self.looks, alpha / 2, kind=self.bounds, futility=futility, binding=binding
        )


def with_looks(
    design: TrialDesign, looks: Sequence[float], bounds: str | None, futility: float | None
) -> object | None:
    """Return the design of looks on the way that is laid over another, or None where none is asked for.

    Raises InputError, with the key, for looks that cannot be or a design that has a way of its own.
    """
    shares = [number(share, "looks") for share in listed(looks, "looks")]
    asked = [
        name for name, said in (("bounds", bounds), ("futility", futility)) if said is not None
    ]
    there = design.design.kind == "group-sequential"
    if not shares and not asked:
        return None
    if not shares and not there:
        raise InputError(
            f"'{asked[0]}' is of looks on the way, and there are none; say looks too, such as 0.5 and 1",
            key=asked[0],
        )
    if design.design.kind not in ("parallel", "group-sequential"):
        raise InputError(
            f"a design '{design.design.kind}' has a way of its own; looks can be laid over a parallel one",
            key="looks",
        )
    said: dict[str, object] = {"kind": "group-sequential"}
    if there:
        said = design.design.model_dump(exclude_none=True)
    if shares:
        said["looks"] = shares
    if bounds is not None:
        said["bounds"] = bounds
    if futility is not None:
        said["futility"] = {
            "rule": "conditional-power", "below": number(futility, "futility"),
        }  # fmt: skip
    return checked_part(GroupSequential, said, "looks")


def checked_part(part: Any, said: dict[str, object], key: str) -> Any:
    """Return a part of a design made of what is said; raise InputError with the key that is wrong."""
    try:
        return part.model_validate(said)
    except ValidationError as problem:
        first = problem.errors()[0]
        where = str(first["loc"][0]) if first["loc"] else key
        raise InputError(
            f"{where}: {first['msg'][:1].lower()}{first['msg'][1:]}", key=where
        ) from problem
