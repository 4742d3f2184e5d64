"""Compute: everything that a trial's report shows, as plain data."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from antitrypsim.endpoints import endpoint
from antitrypsim.protocols import result_warnings
from antitrypsim.protocols.check import unbased
from antitrypsim.reports import words
from antitrypsim.reports.claims import Claimed, claimed, claimed_sentence
from antitrypsim.reports.effects import TrialEffect, true_effects
from antitrypsim.reports.grounds import Grounds, grounds
from antitrypsim.reports.harms import HarmTable, harm_table
from antitrypsim.reports.numbers import capital
from antitrypsim.reports.people import Baseline, Flow, Schedule, baseline, flow, schedule
from antitrypsim.reports.published import PLANNED, Beside, beside
from antitrypsim.reports.results import Line, Result, arm_labels, results
from antitrypsim.reports.trial_uncertainty import Unknown, unknown

if TYPE_CHECKING:
    from antitrypsim.modelling import Model
    from antitrypsim.trials.trial import Trial


@dataclass(frozen=True)
class KeyRow:
    """One row of the key table: a simulated line, a published number, or both side by side."""

    label: str
    simulated: Line | None
    published: Beside | None


@dataclass(frozen=True)
class TrialReport:
    """Everything that a trial's report shows."""

    title: str
    notices: tuple[str, ...]
    role: str
    question: str
    context_of_use: str
    arms: tuple[tuple[str, str], ...]
    tried: str
    on_whom: str
    came_out: tuple[str, ...]
    truth: tuple[str, ...]
    how_sure: tuple[str, ...]
    resting_on: tuple[str, ...]
    key: tuple[KeyRow, ...]
    results: tuple[Result, ...]
    published: tuple[Beside, ...]
    flow: Flow
    baseline: tuple[Baseline, ...]
    groups: tuple[str, ...]
    schedule: Schedule
    effects: tuple[TrialEffect, ...]
    grounds: Grounds
    notes: tuple[str, ...]
    references: tuple[tuple[str, str, str], ...]
    level: str
    manifest: tuple[tuple[str, str], ...]
    claimed: tuple[Claimed, ...]
    unknown: Unknown
    harms: HarmTable

    @property
    def primary(self) -> Result:
        """The primary analysis."""
        return self.results[0]

    @property
    def secondary(self) -> tuple[Result, ...]:
        """The other planned analyses."""
        return self.results[1:]


def trial_report(trial: Trial, *, model: Model | None = None) -> TrialReport:
    """Return everything that a trial's report shows, as plain data.

    ``model`` is the model that ran, for its parameters; the packaged one if left out.
    """
    protocol = trial.protocol
    found = results(trial)
    published = beside(trial, found)
    effects = true_effects(trial)
    rests = grounds(trial, model)
    labels = arm_labels(protocol)
    return TrialReport(
        title=protocol.title,
        notices=protocol.notices,
        role=protocol.role,
        question=protocol.question,
        context_of_use=protocol.context_of_use,
        arms=tuple((labels[arm.id], arm.title) for arm in protocol.arms),
        tried=words.tried(trial),
        on_whom=words.on_whom(trial),
        came_out=words.came_out(trial, found[0]) + claimed_sentence(trial.claims),
        truth=words.truth_sentence(effects),
        how_sure=words.how_sure(trial, found[0], rests),
        resting_on=words.resting_on(trial, rests),
        key=_key_rows(found[0], published),
        results=found,
        published=published,
        flow=flow(trial),
        baseline=baseline(trial),
        groups=(*labels.values(), "All") if len(labels) > 1 else tuple(labels.values()),
        schedule=schedule(protocol),
        effects=effects,
        grounds=rests,
        notes=(
            *map(capital, result_warnings(protocol, model, len(trial.participants))),
            *map(capital, _without(trial)),
            *protocol.notes,
        ),
        references=tuple((r.cite, r.identifier or "", r.why or "") for r in protocol.references),
        level=f"{100 * (1 - protocol.endpoints.alpha):g} %",
        manifest=_manifest(trial),
        claimed=claimed(trial),
        unknown=unknown(trial),
        harms=harm_table(trial),
    )


def _without(trial: Trial) -> tuple[str, ...]:
    """Return a sentence for each arm without anybody and each endpoint without a baseline."""
    protocol = trial.protocol
    empty = [arm.id for arm in protocol.arms if not np.any(trial.arms == arm.id)]
    late = [each.endpoint for each in protocol.assessments if unbased(protocol, each.endpoint)]
    return (
        *(f"nobody was allocated to the arm '{arm}'." for arm in empty),
        *(f"{endpoint(id).title}: not measured before treatment, so no change from baseline."
          for id in late),
    )  # fmt: skip


def _key_rows(primary: Result, published: tuple[Beside, ...]) -> tuple[KeyRow, ...]:
    """Return the primary result, then published numbers that have no counterpart."""
    rows = []
    last = primary.last
    lines = [line for line in primary.lines if line.when == last]
    many = sum(line.contrast is not None for line in lines) > 1
    for found in lines:
        match = next((p for p in published if p.simulated is not None and _same(p, found)), None)
        kind = capital(primary.quotient) if found.scale == "ratio" else "Difference"
        label = f"{kind}: {found.label}" if many else kind
        label = label if found.contrast else found.label
        rows.append(KeyRow(label, found, match))
    rest = [p for p in published if p.endpoint == primary.endpoint and not p.comparable]
    for one in sorted(rest, key=lambda p: not p.registered):
        rows.append(KeyRow(capital(one.of or one.what), None, one))
    return tuple(rows)


def _same(one: Beside, found: Line) -> bool:
    line = one.simulated
    if line is None or one.how != PLANNED:
        return False
    same = (line.arm, line.contrast, line.visit, line.n, line.p, line.scale)
    return same == (found.arm, found.contrast, found.visit, found.n, found.p, found.scale)


def _manifest(trial: Trial) -> tuple[tuple[str, str], ...]:
    """Return the provenance as pairs, nested names joined."""
    found = []
    for key, value in trial.provenance.to_dict().items():
        if isinstance(value, dict):
            found += [(f"{key}: {name}", str(inner)) for name, inner in value.items()]
        else:
            found.append((key, str(value)))
    return tuple(found)
