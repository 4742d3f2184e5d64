"""Proteins and drugs for the lung at their largest doses: what helps no lung less, and bodies stay bodies.

The twelfth and thirteenth of the behaviours for these therapies, and their bundled trials at small size.
"""

import numpy as np
import pytest

from antitrypsim.simulation.regimen import repeated
from tests.behaviours.test_patient import EVERY_SMOKE, NEVER, PHYSICAL, YEAR, kind, lived, typical
from tests.shared import trial

pytestmark = pytest.mark.law

ROUNDS = {
    "augmentation/intravenous": (180.0, 21.0),
    "augmentation/inhaled": (160.0, 1.0),
    "aat_fc/intravenous": (120.0, 21.0),
    "elastase_inhibitor/oral": (240.0, 0.5),
}
"""The largest dose on record, and days between two."""
LUNG = ("lung.elastin", "lung.airways_open")


def from_age(dose, age, years=3.0, part=1.0):
    amount, every = ROUNDS[dose]
    start = (age - 18) * YEAR
    return repeated(dose, part * amount, every=every, start=start, until=start + years * YEAR)


# 12. Neither is a lung worse for what lowers its elastase.
@pytest.mark.parametrize("dose", ROUNDS)
@pytest.mark.parametrize("genotype", ["MM", "MZ", "ZZ", "null"])
def test_no_lung_is_worse_for_more_of_it(dose, genotype):
    times = YEAR * np.array([32.0, 35.0])
    kept = [
        typical(genotype, NEVER, *LUNG, regimen=from_age(dose, 50, part=part), times=times)
        for part in (0.0, 0.5, 1.0)
    ]
    for less, more in ((0, 1), (1, 2)):
        for name in range(len(LUNG)):
            assert kept[more][name][1] >= kept[less][name][1] - 1e-6
    # By three years the whole dose has kept elastin that no dose has not.
    assert kept[2][0][1] > kept[0][0][1]


# 13. Nothing beyond what is physical, from 18 to 95 years.
@pytest.mark.parametrize("dose", ROUNDS)
@pytest.mark.parametrize("genotype", ["MM", "SZ", "ZZ", "Z0", "null"])
def test_nothing_in_a_treated_body_leaves_what_is_physical(dose, genotype):
    regimen = from_age(dose, 18) + from_age(dose, 55) + from_age(dose, 92)
    for smoke in EVERY_SMOKE:
        found = lived(kind(genotype, smoke, 4, typical=False), *PHYSICAL, regimen=regimen)
        for output, (low, high) in PHYSICAL.items():
            assert np.all(np.isfinite(found[output])), output
            assert low <= found[output].min() <= found[output].max() <= high, output


BETTER = {
    "sparta": ("density", [("standard", "placebo"), ("high", "standard")]),
    "inhaled-aat": ("fev1", [("inhaled", "placebo")]),
    "alvelestat": ("desmosine", [("placebo", "low"), ("low", "high")]),
    "aat-fc": ("functional_aat", [("three", "four")]),
}
"""Of each trial its first endpoint, and pairs of arms of which the first is higher at its end."""


@pytest.mark.parametrize("id", BETTER)
def test_in_its_trial_everybody_is_moved_in_the_stated_direction(id):
    name, pairs = BETTER[id]
    found = trial(id)
    assert found.protocol.endpoints.primary.endpoint == name
    for higher, lower in pairs:
        effect = found.true_effect(name, higher, lower)[:, -1]
        assert np.nanmin(effect) > -1e-3 * np.nanmax(np.abs(effect))
        assert np.nanmean(effect) > 0
