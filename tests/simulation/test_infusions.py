"""Doses, infusions and steady states of a body of one compartment, against its closed form."""

import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from antitrypsim.foundations.errors import InputError, ModelError
from antitrypsim.modelling import Dose, Module, State, compose, dose_amount
from antitrypsim.modelling.infusions import infusion_of, with_infusions
from antitrypsim.simulation.given import DoseRecord
from antitrypsim.simulation.people import People
from antitrypsim.simulation.regimen import Regimen
from antitrypsim.simulation.settings import Settings
from antitrypsim.simulation.simulate import live, simulate_all
from antitrypsim.simulation.switch import switched
from antitrypsim.therapies import build_model
from tests.modelling.toys import handle, parameter

pytestmark = pytest.mark.independent

CL, V, KA = 1.1, 20.0, 1.5
K = CL / V
P = {
    name: parameter("toy", name, value, unit)
    for name, value, unit in (("cl", CL, "L/day"), ("v", V, "L"), ("ka", KA, "1/day"))
}
GUT = State("toy.gut", "mg", "in the gut")
BLOOD = State("toy.blood", "mg/L", "in blood")
ONCE, BY_MOUTH = "toy/intravenous", "toy/oral"
ALL_AT_ONCE = "toy/crowded"


def toy():
    cl, v, ka = (handle(P[name]) for name in ("cl", "v", "ka"))
    amount = dose_amount("mg")
    return Module(
        name="toy",
        title="a body of one compartment",
        parameters=P,
        changes={GUT: -ka * GUT, BLOOD: ka * GUT / v - cl / v * BLOOD},
        initial={GUT: 0, BLOOD: 0},
        doses=(
            Dose("toy", "intravenous", "mg", {BLOOD: amount / v}, "into blood"),
            Dose("toy", "oral", "mg", {GUT: amount}, "by mouth"),
            Dose("toy", "crowded", "mg", {GUT: amount**2 / (amount + GUT)}, "the more, the better"),
        ),
    )


MODEL = compose([toy()])
TIMES = np.linspace(0, 40, 81)
EXACT = Settings(seed=1, tolerance=1e-9)


def person():
    zero = np.zeros(1)
    return People(ids=np.array([1]), seed=1, covariates={}, effects={}, birth=zero, age=zero + 1000)


def lived(regimen, times=TIMES):
    run = simulate_all(MODEL, person(), regimen, times=times, outputs=["toy.blood"], settings=EXACT)
    return run["toy.blood"][0, 0]


def one(t, amount, *, over=0.0, mouth=False):
    """Return the concentration at times since the start of one dose, in mg/L."""
    t = np.asarray(t, dtype=float)
    if mouth:
        assert not over
        found = amount * KA / (V * (KA - K)) * (np.exp(-K * t) - np.exp(-KA * t))
    elif over:
        end = np.minimum(t, over)
        found = amount / over / CL * (1 - np.exp(-K * end)) * np.exp(-K * (t - end))
    else:
        found = amount / V * np.exp(-K * t)
    # At the day of a dose we read before it.
    return np.where(t > 0, found, 0.0)


def close(found, wanted):
    np.testing.assert_allclose(found, wanted, rtol=1e-6, atol=1e-9)


def records(*rows):
    base = {"ID": 1, "TIME": 0.0, "AMT": 100.0, "EVID": 1, "CMT": ONCE}
    return Regimen.from_frame(pd.DataFrame([{**base, **row} for row in rows]))


def test_doses_add_up() -> None:
    regimen = records({"ADDL": 4, "II": 6.0}, {"TIME": 3.5, "CMT": BY_MOUTH, "AMT": 50.0})
    wanted = sum(one(TIMES - 6 * k, 100) for k in range(5)) + one(TIMES - 3.5, 50, mouth=True)
    close(lived(regimen), wanted)


@pytest.mark.parametrize(
    "row", [{"RATE": 40.0}, {"DUR": 2.5}, {"TINF": 2.5}, {"RATE": -2, "DUR": 2.5}]
)
def test_an_infusion_runs_in_evenly(row) -> None:
    close(lived(records(row)), one(TIMES, 100, over=2.5))


def test_infusions_that_overlap_add_up() -> None:
    regimen = records({"DUR": 10.0, "ADDL": 3, "II": 4.0}, {"TIME": 5.0, "AMT": 30.0, "DUR": 0.5})
    wanted = sum(one(TIMES - 4 * k, 100, over=10) for k in range(4))
    close(lived(regimen), wanted + one(TIMES - 5, 30, over=0.5))


