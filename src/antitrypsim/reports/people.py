"""Compute: who took part, what became of them, who they were, and what was done when."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from antitrypsim.endpoints import ENDPOINTS, endpoint
from antitrypsim.foundations.plural import so_many, verb
from antitrypsim.foundations.units import parse_quantity
from antitrypsim.protocols.check import unbased
from antitrypsim.protocols.delivery import OWN
from antitrypsim.protocols.persons import own_regimens
from antitrypsim.protocols.therapywords import (
    amount_words,
    details_words,
    interval_words,
    product_words,
)
from antitrypsim.reports.numbers import number
from antitrypsim.reports.results import arm_labels, visit_labels

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd

    from antitrypsim.protocols import Protocol
    from antitrypsim.protocols.delivery import Delivery
    from antitrypsim.protocols.parts import Arm
    from antitrypsim.trials.trial import Trial

_REASONS = {
    "died before": "had died before the trial",
    "not found by lung disease": "their lung disease was too slight to have been found by it",
    "not found by liver disease": "their liver disease was too slight to have been found by it",
}
_SMOKING = {"never": "never smoked", "ex": "ex-smoker", "current": "smokes"}


@dataclass(frozen=True)
class ArmFlow:
    """What became of the people of one arm."""

    label: str
    title: str
    randomised: int
    discontinued: int
    died: int
    completed: int


@dataclass(frozen=True)
class Flow:
    """Participants from the first person met to the end; ``told`` is where they were met."""

    met: int
    left: tuple[tuple[str, int], ...]
    enrolled: int
    arms: tuple[ArmFlow, ...]
    told: str = ""


@dataclass(frozen=True)
class Baseline:
    """One row of the table of participants: a cell for each arm, then for all."""

    what: str
    cells: tuple[str, ...]


@dataclass(frozen=True)
class Schedule:
    """Epochs by arms, and assessments by visits; marks are None for what is watched throughout."""

    epochs: tuple[tuple[str, str], ...]
    treatments: tuple[tuple[str, tuple[str, ...]], ...]
    visits: tuple[tuple[str, str], ...]
    assessments: tuple[tuple[str, tuple[bool, ...] | None], ...]


def flow(trial: Trial) -> Flow:
    """Return how many were met, left for which reason, randomised, lost and kept."""
    labels = arm_labels(trial.protocol)
    arms = []
    for arm in trial.protocol.arms:
        ends = trial.participants.loc[trial.participants["ARM"] == arm.id, "EOSSTT"]
        counts = ends.value_counts()
        gone, died, kept = (int(counts.get(k, 0)) for k in ("DISCONTINUED", "DIED", "COMPLETED"))
        arms.append(ArmFlow(labels[arm.id], arm.title, len(ends), gone, died, kept))
    left = sorted(trial.cohort.left.items(), key=lambda item: -item[1])
    failing = trial.cohort.failing
    reasons = tuple((_reason(reason) + _in_all(failing, reason, n), n) for reason, n in left if n)
    enrolled = len(trial.participants)
    return Flow(trial.cohort.met, reasons, enrolled, tuple(arms), trial.cohort.told())


def _in_all(failing: Mapping[str, int], reason: str, first: int) -> str:
    """Return how many a reason held for, where others were told for some of them."""
    more = failing.get(reason, first)
    return f" (true of {more:,} in all)" if more > first else ""


def _reason(text: str) -> str:
    """Return a reason in words for people: a criterion names the endpoint by its title."""
    quantity, _, rest = text.partition(" ")
    if text in _REASONS or not rest.startswith(("above", "below")):
        return _REASONS.get(text, text)
    known = ENDPOINTS.get(quantity)
    name = known.title if known else quantity.replace("_", " ")
    return f"{name}, {rest}".replace(" percent", " %")


def baseline(trial: Trial) -> tuple[Baseline, ...]:
    """Return who the participants were at the start, by arm and together."""
    people = trial.participants
    groups = [people["ARM"] == arm.id for arm in trial.protocol.arms]
    if len(groups) > 1:
        groups.append(people["ARM"].notna())
    rows = [
        Baseline("Participants", tuple(f"{int(g.sum()):,}" for g in groups)),
        Baseline("Age, years: mean (SD)", tuple(_mean(people.loc[g, "AGE"], 1) for g in groups)),
        _share("Male", [people.loc[g, "SEX"] == "male" for g in groups]),
    ]
    for column, prefix, words in (
        ("GENOTYPE", "Genotype Pi*", {}),
        ("SMOKING", "Smoking: ", _SMOKING),
        ("ASCERT", "Found by: ", {}),
    ):
        kinds = people[column].value_counts().index
        for kind in kinds:
            name = f"{prefix}{words.get(kind, kind)}"
            rows.append(_share(name, [people.loc[g, column] == kind for g in groups]))
    ids = ["fev1", "fev1_percent", "serum_aat", trial.protocol.endpoints.primary.endpoint]
    for id in dict.fromkeys(ids):
        rows += _measured(trial, id, groups)
    return tuple(rows)


def first_values(trial: Trial, id: str) -> pd.Series:
    """Return each participant's last value before treatment; the true one where none is measured."""
    import pandas as pd

    what = endpoint(id)
    if _based(trial, id):
        own = trial.visits[trial.visits["ENDPOINT"] == id]
        seen = own.drop_duplicates("USUBJID").set_index("USUBJID")["BASE"]
        return trial.participants["USUBJID"].map(seen)
    course = next(iter(trial.truth.values()))
    at_start = int(np.flatnonzero(course.times == 0)[0])
    return pd.Series(course[what.output][:, 0, at_start] * what.factor, trial.participants.index)


