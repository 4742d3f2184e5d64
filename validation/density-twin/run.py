"""Hold the model against the published empirical model of density under augmentation.

The empirical model (Tortorici 2017; BIO-B13 to BIO-B22, a secondary transcription of its tables):

    exposure  C = 5.42 (Cb/5.5)^0.73 + 0.02 (WT/77)^-0.85 (Cb/5.5)^-0.12 D,  D in mg/day, C in µM
    slope     = -2.18 + 0.06 (C - 5.42) + 0.56 (FEV1 - 1.6)                  g/L/year

Our people are drawn into bins of weight, baseline and FEV1 by rejection; the typical (mean) slope of
each bin is compared at 0 and at 60 mg/kg a week. Verdict: within 0.3 g/L/year.
"""

from __future__ import annotations

import json
import sys
from itertools import pairwise, product
from pathlib import Path

import numpy as np

from antitrypsim.calibration.scene import SEED, UNTREATED, YEAR, Scene, weekly
from antitrypsim.foundations.random import generator
from antitrypsim.simulation.settings import Settings
from antitrypsim.therapies import build_model

HERE = Path(__file__).parent
WITHIN = 0.3
FEWEST = 150
BINS = {
    "weight kg": (55, 70, 84, 105),
    "baseline µM": (3.5, 4.9, 6.2, 9.0),
    "FEV1 L": (1.1, 1.5, 1.9, 2.4),
}
DOSES = (0.0, 30.0, 60.0, 90.0, 120.0)
# Between-patient SD of intercept, decline, effect of exposure; correlations in the order (1,2), (1,3), (2,3).
SPREAD = np.array([15.28, 1.32, 0.09])
CORRELATION = np.array([[1, -0.27, 0.26], [-0.27, 1, -0.75], [0.26, -0.75, 1]])


def exposure(baseline: np.ndarray, weight: np.ndarray, dose: float) -> np.ndarray:
    """Return the published exposure, µM, for a weekly dose in mg/kg."""
    per_day = dose * weight / 7
    relative = baseline / 5.5
    return 5.42 * relative**0.73 + 0.02 * (weight / 77) ** -0.85 * relative**-0.12 * per_day


def published_slope(
    baseline: np.ndarray, weight: np.ndarray, fev1: np.ndarray, dose: float
) -> np.ndarray:
    """Return the published typical slope, g/L/year."""
    return -2.18 + 0.06 * (exposure(baseline, weight, dose) - 5.42) + 0.56 * (fev1 - 1.6)


def main(people: int) -> int:
    """Run the comparison, write ``result.json`` and ``README.md`` tables, return the exit code."""
    told = Settings(seed=SEED, progress=lambda text, *_: print(text, file=sys.stderr))
    scene = Scene(build_model(), people=people, settings=told)
    cohort = scene.cohort("rapid").people
    outputs = ("lung.density", "lung.fev1", "circulation.serum_aat")
    first = scene.run("rapid", outputs, (0.0, 2 * YEAR), UNTREATED)
    weight = cohort.covariates["person.weight"]
    fev1, baseline = first["lung.fev1"][:, 0, 0], first["circulation.serum_aat"][:, 0, 0]
    slopes = {}
    for dose in DOSES:
        run = scene.run("rapid", outputs, (0.0, 2 * YEAR), weekly(dose, 2.1) if dose else UNTREATED)
        density = run["lung.density"][:, 0]
        slopes[dose] = (density[:, 1] - density[:, 0]) / 2

    values = {"weight kg": weight, "baseline µM": baseline, "FEV1 L": fev1}
    cells = [("everybody", np.ones(weight.size, dtype=bool))]
    for name, edges in BINS.items():
        cells += [
            (f"{name} {a:g} to {b:g}", (values[name] >= a) & (values[name] < b))
            for a, b in pairwise(edges)
        ]
    for corner in product(*(pairwise(e) for e in BINS.values())):
        inside = np.all(
            [(values[n] >= a) & (values[n] < b) for n, (a, b) in zip(BINS, corner, strict=True)],
            axis=0,
        )
        cells.append(
            (", ".join(f"{n} {a:g}-{b:g}" for n, (a, b) in zip(BINS, corner, strict=True)), inside)
        )
    rows = []
    for name, inside in cells:
        alive = inside & np.all([np.isfinite(s) for s in slopes.values()], axis=0)
        if alive.sum() < FEWEST:
            continue
        for dose in DOSES:
            ours = slopes[dose][alive]
            theirs = published_slope(baseline[alive], weight[alive], fev1[alive], dose)
            difference = float(ours.mean() - theirs.mean())
            rows.append(
                {
                    "bin": name,
                    "dose": dose,
                    "people": int(alive.sum()),
                    "ours": float(ours.mean()),
                    "published": float(theirs.mean()),
                    "difference": difference,
                    "error": float(ours.std() / np.sqrt(alive.sum())),
                    "judged": dose in (0.0, 60.0),
                    "within": abs(difference) <= WITHIN,
                }
            )
    rng = generator(scene.seed, "twin spread")
    draws = rng.multivariate_normal(
        np.zeros(3), np.outer(SPREAD, SPREAD) * CORRELATION, size=weight.size
    )
    spread = {
        f"{dose:g}": {
            "ours": float(np.nanstd(slopes[dose])),
            "published": float(
                np.std(
                    published_slope(baseline, weight, fev1, dose)
                    + draws[:, 1]
                    + draws[:, 2] * (exposure(baseline, weight, dose) - 5.42)
                )
            ),
        }
        for dose in DOSES
    }
    judged = [r for r in rows if r["judged"]]
    result = {
        "people": people,
        "seed": scene.seed,
        "judged": len(judged),
        "within": sum(r["within"] for r in judged),
        "rows": rows,
        "spread": spread,
    }
    (HERE / "result.json").write_text(
        json.dumps(result, indent=1, ensure_ascii=False) + "\n", encoding="utf-8"
    )
    for row in rows:
        verdict = ("ok" if row["within"] else "OUTSIDE") if row["judged"] else "reported"
        print(
            f"{verdict:9s} {row['dose']:5g} mg/kg  ours {row['ours']:6.2f}  published {row['published']:6.2f}  "
            f"difference {row['difference']:5.2f} ±{row['error']:.2f}  n {row['people']:5d}  {row['bin']}"
        )
    print(
        f"{result['within']} of {result['judged']} typical slopes within {WITHIN} g/L/year; spread (reported): {spread}"
    )
    return 0


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]) if len(sys.argv) > 1 else 20_000))
