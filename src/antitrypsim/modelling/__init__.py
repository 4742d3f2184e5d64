"""The words physiology is written in, and how they are joined."""

from antitrypsim.modelling.compose import compose
from antitrypsim.modelling.handles import (
    AGE,
    DAYS_PER_YEAR,
    GRAMS_PER_MILLIGRAM,
    Covariate,
    Family,
    Indexed,
    Input,
    Instance,
    Quantity,
    State,
)
from antitrypsim.modelling.model import Model
from antitrypsim.modelling.words import (
    Attribute,
    Dose,
    Factor,
    Hazard,
    Module,
    SumOver,
    Term,
    dose_amount,
    hill,
    logistic,
    parameters_of,
)

__all__ = [
    "AGE",
    "DAYS_PER_YEAR",
    "GRAMS_PER_MILLIGRAM",
    "Attribute",
    "Covariate",
    "Dose",
    "Factor",
    "Family",
    "Hazard",
    "Indexed",
    "Input",
    "Instance",
    "Model",
    "Module",
    "Quantity",
    "State",
    "SumOver",
    "Term",
    "compose",
    "dose_amount",
    "hill",
    "logistic",
    "parameters_of",
]
