"""The behaviours that must hold, on the real model, with the real engine."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from antitrypsim.simulation.given import DoseRecord
from antitrypsim.simulation.regimen import Regimen, repeated
from antitrypsim.simulation.settings import Settings
from antitrypsim.simulation.simulate import simulate_all
from antitrypsim.therapies import build_model
from antitrypsim.uncertainty.draws import ParameterSet

pytestmark = pytest.mark.law


TOLERANCE = 1e-4
SEED = 7
YEAR = 365.25
AAT = "augmentation/intravenous"
RNA = "fazirsiran/subcutaneous"
CHAIN = (
    "circulation.serum_aat",
    "lung.lining_aat_total",
    "lung.free_elastase",
    "lung.footprint",
    "lung.elastolysis",
    "lung.density",
)
few = settings(max_examples=12, suppress_health_check=[HealthCheck.function_scoped_fixture])


def run(model, people, regimen=None, *, outputs, times, draws=None, **how):
    return simulate_all(
        model,
        people,
        regimen,
        outputs=outputs,
        times=times,
        draws=draws,
        settings=Settings(tolerance=TOLERANCE, **how),
    )


def weekly(dose: float, years: float = 2.0) -> Regimen:
    return repeated(AAT, dose, every=7.0, until=years * YEAR)


def scales(model) -> np.ndarray:
    return np.array([line.handle.scale for line in model.states])


def states_of(model, people, regimen, times, **options) -> np.ndarray:
    names = model.state_names
    result = run(model, people, regimen, outputs=names, times=times, **options)
    return result.values[:, 0]


# 1 -- mass balance, bounds ------------------------------------------------------------------------


@few
@given(dose=st.floats(0, 180), rna=st.floats(0, 3), every=st.sampled_from([7.0, 14.0, 28.0, 90.0]))
def test_no_state_goes_negative_and_shares_stay_shares(model, people, dose, rna, every):
    regimen = repeated(AAT, dose, every=every, until=2 * YEAR) + repeated(
        RNA, rna, every=90.0, until=2 * YEAR
    )
    values = states_of(model, people, regimen, [0.0, 3.0, 30.0, 365.0, 1500.0])
    slack = 10 * TOLERANCE * scales(model)
    lowest = np.nanmin(values, axis=(0, 1))
    signed = np.array(["airway_tone" in name for name in model.state_names])
    assert (lowest[~signed] >= -slack[~signed]).all(), dict(
        zip(np.array(model.state_names)[lowest < -slack], lowest[lowest < -slack], strict=True)
    )
    for share in (
        "liver.hepatocytes[host]",
        "liver.stellate",
        "lung.elastin",
        "lung.airways_open",
    ):
        assert np.nanmax(values[..., model.state_names.index(share)]) <= 1 + 1e-3, share


def test_infused_aat_is_conserved(model, zz):
    """What was infused is in plasma and tissue, or was removed from plasma at the stated rate."""
    times = np.linspace(0.0, 60.0, 601)
    names = ("circulation.plasma[infused]", "circulation.tissue[infused]")
    result = run(model, zz, repeated(AAT, 60.0, at=[0.0]), outputs=names, times=times)
    plasma, tissue = result[names[0]][:, 0], result[names[1]][:, 0]
    z = zz.effects["circulation.elimination"]
    parameter = model.parameter("circulation.elimination")
    rate = parameter.between_patients.transform(parameter.value, z)
    removed = rate * np.trapezoid(plasma[:, 1:], times[1:], axis=1)
    first = plasma[:, 1] + tissue[:, 1]
    assert removed + plasma[:, -1] + tissue[:, -1] == pytest.approx(first, rel=2e-3)


# 2 -- monotonicity --------------------------------------------------------------------------------


@few
@given(low=st.floats(0, 90), more=st.floats(5, 90))
def test_more_aat_never_means_more_free_elastase(model, zz, low, more):
    def burden(dose):
        return run(model, zz, weekly(dose), outputs=("lung.free_elastase",), times=[84.0, 364.0])

    ours, theirs = burden(low)["lung.free_elastase"], burden(low + more)["lung.free_elastase"]
    seen = np.isfinite(ours) & np.isfinite(theirs)
    assert (theirs[seen] <= ours[seen] * (1 + 10 * TOLERANCE)).all()


# 3 -- zero is nothing -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    "dose", [AAT, *(f"{p}/subcutaneous" for p in ("fazirsiran", "belcesiran", "arc_aat"))]
)
def test_a_zero_dose_reproduces_the_untreated_course(model, people, dose):
    times = [30.0, 365.0, 730.0]
    untreated = states_of(model, people, None, times)
    zero = states_of(model, people, repeated(dose, 0.0, every=30.0, until=730.0), times)
    size = scales(model) + np.abs(untreated)
    assert np.nanmax(np.abs(zero - untreated) / size) <= 10 * TOLERANCE


def test_without_its_effects_silencing_leaves_the_organs_alone(model, people):
    off = build_model(without=["silencing"])
    regimen = repeated(RNA, 3.0, every=90.0, until=730.0)
    organs = [n for n in model.state_names if not n.startswith("silencing.")]
    times = [365.0, 730.0]
    treated = run(off, people, regimen, outputs=organs, times=times).values
    untreated = run(model, people, outputs=organs, times=times).values
    size = 1 + np.abs(untreated)
    assert np.nanmax(np.abs(treated - untreated) / size) <= 10 * TOLERANCE


# 4 -- what is stopped fades -----------------------------------------------------------------------


def test_after_the_last_dose_fast_quantities_return(model, zz):
    outputs = ("circulation.serum_aat", "lung.lining_aat_total")
    times = [364.0, 365.25 + 120.0]
    # An exacerbation on another day would move serum AAT for a while: none here.
    calm = ParameterSet("calm", {"events.exacerbation_rate": 0.0})
    treated = run(model, zz, weekly(60, 1.0), outputs=outputs, times=times, draws=calm)
    untreated = run(model, zz, outputs=outputs, times=times, draws=calm)
    for name in outputs:
        during = treated[name][:, 0, 0] / untreated[name][:, 0, 0]
        after = treated[name][:, 0, 1] / untreated[name][:, 0, 1]
        assert np.nanmin(during) > 1.5
        assert np.nanmax(np.abs(after - 1)) < 0.02


def test_what_was_saved_stays_saved(model, zz):
    """Elastin does not grow back, so a year's treatment leaves more of it for good."""
    times = [3 * YEAR]
    treated = run(model, zz, weekly(60, 1.0), outputs=("lung.elastin",), times=times)
    untreated = run(model, zz, outputs=("lung.elastin",), times=times)
    both = np.isfinite(treated.values) & np.isfinite(untreated.values)
    assert (treated.values[both] > untreated.values[both]).all()


