"""Type I error and usable share of the analyses of counts and events in trials of 12 to 100 people.

    python small_counts.py [REPLICATES]

Two arms alike, nominal 5 % two-sided, with Monte Carlo errors; * where the nominal level is more
than three of them away. Counts: negative binomial over a year, mean and dispersion as told. Times:
exponential with as many events as told. Writes small-counts.txt beside this file.
"""

import sys
from pathlib import Path

import numpy as np
from type_one import line

from antitrypsim.laboratory.characteristics import measured
from antitrypsim.statistics.analysis import ANALYSES
from antitrypsim.statistics.block import Block

SIZES = (12, 20, 40, 60, 100)
COUNTS = ((1.0, 0.5), (1.0, 1.0), (2.0, 1.0), (2.0, 2.0))
FOLLOWED = (0.5, 2.0)
SEED = 9


def told(analysis, block, label, **options):
    p = ANALYSES[analysis].many(block, **options).p[:, 0]
    usable = np.isfinite(p)
    extra = f"{100 * usable.mean():.1f} % analysable"
    return line(label, measured(p[usable] < 0.05), 0.05, extra)


def main():
    replicates = int(sys.argv[1]) if len(sys.argv) > 1 else 4000
    rng = np.random.default_rng(SEED)
    lines = [f"Type I error in small trials of counts and events, {replicates} each.", ""]
    for people in SIZES:
        shape = (replicates, people)
        arm = np.tile(np.arange(people) % 2, (replicates, 1))
        for mean, spread in COUNTS:
            count = rng.poisson(mean * rng.gamma(1 / spread, spread, shape)).astype(float)
            block = Block(("a", "b"), arm, count=count, exposure=np.ones(shape))
            what = f"negative-binomial, mean {mean:g}, dispersion {spread:g}, {people}"
            lines.append(told("negative-binomial", block, what))
        for length in FOLLOWED:
            event, last = rng.exponential(1, shape), rng.exponential(length, shape).clip(0, 2)
            seen = event <= last
            age, groups = rng.normal(size=shape), rng.integers(0, 3, shape)
            block = Block(
                ("a", "b"), arm, time=np.minimum(event, last), event=seen,
                covariates={"AGE": age}, factors={"GROUP": groups},
            )  # fmt: skip
            at = f"{people}, {seen.sum(axis=1).mean():.0f} events"
            lines += [
                told("cox", block, f"cox, {at}"),
                told("cox", block, f"cox with a covariate, {at}", covariates=["AGE"]),
                told("log-rank", block, f"log-rank, {at}"),
                told("log-rank", block, f"log-rank in three strata, {at}", strata=["GROUP"]),
                told("rmst", block, f"rmst, {at}", horizon=length / 2),
            ]
    (Path(__file__).parent / "small-counts.txt").write_text("\n".join(lines) + "\n")
    print("\n".join(lines))


if __name__ == "__main__":
    main()
