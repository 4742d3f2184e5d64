"""The words of a cell's fate: nothing is made of nothing, and nothing is lost twice."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from antitrypsim.therapies.fate import early, landing, late, per_day, staying

pytestmark = pytest.mark.law


rates = st.floats(1e-4, 10)
shares = st.floats(0, 1)
amounts = st.floats(0, 1e12)
few = st.floats(0, 1e3)


@given(st.floats(1e-2, 1e4))
def test_a_half_life_halves(half_life):
    left = math.exp(-float(per_day(half_life)) * half_life)
    assert left == pytest.approx(0.5, rel=1e-12)


@given(amounts, shares, shares)
def test_no_more_land_than_were_given(amount, viability, share):
    landed = landing(amount, viability=viability, share=share)
    assert 0 <= landed <= amount
    assert landing(amount) == amount


@given(amounts, shares, shares)
def test_two_doses_land_as_their_sum(amount, viability, share):
    one = landing(amount, viability=viability, share=share)
    assert landing(2 * amount, viability=viability, share=share) == pytest.approx(2 * one)


@given(few, rates, shares)
def test_what_leaves_early_stays_or_is_lost(landed, loss, kept):
    leaves = -early(landed, loss=loss)
    stays, lost = (staying(landed, loss=loss, kept=k) for k in (kept, 1 - kept))
    assert leaves == pytest.approx(stays + lost, rel=1e-12)


@given(few, few, rates, rates, shares)
def test_all_cells_change_by_growth_and_by_what_is_lost(landed, lasting, loss, slow, kept):
    growth = 0.5
    inflow = staying(landed, loss=loss, kept=kept)
    change = early(landed, loss=loss, growth=growth) + late(lasting, inflow=inflow, loss=slow)
    lost = (1 - kept) * loss * landed + slow * lasting
    assert change == pytest.approx(growth * landed - lost, rel=1e-9, abs=1e-9)


@given(rates, rates, shares)
def test_nothing_comes_of_nothing(loss, slow, kept):
    inflow = staying(0, loss=loss, kept=kept)
    assert early(0, loss=loss, growth=3) == inflow == late(0, inflow=inflow, loss=slow) == 0


@given(st.floats(0.1, 5), st.floats(0.001, 0.05), st.floats(0.001, 1), st.floats(0, 300))
def test_the_course_is_the_sum_of_two_falls(fast, slow, kept, day):
    share = kept * fast / (fast - slow)
    quickly, slowly = math.exp(-fast * day), math.exp(-slow * day)
    landed, lasting = quickly, share * (slowly - quickly)
    assert early(landed, loss=fast) == pytest.approx(-fast * quickly)
    rise = late(lasting, inflow=staying(landed, loss=fast, kept=kept), loss=slow)
    assert rise == pytest.approx(share * (fast * quickly - slow * slowly), abs=1e-12)
