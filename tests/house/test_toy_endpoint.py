"""An endpoint is one file and the numbers of its noise: a toy one is measured, analysed and reported without any other change."""

import json
from dataclasses import replace

import pytest

from antitrypsim.endpoints import ENDPOINTS, Endpoint
from antitrypsim.foundations.errors import ModelError

from .grown import run_with

pytestmark = pytest.mark.contract


TOY = '''"""Polymer under another name."""

from antitrypsim.endpoints.endpoint import Endpoint

ENDPOINT = Endpoint(
    id="toy_polymer", title="Polymer, as a toy", description="polymer as a toy counts it", unit="toys",
    formal_unit="1", output="OUTPUT", paramcd="TOY", noise="relative", noise_size="toy_polymer_cv",
    better="lower",
)
'''
NOISE = """
[toy_polymer_cv]
value = 0.5
unit = "1"
meaning = "CV of one count of toys"
between_patients = { distribution = "none" }
uncertainty = { distribution = "lognormal", cv = 0.4 }
grade = "assumed"
rests_on = []
note = "toys are counted in haste"
"""
TOUCHES = {
    "an endpoint": {
        "endpoints/catalogue/toy_polymer.py": TOY.replace("OUTPUT", ENDPOINTS["polymer"].output),
        "endpoints/parameters.toml": NOISE,
    }
}
CODE = """
import json, sys
from antitrypsim.cli.main import main
from antitrypsim.protocols import load_protocol, dump_protocol
own = load_protocol("rapid").to_dict()
own |= {"id": "toy", "published": [], "assessments": [*own["assessments"],
        {"endpoint": "toy_polymer", "visits": ["baseline", "m24"]}],
        "endpoints": {"primary": {"id": "t", "endpoint": "toy_polymer", "analysis": "ancova", "visit": "m24",
                                  "compare": ["active", "placebo"]}, "secondary": []}}
with open("toy.yaml", "w") as file:
    file.write(dump_protocol(load_protocol("rapid").from_dict(own)))
assert main(["protocol", "check", "toy.yaml"]) == 0
assert main(["evidence", "assessment.toy_polymer_cv"]) == 0
from antitrypsim.protocols import noise_of
print(noise_of("toy_polymer").describe())
assert main(["run", "toy.yaml", "--participants", "12", "--quiet", "--out", "run"]) == 0
assert main(["power", "toy.yaml", "--people", "40", "--draws", "0", "--replicates", "20", "--sizes", "20",
             "--quiet"]) == 0
"""


def test_a_file_and_its_noise_are_all_that_an_endpoint_needs(tmp_path):
    run = run_with(tmp_path, TOUCHES["an endpoint"], CODE)
    assert run.returncode == 0, run.stderr
    assert "CV 50 %" in run.stdout
    assert "Polymer, as a toy" in run.stdout
    rows = json.loads((tmp_path / "run" / "results.json").read_text("utf-8"))
    assert {row["endpoint"] for row in rows if row["primary"]} == {"toy_polymer"}
    assert "Polymer, as a toy, toys" in (tmp_path / "run" / "report.html").read_text("utf-8")


@pytest.mark.parametrize(
    ("word", "said"),
    [
        ({"noise": "relativ", "noise_size": "x"}, "noise='relativ'; did you mean 'relative'"),
        ({"better": "more"}, "better='more'"),
        ({"read": "now"}, "it is one of on the day, before a dose, over a round"),
        ({"kind": "rate"}, "kind='rate'"),
    ],
)
def test_a_word_that_an_endpoint_does_not_know_is_refused(word, said):
    with pytest.raises(ModelError, match=said):
        Endpoint(id="toy", title="t", description="d", unit="1", output="x", paramcd="TOY", **word)


def test_two_endpoints_of_one_paramcd_are_refused(monkeypatch):
    import antitrypsim.endpoints as room
    from antitrypsim.endpoints.catalogue import walk

    twin = replace(ENDPOINTS["alt"], paramcd=walk.ENDPOINT.paramcd)
    monkeypatch.setattr("antitrypsim.endpoints.catalogue.alt.ENDPOINT", twin)
    with pytest.raises(ModelError, match="'alt' and 'walk' have one PARAMCD"):
        room._discovered()
