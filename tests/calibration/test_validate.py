"""Every published target with few people: bands as wide as chance, known shortfalls expected."""

from functools import cache
from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from antitrypsim.calibration.populations import POPULATIONS
from antitrypsim.calibration.scene import Scene
from antitrypsim.calibration.target import Check, published_targets
from antitrypsim.calibration.targets import studies
from antitrypsim.calibration.validate import by_population, known_shortfalls, validate
from antitrypsim.simulation.settings import Settings
from antitrypsim.therapies import build_model

pytestmark = pytest.mark.regression


PEOPLE = 300
ERRORS = 4.0
"""How many Monte Carlo errors a check may lie outside its bounds; there are about a hundred."""


@cache
def model():
    return build_model()


@pytest.fixture(scope="module")
def scene():
    return Recording(model(), people=PEOPLE)


class Recording(Scene):
    asked: set[str]

    def cohort(self, name):
        self.asked.add(name)
        return super().cohort(name)

    def run(self, name, *rest):
        self.asked.add(name)
        return super().run(name, *rest)


@pytest.mark.parametrize("id", list(studies()))
def test_no_target_is_missed_by_more_than_chance(scene, id):
    scene.asked = set()
    checks = studies()[id](scene)
    assert scene.asked == studies()[id].populations, "what a study declares is what it asks for"
    # Of so few people none may have what one row of TGT-43 asks for, an FEV1 of 13 to 17 %, or be admitted (TGT-23).
    assert all(np.isfinite(check.value) for check in checks if check.bounded) or id == "TGT-43"
    missed = [
        f"{c} ({c.low:g} to {c.high:g}, error {c.error:.2g})" for c in checks if c.beyond > ERRORS
    ]
    if missed and id in known_shortfalls():
        pytest.xfail(known_shortfalls()[id])
    assert not missed


@pytest.mark.contract
def test_every_known_shortfall_is_a_target_that_chose_nothing_or_says_what_would_mend_it():
    assert set(known_shortfalls()) <= set(studies())
    for id, reason in known_shortfalls().items():
        role = published_targets()[id].role
        assert role.startswith("validate") or "would" in reason, "what would mend it"
        assert len(reason) > 40


@pytest.mark.law
@pytest.mark.parametrize(
    ("value", "error", "beyond"),
    [(1.0, 0.1, 0.0), (2.0, 0.0, 0.0), (2.5, 0.25, 2.0), (0.5, 0.0, np.inf), (np.nan, 1.0, np.inf)],
)
def test_how_far_outside_is_counted_in_errors(value, error, beyond):
    assert Check("x", value, 1.0, 2.0, error).beyond == pytest.approx(beyond)


def test_what_chance_could_have_brought_within_its_bounds_is_not_judged():
    assert Check("x", 1.5, 1.0, 2.0, 0.05).verdict == "met"
    assert Check("x", 1.5, 1.0, 2.0, 0.3).verdict == "not judged"
    assert Check("x", 2.5, 1.0, 2.0, 0.3).verdict == "missed"


NEEDS = st.dictionaries(
    st.integers(0, 30).map(lambda k: f"TGT-{k:02d}"),
    st.frozensets(st.sampled_from(sorted(POPULATIONS)), max_size=4),
    max_size=12,
)


@pytest.mark.law
@given(NEEDS)
def test_every_target_comes_once_with_what_it_needs(needs):
    order = list(by_population(needs))
    assert sorted(id for id, _ in order) == sorted(needs)
    for k, (id, kept) in enumerate(order):
        later = frozenset().union(*(needs[other] for other, _ in order[k:]))
        assert needs[id] <= kept <= later, "nothing is kept that no later target needs"


@pytest.mark.law
def test_each_population_is_enrolled_once_and_few_are_held():
    needs = {id: study.populations for id, study in studies().items()}
    enrolled, held = [], frozenset()
    for _, kept in by_population(needs):
        enrolled += sorted(kept - held)
        assert len(kept) <= 6
        held = kept
    assert len(enrolled) == len(set(enrolled))


@pytest.mark.contract
def test_rows_come_in_the_order_asked_for_and_tell_how_far():
    said = []
    asked = ("TGT-36", "TGT-03", "TGT-17")
    found = validate(
        model=model(),
        people=40,
        only=asked,
        settings=Settings(progress=lambda stage, *_: said.append(stage)),
    )
    assert tuple(row.published.id for row in found.rows) == asked
    assert said
    assert all(each.partition(" of 3 targets: ")[0] in {"1", "2", "3"} for each in said)


@pytest.mark.law
def test_a_population_let_go_comes_back_the_same():
    scene = Scene(model(), people=20)
    before = scene.run("adults MM", ("liver.alt",), (0.0,))["liver.alt"]
    scene.keep(())
    assert not scene._cohorts
    assert not scene._runs
    after = scene.run("adults MM", ("liver.alt",), (0.0,))["liver.alt"]
    assert np.array_equal(before, after)


@pytest.mark.law
def test_a_life_that_comes_twice_counts_once_in_the_error():
    class Twice(Scene):
        def __init__(self, ids):
            super().__init__(build_model(therapies=()), people=len(ids))
            self._cohorts["clinic"] = SimpleNamespace(people=SimpleNamespace(ids=np.array(ids)))

    assert Twice([1, 2, 3, 4]).twice(["clinic", "another"]) == 1.0
    assert Twice([1, 1, 2, 2]).twice(["clinic"]) == pytest.approx(np.sqrt(2))
    # One life alone is one number, whatever is counted.
    assert Twice([7] * 9).twice(["clinic"]) == pytest.approx(3.0)
