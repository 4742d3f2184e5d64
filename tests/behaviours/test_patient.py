"""What must hold of the untreated patient, over genotype, smoke and age from 18 to 95 years.

The eleventh to seventeenth of the behaviours; the first ten stand in ``test_behaviours.py``.
"""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from antitrypsim.populations.people import Comorbid, Demographics, Smoked, make_people
from antitrypsim.populations.spec import GENOTYPES
from antitrypsim.simulation.regimen import repeated
from antitrypsim.simulation.settings import Settings
from antitrypsim.simulation.simulate import simulate_all
from antitrypsim.therapies import build_model
from antitrypsim.uncertainty.draws import ParameterSet

pytestmark = pytest.mark.law

YEAR = 365.25
SEED = 5
AGES = np.arange(18.0, 95.1)
NEVER, EX, CURRENT = "never", "ex", "current"
EVERY_SMOKE = (NEVER, EX, CURRENT)
STILL = ParameterSet(
    "nothing happens",
    dict.fromkeys(
        (
            "events.exacerbation_rate",
            "events.mortality_50",
            "events.mortality_lung",
            "cirrhosis.decompensation",
            "cirrhosis.carcinoma",
        ),
        0.0,
    ),
)
FROM_WORST_LUNG = ("null", "Z0", "ZZ", "SZ", "MZ")


def kind(genotype, smoke, count, *, typical, male=None):
    """Return people of one kind, 18 years old; ``typical`` ones do not differ but in sex."""
    ids = np.arange(count, dtype=np.int64)
    return make_people(
        build_model(),
        SEED,
        ids,
        Demographics(
            age=np.full(count, 18.0),
            male=(ids % 2).astype(float) if male is None else np.full(count, male),
            height=np.full(count, 1.7),
            weight=np.full(count, 75.0),
            alleles=np.tile(np.array(GENOTYPES[genotype], float), (count, 1)),
            smoked=Smoked(
                np.full(count, smoke, dtype=object),
                packs=np.full(count, 0.75),
                started=np.full(count, 18.0),
                stopped=np.full(count, 36.0),
            ),
            ill=Comorbid.none(count) if typical else None,
        ),
        {"genotype": np.full(count, genotype, dtype=object)},
        effects_of={} if typical else None,
        quiet=typical,
    )


def lived(people, *outputs, regimen=None, draws=STILL, times=YEAR * (AGES - 18)):
    run = simulate_all(
        build_model(), people, regimen, times=times, outputs=outputs, draws=draws,
        settings=Settings(threads=1),
    )  # fmt: skip
    return {name: run[name][:, 0] for name in outputs}


def typical(genotype, smoke, *outputs, **how):
    found = lived(kind(genotype, smoke, 1, typical=True, male=1.0), *outputs, **how)
    return [found[name][0] for name in outputs]


at_age = st.integers(22, 95).map(lambda age: age - 18)
few = settings(max_examples=10, deadline=None)


# 11. The order of lungs.
@pytest.mark.parametrize("output", ["lung.free_elastase", "lung.elastolysis"])
def test_lungs_of_never_smokers_stand_in_the_order_of_their_inhibitor(output):
    courses = [typical(genotype, NEVER, output)[0] for genotype in (*FROM_WORST_LUNG, "MM")]
    # Loss slows where little is left: to be compared at the same age it is taken to 70.
    upto = slice(4, 53)
    for worse, better in pairwise(courses):
        assert np.all(worse[upto] >= better[upto] * (1 - 1e-6))


def test_an_mz_never_smoker_is_about_an_mm_one():
    losses = {
        genotype: -np.diff(typical(genotype, NEVER, "lung.density")[0])[22:42].mean()
        for genotype in ("MZ", "MM")
    }
    assert 1.0 <= losses["MZ"] / losses["MM"] <= 1.15
    fev1 = {g: typical(g, NEVER, "lung.fev1")[0][32] for g in ("MZ", "MM")}
    assert abs(fev1["MM"] - fev1["MZ"]) <= 0.06


# 12. To lower AAT alone helps no lung.
@few
@given(
    genotype=st.sampled_from(["ZZ", "SZ", "MZ", "Z0"]),
    smoke=st.sampled_from(EVERY_SMOKE),
    age=st.integers(30, 85),
)
def test_lowering_aat_alone_helps_no_lung(genotype, smoke, age):
    start = (age - 18) * YEAR
    silencing = repeated(
        "fazirsiran/subcutaneous", 2.7, every=84.0, start=start, until=start + 3650
    )
    names = ("lung.elastin", "lung.airways_open", "circulation.serum_aat")
    times = start + YEAR * np.array([0.0, 5.0, 10.0])
    untreated = typical(genotype, smoke, *names, times=times)
    silenced = typical(genotype, smoke, *names, regimen=silencing, times=times)
    assert silenced[2][1] < untreated[2][1]
    assert np.all(silenced[0] <= untreated[0] + 1e-4)
    assert np.all(silenced[1] <= untreated[1] + 1e-4)


def test_in_people_without_aat_silencing_does_nothing():
    silencing = repeated("fazirsiran/subcutaneous", 2.7, every=84.0, start=0.0, until=3650.0)
    names = ("lung.elastin", "lung.airways_open", "liver.collagen")
    times = YEAR * np.array([0.0, 5.0, 10.0])
    alone = typical("null", NEVER, *names, times=times)
    silenced = typical("null", NEVER, *names, regimen=silencing, times=times)
    np.testing.assert_allclose(silenced, alone, rtol=1e-3)


