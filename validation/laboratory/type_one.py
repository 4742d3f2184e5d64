"""Type I error of every analysis and design, on RAPID's people, where nothing works.

    python type_one.py [REPLICATES]

Two-sided shares of significant results for analyses (5 % nominal), claims of a benefit for designs
(2.5 % nominal), with Monte Carlo errors; * where the nominal level is more than three of them away.
Writes type-one-error.txt beside this file.
"""

import sys
from pathlib import Path

import numpy as np

from antitrypsim.laboratory.characteristics import measured
from antitrypsim.laboratory.design_file.rules import check_design
from antitrypsim.laboratory.design_file.trial_design import TrialDesign
from antitrypsim.laboratory.design_simulation import DesignSimulation
from antitrypsim.laboratory.library import open_library
from antitrypsim.laboratory.operating import operate
from antitrypsim.laboratory.replicates import Truth
from antitrypsim.protocols import load_protocol

COMPARE = ["active", "placebo"]
DENSITY = {"endpoint": "density", "compare": COMPARE}
AT = {**DENSITY, "visit": "m24"}
ANALYSES = {
    "t-test": {**AT, "analysis": "t-test"},
    "ancova": {**AT, "analysis": "ancova"},
    "mmrm, unstructured, Satterthwaite": {**AT, "analysis": "mmrm"},
    "mmrm, unstructured, Kenward-Roger": {**AT, "analysis": "mmrm", "options": {"df": "kenward-roger"}},
    "mmrm, AR(1), Satterthwaite": {**AT, "analysis": "mmrm", "options": {"covariance": "ar1"}},
    "random-slope, Satterthwaite": {**DENSITY, "analysis": "random-slope"},
    "random-slope, Kenward-Roger": {**DENSITY, "analysis": "random-slope", "options": {"df": "kenward-roger"}},
    "bayesian, vague prior": {**AT, "analysis": "bayesian"},
    "bayesian, prior centred at +1 (SD 1)": {**AT, "analysis": "bayesian", "options": {"prior_mean": 1.0, "prior_sd": 1.0}},
    "multiple-imputation": {**AT, "analysis": "multiple-imputation"},
    "responder, exact": {**AT, "analysis": "responder", "options": {"change": 0.0}},
    "responder, logistic": {**AT, "analysis": "responder", "options": {"change": 0.0, "method": "logistic"}},
    "negative-binomial": {"endpoint": "exacerbations", "analysis": "negative-binomial", "compare": COMPARE},
    "log-rank": {"endpoint": "death", "analysis": "log-rank", "compare": COMPARE},
    "cox": {"endpoint": "death", "analysis": "cox", "compare": COMPARE},
    "rmst": {"endpoint": "death", "analysis": "rmst", "compare": COMPARE, "options": {"horizon": 728}},
}  # fmt: skip
SLOPE = {"id": "p", **DENSITY, "analysis": "random-slope"}
ONE = {
    "id": "p",
    "endpoint": "density",
    "analysis": "t-test",
    "visit": "m24",
    "compare": ["active"],
}
TEN = {"participants": 10, "primary": ONE}
DESIGNS = {
    "parallel": {"primary": SLOPE},
    "parallel, minimised": {"primary": SLOPE, "allocation": {"method": "minimised", "within": ["smoking", "sex"]}},
    "parallel, leaving at random on measured change": {"primary": SLOPE, "leaving": {"yearly": 0.15, "depends_on": {"endpoint": "density", "per": -2, "ratio": 2}}},
    "parallel, leaving not at random": {"primary": SLOPE, "leaving": {"yearly": 0.15, "depends_on": {"endpoint": "density", "per": -2, "ratio": 2, "seen": False}}},
    "run-in (density fell by 1 g/L in half a year)": {"primary": SLOPE, "design": {"kind": "run-in", "length": "6 months", "max": -1.0}},
    "group-sequential, O'Brien-Fleming": {"primary": SLOPE, "design": {"kind": "group-sequential", "looks": [0.5, 1], "bounds": "obrien-fleming"}},
    "group-sequential, Pocock, three looks": {"primary": SLOPE, "design": {"kind": "group-sequential", "looks": [0.33, 0.67, 1], "bounds": "pocock"}},
    "group-sequential, Lan-DeMets, futility not binding": {"primary": SLOPE, "design": {"kind": "group-sequential", "looks": [0.5, 1], "futility": {"rule": "conditional-power", "below": 0.1}}},
    "sample-size-reestimation, blinded": {"primary": SLOPE, "design": {"kind": "sample-size-reestimation", "by": "blinded", "assumed": 0.7}},
    "sample-size-reestimation, unblinded": {"primary": SLOPE, "design": {"kind": "sample-size-reestimation", "by": "unblinded"}},
    "response-adaptive": {"primary": SLOPE, "design": {"kind": "response-adaptive", "looks": [0.4, 0.7, 1], "control": 0.3}},
    "platform, concurrent control, drift": {"primary": SLOPE, "design": {"kind": "platform", "arms": [{"arm": "active", "month": 12}], "per_arm": 60, "drift": 3.0}},
    "platform, whole control, drift": {"primary": SLOPE, "design": {"kind": "platform", "arms": [{"arm": "active", "month": 12}], "per_arm": 60, "control": "all", "drift": 3.0}},
    "single arm of 10 against baseline": {**TEN, "design": {"kind": "single-arm"}},
    "single arm of 10 against the true history": {**TEN, "design": {"kind": "single-arm", "against": "historical", "mean": "history"}},
    "single arm of 10 against a history 1 g/L too low": {**TEN, "design": {"kind": "single-arm", "against": "historical", "mean": "lower"}},
    "single arm of 10 against 50 from elsewhere": {**TEN, "design": {"kind": "single-arm", "against": "external", "people": 50}},
    "single arm of 10 against 50 who read 1 g/L less": {**TEN, "design": {"kind": "single-arm", "against": "external", "people": 50, "shift": -1.0}},
    "single arm of 10 enrolled after a fall of FEV1, FEV1 against baseline": {"participants": 10, "primary": {**ONE, "endpoint": "fev1"}, "screening": [{"endpoint": "fev1", "change_over": "6 months", "percent": True, "max": -10}], "design": {"kind": "single-arm"}},
}  # fmt: skip


