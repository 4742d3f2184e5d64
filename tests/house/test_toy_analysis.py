"""An analysis is one file: a toy one is planned, run and reported without any other change."""

import json

import pytest

from .grown import run_with

pytestmark = pytest.mark.contract


TOY = '''"""Difference in medians at the last visit, without any error."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import ClassVar

import numpy as np

from antitrypsim.statistics.analysis.base import Analysis, AnalysisResult, EstimateRow


class Medians(Analysis):
    name = "medians"
    title = "Medians, as a toy"
    estimates = "median at one visit, as a toy"
    kinds = ("measurement",)
    at_visit = True
    holds_baseline = True
    told = "The toy found {each} of {what} by {when}{how}."
    columns = ("AVISIT", "AVAL")
    keys = ("AVISIT",)
    options: ClassVar[Mapping[str, str]] = MappingProxyType({"visit": "The visit."})

    def compute(self, frame, arms, level, options):
        frame = frame[frame["AVISIT"] == options["visit"]]
        found = {arm: frame.loc[frame["ARM"] == arm, "AVAL"] for arm in arms}
        rows = [
            EstimateRow(arm, None, options["visit"], len(found[arm]), float(found[arm].median()), 1.0, 0.0, 9.0, None,
                None, "absolute")
            for arm in arms
        ]
        rows += [
            EstimateRow(arm, arms[0], options["visit"], len(frame),
                float(found[arm].median() - found[arms[0]].median()), 1.0, -1.0, 1.0, 0.5, None, "absolute")
            for arm in arms[1:]
        ]
        return AnalysisResult(tuple(rows), "Medians, as a toy takes them.")
'''
CODE = """
from antitrypsim.cli.main import main
from antitrypsim.protocols import load_protocol, dump_protocol
own = load_protocol("rapid").to_dict()
own |= {"id": "toy", "published": [],
        "endpoints": {"primary": {"id": "t", "endpoint": "density", "analysis": "medians", "visit": "m24",
                                  "compare": ["active", "placebo"]}, "secondary": []}}
with open("toy.yaml", "w") as file:
    file.write(dump_protocol(load_protocol("rapid").from_dict(own)))
assert main(["protocol", "check", "toy.yaml"]) == 0
assert main(["run", "toy.yaml", "--participants", "12", "--quiet", "--out", "run"]) == 0
assert main(["analyse"]) == 0
"""


TOUCHES = {"an analysis": {"statistics/analysis/medians.py": TOY}}


def test_a_file_is_all_that_an_analysis_needs(tmp_path):
    run = run_with(tmp_path, TOUCHES["an analysis"], CODE)
    assert run.returncode == 0, run.stderr
    assert "medians: Medians, as a toy" in run.stdout
    rows = json.loads((tmp_path / "run" / "results.json").read_text("utf-8"))
    assert {row["analysis"] for row in rows if row["primary"]} == {"medians"}
    page = " ".join((tmp_path / "run" / "report.html").read_text("utf-8").split())
    assert "Medians, as a toy takes them." in page
    assert "The toy found " in page
    assert " (adjusted for baseline)." in page
