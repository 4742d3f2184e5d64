"""Observed orders of the methods, in plain numpy, on a problem forced in time."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.integrate import solve_ivp

from antitrypsim.engine.tableau import TABLEAUS

pytestmark = pytest.mark.independent


def _rate(t, y):
    a, b, c = y
    return np.array([-a * b + np.sin(2 * t), a**2 - b * c, np.cos(t) * a - 0.5 * c**2])


def _jacobian(t, y):
    a, b, c = y
    return np.array([[-b, -a, 0], [2 * a, -c, -b], [np.cos(t), 0, -c]])


def _drift(t, y):
    return np.array([2 * np.cos(2 * t), 0, -np.sin(t) * y[0]])


def _step(tab, t, y, h):
    matrix = np.eye(3) / (h * tab.gamma) - _jacobian(t, y)
    u = np.zeros((tab.stages, 3))
    for i in range(tab.stages):
        inside = y + np.array(tab.A[i]) @ u[:i] if i else y
        right = _rate(t + tab.c[i] * h, inside) + tab.d[i] * h * _drift(t, y)
        if i:
            right = right + np.array(tab.C[i]) @ u[:i] / h
        u[i] = np.linalg.solve(matrix, right)
    return y + np.array(tab.b) @ u, np.array(tab.e) @ u, u


def _exact(end):
    y0 = np.array([1.0, 0.5, 0.8])
    return solve_ivp(_rate, (0, end), y0, "DOP853", rtol=1e-13, atol=1e-14).y[:, -1]


def _slope(steps, errors):
    return np.polyfit(np.log(steps), np.log(errors), 1)[0]


@pytest.mark.parametrize("tab", TABLEAUS.values(), ids=lambda t: t.name)
def test_order_of_solution(tab):
    sizes, errors = [], []
    exact = _exact(2.0)
    for count in (20, 40, 80):
        y, h = np.array([1.0, 0.5, 0.8]), 2.0 / count
        for k in range(count):
            y = _step(tab, k * h, y, h)[0]
        sizes.append(h)
        errors.append(np.abs(y - exact).max())
    assert _slope(sizes, errors) > tab.order - 0.35


@pytest.mark.parametrize("tab", TABLEAUS.values(), ids=lambda t: t.name)
def test_order_of_estimate_and_dense_output(tab):
    y0 = np.array([1.0, 0.5, 0.8])
    sizes = [0.1, 0.05, 0.025]
    estimates, dense = [], []
    for h in sizes:
        y, e, u = _step(tab, 0.0, y0, h)
        estimates.append(np.abs(e).max())
        s = 0.37
        inner = sum(s**m * (np.array(row) @ u) for m, row in enumerate(tab.H))
        value = (1 - s) * y0 + s * (y + (1 - s) * inner)
        dense.append(np.abs(value - _exact(s * h)).max())
    assert _slope(sizes, estimates) == pytest.approx(tab.estimate + 1, abs=0.5)
    assert _slope(sizes, dense) > len(tab.H) + 1.6


@pytest.mark.parametrize("tab", TABLEAUS.values(), ids=lambda t: t.name)
def test_conditions_of_order_three_and_consistent_rows(tab):
    """The coefficients of the untransformed method, back from those of the transformed one."""
    n = tab.stages

    def square(rows):
        return np.array([[*row, *(0.0,) * (n - len(row))] for row in rows])

    gammas = np.linalg.inv(np.eye(n) / tab.gamma - square(tab.C))
    alphas = square(tab.A) @ gammas
    weights = np.array(tab.b) @ gammas
    beta = (alphas + gammas).sum(axis=1)
    assert alphas.sum(axis=1) == pytest.approx(np.array(tab.c), abs=1e-13)
    assert gammas.sum(axis=1) == pytest.approx(np.array(tab.d), abs=2e-13)
    assert weights.sum() == pytest.approx(1, abs=1e-13)
    assert weights @ beta == pytest.approx(1 / 2, abs=1e-13)
    assert weights @ np.array(tab.c) ** 2 == pytest.approx(1 / 3, abs=1e-13)
    assert weights @ (alphas + gammas) @ beta == pytest.approx(1 / 6, abs=1e-13)


@pytest.mark.parametrize("tab", TABLEAUS.values(), ids=lambda t: t.name)
def test_stiff_limit_is_zero(tab):
    """L-stable: a huge negative rate is damped in one step."""
    rate, h = -1e9, 1.0
    u = np.zeros(tab.stages)
    for i in range(tab.stages):
        inside = 1.0 + np.dot(tab.A[i], u[:i])
        u[i] = (rate * inside + np.dot(tab.C[i], u[:i]) / h) / (1 / (h * tab.gamma) - rate)
    assert abs(1.0 + np.dot(tab.b, u)) < 1e-6
