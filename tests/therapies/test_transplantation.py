"""Transplantation: what a donor's organ is, what it costs, and that a list is off until somebody is on it."""

import numpy as np
import pytest

from antitrypsim.endpoints import ENDPOINTS
from antitrypsim.foundations.errors import InputError
from antitrypsim.simulation.people import People
from antitrypsim.simulation.regimen import HeldLevel, Regimen, repeated
from antitrypsim.simulation.settings import Settings
from antitrypsim.simulation.simulate import simulate_all
from antitrypsim.therapies import build_model
from antitrypsim.uncertainty.draws import ParameterSet

from .quiet import QUIET, YEAR, run, typical_people

pytestmark = pytest.mark.law

MODEL = build_model(
    therapies=["lung_transplantation", "liver_transplantation", "immunosuppression", "editing"]
)
LUNG = repeated("lung_transplantation/surgery", 1.0, at=[0.0])
LIVER = repeated("liver_transplantation/surgery", 1.0, at=[0.0])
EDITED = repeated("base_editor/intravenous", 0.85, at=[-1.0])
NOTHING = Regimen()
STILL = {
    f"{organ}_transplantation__{what}": 0.0
    for organ in ("lung", "liver")
    for what in ("operative", "late_death", "infections", "tumours")
} | {
    "lung_transplantation__chronic": 0.0,
    "rejection__antibody_forming": 0.0,
    "harms__infection": 0.0,
    "harms__tumour": 0.0,
}
FEV1, DENSITY, SUPPRESSION = "lung.fev1_share", "lung.density", "rejection.suppression"
M, Z = "circulation.plasma[M]", "circulation.plasma[Z]"
CELLS = [
    f"liver.hepatocytes[{k}]" for k in ("host", "edited", "knocked_out", "liver_transplantation")
]


def untaken(organ):
    return Regimen(
        "no drugs",
        doses=repeated(f"{organ}_transplantation/surgery", 1.0, at=[0.0]).doses,
        levels=(HeldLevel(f"{organ}_transplantation.immunosuppression", 0.0, 0.0, 1e5),),
    )


def old(*genotypes):
    return typical_people(*genotypes, age=60.0)


def test_a_donors_lung_is_the_same_whoever_gets_it():
    found = run(MODEL, old("ZZ", "null", "MM"), LUNG, [FEV1, DENSITY], [1.0], **STILL)
    for values in found.values():
        assert np.ptp(values) < 0.01 * values.mean()
    assert 0.6 < found[FEV1][0, 0] < 0.75


def test_the_lung_knows_nothing_of_the_liver_nor_the_liver_of_the_lung():
    people = old("ZZ")
    without = run(MODEL, people, NOTHING, [FEV1, DENSITY, M, Z, *CELLS], [1.0], **STILL)
    lung = run(MODEL, people, LUNG, [M, Z, *CELLS], [1.0], **STILL)
    liver = run(MODEL, people, LIVER, [FEV1, DENSITY], [1.0], **STILL)
    for name in (M, Z, *CELLS):
        assert lung[name] == pytest.approx(without[name], rel=1e-3, abs=1e-9)
    assert liver[DENSITY] == pytest.approx(without[DENSITY], rel=1e-3)
    assert liver[FEV1] == pytest.approx(without[FEV1], rel=1e-2)


def test_a_donors_liver_cures_the_serum_and_keeps_no_polymer():
    outputs = [M, Z, "liver.liver_Z", "liver.collagen", "liver.globule_score"]
    treated = run(MODEL, old("ZZ", "MM"), LIVER, outputs, [0.0, 1.0, YEAR], **STILL)
    healthy = run(MODEL, old("MM"), NOTHING, [M], [YEAR], **STILL)[M][0, 0]
    assert treated[M][:, -1] == pytest.approx(healthy, rel=0.02)
    assert treated[Z][0, 0] > 3
    assert treated[Z][0, -1] < 1e-6
    assert treated["liver.liver_Z"][:, 1:] == pytest.approx(0, abs=1e-9)
    assert treated["liver.collagen"][:, 1] == pytest.approx(1, abs=1e-3)


def test_every_hepatocyte_goes_whoevers_it_was():
    found = run(MODEL, old("ZZ"), LIVER + EDITED, CELLS, [-0.5, 1.0], **STILL)
    assert found[CELLS[1]][0, 0] > 0.01
    assert [found[name][0, 1] for name in CELLS] == pytest.approx([0, 0, 0, 1], abs=1e-3)


def test_nothing_is_nothing():
    given = repeated("lung_transplantation/surgery", 0.0, at=[0.0])
    one, other = (
        run(MODEL, old("ZZ"), regimen, [FEV1, DENSITY], [100.0], **STILL)
        for regimen in (given, NOTHING)
    )
    for name, values in other.items():
        assert one[name] == pytest.approx(values, rel=1e-4)


