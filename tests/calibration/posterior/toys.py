"""Likelihoods whose posteriors are known."""

import numpy as np

from antitrypsim.calibration.posterior.calibrate import Plan, Problem
from antitrypsim.calibration.posterior.data import Datum
from antitrypsim.calibration.posterior.likelihood import Likelihood
from antitrypsim.calibration.posterior.surface import Surface
from antitrypsim.calibration.statistic import Statistic
from antitrypsim.evidence import Spread
from antitrypsim.uncertainty.unknowns import Unknown


def surface(linear, square=None, pairs=(), cross=None, intercept=None):
    linear = np.array(linear, dtype=float)
    s, p = linear.shape
    return Surface(
        np.zeros(p), np.ones(p), np.zeros(s) if intercept is None else np.array(intercept, float),
        linear, np.zeros((s, p)) if square is None else np.array(square, float),
        np.array(pairs, dtype=np.int64).reshape(-1, 2),
        np.zeros((s, len(pairs))) if cross is None else np.array(cross, float),
    )  # fmt: skip


def linear_toy(p=6, s=4, seed=1, noise=0.3):
    rng = np.random.default_rng(seed)
    slopes = rng.normal(size=(s, p))
    slopes[:, p - 1] = 0.0
    return Likelihood(surface(slopes), rng.normal(size=s), noise**2 * np.eye(s))


def exact(likelihood):
    """Mean and covariance of the posterior of a linear likelihood."""
    j, n = likelihood.surface.linear, np.linalg.inv(likelihood.noise)
    covariance = np.linalg.inv(np.eye(j.shape[1]) + j.T @ n @ j)
    return covariance @ j.T @ n @ (likelihood.centre - likelihood.surface.intercept), covariance


def bent_toy():
    """Two statistics of three scores, one bent, one with a product: no normal."""
    one = surface(
        [[1.0, 0.5, 0.0], [0.0, 0.8, 0.6]], [[0.35, 0.0, 0.0], [0.0, 0.0, 0.2]],
        pairs=[(0, 1)], cross=[[0.0], [0.3]],
    )  # fmt: skip
    return Likelihood(one, np.array([0.8, -0.4]), np.diag([0.3**2, 0.4**2]))


UNKNOWNS = tuple(
    Unknown(f"toy.{name}", "value", 2.0, Spread("lognormal", cv=0.3), grade, f"the {name}", "g/L")
    for name, grade in [
        ("one", "fitted"),
        ("other", "assumed"),
        ("third", "measured"),
        ("idle", "scaled"),
    ]
)


def datum(target, check, centre, sd, scale="plain"):
    low, high = centre - 1.96 * sd, centre + 1.96 * sd
    if scale == "log":
        low, high = np.exp([low, high])
    return Datum(target, check, "toys", scale, centre, sd, low, high, "g/L")


DATA = (
    datum("TOY-1", "product", np.log(4.4), 0.05, "log"),
    datum("TOY-2", "third", 1.7, 0.1),
    datum("TOY-3", "hopeless", 0.0, 0.01),
)
VALIDATED = (datum("TOY-4", "ratio", 1.0, 0.2),)


def toy_evaluate(parameters, people, seed, *, targets, settings):
    """A world of four numbers: a product, one by itself, pure chance, and a ratio for validation."""
    v = parameters.values
    chance = np.random.default_rng([seed, people]).normal(size=3) / np.sqrt(people)
    # What no emulator can follow: it jumps with every digit.
    jump = np.sin(1e6 * v["toy.one"])
    found = {
        "TOY-1 product": Statistic(
            "product", v["toy.one"] * v["toy.other"] * (1 + 0.1 * chance[0]), 0.01
        ),
        "TOY-2 third": Statistic("third", v["toy.third"] + 0.1 * chance[1], 0.1 / np.sqrt(people)),
        "TOY-3 hopeless": Statistic("hopeless", jump, 0.01),
        "TOY-4 ratio": Statistic("ratio", v["toy.one"] / v["toy.other"], 0.01),
    }
    return {label: one for label, one in found.items() if label.split()[0] in targets}


PROBLEM = Problem(UNKNOWNS, DATA, VALIDATED, "toy equations", "toy base")
PLAN = Plan(waves=2, runs=60, people=100, checked=60, checked_people=200, draws=400)
