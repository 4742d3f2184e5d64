"""Appraisal of a design.

Everything that is found out about it: its characteristics, curve, flow, front and unknowns.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from antitrypsim.calibration.posterior.knowledge import PRIOR, Knowledge
from antitrypsim.calibration.rival import Rival, density_rival, is_rivalled
from antitrypsim.foundations.errors import InputError
from antitrypsim.foundations.plain import Plain
from antitrypsim.foundations.plural import so_many, verb
from antitrypsim.foundations.provenance import SCHEMA_VERSION, Provenance
from antitrypsim.laboratory.arm_changes import wanted
from antitrypsim.laboratory.before import check_before
from antitrypsim.laboratory.characteristics import Characteristics, characteristics
from antitrypsim.laboratory.design_file.needed import extra_endpoints, lookback
from antitrypsim.laboratory.design_simulation import DesignSimulation
from antitrypsim.laboratory.library import open_library
from antitrypsim.laboratory.operating import operate
from antitrypsim.laboratory.power import PowerCurve, power_curve
from antitrypsim.laboratory.replicates import Truth
from antitrypsim.laboratory.sampler import chunk_size
from antitrypsim.laboratory.search import Candidate, extended, gains, search
from antitrypsim.simulation.settings import DEFAULT, Settings
from antitrypsim.therapies import build_model
from antitrypsim.uncertainty.value_of_information import LEAST_DRAWS, Information, information
from antitrypsim.uncertainty.variance_shares import Shares

if TYPE_CHECKING:
    from antitrypsim.laboratory.design_file.trial_design import TrialDesign
    from antitrypsim.modelling import Model
    from antitrypsim.protocols import Protocol

_FOR_TRUTH = 100
"""People of each draw over whom its true effect is taken, where a screening chooses them."""


@dataclass(frozen=True)
class FlowArm:
    """Means over trials of an arm: randomised, died, left, and read at the last visit."""

    arm: str
    randomised: float
    died: float
    left: float
    read: float


@dataclass(frozen=True, eq=False)
class Appraisal:
    """A design judged. ``typical``, ``nothing``, ``unknown``: its characteristics in three worlds.

    ``nothing``: every arm has the course of the reference. ``unknown``: over draws, None without.
    ``decides``: what the true effect's variance over draws comes from, or why that is not told.
    ``rival``: a published model of lung density by dose beside ours, where density decides and an arm is
    what it speaks of, else None.
    """

    design: TrialDesign
    protocol: Protocol
    lab: DesignSimulation
    model: Model
    typical: Characteristics
    nothing: Characteristics
    unknown: Characteristics | None
    curve: PowerCurve | None
    flow: tuple[FlowArm, ...]
    decides: Shares | str
    tried: tuple[Candidate, ...]
    worth: Information | str
    provenance: Provenance
    rival: Rival | None = None

    def to_dict(self) -> Plain:
        """Return plain data."""
        return {
            "schema": SCHEMA_VERSION, "kind": "antitrypsim design",
            "design": self.design.model_dump(mode="json", by_alias=True, exclude_none=True),
            "typical": self.typical.to_dict(), "nothing works": self.nothing.to_dict(),
            "over what is unknown": self.unknown.to_dict() if self.unknown else None,
            "curve": self.curve.to_dict() if self.curve else None,
            "flow": [asdict(one) for one in self.flow],
            "decides": self.decides.to_dict() if isinstance(self.decides, Shares) else self.decides,
            "tried": [one.to_dict() for one in self.tried],
            "worth": self.worth.to_dict() if isinstance(self.worth, Information) else self.worth,
            "rival": None if self.rival is None else self.rival.to_dict(),
            "provenance": self.provenance.to_dict(),
        }  # fmt: skip


def laboratory(
    design: TrialDesign,
    protocol: Protocol,
    settings: Settings = DEFAULT,
    known: Knowledge = PRIOR,
) -> tuple[DesignSimulation, Model]:
    """Return a design's laboratory, its library from disk or made now, and the model.

    ``known`` is where draws of what is unknown come from. Raises InputError for a design that cannot be,
    RunError where nobody eligible is met.
    """
    whole = extended(design, protocol)
    check_before(design, whole)
    model = build_model(therapies=whole.therapies())
    library = open_library(
        whole, design.library, before=lookback(design), extra=extra_endpoints(design),
        switches=wanted(design, whole), model=model, settings=replace(settings, seed=design.seed),
        known=known,
    )  # fmt: skip
    said = known.said(model, design.library.draws)
    return DesignSimulation(design, whole, library, said), model


def appraise(
    design: TrialDesign,
    protocol: Protocol,
    *,
    keep: str | Path | None = None,
    known: Knowledge = PRIOR,
    settings: Settings = DEFAULT,
) -> Appraisal:
    """Judge a design; ``keep`` is the file in which a search is written down and gone on with.

    Raises InputError for a design that cannot be, RunError as ``open_library``.
    """
    lab, model = laboratory(design, protocol, settings, known)
    found = {}
    worlds = {"at typical values": Truth(), "where nothing works": Truth(null=True)}
    if lab.library.drawn is not None:
        worlds["over what is unknown"] = Truth(uncertain=True)
    for name, truth in worlds.items():
        out = operate(lab, truth, settings=settings.during(name))
        found[name] = characteristics(lab, out, truth)
    curve = None
    if design.design.sized and design.sizes:
        curve = power_curve(lab, settings=settings)
    tried: tuple[Candidate, ...] = ()
    worth: Information | str = "no search was asked for, so there is no choice to inform"
    if design.search is not None:
        tried = search(design, lab.protocol, lab.library, file=keep, settings=settings)
        worth = _worth(lab, model, known, tried)
    return Appraisal(
        design, protocol, lab, model, found["at typical values"], found["where nothing works"],
        found.get("over what is unknown"), curve, _flow(lab), _decides(lab, model, known), tried, worth,
        Provenance(
            design=design.content_hash, protocol=lab.protocol.content_hash,
            model=model.content_hash, people=lab.library.provenance.people,
            library=f"{design.library.people} people; {design.library.draws} draws of "
            f"{design.library.per_draw}",
            replicates=design.replicates, seed=design.seed,
            tolerance=lab.library.provenance.tolerance,
            posterior=lab.library.provenance.posterior,
        ),
        _beside(lab, settings),
    )  # fmt: skip


def _beside(lab: DesignSimulation, settings: Settings) -> Rival | None:
    """Return the published model of lung density beside ours, where it speaks of this design."""
    given = lab.protocol.regimens()
    spoken_of = any(is_rivalled(given[arm]) for arm in lab.arms)
    if lab.plan.endpoint != "density" or not spoken_of:
        return None
    return density_rival(settings=replace(settings, seed=lab.design.seed))


def _worth(
    lab: DesignSimulation, model: Model, source: Knowledge, tried: tuple[Candidate, ...]
) -> Information | str:
    if lab.design.worth is None:
        return "the file states no 'worth' of conclusions, so information has no price"
    if lab.library.drawn is None:
        return "nothing unknown was drawn"
    names, rows = gains(lab.design, tried)
    if not np.isfinite(rows).all():
        return "some designs have no simple true effect, so that a claim has no worth"
    known = source.scores(model, lab.library.drawn.draws, lab.design.seed)
    if rows.shape[1] < len(known):
        return f"{lab.design.replicates} trials are fewer than the {len(known)} draws"
    try:
        return information(model, known, names, rows, seed=lab.design.seed)
    except InputError as problem:
        return problem.message


def _decides(lab: DesignSimulation, model: Model, source: Knowledge) -> Shares | str:
    if lab.library.drawn is None:
        return "nothing unknown was drawn"
    if why := lab.design.design.no_effect:
        return why
    draws = lab.library.drawn.draws
    if draws < LEAST_DRAWS:
        return f"{so_many(draws, 'draw')} {verb(draws, 'says', 'say')} nothing about it; {LEAST_DRAWS} or more can"
    # After a screening the effect is that in the people of each trial, so there must be many.
    chosen = bool(lab.sampler.screens)
    places = _FOR_TRUTH if chosen else max(2, len(lab.arms))
    drawn = lab.draw(0, draws, places, Truth(uncertain=True))
    true = lab.true_effects(drawn)[:, 0]
    if not np.isfinite(true).all():
        return "this analysis has no simple true effect"
    try:
        behind = source.scores(model, draws, lab.design.seed)
        return source.shares(model, behind, true.astype(float))
    except InputError as problem:
        return problem.message


def _flow(lab: DesignSimulation) -> tuple[FlowArm, ...]:
    kind = lab.design.design
    if not kind.sized or kind.own_allocation:
        # Places per arm follow from what is seen, so that no plain flow can be told.
        return ()
    drawn = lab.draw(0, chunk_size(lab.participants), lab.participants, Truth())
    end, out = lab.end, []
    for arm in lab.arms[1:] + lab.arms[:1]:
        mine = drawn.arm == lab.library.arms.index(arm)
        died = mine & (drawn.death <= end) & (drawn.death <= drawn.leaves)
        left = mine & ~died & (drawn.leaves < end)
        randomised, dead, gone = (float(x.sum(axis=1).mean()) for x in (mine, died, left))
        out.append(FlowArm(arm, randomised, dead, gone, randomised - dead - gone))
    return tuple(out)