# 7 -- the chain of augmentation -------------------------------------------------------------------


def test_augmentation_moves_every_link_in_its_direction(model, zz):
    times = [728.0]
    treated = run(model, zz, weekly(60), outputs=CHAIN, times=times)
    untreated = run(model, zz, outputs=CHAIN, times=times)
    for name, sign in zip(CHAIN, (1, 1, -1, -1, -1, 1), strict=True):
        difference = treated[name][:, 0, 0] - untreated[name][:, 0, 0]
        assert (sign * difference[np.isfinite(difference)] > 0).all(), name


@pytest.mark.parametrize(
    ("link", "stops"),
    [
        ("augmentation.active_share", 0),
        ("lung.lining_ratio", 1),
        ("lung.association", 2),
        ("lung.near_delay", 2),
        ("lung.elastin_attack", 4),
    ],
)
def test_a_link_at_zero_stops_all_that_is_downstream(model, zz, link, stops):
    times = [364.0]
    cut = ParameterSet(
        "cut", {link: 0.0, "events.exacerbation_rate": 0.0, "events.mortality_lung": 0.0}
    )
    outputs = CHAIN
    if link == "lung.near_delay":
        # The footprint has a delay of its own; with none near elastin, only what follows it stops.
        outputs = (
            "circulation.serum_aat",
            "lung.lining_aat_total",
            "lung.free_elastase",
            "lung.density",
        )
    treated = run(model, zz, weekly(60), outputs=outputs, times=times, draws=cut)
    untreated = run(model, zz, outputs=outputs, times=times, draws=cut)
    for number, name in enumerate(outputs):
        moved = np.abs(treated[name] - untreated[name]) / (1e-9 + np.abs(untreated[name]))
        if number >= stops:
            assert np.nanmax(moved) <= 10 * TOLERANCE, name
        elif name != "lung.density":
            assert np.nanmin(moved) > 10 * TOLERANCE, name


