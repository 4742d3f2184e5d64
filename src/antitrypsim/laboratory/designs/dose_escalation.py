"""Dose-escalation design (phase I).

Small cohorts, doses rising until harm, each person known under every dose.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import pairwise
from types import MappingProxyType
from typing import TYPE_CHECKING, ClassVar, Literal

import numpy as np
from pydantic import Field

from antitrypsim.documents.faults import unknown
from antitrypsim.documents.times import Duration, days
from antitrypsim.foundations.arrays import Mask
from antitrypsim.foundations.errors import InputError, ProtocolError
from antitrypsim.foundations.random import generator
from antitrypsim.laboratory.design_file.conducting import Count, Share
from antitrypsim.laboratory.design_file.in_force import compared_arms
from antitrypsim.laboratory.design_file.known import known_arm
from antitrypsim.laboratory.design_file.limit import Limit
from antitrypsim.laboratory.designs.kind import DesignKind
from antitrypsim.laboratory.outcome import Outcome
from antitrypsim.protocols.delivery import known_doses
from antitrypsim.statistics.escalation import RULES, OverdoseControl
from antitrypsim.statistics.escalation.three_plus_three import COHORT

if TYPE_CHECKING:
    from antitrypsim.laboratory.characteristics import Characteristics
    from antitrypsim.laboratory.design_file.trial_design import TrialDesign
    from antitrypsim.laboratory.design_simulation import DesignSimulation
    from antitrypsim.laboratory.replicates import Replicates
    from antitrypsim.protocols.protocol import Protocol


class DoseEscalation(DesignKind):
    """A first trial in people: small cohorts, doses rising until harm."""

    least_arms: ClassVar[int] = 1
    randomised: ClassVar[bool] = False
    sized: ClassVar[bool] = False
    no_effect: ClassVar[str] = "an escalation recommends a dose and estimates no effect"
    claim: ClassVar[str] = "recommends a dose"
    limits: ClassVar[Mapping[str, Limit]] = MappingProxyType(
        {"cohort": Limit(1, 1000, "people", above="a cohort is watched before the next one enters")}
    )

    kind: Literal["dose-escalation"]
    rule: Literal["3+3", "logistic"] = Field(default="3+3", description="how doses are chosen")
    toxicity: tuple[str, ...] = Field(
        min_length=1, description="event processes of the model that limit the dose"
    )
    within: Duration = Field(default="28 days", description="how long each person is watched")
    background: dict[str, Share] = Field(
        default={}, description="a further chance of toxicity by arm id, where the model has none"
    )
    target: tuple[Share, Share] = Field(
        default=(0.16, 0.33), description="logistic: the chance of toxicity that is sought"
    )
    cohort: Count = Field(default=3, description="people in a cohort")

    def lists(self) -> Mapping[str, Iterable[str]]:
        """Return the toxicities."""
        return {"toxicity": self.toxicity}

    def check(self, design: TrialDesign, protocol: Protocol) -> None:
        """Refuse a background of unknown arms, and a target that falls."""
        for arm in self.background:
            known_arm(arm, protocol, "design")
        if not self.target[0] < self.target[1]:
            raise ProtocolError("the target must rise, such as [0.16, 0.33]", key="design")

    def check_before(self, design: TrialDesign, protocol: Protocol) -> None:
        """Raise InputError for doses that fall, a cohort that the rule has not, or an unknown toxicity."""
        from antitrypsim.therapies import build_model

        _amounts(protocol, compared_arms(design, protocol))
        if self.rule == "3+3" and self.cohort != COHORT:
            raise InputError(
                f"the 3+3 rule enters {COHORT} people at a time, not {self.cohort}",
                key="design.cohort",
            )
        known = [line.name for line in build_model(therapies=protocol.therapies()).hazards]
        for process in self.toxicity:
            if process not in known:
                raise InputError(
                    unknown("event of the model", process, known), key="design.toxicity"
                )

    def findings(self, design: TrialDesign, protocol: Protocol) -> Iterator[tuple[str, str]]:
        """Tell of events, which do nothing."""
        if design.intercurrent:
            yield "intercurrent", "an escalation counts toxicity alone, so these events do nothing"

    def conduct(self, lab: DesignSimulation, drawn: Replicates) -> Outcome:
        """Run the escalations; a win is a recommended dose, and it misleads where that dose is too toxic."""
        doses = lab.sampler.compared
        toxic = self._toxic(lab, drawn)
        options: dict[str, object] = {"cohort": self.cohort}
        amounts = _amounts(lab.protocol, doses)
        if self.rule == "logistic":
            options |= {"doses": amounts, "rule": OverdoseControl(target=self.target)}
        rule = RULES["three_plus_three" if self.rule == "3+3" else "logistic"]
        found = rule(toxic, **options)
        chance = toxic.mean(axis=1)
        picked = found.selected >= 0
        own = np.take_along_axis(chance, np.maximum(found.selected, 0)[:, None], axis=1)[:, 0]
        last = np.where(found.dose >= 0, drawn.entry, 0.0).max(axis=1)
        details = {f"recommends {name}": found.selected == k for k, name in enumerate(doses)}
        details["recommends none"] = ~picked
        details["recommends a dose above the target"] = picked & (own > self.target[1])
        details["people with toxicity"] = (found.toxicity & (found.dose >= 0)).sum(axis=1)
        nan = np.full(len(picked), np.nan)
        return Outcome(
            win=picked, lose=np.zeros_like(picked), usable=np.ones_like(picked),
            wins=picked[:, None], estimate=nan, lower=nan, upper=nan, true=nan,
            trues=nan[:, None], enrolled=found.entered, screened=drawn.screened,
            # Each cohort is watched before the next one enters.
            days=last + days(self.within) * np.ceil(found.entered / self.cohort),
            stage=np.ones(len(picked), dtype=int), futile=np.zeros_like(picked), draw=drawn.draw,
            details=details,
        )  # fmt: skip

    def _toxic(self, lab: DesignSimulation, drawn: Replicates) -> Mask:
        """Return who would have toxicity under each dose, (R, n, doses)."""
        library = lab.library
        for process in self.toxicity:
            if process not in library.typical.events:
                raise InputError(unknown("event of the model", process, library.typical.events))
        u = generator(lab.design.seed, f"laboratory {drawn.chunk} toxicity").random(drawn.shape)
        parts = []
        for name in lab.sampler.compared:
            arm = library.untreated if drawn.truth.null else library.arms.index(name)
            lived = np.full_like(drawn.arm, arm)
            seen = u < self.background.get(name, 0.0)
            for process in self.toxicity:
                when = lab.sampler.happened(drawn.truth, process, drawn.draw, lived, drawn.person)
                seen |= ((when > 0) & (when <= days(self.within))).any(axis=2)
            parts.append(seen)
        return np.stack(parts, axis=2)

    def answer(self, typical: Characteristics) -> str:
        """Return how many enter, and how often a dose is recommended."""
        return (
            f"The escalation enters {typical.enrolled.value:.0f} people on average and recommends a "
            f"dose in {100 * typical.power.value:.0f} % of the trials."
        )

    def counted(self, replicates: int) -> str:
        """Return which toxicity is counted."""
        return (
            f"{replicates} escalations in each world. Toxicity: {', '.join(self.toxicity)} within "
            f"{self.within}, from the model and with the chances that the file states, which are "
            "there whatever works."
        )


def _amounts(protocol: Protocol, compared: Sequence[str]) -> list[float]:
    arms = {a.id: a for a in protocol.arms}
    doses = known_doses()
    found = []
    for name in compared:
        given = [d for each in arms[name].treatment.values() for d in each]
        if not given:
            raise InputError(f"the arm '{name}' gets nothing; a dose escalation needs doses")
        found.append(float(given[0].amount_in(given[0].dose_of(doses))))
    if any(b < a for a, b in pairwise(found)):
        raise InputError("the doses fall; name them in 'compare' from the lowest to the highest")
    return found
