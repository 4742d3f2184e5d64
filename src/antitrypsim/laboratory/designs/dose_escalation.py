"""A first trial in people: small cohorts, doses rising until harm, each person known under every dose."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from antitrypsim.documents.faults import unknown
from antitrypsim.documents.times import days
from antitrypsim.foundations.errors import InputError
from antitrypsim.foundations.random import generator
from antitrypsim.laboratory.design_file.in_force import compared_arms
from antitrypsim.laboratory.outcome import Outcome
from antitrypsim.protocols.delivery import known_doses
from antitrypsim.statistics.escalation import RULES
from antitrypsim.statistics.escalation.three_plus_three import COHORT
from antitrypsim.therapies import build_model

if TYPE_CHECKING:
    from antitrypsim.laboratory.design_file.trial_design import TrialDesign
    from antitrypsim.laboratory.design_simulation import DesignSimulation
    from antitrypsim.laboratory.replicates import Replicates
    from antitrypsim.protocols import Protocol

KINDS = ("dose-escalation",)


def conduct(lab: DesignSimulation, drawn: Replicates) -> Outcome:
    """Run the escalations; a win is a recommended dose, and it misleads where that dose is too toxic."""
    said = lab.kind
    doses = lab.sampler.compared
    toxic = _toxic(lab, drawn)
    options: dict[str, Any] = {"cohort": said.cohort}
    amounts = _amounts(lab.protocol, doses)
    if said.rule == "logistic":
        options |= {"doses": amounts, "target": said.target}
    rule = RULES["three_plus_three" if said.rule == "3+3" else "logistic"]
    found = rule(toxic, **options)
    chance = toxic.mean(axis=1)
    picked = found.selected >= 0
    own = np.take_along_axis(chance, np.maximum(found.selected, 0)[:, None], axis=1)[:, 0]
    last = np.where(found.dose >= 0, drawn.entry, 0.0).max(axis=1)
    details = {f"recommends {name}": found.selected == k for k, name in enumerate(doses)}
    details["recommends none"] = ~picked
    details["recommends a dose above the target"] = picked & (own > said.target[1])
    details["people with toxicity"] = (found.toxicity & (found.dose >= 0)).sum(axis=1)
    nan = np.full(len(picked), np.nan)
    return Outcome(
        win=picked, lose=np.zeros_like(picked), usable=np.ones_like(picked),
        wins=picked[:, None], estimate=nan, lower=nan, upper=nan, true=nan,
        trues=nan[:, None], enrolled=found.entered, screened=drawn.screened,
        # Each cohort is watched before the next one enters.
        days=last + days(said.within) * np.ceil(found.entered / said.cohort),
        stage=np.ones(len(picked), dtype=int), futile=np.zeros_like(picked), draw=drawn.draw,
        details=details,
    )  # fmt: skip


def _toxic(lab: DesignSimulation, drawn: Replicates) -> NDArray[np.bool_]:
    """Return who would have toxicity under each dose, (R, n, doses)."""
    said, library = lab.kind, lab.library
    for process in said.toxicity:
        if process not in library.typical.events:
            raise InputError(unknown("event of the model", process, library.typical.events))
    u = generator(lab.design.seed, f"laboratory {drawn.chunk} toxicity").random(drawn.shape)
    parts = []
    for name in lab.sampler.compared:
        arm = library.untreated if drawn.truth.null else library.arms.index(name)
        lived = np.full_like(drawn.arm, arm)
        seen = u < said.background.get(name, 0.0)
        for process in said.toxicity:
            when = lab.sampler.happened(drawn.truth, process, drawn.draw, lived, drawn.person)
            seen |= ((when > 0) & (when <= days(said.within))).any(axis=2)
        parts.append(seen)
    return np.stack(parts, axis=2)


def check(design: TrialDesign, protocol: Protocol) -> None:
    """Raise InputError for doses that fall, a cohort that the rule has not, or an unknown toxicity."""
    said: Any = design.design
    _amounts(protocol, compared_arms(design, protocol))
    if said.rule == "3+3" and said.cohort != COHORT:
        raise InputError(
            f"the 3+3 rule enters {COHORT} people at a time, not {said.cohort}", key="design.cohort"
        )
    known = [line.name for line in build_model(therapies=protocol.therapies()).hazards]
    for process in said.toxicity:
        if process not in known:
            raise InputError(unknown("event of the model", process, known), key="design.toxicity")


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
