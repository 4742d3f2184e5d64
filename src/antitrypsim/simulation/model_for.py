"""The model that can hold what regimens give: with what runs in, and weight that changes."""

from __future__ import annotations

from collections.abc import Iterable

from antitrypsim.modelling import Model
from antitrypsim.modelling.infusions import with_infusions
from antitrypsim.modelling.weights import RELATIVE_WEIGHT, with_weights
from antitrypsim.simulation.regimen import Regimen


def model_for(model: Model, regimens: Iterable[Regimen]) -> Model:
    """Return the model with an input for each dose that runs in, and for weight where it changes.

    The same model where there is neither. States stand as they are. Raises ModelError for a dose that cannot run in,
    and for a weight that changes in a model that knows none.
    """
    given = tuple(regimens)
    infused = {(d.dose, d.by_weight) for each in given for d in each.doses if d.duration}
    if infused:
        model = with_infusions(model, tuple(sorted(infused)))
    if any(RELATIVE_WEIGHT in each.courses for each in given):
        model = with_weights(model)
    return model
