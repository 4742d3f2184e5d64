"""The page of the design file says every key, and its example is a design."""

import re
from pathlib import Path

import pytest

from antitrypsim.laboratory.design_file.load import bundled_designs, load_design
from antitrypsim.laboratory.design_file.trial_design import TrialDesign
from antitrypsim.laboratory.designs import KINDS

pytestmark = pytest.mark.contract


PAGE = (Path(__file__).parents[2] / "docs" / "reference" / "design.md").read_text(encoding="utf-8")


def test_every_key_is_on_the_page():
    schema = TrialDesign.model_json_schema(by_alias=True)
    own = {"Delivery", "EndpointPlan"}
    missing = [key for key in schema["properties"] if f"`{key}`" not in PAGE]
    missing += [
        (name, key)
        for name, part in schema["$defs"].items()
        if name not in own
        for key in part.get("properties", ())
        if f"`{key}`" not in PAGE and key != "kind"
    ]
    assert missing == []


def test_every_kind_is_on_the_page():
    kinds = TrialDesign.model_json_schema()["properties"]["design"]["discriminator"]["mapping"]
    assert set(kinds) == set(KINDS)
    assert [kind for kind in kinds if f"### {kind}" not in PAGE] == []


def test_the_example_is_a_design(tmp_path):
    (example,) = re.findall(r"```yaml\n(.*?)```", PAGE, flags=re.S)
    file = tmp_path / "design.yaml"
    file.write_text(example, encoding="utf-8")
    design, protocol = load_design(file)
    assert (design.id, protocol.id) == ("density-with-rescue", "rapid")


def test_bundled_designs_load():
    assert len(bundled_designs()) >= 4
    for name in bundled_designs():
        assert load_design(name)[0].id == name