@pytest.mark.parametrize("over", [0.0, 2.0, 9.0])
def test_a_steady_state_before_day_0(over) -> None:
    regimen = records({"SS": 1, "II": 7.0, "ADDL": 2, "DUR": over})
    wanted = sum(one(TIMES - 7 * k, 100, over=over) for k in range(-200, 3))
    close(lived(regimen), wanted)
    # The textbook's trough of doses every 7 days.
    if not over:
        close(lived(regimen, [0.0])[0], 100 / V * math.exp(-7 * K) / (1 - math.exp(-7 * K)))


def test_a_steady_state_by_mouth_beside_another_dose() -> None:
    regimen = records({"SS": 1, "II": 1.0, "CMT": BY_MOUTH}, {"TIME": 2.0, "AMT": 20.0},
                      {"TIME": 10.0, "SS": 2, "II": 5.0, "AMT": 60.0})  # fmt: skip
    wanted = sum(one(TIMES + k, 100, mouth=True) for k in range(600)) + one(TIMES - 2, 20)
    wanted = wanted + sum(one(TIMES - 10 + 5 * k, 60) for k in range(200))
    close(lived(regimen), wanted)


@pytest.mark.law
@settings(max_examples=15, deadline=None)
@given(st.lists(st.tuples(st.integers(-20, 30), st.integers(1, 90), st.sampled_from([0.0, 0.25, 3.0])),
                min_size=1, max_size=5))  # fmt: skip
def test_any_mixture_is_the_sum_of_its_parts(given) -> None:
    regimen = records(*({"TIME": float(t), "AMT": float(a), "DUR": d} for t, a, d in given))
    close(lived(regimen), sum(one(TIMES - t, a, over=d) for t, a, d in given))


def test_addl_is_the_rows_written_out_bit_for_bit() -> None:
    short = records({"DUR": 1.5, "ADDL": 3, "II": 7.0})
    long = records(*({"TIME": 7.0 * k, "DUR": 1.5} for k in range(4)))
    assert short == long
    assert short.content_hash == long.content_hash
    np.testing.assert_array_equal(lived(short), lived(long))


def test_an_infusion_is_the_limit_of_ever_smaller_doses() -> None:
    parts = 4096
    many = Regimen(
        doses=(DoseRecord(ONCE, 100 / parts, tuple(2.5 * k / parts for k in range(parts))),)
    )
    np.testing.assert_allclose(lived(many, [5.0]), one([5.0], 100, over=2.5), rtol=1e-4)


def test_an_infusion_is_cut_off_where_somebody_changes() -> None:
    change = switched(records({"DUR": 10.0}, {"TIME": 1.0}), Regimen(), 4.0)
    close(lived(change), one(TIMES, 40, over=4.0) + one(TIMES - 1, 100))


def test_who_has_lived_goes_on_from_there() -> None:
    people = live(MODEL, person(), settings=EXACT).people
    again = simulate_all(MODEL, people, records({"DUR": 2.5}), times=TIMES, outputs=["toy.blood"],
                         as_enrolled=True, settings=EXACT)  # fmt: skip
    close(again["toy.blood"][0, 0], one(TIMES, 100, over=2.5))


def test_a_regimen_with_infusions_is_a_value() -> None:
    regimen = records({"DUR": 2.5}, {"TIME": 7.0})
    assert Regimen.from_dict(regimen.to_dict()) == regimen
    assert regimen != records({}, {"TIME": 7.0})
    assert Regimen.from_frame(regimen.to_frame()) == regimen


def test_what_is_no_infusion_is_refused() -> None:
    with pytest.raises(ModelError, match=r"'toy/crowded': this cannot be given over a time"):
        with_infusions(MODEL, ((ALL_AT_ONCE, 0),))
    with pytest.raises(InputError, match="cannot run in over inf days"):
        Regimen(doses=(DoseRecord(ONCE, 1.0, (0.0,), math.inf),)).check(MODEL)
    rejection = build_model()
    held = next(d.name for d in rejection.doses if d.holds is not None)
    with pytest.raises(ModelError, match="this holds a level"):
        with_infusions(rejection, ((held, 0),))
    landing = next(d.name for d in rejection.doses if d.product == "msc")
    with pytest.raises(ModelError, match="cannot be given over a time"):
        with_infusions(rejection, ((landing, 0),))


def test_augmentation_can_be_infused() -> None:
    model = with_infusions(
        build_model(therapies=("augmentation",)), (("augmentation/intravenous", 0),)
    )
    assert infusion_of("augmentation/intravenous") in [handle.name for handle in model.inputs]
