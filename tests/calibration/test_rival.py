"""The published model of lung density beside ours: its own numbers, and where both stand."""

import numpy as np
import pytest

from antitrypsim.calibration.rival import (
    DOSES,
    density_rival,
    is_rivalled,
    published_exposure,
    published_slope,
)
from antitrypsim.evidence import load_registry
from antitrypsim.protocols.therapytext import parse_therapy
from antitrypsim.simulation.settings import Settings

pytestmark = pytest.mark.independent

SETTINGS = Settings(seed=3)


def test_the_reference_person() -> None:
    # Worked by hand from BIO-B13 to BIO-B21: 60 mg/kg of 77 kg a week are 660 mg a day, 13.2 µM.
    np.testing.assert_allclose(published_exposure(5.5, 77.0, 0.0), 5.42)
    np.testing.assert_allclose(published_exposure(5.5, 77.0, 60.0), 5.42 + 0.02 * 660)
    np.testing.assert_allclose(published_slope(5.5, 77.0, 1.6, 0.0), -2.18)
    np.testing.assert_allclose(published_slope(5.5, 77.0, 1.6, 60.0), -2.18 + 0.06 * 13.2)
    np.testing.assert_allclose(published_slope(5.5, 77.0, 2.6, 0.0), -2.18 + 0.56)


def test_another_person() -> None:
    gained = 0.02 * (100 / 77) ** -0.85 * (8 / 5.5) ** -0.12 * (60 * 100 / 7)
    wanted = 5.42 * (8 / 5.5) ** 0.73 + gained
    np.testing.assert_allclose(published_exposure(8.0, 100.0, 60.0), wanted)


@pytest.mark.contract
def test_its_numbers_are_facts_that_were_read() -> None:
    known = load_registry()
    for id in ("BIO-B13", "BIO-B17", "BIO-B61", "BIO-B62"):
        fact = known.fact(id)
        assert fact.identifier == "10.1111/bcp.13358"
        assert fact.seen


@pytest.mark.law
def test_both_by_dose() -> None:
    found = density_rival(24, settings=SETTINGS)
    assert found.doses == DOSES
    steps = np.diff(found.published)
    np.testing.assert_allclose(steps, steps[0])
    # Ours gains less by each step than by the one before.
    ours = np.diff(found.ours)
    assert (ours > 0).all()
    assert (np.diff(ours) < 0).all()
    here, theirs = found.at(found.given)
    far, line = found.at(max(DOSES))
    assert abs(here - theirs) < 0.5
    assert line - theirs > far - here
    assert found == density_rival(24, settings=SETTINGS)


@pytest.mark.law
@pytest.mark.parametrize(
    ("text", "spoken_of"),
    [("augmentation:60mg/kg/week", True), ("augmentation:120mg/kg/2weeks", True),
     ("augmentation@inhaled:80mg/day", False), ("msc@intravenous[source=autologous]:2e8cells/once", False),
     ("augmentation:60mg/kg/week + msc@intravenous[source=autologous]:2e8cells/once", False)],
)  # fmt: skip
def test_of_what_it_speaks(text, spoken_of) -> None:
    assert is_rivalled(parse_therapy(text, 2)) is spoken_of