# 13. Nothing beyond what is physical.
PHYSICAL = {
    "lung.density": (8.0, 130.0),
    "lung.fev1_share": (0.04, 1.8),
    "lung.fev1_fvc": (0.1, 1.0),
    "lung.neutrophils": (0.0, 80.0),
    "lung.free_elastase": (0.0, 120.0),
    "lung.kco": (0.1, 3.0),
    "lung.saturation": (70.0, 100.0),
    "liver.occupancy": (0.5, 1.1),
    "liver.fibrosis_stage": (0.0, 4.0),
    "liver.ishak_stage": (0.0, 6.0),
    "liver.stiffness": (1.0, 120.0),
    "liver.reserve": (0.0, 1.1),
    "portal.pressure": (2.0, 60.0),
    "wellbeing.sgrq": (0.0, 100.0),
    "wellbeing.walk": (0.0, 900.0),
    "immunity.il10": (0.0, 10.0),
    "immunity.oxidative_stress": (0.0, 20.0),
}


@pytest.mark.parametrize("smoke", EVERY_SMOKE)
@pytest.mark.parametrize("genotype", list(GENOTYPES))
def test_nothing_in_a_body_leaves_what_is_physical(genotype, smoke):
    # The strictest case: nobody is taken away by death.
    found = lived(kind(genotype, smoke, 24, typical=False), *PHYSICAL)
    for output, (low, high) in PHYSICAL.items():
        assert np.all(np.isfinite(found[output])), output
        assert found[output].min() >= low, (output, found[output].min())
        assert found[output].max() <= high, (output, found[output].max())


@pytest.mark.parametrize("selection", [0.0, 0.002, 0.06, 1.0])
def test_no_selection_empties_a_liver(selection):
    draws = ParameterSet("selection", {**STILL.values, "liver.selection": selection})
    occupancy = typical("ZZ", NEVER, "liver.occupancy", draws=draws)[0]
    assert np.all(np.abs(occupancy - 1) < 1e-2)


# 14. Healthy people stay healthy.
def test_healthy_people_stay_near_predicted():
    found = lived(kind("MM", NEVER, 300, typical=False), "lung.fev1_share", "lung.neutrophils")
    share, neutrophils = found["lung.fev1_share"], found["lung.neutrophils"]
    for age in (30, 50, 70, 85):
        assert 0.95 <= share[:, age - 18].mean() <= 1.05
    assert neutrophils[:, 85 - 18].mean() <= 1.6 * neutrophils[:, 30 - 18].mean()


def test_the_healthy_lung_that_loss_is_counted_from_is_the_models_own():
    values = build_model().parameter
    names = ("lung.free_elastase", "lung.neutrophils", "lung.elastolysis", "lung.elastin")
    # A course at 0 is the median year; the healthy lung is that of the mean year.
    factor = np.exp(-(values("lung.lung_years_spread").value ** 2) / 2)
    elastase, neutrophils, lost, elastin = (
        course[12:60] for course in typical("MM", NEVER, *names)
    )
    assert elastase == pytest.approx(factor * values("lung.healthy_free_elastase").value, rel=0.05)
    assert neutrophils == pytest.approx(factor * values("lung.healthy_neutrophils").value, rel=0.05)
    assert lost / elastin == pytest.approx(values("lung.healthy_elastolysis").value, rel=0.03)


# 15. No polymer, no event by polymer.
@pytest.mark.parametrize("genotype", ["MM", "null", "MS"])
def test_without_polymer_nothing_hangs_on_it(genotype):
    names = (
        "lung.polymer_drive",
        "liver.stress_total",
        "liver.globule_score",
        "liver.polymer_total",
    )
    for course in typical(genotype, NEVER, *names):
        assert np.all(course == 0)
    more = {"lung.polymer_offset": 0.99, "liver.injury_stress": 1.0}
    read = ("events.exacerbation_rate", "lung.elastin", "liver.collagen")
    plain = typical(genotype, CURRENT, *read, draws=None)
    moved = typical(genotype, CURRENT, *read, draws=ParameterSet("polymer", more))
    np.testing.assert_array_equal(plain, moved)


# 16. Biopsy and elastography tell of one liver.
def test_stage_by_biopsy_and_by_elastography_agree_on_average():
    found = lived(kind("ZZ", NEVER, 600, typical=False), "liver.severity", "liver.stiffness")
    severity, stiffness = (
        found[name][:, 60 - 18] for name in ("liver.severity", "liver.stiffness")
    )
    for stage, cut in ((1.5, 7.1), (2.5, 10.0), (3.5, 13.5)):
        ratio = np.mean(severity >= stage) / np.mean(stiffness >= cut)
        assert 1 / 1.6 <= ratio <= 1.6, (stage, ratio)


# 17. One's own cells raise no antibodies: of therapies, and tested with them.


@few
@given(smoke=st.sampled_from(EVERY_SMOKE), k=at_age)
def test_stage_and_stiffness_rise_together_with_age(smoke, k):
    severity, stiffness = typical("ZZ", smoke, "liver.severity", "liver.stiffness")
    assert severity[k] >= severity[k - 4]
    assert stiffness[k] >= stiffness[k - 4]
