"""The power of a plain trial against theory and against Mediana (mediana.json; benchmarks/laboratory)."""

import json
from pathlib import Path

import pytest
from scipy.stats import nct, t

from antitrypsim.laboratory.power import power_curve
from antitrypsim.simulation.settings import Settings
from benchmarks.laboratory.synthetic import BETWEEN, EFFECT, NOISE, laboratory

pytestmark = pytest.mark.independent


STORED = json.loads(
    (Path(__file__).parents[1] / "reference" / "statistics" / "mediana.json").read_text("utf-8")
)
EACH = tuple(STORED["each"])
SIZES = (*EACH, 180, 220)
SD = (BETWEEN**2 + 2 * NOISE**2) ** 0.5


def theory(each):
    """Return the power of a two-sided t test at 5 %, the right way."""
    df, drift = 2 * each - 2, EFFECT / SD * (each / 2) ** 0.5
    return nct.sf(t.ppf(0.975, df), df, drift)


@pytest.fixture(scope="module")
def curve():
    return power_curve(laboratory([2 * n for n in SIZES], 4000), settings=Settings(threads=2))


def test_power_is_that_of_theory(curve):
    for each, found in zip(SIZES, curve.power, strict=True):
        assert found.value == pytest.approx(theory(each), abs=4 * found.error)


def test_power_is_that_of_mediana(curve):
    for found, theirs in zip(curve.power, STORED["power"], strict=False):
        error = (theirs * (1 - theirs) / STORED["replicates"]) ** 0.5
        assert found.value == pytest.approx(theirs, abs=4 * (found.error**2 + error**2) ** 0.5)


def test_the_size_for_a_power_is_that_of_theory(curve):
    need = next(2 * n for n in range(2, 400) if theory(n) >= 0.9)
    low, high = curve.needed_interval
    assert low - 4 <= need <= high + 4
    assert abs(curve.needed - need) <= 8


def test_type_one_error_is_nominal(curve):
    for found in curve.null:
        assert found.value == pytest.approx(0.025, abs=4 * found.error)
