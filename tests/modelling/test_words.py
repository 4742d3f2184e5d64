"""Words of which equations are written."""

import numpy as np
import pytest
import sympy

from antitrypsim.modelling import softplus

pytestmark = pytest.mark.law


def test_a_rounded_corner_holds_hundreds_of_widths_on_either_side():
    x = sympy.Symbol("x")
    found = sympy.lambdify(x, softplus(x, 0.02))
    near = np.linspace(-1, 1, 401)
    np.testing.assert_allclose(
        found(near), 0.02 * np.logaddexp(0, near / 0.02), rtol=1e-5, atol=1e-9
    )
    with np.errstate(over="raise", invalid="raise"):
        np.testing.assert_allclose(found(np.array([-50.0, 50.0])), [0, 50], atol=1e-9)
