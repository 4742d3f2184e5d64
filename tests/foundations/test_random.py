import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from antitrypsim.foundations.random import (
    _open_unit,
    exponentials,
    generator,
    normals,
    uniforms,
)

pytestmark = pytest.mark.law


people = st.lists(st.integers(0, 5000), min_size=1, max_size=40, unique=True)
widths = st.integers(1, 9)


@given(people, widths, st.integers(0, 2**31))
def test_same_seed_same_bits(ids, width, seed):
    ids = np.array(ids)
    assert np.array_equal(uniforms(seed, "a", ids, width), uniforms(seed, "a", ids, width))


@given(people, widths)
def test_a_person_is_the_same_whoever_else_is_asked(ids, width):
    together = uniforms(1, "times", np.array(ids), width)
    for row, person in zip(together, ids, strict=True):
        assert np.array_equal(row, uniforms(1, "times", np.array([person]), width)[0])


@given(people, widths, st.randoms(use_true_random=False))
def test_order_and_chunks_change_nothing(ids, width, shuffler):
    ids = np.array(ids)
    whole = uniforms(1, "times", ids, width)
    order = list(range(ids.size))
    shuffler.shuffle(order)
    assert np.array_equal(uniforms(1, "times", ids[order], width), whole[order])
    cut = shuffler.randint(0, ids.size)
    halves = [uniforms(1, "times", part, width) for part in (ids[:cut], ids[cut:])]
    assert np.array_equal(np.concatenate(halves), whole)


def test_nobody_shares_numbers():
    found = uniforms(1, "times", np.arange(2000), 5)
    assert np.unique(found).size == found.size


def test_seeds_and_purposes_differ():
    ids = np.arange(100)
    one = uniforms(1, "exacerbation times", ids)
    assert not np.intersect1d(one, uniforms(2, "exacerbation times", ids)).size
    assert not np.intersect1d(one, uniforms(1, "death times", ids)).size


@given(people, st.text(max_size=20))
def test_strictly_between_0_and_1(ids, purpose):
    found = uniforms(0, purpose, np.array(ids), 7)
    assert np.all(found > 0)
    assert np.all(found < 1)


def test_the_extreme_bits_stay_strictly_between_0_and_1():
    lowest, highest = _open_unit(np.array([0, 2**64 - 1], dtype=np.uint64))
    assert 0 < lowest < highest < 1


def test_means_and_variances():
    ids = np.arange(50_000)
    flat, bell, waiting = (
        make(3, "check", ids)[:, 0] for make in (uniforms, normals, exponentials)
    )
    # Five standard errors of each mean and variance.
    assert flat.mean() == pytest.approx(1 / 2, abs=0.0065)
    assert flat.var() == pytest.approx(1 / 12, abs=0.0017)
    assert bell.mean() == pytest.approx(0, abs=0.0225)
    assert bell.var() == pytest.approx(1, abs=0.032)
    assert waiting.mean() == pytest.approx(1, abs=0.0225)
    assert waiting.var() == pytest.approx(1, abs=0.065)
    neighbours = np.corrcoef(flat[:-1], flat[1:])[0, 1]
    assert neighbours == pytest.approx(0, abs=0.0225)


def test_normals_and_exponentials_come_from_the_same_uniforms():
    ids = np.arange(20)
    flat = uniforms(4, "x", ids, 2)
    assert np.allclose(exponentials(4, "x", ids, 2), -np.log(flat))
    assert np.array_equal(normals(4, "x", ids, 2) > 0, flat > 0.5)


@pytest.mark.contract
def test_no_people():
    assert uniforms(1, "x", np.array([], dtype=np.int64), 3).shape == (0, 3)


def test_a_whole_generator_is_fixed_by_seed_and_purpose():
    assert generator(1, "a").integers(1 << 60) == generator(1, "a").integers(1 << 60)
    assert generator(1, "a").integers(1 << 60) != generator(1, "b").integers(1 << 60)
