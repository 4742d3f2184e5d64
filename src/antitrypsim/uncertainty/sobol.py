"""What each grade decides, with all that it does together with others: Sobol indices by pick-freeze.

More exact than the shares from the draws, and dearer: every grade costs as many runs as the draws.
Sampling and estimators are those of SALib (Iwanaga, Usher and Herman 2022,
doi:10.18174/sesmo.18155): a scrambled Sobol sequence, the first-order estimator of Saltelli et al.
2010 (doi:10.1016/j.cpc.2009.09.018) and the total one of Jansen, errors by bootstrap.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from antitrypsim.evidence.grade import GRADES
from antitrypsim.foundations.errors import InputError
from antitrypsim.foundations.plain import Plain
from antitrypsim.modelling import Model
from antitrypsim.uncertainty.draws import Draws, typical
from antitrypsim.uncertainty.variance_shares import uncertain

Floats = NDArray[np.float64]

METHOD = "pick-freeze by grade on a scrambled Sobol sequence (Saltelli 2010; total effects: Jansen)"


@dataclass(frozen=True, slots=True)
class SobolByGrade:
    """By grade, the closed first-order and the total share of the variance, each with its error.

    ``closed`` is what the parameters of a grade explain among themselves, ``total`` what would be
    left over if all others were known. ``runs`` is how many answers were asked for, ``mean`` and ``sd`` are
    theirs.
    """

    closed: Mapping[str, tuple[float, float]]
    total: Mapping[str, tuple[float, float]]
    runs: int
    mean: float
    sd: float
    method: str

    def to_dict(self) -> Plain:
        """Return plain data."""
        return {
            "method": self.method,
            "runs": self.runs,
            "mean": self.mean,
            "sd": self.sd,
            "closed": {grade: list(pair) for grade, pair in self.closed.items()},
            "total": {grade: list(pair) for grade, pair in self.total.items()},
        }


def check_points(count: int) -> None:
    """Raise InputError for a number of points that cannot be."""
    if count < 8 or count & (count - 1):
        raise InputError(f"{count} points cannot be; take a power of two from 8 on, such as 256")


def sobol_by_grade(
    model: Model, answer: Callable[[Draws], Floats], count: int, seed: int
) -> SobolByGrade:
    """Return what each grade decides of ``answer``, which is asked count * (grades + 2) times.

    ``answer`` takes draws and returns a number for each. ``count`` is a power of two. Raises
    InputError without SALib, for another count, for a model without uncertainty, and for answers
    that are not numbers or do not vary.
    """
    try:
        from SALib.analyze import sobol as analysis
        from SALib.sample import sobol as sampling
    except ImportError:
        raise InputError(
            "Sobol indices need SALib; install it with: pip install 'antitrypsim[sensitivity]'"
        ) from None
    check_points(count)
    at = uncertain(model)
    if not at:
        raise InputError(
            "no parameter of this model is uncertain, so that there is nothing to share"
        )
    problem = {
        "num_vars": len(at),
        "names": [model.parameters[k].id for k in at],
        "groups": [model.parameters[k].grade for k in at],
        "bounds": [[0.0, 1.0]] * len(at),
        "dists": ["norm"] * len(at),
    }
    z = sampling.sample(problem, count, calc_second_order=False, seed=seed)
    y = np.asarray(answer(_draws(model, at, z)), dtype=np.float64)
    if y.shape != (len(z),) or not np.all(np.isfinite(y)):
        raise InputError(f"the answer must be one number for each of {len(z)} draws")
    if float(np.ptp(y)) == 0.0:
        raise InputError("the answer is the same in every draw, so that nothing decides it")
    # SALib takes a seed of 0 for none.
    found = analysis.analyze(problem, y, calc_second_order=False, conf_level=0.6827, seed=seed + 1)
    order = list(dict.fromkeys(problem["groups"]))  # type: ignore[call-overload]

    def pairs(name: str) -> dict[str, tuple[float, float]]:
        by_grade = {
            grade: (float(found[name][k]), float(found[f"{name}_conf"][k]))
            for k, grade in enumerate(order)
        }
        return {grade: by_grade.get(grade, (0.0, 0.0)) for grade in GRADES}

    return SobolByGrade(pairs("S1"), pairs("ST"), len(y), float(y.mean()), float(y.std()), METHOD)


def _draws(model: Model, at: tuple[int, ...], z: Floats) -> Draws:
    values = np.repeat(typical(model).values, len(z), axis=0)
    for column, k in enumerate(at):
        parameter = model.parameters[k]
        values[:, k] = parameter.uncertainty.transform(parameter.value, z[:, column])
    return Draws(model.parameter_names, values)
