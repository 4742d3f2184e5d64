"""Places of a cohort: the first person who is suited takes one, and who comes later was never met."""

import numpy as np
import pytest

from antitrypsim.populations.places import Places
from antitrypsim.simulation.people import InputCourse, People, Snapshot

pytestmark = pytest.mark.contract


def _people(ids):
    ids = np.asarray(ids, dtype=np.int64)
    own = ids.astype(float)
    return People(
        ids=ids, seed=1, covariates={"person.weight": own}, effects={"lung.x": -own},
        birth=np.zeros(ids.size), age=np.full(ids.size, 1.0),
        courses={"person.smoking": InputCourse(own[:, None], own[:, None])},
        labels={"sex": np.array([f"s{k}" for k in ids], dtype=object)},
        snapshot=Snapshot("key", own[:, None], ids[:, None]),
    )  # fmt: skip


def test_the_first_who_is_suited_takes_the_place():
    places = Places(3)
    met = places.fill(
        _people([10, 11, 20, 21, 30, 31]), np.array([False, True, False, False, True, True])
    )
    # Of the third place the first is taken, so that the second was never met.
    assert met.tolist() == [True, True, True, True, True, False]
    assert (places.met, places.taken, places.open.tolist()) == (5, 2, [1])
    places.fill(_people([22]), np.array([True]))
    assert (places.met, places.taken, places.open.size) == (6, 3, 0)
    found = places.people()
    # By place, whenever each was taken, with all that is theirs.
    assert found.ids.tolist() == [11, 22, 30]
    np.testing.assert_array_equal(found.covariates["person.weight"], found.ids)
    np.testing.assert_array_equal(found.effects["lung.x"], -found.ids)
    np.testing.assert_array_equal(found.courses["person.smoking"].times[:, 0], found.ids)
    np.testing.assert_array_equal(found.snapshot.hazard_counts[:, 0], found.ids)
    assert found.labels["sex"].tolist() == ["s11", "s22", "s30"]


def test_nobody_takes_a_place_where_nobody_is_suited():
    places = Places(2)
    met = places.fill(_people([1, 2]), np.zeros(2, dtype=bool))
    assert met.all()
    assert (places.met, places.taken, places.open.tolist()) == (2, 0, [0, 1])
