"""The page of the design file says every key, and its example is a design."""

import re
from pathlib import Path

import pytest

from antitrypsim.laboratory.design_file.limits import LIMITS
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


def rows(heading):
    """Return the table below a heading of the page: key, what it says, what it is if left out."""
    part = PAGE.split(f"\n### {heading}\n")[1].split("\n#")[0]
    return re.findall(r"^\| `(\w+)` \| (.*) \| (.*) \|$", part, flags=re.M)


@pytest.mark.parametrize("kind", KINDS)
def test_what_a_key_is_if_left_out_is_what_the_page_says(kind):
    fields = KINDS[kind].model_fields
    said = {key: default for key, _, default in rows(kind)}
    assert set(said) == set(fields) - {"kind"}
    for key, default in said.items():
        field = fields[key]
        if field.is_required():
            assert default == "needed"
        elif field.default is None or field.get_default(call_default_factory=True) in ((), {}):
            assert default == "–"
        else:
            assert default == f"`{field.default}`"


def test_the_limits_of_every_key_are_on_the_page():
    table = PAGE.split("| key | can be |")[1].split("\n\n")[0]
    said = {
        key: words
        for keys, words in re.findall(r"^\| (`.*`) \| (.*) \|$", table, flags=re.M)
        for key in re.findall(r"`(.*?)`", keys)
    }
    own = {f"design.{key}": limit for kind in KINDS.values() for key, limit in kind.limits.items()}
    for key, limit in {**LIMITS, **own}.items():
        assert said[key.replace("[]", "").replace("*.", "").replace(".*", "")] == limit.words(), key