# 8 -- splitting and order -------------------------------------------------------------------------


@few
@given(dose=st.floats(1, 120), share=st.floats(0.05, 0.95))
def test_splitting_a_dose_changes_nothing(model, zz, dose, share):
    whole = Regimen("whole", (DoseRecord(AAT, dose, (10.0, 40.0)),))
    split = Regimen(
        "split",
        (
            DoseRecord(AAT, dose * share, (10.0, 40.0)),
            DoseRecord(AAT, dose * (1 - share), (10.0, 40.0)),
        ),
    )
    times = [11.0, 50.0, 400.0]
    one, two = (states_of(model, zz, r, times) for r in (whole, split))
    assert np.nanmax(np.abs(one - two) / (scales(model) + np.abs(one))) <= 10 * TOLERANCE


def test_who_shares_a_batch_changes_no_bit(model, people):
    times = [100.0, 700.0]
    order = np.random.default_rng(1).permutation(len(people))
    alone = states_of(model, people, weekly(60), times)
    mixed = states_of(model, people.take(order), weekly(60), times)
    assert np.array_equal(alone[order], mixed, equal_nan=True)
    small = states_of(model, people, weekly(60), times, chunk=7, threads=1)
    assert np.array_equal(alone, small, equal_nan=True)


# 9 -- the same person in two arms -----------------------------------------------------------------


def test_the_same_person_differs_by_treatment_alone(model, people):
    """Before the first dose two arms agree in every bit, and so do the events."""
    late = repeated(AAT, 60.0, every=7.0, start=400.0, until=800.0)
    times = [0.0, 200.0, 399.0]
    outputs = model.state_names
    untreated = run(model, people, outputs=outputs, times=[*times, 800.0])
    delayed = run(model, people, late, outputs=outputs, times=[*times, 800.0])
    # Steps end at doses, so bits may differ; a step before the first dose may not.
    size = scales(model) + np.abs(untreated.values[:, 0, :3])
    gap = np.abs(delayed.values[:, 0, :3] - untreated.values[:, 0, :3]) / size
    assert np.nanmax(gap) <= 10 * TOLERANCE
    before = untreated.events["exacerbation"]
    same = delayed.events["exacerbation"]
    width = min(before.shape[-1], same.shape[-1])
    early = before[..., :width] < 400.0
    assert before[..., :width][early] == pytest.approx(same[..., :width][early], abs=0.5)


def test_another_seed_is_another_luck(model, people):
    events = [
        run(model, people.living_anew(s), outputs=(), times=[3000.0]).events["exacerbation"]
        for s in (7, 8)
    ]
    assert not np.array_equal(events[0][..., :1], events[1][..., :1], equal_nan=True)


# 10 -- silencing ----------------------------------------------------------------------------------


def test_silencing_lowers_polymer_and_serum_and_augmentation_parts_liver_from_lung(model, zz):
    rna = repeated(RNA, 2.67, every=84.0, until=2 * YEAR)
    outputs = (
        "liver.polymer_total",
        "circulation.serum_aat",
        "liver.stress_total",
        "lung.inhibition",
    )
    times = [728.0]
    untreated, silenced, both = (
        run(model, zz, r, outputs=outputs, times=times) for r in (None, rna, rna + weekly(60))
    )

    def ratio(result, name):
        values = result[name][:, 0, 0] / untreated[name][:, 0, 0]
        return values[np.isfinite(values)]

    assert ratio(silenced, "liver.polymer_total").max() < 0.5
    assert ratio(silenced, "circulation.serum_aat").max() < 0.4
    assert ratio(silenced, "lung.inhibition").max() < 0.4
    assert ratio(both, "liver.polymer_total").max() < 0.5
    assert ratio(both, "lung.inhibition").min() > 1.5
    assert ratio(both, "liver.stress_total").max() < 1.0
