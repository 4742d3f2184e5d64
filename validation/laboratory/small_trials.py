"""Type I error and usable share of the analyses of measured endpoints in trials of 6 to 60 people.

    python small_trials.py [REPLICATES [SIZE ...]]

RAPID's people where nothing works, lung density at two years, nominal 5 % two-sided, with Monte
Carlo errors; * where the nominal level is more than three of them away. Beside it what share of the
replicates could be analysed, and of unstructured MMRM what share fell back upon a simpler
covariance. Writes small-trials.txt beside this file.
"""

import sys
from pathlib import Path

import numpy as np
from type_one import AT, DENSITY, laboratory, line

from antitrypsim.laboratory.characteristics import measured
from antitrypsim.laboratory.library import open_library
from antitrypsim.laboratory.replicates import Truth
from antitrypsim.protocols import load_protocol
from antitrypsim.statistics.analysis import ANALYSES

SIZES = (6, 12, 16, 24, 60)
PLANS = {
    "t-test": ("t-test", {}),
    "ancova": ("ancova", {}),
    "bayesian, vague prior": ("bayesian", {}),
    "mmrm, unstructured, Satterthwaite": ("mmrm", {"df": "satterthwaite"}),
    "mmrm, unstructured, Kenward-Roger": ("mmrm", {"df": "kenward-roger"}),
    "mmrm, unstructured, cautious": ("mmrm", {"df": "cautious"}),
    "mmrm, Toeplitz, sandwich": ("mmrm", {"covariance": "toeplitz"}),
    "mmrm, AR(1), sandwich": ("mmrm", {"covariance": "ar1"}),
    "random-slope, Satterthwaite": ("random-slope", {}),
    "random-slope, Kenward-Roger": ("random-slope", {"df": "kenward-roger"}),
}


def main():
    replicates = int(sys.argv[1]) if len(sys.argv) > 1 else 4000
    sizes = [int(each) for each in sys.argv[2:]] or SIZES
    protocol = load_protocol("rapid")
    library = open_library(protocol, people=2000, before=(182.625,))
    lines = [f"Type I error in small trials, {replicates} each, RAPID's people, nothing works.", ""]
    for people in sizes:
        plan = {"id": "p", **DENSITY, "analysis": "random-slope"}
        lab = laboratory(protocol, library, {"participants": people, "primary": plan})
        drawn = lab.draw(0, replicates, people, Truth(null=True))
        block = lab.block(drawn)
        for name, (analysis, options) in PLANS.items():
            visit = {} if analysis == "random-slope" else {"visit": AT["visit"]}
            found = ANALYSES[analysis].many(block, **visit, **options)
            usable = np.isfinite(found.p[:, 0])
            extra = f"{100 * usable.mean():.1f} % analysable"
            if found.fallback is not None and found.fallback.any():
                shares = np.bincount(found.fallback[usable], minlength=3)[1:] / usable.sum()
                extra += "; in place of it Toeplitz {:.1f} %, AR(1) {:.1f} %".format(
                    *(100 * shares)
                )
            wrong = measured(found.p[usable, 0] < 0.05) if usable.any() else None
            said = (
                line(f"{name}, {people}", wrong, 0.05, extra)
                if wrong
                else f"{name}, {people}: none"
            )
            lines.append(said)
            print(said, flush=True)
    (Path(__file__).parent / "small-trials.txt").write_text("\n".join(lines) + "\n")


if __name__ == "__main__":
    main()