def laboratory(protocol, library, said):
    design = TrialDesign.model_validate({
        "trial_design": 1, "id": "null", "title": "Null", "question": "None.",
        "protocol": "rapid", **said,
    })  # fmt: skip
    check_design(design, protocol)
    return DesignSimulation(design, protocol, library)


def line(name, found, nominal, extra=""):
    mark = "*" if abs(found.value - nominal) > 3 * max(found.error, 1e-9) else " "
    return f"{name:72} {100 * found.value:6.2f} ± {100 * found.error:.2f} % {mark} {extra}".rstrip()


def main():
    replicates = int(sys.argv[1]) if len(sys.argv) > 1 else 4000
    protocol = load_protocol("rapid")
    library = open_library(protocol, people=2000, before=(182.625,))
    lines = [
        f"Type I error, {replicates} trials each, people of RAPID where nothing works.",
        "* more than three Monte Carlo errors from nominal.", "",
        "Analyses: significant either way, nominal 5 %; 16, 40 and 180 participants.",
    ]  # fmt: skip
    for name, plan in ANALYSES.items():
        for people in (16, 40, 180):
            lab = laboratory(
                protocol, library, {"participants": people, "primary": {"id": "p", **plan}}
            )
            out = operate(lab, Truth(null=True), replicates=replicates)
            found = measured(out.win | out.lose)
            unusable = (
                f"{100 * (~out.usable).mean():.1f} % not analysable" if (~out.usable).any() else ""
            )
            lines.append(line(f"{name}, {people}", found, 0.05, unusable))
    lines += ["", "Designs: a benefit is claimed, nominal 2.5 %; 180 participants unless said."]
    plain = library.typical.values["density"][0, library.arms.index("placebo")]
    change = plain[:, library.column(728.0)] - plain[:, library.column(0.0)]
    history = float(np.nanmean(change))
    means = {"history": history, "lower": history - 1.0}
    for name, said in DESIGNS.items():
        mean = said.get("design", {}).get("mean")
        if mean is not None:
            said = {**said, "design": {**said["design"], "mean": means[mean]}}
        lab = laboratory(protocol, library, said)
        out = operate(lab, Truth(null=True), replicates=replicates)
        lines.append(line(name, measured(out.win), 0.025))
    text = "\n".join(lines) + "\n"
    print(text)
    (Path(__file__).parent / "type-one-error.txt").write_text(text)


if __name__ == "__main__":
    main()