@pytest.mark.independent
def test_later_years_with_a_donors_liver_cost_what_two_series_saw():
    """Of those who live a year 95.5/97.8 lived ten in one series, 83/89 of adults five in another."""
    kinds = ["ZZ"] * 3000
    found = simulate_all(
        MODEL, typical_people(*kinds, age=50.0), LIVER, times=(5 * YEAR,), outputs=[FEV1],
        draws=ParameterSet("lungs do not kill", {"events.mortality_lung": 0.0}),
    )  # fmt: skip
    death = found.events["death"][:, 0, 0]
    one, five = (float(np.mean(~(death <= n * YEAR))) for n in (1, 5))
    assert 0.89 - 0.02 < one < 0.978
    assert 0.83 / 0.89 - 0.03 < five / one < 0.955 / 0.978


@pytest.mark.contract
@pytest.mark.parametrize(("amount", "said"), [(0.5, "a part of one"), (2.0, "more than a body")])
def test_an_organ_is_given_whole_and_once(amount, said):
    given = repeated("lung_transplantation/surgery", amount, at=[0.0])
    with pytest.raises(InputError, match=said):
        run(MODEL, old("ZZ"), given, [FEV1], [1.0])


def test_the_lung_is_lost_without_immunosuppression_and_kept_with_it():
    kept, lost = (
        run(MODEL, old("ZZ"), regimen, [FEV1, SUPPRESSION], [1.0, 3 * YEAR], **STILL)
        for regimen in (LUNG, untaken("lung"))
    )
    assert kept[SUPPRESSION][0, 0] > 0.8
    assert lost[SUPPRESSION][0, 0] == 0
    assert kept[FEV1][0, 1] > 0.9 * kept[FEV1][0, 0]
    assert lost[FEV1][0, 1] < 0.5 * lost[FEV1][0, 0]


def test_two_organs_and_tacrolimus_suppress_no_more_than_there_is():
    level = Regimen("tacrolimus", levels=(HeldLevel("rejection.tacrolimus", 8.0, 0.0, 1e5),))
    alone = run(MODEL, old("ZZ"), level, [SUPPRESSION], [10.0], **STILL)[SUPPRESSION][0, 0]
    all_ = run(MODEL, old("ZZ"), LUNG + LIVER + level, [SUPPRESSION], [10.0], **STILL)
    most = MODEL.parameter("rejection.suppression_most").value
    assert alone < all_[SUPPRESSION][0, 0] < most


def crowd(genotype, age, count=300):
    one = typical_people(genotype, age=age)
    return People(
        ids=np.arange(count),
        seed=1,
        covariates={k: np.repeat(v, count) for k, v in one.covariates.items()},
        effects={},
        birth=np.zeros(count),
        age=np.repeat(one.age, count),
    )


def lived(regimen, years=10.0, age=50.0, **values):
    replaced = QUIET | {k.replace("__", "."): v for k, v in values.items()}
    return simulate_all(
        MODEL, crowd("ZZ", age), regimen, times=[years * YEAR], outputs=[FEV1],
        draws=ParameterSet("chance", replaced), settings=Settings(tolerance=1e-3),
    )  # fmt: skip


def test_nobody_is_transplanted_without_a_list_and_who_needs_one_is_with_it():
    listed = Regimen("list", levels=(HeldLevel("lung_transplantation.listed", 1.0, 0.0, 1e5),))
    need = {"lung_transplantation__listed_below": 2.0}
    days = {
        name: lived(regimen, 5.0, **need).events["lung_transplantation"][:, 0, 0]
        for name, regimen in {"none": NOTHING, "list": listed}.items()
    }
    assert np.isnan(days["none"]).all()
    waiting = MODEL.parameter("lung_transplantation.waiting").value
    assert np.isfinite(days["list"]).mean() == pytest.approx(1 - np.exp(-5 * waiting), abs=0.07)
    healthy = lived(listed, 5.0, lung_transplantation__listed_below=0.01)
    assert np.isnan(healthy.events["lung_transplantation"]).all()


def test_a_composite_is_the_first_of_its_parts():
    listed = Regimen("list", levels=(HeldLevel("lung_transplantation.listed", 1.0, 0.0, 1e5),))
    found = lived(listed, 10.0, lung_transplantation__listed_below=2.0).events
    for what in ENDPOINTS.values():
        if what.first_of:
            parts = [found[name][..., 0] for name in what.first_of if name in found]
            np.testing.assert_array_equal(found[what.output][..., 0], np.fmin.reduce(parts))
    first = found["death_or_transplantation"][:, 0, 0]
    assert np.all((first <= found["death"][:, 0, 0]) | np.isnan(found["death"][:, 0, 0]))


def test_the_operation_and_the_years_after_cost_what_their_parameters_say():
    values = {k: v for k, v in STILL.items() if "operative" not in k and "late_death" not in k}
    death = lived(LUNG, 10.0, **values).events["death"][:, 0, 0]
    p = {k: MODEL.parameter(f"lung_transplantation.{k}").value for k in ("operative", "late_death")}
    for years in (1.0, 5.0):
        expected = np.exp(-p["operative"] - p["late_death"] * years)
        assert np.mean(~(death <= years * YEAR)) == pytest.approx(expected, abs=0.08)
