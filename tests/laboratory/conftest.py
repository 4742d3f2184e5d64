"""A made-up library, whose truth is known exactly, and one of RAPID that was lived."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from antitrypsim.foundations.provenance import Provenance
from antitrypsim.laboratory.arm_changes import ArmChange
from antitrypsim.laboratory.design_file.needed import lookback
from antitrypsim.laboratory.design_file.rules import check_design
from antitrypsim.laboratory.design_file.trial_design import LibrarySize, TrialDesign
from antitrypsim.laboratory.design_simulation import DesignSimulation
from antitrypsim.laboratory.library import UNTREATED, Counterfactuals, Library, open_library
from antitrypsim.protocols import Protocol, load_protocol
from antitrypsim.simulation.settings import Settings

DAYS = {"baseline": 0, "d182": 182, "d364": 364, "d728": 728}
PRIMARY = {"id": "density", "endpoint": "density", "analysis": "bayesian", "visit": "d728"}
PEOPLE = 100


class Made:
    """Makes protocols, libraries, designs and laboratories without living anybody."""

    def protocol(self, names=("active", "placebo"), *, noise=2.0, days=DAYS, yearly=0.0, **said):
        """Return a protocol, doses falling by arm; the last gets nothing unless ``all_treated``."""
        treated = names if said.pop("all_treated", False) else names[:-1]
        doses = {arm: f"{60 + 10 * k} mg/kg" for k, arm in enumerate(reversed(treated))}
        data = {
            "antitrypsim": 1, "id": "made", "title": "Made", "question": "Does it?",
            "context_of_use": "A test.", "role": "demonstration",
            "population": {"genotype": {"ZZ": 1.0}},
            "participants": 120, "allocation": dict.fromkeys(names, 1),
            "epochs": [{"id": "whole", "length": f"{max(days.values())} days"}],
            "arms": [
                {"id": arm, "title": arm, "treatment": {"whole": [
                    {"product": "augmentation", "route": "intravenous", "dose": doses[arm],
                     "every": "1 week"}]} if arm in treated else {}}
                for arm in names
            ],
            "visits": {"unit": "days", "at": dict(days)},
            "assessments": [
                {"endpoint": "density", "visits": "all", "noise": {"sd": noise}},
                {"endpoint": "exacerbations"}, {"endpoint": "death"}, {"endpoint": "fever"},
            ],
            "dropout": {"yearly": yearly},
            "endpoints": {"primary": {**PRIMARY, "visit": list(days)[-1]} if len(names) > 1 else {
                "id": "density", "endpoint": "density", "analysis": "describe"}},
        }  # fmt: skip
        return Protocol.from_dict({**data, **said})

    def values(self, protocol, effects, *, people=PEOPLE, spread=1.0, before=(), seed=1):
        """Return density (arms, people, days): own level and slope, ``effects`` over the whole time."""
        rng = np.random.default_rng(seed)
        days = self.days(protocol, before)
        level = rng.normal(60, 8, people).clip(40, 80)
        slope = rng.normal(-4, spread, people)
        share = np.clip(days, 0, None) / days[-1]
        arms = self.arms(protocol)
        return np.stack([
            level[:, None] + (slope[:, None] + effects.get(arm, 0.0)) * share for arm in arms
        ])  # fmt: skip

    def arms(self, protocol):
        names = tuple(arm.id for arm in protocol.arms)
        return names if any(not a.treatment for a in protocol.arms) else (*names, UNTREATED)

    def days(self, protocol, before=()):
        asked = {0.0, *protocol.visit_days().values(), protocol.length_days}
        return np.array(sorted({-float(b) for b in before} | asked))

    def library(self, protocol, values, *, drawn=None, events=None, before=(), drawn_events=None):
        """Return a library of density (arms, people, days); ``drawn`` (draws, arms, people, days)."""
        arms, days = self.arms(protocol), self.days(protocol, before)
        people = values.shape[1]
        rng = np.random.default_rng(8)
        frame = pd.DataFrame({
            "USUBJID": [f"P{k}" for k in range(people)], "GENOTYPE": "ZZ",
            "SEX": rng.choice(["male", "female"], people), "ASCERT": "lung",
            "SMOKING": rng.choice(["never", "ex"], people),
        })  # fmt: skip
        return Library(
            protocol, arms, days, frame, _courses(values[None], events),
            None if drawn is None else _courses(drawn, drawn_events), people, {},
            Provenance(seed=1, tolerance=1e-4, people="made"),
        )  # fmt: skip

    def design(self, **said):
        base = {"trial_design": 1, "id": "made", "title": "Made", "question": "Does it?",
                "protocol": "made", "replicates": 500}  # fmt: skip
        return TrialDesign.model_validate({**base, **said})

    def lab(self, library, **said):
        design = self.design(**said)
        check_design(design, library.protocol)
        return DesignSimulation(design, library.protocol, library)

    def two(self, effect=0.0, *, noise=2.0, people=PEOPLE, spread=1.0, yearly=0.0, before=()):
        """Return a library of two arms whose density differs by ``effect`` at the end."""
        protocol = self.protocol(noise=noise, yearly=yearly)
        values = self.values(
            protocol, {"active": effect}, people=people, spread=spread, before=before
        )
        return self.library(protocol, values, before=before)

    def changing(self, library, *pairs):
        """Return the library with people who change from one arm to another, by pairs of arms.

        From their day on they change as under the other arm. Courses must be straight, so that every
        day is known exactly from the first.
        """
        values = library.typical.values["density"]
        own = library.typical.events["death"][..., 0]
        days, held, changes = library.days[library.days >= 0], {}, []
        for k, (before, after) in enumerate(pairs):
            a, b = library.arms.index(before), library.arms.index(after)
            now = library.column(0.0)
            course = values[:, a, :, now, None] + values[:, b, :, now:] - values[:, b, :, now, None]
            held[f"density-{k}"] = course[:, :, None].astype(np.float32)
            held[f"death-{k}"] = own[:, b, :, None, None].astype(np.float32)
            changes.append(ArmChange(before, after, float(days[-1]), None, (0.0,), 0.0))
        return replace(
            library, changes=tuple(changes), typical=replace(library.typical, switched=held)
        )


def _courses(values, events):
    shape = values.shape[:3]
    held = {name: np.full((*shape, 1), np.nan, np.float32) for name in ("death", "exacerbation", "fever")}  # fmt: skip
    for name, when in (events or {}).items():
        held[name] = np.broadcast_to(np.asarray(when, np.float32), (*shape, np.shape(when)[-1])).copy()  # fmt: skip
    values = np.asarray(values, np.float32).copy()
    return Counterfactuals({"density": values}, held)


@pytest.fixture(scope="session")
def made():
    return Made()


@pytest.fixture(scope="session")
def rapid():
    """RAPID, lived by 80 people, and by 20 of them under 4 draws."""
    return open_library(
        load_protocol("rapid"),
        LibrarySize(people=80, draws=4, per_draw=20),
        before=(182.625,),
        settings=Settings(seed=3),
    )


@pytest.fixture(scope="session")
def rapid_lab(rapid):
    """Return a laboratory on that library for a design of RAPID."""

    def make(**said):
        design = TrialDesign.model_validate(
            {"trial_design": 1, "id": "of-rapid", "title": "T", "question": "Q", "protocol": "rapid",
             "primary": {"id": "density", "endpoint": "density", "analysis": "bayesian",
                         "visit": "m24", "compare": ["active", "placebo"]},
             "replicates": 100, **said}
        )  # fmt: skip
        check_design(design, rapid.protocol)
        assert set(lookback(design)) <= {182.625}
        return DesignSimulation(design, rapid.protocol, rapid)

    return make
