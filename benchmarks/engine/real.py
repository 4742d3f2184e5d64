"""The organs with augmentation: ``compare.py --model real:model --constants real:constants``."""

from __future__ import annotations

import numpy as np

from antitrypsim.modelling import Model, compose
from antitrypsim.organs import organ_modules
from antitrypsim.therapies.augmentation.module import MODULE

PERSON = {
    "person.alleles_M": 0.0,
    "person.alleles_S": 0.0,
    "person.alleles_Z": 2.0,
    "person.height": 1.72,
    "person.male": 0.0,
    "person.weight": 72.0,
}


def model() -> Model:
    return compose([*organ_modules(), MODULE])


def constants(model: Model, rows: int) -> np.ndarray:
    """PiZZ patients whose parameters vary by 10 percent."""
    rng = np.random.default_rng(7)
    typical = np.array([p.value for p in model.parameters])
    people = np.tile([PERSON.get(c.name, 1.0) for c in model.covariates], (rows, 1))
    people[:, [c.name for c in model.covariates].index("person.weight")] *= rng.uniform(
        0.7, 1.4, rows
    )
    return np.concatenate([typical * np.exp(rng.normal(0, 0.1, (rows, len(typical)))), people], 1)