def _based(trial: Trial, id: str) -> bool:
    """Whether an endpoint is measured before treatment."""
    return bool(trial.protocol.assessment_visits(id)) and not unbased(trial.protocol, id)


def _measured(trial: Trial, id: str, groups: list[pd.Series]) -> list[Baseline]:
    what = endpoint(id)
    if what.kind != "measurement":
        return []
    values = first_values(trial, id)
    when = "before treatment" if trial.protocol.assessment_visits(id) else "here"
    how = "" if _based(trial, id) else f" (true value; not measured {when})"
    name = f"{what.title}, {what.unit}{how}: mean (SD)"
    return [Baseline(name, tuple(_mean(values[g], what.decimals) for g in groups))]


def _mean(values: pd.Series, decimals: int) -> str:
    sd = f" ({number(float(values.std()), decimals)})" if len(values) > 1 else ""
    return f"{number(float(values.mean()), decimals)}{sd}"


def _share(what: str, masks: list[pd.Series]) -> Baseline:
    cells = (f"{int(m.sum()):,} ({100 * m.mean():.0f} %)" if len(m) else "–" for m in masks)
    return Baseline(what, tuple(cells))


def schedule(protocol: Protocol) -> Schedule:
    """Return what each arm receives in each epoch, and what is assessed at each visit."""
    labels, arms = visit_labels(protocol), arm_labels(protocol)
    treatments = tuple(
        (
            arms[arm.id],
            tuple(
                (
                    "; ".join(delivery_words(d) for d in arm.treatment.get(epoch.id, ()))
                    or "no active treatment"
                )
                + ("" if epoch is not protocol.epochs[0] else otherwise(protocol, arm))
                for epoch in protocol.epochs
            ),
        )
        for arm in protocol.arms
    )
    visits = tuple(protocol.visit_days())
    grid: list[tuple[str, tuple[bool, ...] | None]] = []
    for assessment in protocol.assessments:
        what = endpoint(assessment.endpoint)
        at = protocol.assessment_visits(what.id)
        marks = tuple(v in at for v in visits) if what.kind == "measurement" else None
        grid.append((what.title, marks))
    return Schedule(
        tuple((epoch.title or epoch.id, epoch.length) for epoch in protocol.epochs),
        treatments,
        tuple((id, labels[id]) for id in visits),
        tuple(grid),
    )


def otherwise(protocol: Protocol, arm: Arm) -> str:
    """Return '; 3 of 180 participants are given otherwise', or nothing."""
    if not protocol.by_person(arm.id):
        return ""
    own = len(own_regimens(arm, protocol.regimens()[arm.id]))
    return f"; {own} of {so_many(protocol.participants, 'participant')} {verb(own, 'is', 'are')} given otherwise"


def delivery_words(delivery: Delivery) -> str:
    """Return 'augmentation 60 mg/kg intravenous every week'."""
    words = f"{product_words(delivery.product)}{details_words(delivery.details)}"
    words += f" {amount_words(*parse_quantity(delivery.dose))}"
    if delivery.per_weight:
        words += (
            " by own weight"
            if delivery.per_weight == OWN
            else f" for each {delivery.per_weight} of body weight"
        )
    words += f" {product_words(delivery.route)}"
    if delivery.held:
        words += " held" + (f" from {delivery.start}" if delivery.start else "")
    elif delivery.every:
        words += f" every {interval_words(delivery.every)}"
        words += f" from {delivery.start}" if delivery.start else ""
    else:
        words += f" at {', '.join(delivery.at or ())}"
        then = delivery.then_every
        words += f", then every {interval_words(then)}" if then else ""
    words += f" for {delivery.duration}" if delivery.duration else ""
    words += f", each over {delivery.over}" if delivery.over else ""
    words += f", and for {delivery.before} before randomisation" if delivery.before else ""
    return words + (f", not at {', '.join(delivery.missed)}" if delivery.missed else "")
