"""A library of made-up courses: change over a year normal in every arm, so that theory is known."""

import numpy as np

from antitrypsim.laboratory.design_file.trial_design import TrialDesign
from antitrypsim.laboratory.design_simulation import DesignSimulation
from antitrypsim.laboratory.library import Counterfactuals, Library
from antitrypsim.protocols import Protocol

NOISE = 2.6
BETWEEN = 2.0
EFFECT = 1.5


def protocol() -> Protocol:
    """Two arms without treatment, density at day 0 and a year."""
    arms = [{"id": "active", "title": "Active"}, {"id": "placebo", "title": "Placebo"}]
    return Protocol.from_dict({
        "antitrypsim": 1, "id": "synthetic", "title": "Synthetic", "question": "None.",
        "context_of_use": "A benchmark.", "role": "demonstration", "population": {},
        "participants": 200, "allocation": {"active": 1, "placebo": 1},
        "epochs": [{"id": "treatment", "length": "365 days"}], "arms": arms,
        "visits": [{"id": "start", "time": "0 days"}, {"id": "end", "time": "365 days"}],
        "assessments": [{"endpoint": "density", "visits": "all", "noise": {"sd": NOISE}}],
        "endpoints": {"primary": {"id": "p", "endpoint": "density", "analysis": "t-test",
                                  "visit": "end", "options": {"variance": "equal"}}},
    })  # fmt: skip


def laboratory(sizes, replicates, people=50_000, seed=1) -> DesignSimulation:
    """The laboratory of a plain two-arm trial on made-up people."""
    import pandas as pd

    rng = np.random.default_rng(7)
    change = BETWEEN * rng.standard_normal(people)
    change = BETWEEN * (change - change.mean()) / change.std()
    values = np.zeros((1, 2, people, 2), np.float32)
    values[0, :, :, 0] = 50
    values[0, 0, :, 1] = 50 + change + EFFECT
    values[0, 1, :, 1] = 50 + change
    never = np.full((1, 2, people, 1), np.nan, np.float32)
    plan = protocol()
    library = Library(
        plan, ("active", "placebo"), np.array([0.0, 365.0]), pd.DataFrame({"ID": range(people)}),
        Counterfactuals({"density": values}, {"death": never}), None, people, {}, {"people": "synthetic"},
    )  # fmt: skip
    design = TrialDesign.model_validate({
        "trial_design": 1, "id": "synthetic", "title": "Synthetic", "question": "None.",
        "protocol": "synthetic", "sizes": sizes, "participants": max(sizes),
        "replicates": replicates, "seed": seed,
        "library": {"people": people, "draws": 0},
    })  # fmt: skip
    return DesignSimulation(design, plan, library)
