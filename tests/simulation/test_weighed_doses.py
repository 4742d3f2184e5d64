"""Amounts for the whole body, amounts for each kg, and weight that changes, against the closed form of one compartment."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from antitrypsim.foundations.errors import InputError, ModelError
from antitrypsim.modelling import Dose, Module, State, compose, dose_amount
from antitrypsim.modelling.weights import RELATIVE_WEIGHT, with_weights
from antitrypsim.organs.covariates import WEIGHT
from antitrypsim.simulation.given import DoseRecord, InputRecord
from antitrypsim.simulation.people import People
from antitrypsim.simulation.regimen import Regimen
from antitrypsim.simulation.settings import Settings
from antitrypsim.simulation.simulate import live, simulate_all
from antitrypsim.simulation.switch import switched
from tests.modelling.toys import handle, parameter

pytestmark = pytest.mark.independent

K, V = 0.055, 0.3
P = {
    name: parameter("toy", name, value, unit)
    for name, value, unit in (("k", K, "1/day"), ("v", V, "L/kg**(3/4)"))
}
BLOOD = State("toy.blood", "mg/L", "in blood")
PER_KG, WHOLE = "toy/intravenous", "toy/oral"
WEIGHTS = np.array([50.0, 80.0, 120.0])
TIMES = np.linspace(0, 40, 81)
EXACT = Settings(seed=1, tolerance=1e-9)


def model():
    k, v = handle(P["k"]), handle(P["v"])
    volume = v * WEIGHT**0.75
    return compose(
        [
            Module(
                name="toy",
                title="a body of one compartment",
                parameters=P,
                changes={BLOOD: -k * BLOOD},
                initial={BLOOD: 0},
                doses=(
                    Dose("toy", "intravenous", "mg/kg",
                         {BLOOD: dose_amount("mg/kg") * WEIGHT / volume}, "by weight"),
                    Dose("toy", "oral", "mg", {BLOOD: dose_amount("mg") / volume}, "as it is"),
                ),
            )
        ]
    )  # fmt: skip


MODEL = model()


def people():
    n = len(WEIGHTS)
    zero = np.zeros(n)
    return People(
        ids=np.arange(n), seed=1, covariates={"person.weight": WEIGHTS}, effects={}, birth=zero,
        age=zero + 1000,
    )  # fmt: skip


def lived(regimen, who=None):
    run = simulate_all(
        MODEL, who or people(), regimen, times=TIMES, outputs=["toy.blood"], settings=EXACT
    )
    return run["toy.blood"][:, 0]


def one(day, amount, weight, over=0.0):
    """Return the course after ``amount`` mg into the volume of a body of ``weight``, (people, times)."""
    t = (TIMES - day)[None, :]
    jump = (np.asarray(amount) / (V * np.asarray(weight) ** 0.75))[:, None]
    if not over:
        return np.where(t > 0, jump * np.exp(-K * t), 0.0)
    end = np.minimum(t, over)
    found = jump / over / K * (1 - np.exp(-K * end)) * np.exp(-K * (t - end))
    return np.where(t > 0, found, 0.0)


def close(found, wanted):
    np.testing.assert_allclose(found, wanted, rtol=1e-6, atol=1e-9)


def given_(*doses, weight=()):
    inputs = (InputRecord(RELATIVE_WEIGHT, *zip(*weight, strict=True)),) if weight else ()
    return Regimen("toy", tuple(DoseRecord(*d) for d in doses), inputs)


def test_a_fixed_dose_is_the_same_amount_for_every_body() -> None:
    flat = given_((PER_KG, 200.0, (0.0, 7.0), 0.0, -1))
    close(lived(flat), one(0, WEIGHTS * 0 + 200, WEIGHTS) + one(7, WEIGHTS * 0 + 200, WEIGHTS))
    per_kg = given_((PER_KG, 200.0, (0.0, 7.0)))
    close(lived(per_kg), one(0, WEIGHTS * 200, WEIGHTS) + one(7, WEIGHTS * 200, WEIGHTS))


def test_an_amount_for_each_kg_of_what_is_dosed_whole() -> None:
    close(lived(given_((WHOLE, 3.0, (2.0,), 0.0, 1))), one(2, 3 * WEIGHTS, WEIGHTS))


def test_a_fixed_dose_runs_in_beside_one_by_weight() -> None:
    both = given_(
        (PER_KG, 200.0, (0.0,), 2.5, -1), (PER_KG, 5.0, (1.0,), 4.0), (PER_KG, 1.0, (3.0,))
    )
    wanted = one(0, WEIGHTS * 0 + 200, WEIGHTS, 2.5) + one(1, 5 * WEIGHTS, WEIGHTS, 4.0)
    close(lived(both), wanted + one(3, WEIGHTS, WEIGHTS))


@pytest.mark.law
@settings(max_examples=10, deadline=None)
@given(st.lists(st.tuples(st.integers(1, 30), st.floats(0.7, 1.4)), min_size=1, max_size=3,
                unique_by=lambda change: change[0]),
       st.sampled_from([0.0, 0.5]))  # fmt: skip
def test_doses_follow_weight_that_changes(changes, over) -> None:
    """Volume and what is given follow the weight of the day; concentrations stay as weight changes."""
    changes = sorted(changes)
    days = (0.0, 7.25, 14.25, 21.25)
    regimen = given_((PER_KG, 200.0, days, over, -1), (PER_KG, 4.0, days, over), weight=changes)
    wanted = np.zeros((len(WEIGHTS), TIMES.size))
    for day in days:
        now = WEIGHTS * ([1.0] + [value for t, value in changes if t <= day])[-1]
        wanted += one(day, 200 + 4 * now, now, over)
    close(lived(regimen), wanted)


def test_weight_that_stays_changes_nothing() -> None:
    plain = given_((PER_KG, 4.0, (0.0, 7.0)), (PER_KG, 200.0, (3.0,), 0.0, -1))
    close(lived(plain + given_(weight=[(5.0, 1.0)])), lived(plain))


def test_who_has_lived_goes_on_from_there_with_another_weight() -> None:
    met = live(MODEL, people(), settings=EXACT).people
    regimen = given_((PER_KG, 4.0, (0.0, 7.0)), weight=[(5.0, 1.2)])
    close(lived(regimen, met), lived(regimen))


def test_what_hangs_on_weight_is_a_value_and_a_record() -> None:
    regimen = given_((PER_KG, 200.0, (0.0, 7.0), 0.5, -1), (WHOLE, 3.0, (2.0,), 0.0, 1),
                     (PER_KG, 4.0, (1.0,)), weight=[(5.0, 1.2)])  # fmt: skip
    assert Regimen.from_dict(regimen.to_dict()) == regimen
    assert Regimen.from_frame(regimen.to_frame()) == regimen
    assert regimen != given_((PER_KG, 200.0, (0.0, 7.0), 0.5))
    assert "BYWT" not in given_((PER_KG, 4.0, (1.0,))).to_frame()


def test_a_fixed_dose_that_is_stopped_half_way_stays_a_fixed_dose() -> None:
    change = switched(given_((PER_KG, 200.0, (0.0,), 4.0, -1)), Regimen(), 1.0)
    close(lived(change), one(0, WEIGHTS * 0 + 50, WEIGHTS, 1.0))


def test_what_cannot_be_weighed_is_refused() -> None:
    with pytest.raises(
        InputError, match="cannot hang on weight to the power of 2; -1, 0 and 1 can"
    ):
        given_((PER_KG, 1.0, (0.0,), 0.0, 2)).check(MODEL)
    with pytest.raises(
        InputError, match=r"'person.relative_weight' of 0 cannot be; it is a share of body weight"
    ):
        given_(weight=[(1.0, 0.0)]).check(MODEL)
    frame = pd.DataFrame([{"TIME": 0, "AMT": 1, "EVID": 1, "CMT": PER_KG, "BYWT": 0.5}])
    with pytest.raises(InputError, match=r"BYWT.*row 1: 0.5 cannot be; -1, 0 and 1 can"):
        Regimen.from_frame(frame)
    from tests.simulation.test_infusions import MODEL as WEIGHTLESS

    with pytest.raises(ModelError, match="this model knows no body weight"):
        with_weights(WEIGHTLESS)
