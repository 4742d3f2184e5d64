"""Simulation-based calibration through the real simulation, by the runs of the packed first wave.

    python validation/posterior/ranks.py [sets]

Each run of the first wave is a world whose scores are known: drawn from a normal half as wide as the prior, which is the
prior here. What it showed, with the published error drawn on top, is taken for the targets; emulators are fitted to the
other runs only (ten parts), and the posterior is drawn. The rank of what was true among the draws has to be uniform: of the 20
scores that the targets teach most, and of five statistics that are left out of the targets and predicted. The same with half the
noise has to fail. What is found is written into ranks.json beside this file.
"""

import json
import sys
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq

from antitrypsim.calibration.posterior.calibrate import Plan, Problem, problem_of
from antitrypsim.calibration.posterior.likelihood import Likelihood
from antitrypsim.calibration.posterior.normal import FIRST
from antitrypsim.calibration.posterior.sbc import Ranks
from antitrypsim.calibration.posterior.smc import sample
from antitrypsim.calibration.posterior.surface import Fitted, fit_surface, shrunk_covariance
from antitrypsim.foundations.files import write_file
from antitrypsim.foundations.random import generator

HERE = Path(__file__).parent
PARTS, DRAWS, SCORES = 10, 199, 20
PREDICTED = (
    "TGT-04 77 kg µM", "TGT-07 mean g/L/year", "TGT-15 level points", "TGT-17 ZZ kPa", "TGT-41 FEV1 %",
)  # fmt: skip


def first_wave(problem: Problem) -> tuple[np.ndarray, np.ndarray]:
    """Return scores as standard normals (runs, p) and statistics on their scales (runs, s) of the runs that could be lived."""
    table = pq.read_table(HERE / "wave-1.parquet")
    scores = np.array(table["scores"].to_pylist()) / FIRST
    values = np.stack(
        [d.scaled(table[f"{d.label} value"].to_numpy()) for d in problem.data], axis=1
    )
    lived = np.array([each is None for each in table["failed"].to_pylist()])
    return scores[lived], values[lived]


def noise_of(fitted: Fitted, sd: np.ndarray, used: np.ndarray, share: float = 1.0) -> np.ndarray:
    """Return the noise of the used statistics, times ``share``."""
    return share * (np.diag(sd[used] ** 2) + shrunk_covariance(fitted.residuals[:, used]))


def ranks(problem: Problem, sets: int, share: float = 1.0) -> Ranks:
    """Return the ranks of so many worlds; ``share`` of the noise is believed."""
    z, y = first_wave(problem)
    groups = [u.group for u in problem.unknowns]
    sd = np.array([d.sd for d in problem.data])
    labels = [d.label for d in problem.data]
    predicted = [labels.index(each) for each in PREDICTED]
    whole = fit_surface(z, y, groups=groups)
    seen = np.isfinite(y).mean(axis=0)
    used = np.flatnonzero((seen == 1.0) & (whole.r2 >= 0.3))
    used = used[~np.isin(used, predicted)]
    # The scores that the targets teach most: the shares of the linear update.
    slopes = whole.surface.linear[used] / whole.surface.size
    gain = np.linalg.solve(slopes @ slopes.T + noise_of(whole, sd, used), slopes)
    named = np.argsort(-np.einsum("sp,sp->p", slopes, gain), kind="stable")[:SCORES]
    found = []
    for part in range(PARTS):
        out = np.flatnonzero(np.arange(len(z)) % PARTS == part)
        inside = np.setdiff1d(np.arange(len(z)), out)
        fitted = fit_surface(z[inside], y[inside], groups=groups)
        noise = noise_of(fitted, sd, used, share)
        for k in out:
            if k >= sets:
                continue
            rng = generator(0, f"world {k}")
            data = y[k, used] + sd[used] * rng.standard_normal(used.size)
            drawn = sample(
                Likelihood(fitted.surface.of(used), data, noise), k, particles=400, moves=12, last_moves=60
            ).draws  # fmt: skip
            drawn = drawn[rng.permutation(len(drawn))[:DRAWS]]
            missed = np.sqrt(np.nanmean(fitted.residuals[:, predicted] ** 2, axis=0))
            said = fitted.surface(drawn)[:, predicted] + missed * rng.standard_normal(
                (DRAWS, len(predicted))
            )
            true = np.concatenate([z[k, named], y[k, predicted]])
            found.append((np.hstack([drawn[:, named], said]) < true).sum(axis=0))
    names = (*(problem.unknowns[k].id for k in named), *PREDICTED)
    return Ranks(names, np.array(found), DRAWS)


def main(sets: int) -> int:
    """Write what is found; return 1 where ranks are uneven or half the noise is not noticed."""
    problem = problem_of(Plan())
    right, wrong = ranks(problem, sets), ranks(problem, sets, 0.5)
    said = {
        "worlds": len(right.ranks),
        "smallest p after Bonferroni": right.worst,
        "the same with half the noise": wrong.worst,
        "p by name": dict(zip(right.names, right.p_values().round(4).tolist(), strict=True)),
    }
    write_file(HERE / "ranks.json", json.dumps(said, indent=1, ensure_ascii=False) + "\n")
    print(json.dumps(said, indent=1, ensure_ascii=False))
    return 0 if right.worst >= 0.001 > wrong.worst else 1


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]) if len(sys.argv) > 1 else 240))
