"""A kind of design is one file: a toy one is checked, run, told and searched without any other change."""

import json

import pytest

from .grown import run_with

pytestmark = pytest.mark.contract


TOY = '''"""Two arms, of whom only the first so many are analysed, as a toy."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import ClassVar, Literal

import numpy as np
from pydantic import Field

from antitrypsim.foundations.errors import ProtocolError
from antitrypsim.laboratory.design_file.conducting import Count
from antitrypsim.laboratory.design_file.limit import Limit
from antitrypsim.laboratory.designs.kind import DesignKind


class Hasty(DesignKind):
    """Only the first people are analysed, as a toy."""

    most_arms: ClassVar[int | None] = 2
    own_allocation: ClassVar[bool] = True
    limits: ClassVar[Mapping[str, Limit]] = MappingProxyType({"first": Limit(4, 30, "toys")})

    kind: Literal["hasty"]
    first: Count = Field(description="how many are analysed")

    def check(self, design, protocol):
        if self.first > (design.participants or protocol.participants):
            raise ProtocolError("the toy is larger than its trial", key="design.first")

    def findings(self, design, protocol):
        yield "design.first", "a toy is doubtful"

    def conduct(self, lab, drawn):
        found = lab.analyse(lab.block(drawn.first(self.first)))
        return lab.outcome(drawn, found, details={"toys": np.full(drawn.shape[0], 1.0)})

    def also(self, nothing, unit):
        return f"A toy was played in {nothing.details['toys'].value:.0f} of 1 trials."

    def caution(self, bias):
        return f"It is a toy that is off by {bias}."
'''
PLAIN = '''"""A parallel design under another name, as a toy."""

from typing import Literal

from antitrypsim.laboratory.designs.kind import DesignKind


class Plain(DesignKind):
    """A toy of nothing but a word."""

    kind: Literal["plain"]
'''
CODE = '''
from antitrypsim.cli.main import main
FILE = """
trial_design: 1
id: toy
title: A toy
question: Does a toy work?
protocol: rapid
primary: {id: d, endpoint: density, analysis: ancova, visit: m24, compare: [active, placebo]}
"""
def written(name, kind, people=40):
    with open(name, "w") as file:
        file.write(FILE + f"participants: {people}\\ndesign: {kind}")
    return name
SMALL = ["--people", "40", "--draws", "0", "--replicates", "20", "--quiet"]
toy = written("toy.yaml", "{kind: hasty, first: 20}")
assert main(["design", toy, "--check"]) == 0
assert main(["design", toy, *SMALL, "--json", "toy.json", "--html", "toy.html"]) == 0
assert main(["power", toy, *SMALL, "--sizes", "20,40"]) == 0
assert main(["design", written("many.yaml", "{kind: hasty, first: 31}"), "--check"]) == 2
assert main(["design", written("large.yaml", "{kind: hasty, first: 30}", 24), "--check"]) == 2
assert main(["design", written("wrong.yaml", "{kind: hastly}"), "--check"]) == 2
assert main(["design", "--schema"]) == 0
assert main(["design", written("plain.yaml", "{kind: plain}"), *SMALL, "--json", "plain.json"]) == 0
assert main(["design", written("side.yaml", "{kind: parallel}"), *SMALL, "--json", "side.json"]) == 0
'''


TOUCHES = {"a design kind": {"laboratory/designs/hasty.py": TOY}}


def test_a_file_is_all_that_a_kind_of_design_needs(tmp_path):
    files = {**TOUCHES["a design kind"], "laboratory/designs/plain.py": PLAIN}
    run = run_with(tmp_path, files, CODE)
    assert run.returncode == 0, run.stderr
    out, err = " ".join(run.stdout.split()), " ".join(run.stderr.split())
    assert "It can be drawn: hasty, 40 participants" in out
    assert "design.first: a toy is doubtful." in out
    assert "31 cannot be; 4 to 30 toys can" in err
    assert "the toy is larger than its trial" in err
    assert "no kind 'hastly'; did you mean 'hasty'?" in err
    assert "Only the first people are analysed, as a toy." in out
    assert "A toy was played in 1 of 1 trials." in out
    assert "do not rest a claim on this design. It is a toy that is off by" in out
    assert "For 90 %" in out or "No size up to 40 gives the power of 90 %" in out
    found = json.loads((tmp_path / "toy.json").read_text("utf-8"))
    assert found["typical"]["details"]["toys"]["value"] == 1
    assert found["flow"] == []
    page = (tmp_path / "toy.html").read_text("utf-8")
    assert "A toy was played" in page
    assert "by the kind of design" in page
    plain, side = (
        json.loads((tmp_path / f"{n}.json").read_text("utf-8")) for n in ("plain", "side")
    )
    assert plain["typical"] == side["typical"]
