"""Bundled protocols, round trips, the JSON Schema, the page for readers, and findings."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError
from ruamel.yaml import YAML

from antitrypsim.documents.yamltext import YamlText
from antitrypsim.endpoints import ENDPOINTS
from antitrypsim.foundations.errors import ProtocolError
from antitrypsim.protocols import (
    BANNER,
    CALIBRATED,
    Protocol,
    bundled_protocols,
    check_protocol,
    doubts,
    dump_protocol,
    load_protocol,
    noise_of,
    read_protocol,
)  # fmt: skip
from antitrypsim.protocols.resultrules import as_told

pytestmark = pytest.mark.contract


ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs" / "reference" / "protocol.md").read_text(encoding="utf-8")
BUNDLED = ROOT / "src" / "antitrypsim" / "protocols" / "bundled"
IDS = (
    "aat-fc", "alvelestat", "base-editing", "claimed-german-msc", "claimed-spanish-msc-liver",
    "claimed-us-ipsc-hepatocyte", "copd-msc", "fazirsiran-phase-3", "hepatocyte-selection",
    "hepatocyte-transplant", "hepatocytes-lymph-node", "inhaled-aat", "rna-editing",
    "msc-before-lvrs", "msc-emphysema", "msc-hepatic-artery",
    "natural-history", "rapid", "rapid-extension", "silencing", "sparta", "transplantation-rescue",
    "vesicles-escalation",
)  # fmt: skip
WARNED = {
    "base-editing": ["assessments[4].noise", "endpoints.primary"],
    "aat-fc": ["endpoints.primary"],
    "claimed-german-msc": ["participants"],
    "hepatocyte-selection": ["endpoints.primary"],
    "hepatocyte-transplant": ["endpoints.primary"],
    "hepatocytes-lymph-node": 3 * ["participants"],
    "rna-editing": ["endpoints.primary"],
    "vesicles-escalation": 6 * ["participants"],
}
"""What is warned of on purpose: trials as small as the claimed or registered ones; a noise assumed."""


def test_bundled_ids_are_the_names_of_the_files() -> None:
    assert set(bundled_protocols()) == set(IDS) == {file.stem for file in BUNDLED.glob("*.yaml")}
    assert all(bundled_protocols().values())


@pytest.mark.parametrize("name", IDS)
def test_bundled_protocol_loads_and_warns_of_what_is_known(name: str) -> None:
    protocol = load_protocol(name)
    assert protocol.id == name
    assert load_protocol(BUNDLED / f"{name}.yaml") == protocol
    warnings = [finding for finding in check_protocol(protocol) if finding.level == "warning"]
    assert [warning.key for warning in warnings] == WARNED.get(name, [])
    assert BANNER in protocol.notices
    assert (CALIBRATED in protocol.notices) == (protocol.role == "calibration")


@pytest.mark.law
@pytest.mark.parametrize("name", IDS)
def test_round_trip(name: str) -> None:
    protocol = load_protocol(name)
    again = read_protocol(dump_protocol(protocol))
    assert again == protocol
    assert again.content_hash == protocol.content_hash
    assert Protocol.from_dict(protocol.to_dict()) == protocol
    assert dump_protocol(again) == dump_protocol(protocol)


@pytest.mark.law
def test_round_trip_of_awkward_words(plain: dict[str, Any]) -> None:
    plain["title"] = "yes: 'no' # 1e3 µM\nand more"
    plain["notes"] = ["on", "1.0", "-", "{a: b}", " padded "]
    protocol = Protocol.from_dict(plain)
    assert read_protocol(dump_protocol(protocol)) == protocol


@pytest.mark.law
def test_hash_moves_with_what_is_said(base: str) -> None:
    assert read_protocol(base).content_hash == read_protocol(base + "# remark\n").content_hash
    changed = base.replace("60 mg/kg", "61 mg/kg")
    assert read_protocol(base).content_hash != read_protocol(changed).content_hash


@pytest.mark.law
def test_visits_as_a_list_or_a_table_are_the_same(base: str) -> None:
    start, end = base.index("visits:"), base.index("assessments:")
    listed = "visits:\n" + "".join(
        f"  - {{id: {name}, time: {time} months}}\n"
        for name, time in (("m24", 24), ("baseline", 0), ("m12", 12))
    )
    table, other = read_protocol(base), read_protocol(base[:start] + listed + base[end:])
    assert list(table.visit_days().items()) == list(other.visit_days().items())
    assert other.assessment_visits("density") == ("baseline", "m12", "m24")
    assert other.assessment_visits("death") == ()


def test_protocols_do_not_change(base: str) -> None:
    protocol = read_protocol(base)
    with pytest.raises(ValidationError):
        protocol.participants = 5  # type: ignore[misc]


@pytest.mark.regression
def test_rapid_says_both_results() -> None:
    rapid = load_protocol("rapid")
    assert rapid.arm_sizes() == {"active": 93, "placebo": 87}
    both = [
        result for result in rapid.published
        if result.measure == "slope difference" and result.p is not None
    ]  # fmt: skip
    missed, remembered = both
    assert (missed.p, missed.comparable) == (0.06, False)
    assert (remembered.value, remembered.lower, remembered.upper) == (0.74, 0.06, 1.42)
    assert remembered.p == 0.03
    assert remembered.known == "recalled (high confidence)"
    assert any("recalled" in str(finding) for finding in check_protocol(rapid))
    days = rapid.visit_days()
    assert list(days) == ["baseline", "m3", "m12", "m21", "m24"]
    doses = set(rapid.regimens()["active"].doses[0].times)
    assert set(days.values()) <= doses
    months = [day / (365.25 / 12) for day in days.values()]
    assert months == pytest.approx([0, 3, 12, 21, 24], abs=0.1)


@pytest.mark.regression
def test_extension_starts_late_and_keeps_the_rhythm() -> None:
    protocol = load_protocol("rapid-extension")
    assert protocol.published == ()
    regimens = protocol.regimens()
    early = [time for record in regimens["early-start"].doses for time in record.times]
    late = [time for record in regimens["delayed-start"].doses for time in record.times]
    assert early == [7.0 * k for k in range(208)]
    assert late == [7.0 * k for k in range(104, 208)]


@pytest.mark.regression
def test_silencing_arms() -> None:
    protocol = load_protocol("silencing")
    regimens = protocol.regimens()
    alone, both = regimens["silencing"].doses, regimens["both"].doses
    assert alone == both[:1]
    assert alone[0].amount == pytest.approx(200 / 75)
    assert [time / 7 for time in alone[0].times] == [0, 4, 16, *range(28, 106, 12)]
    assert regimens["placebo"].doses == ()
    assert sum("Unknown" in note for note in protocol.notes) >= 3


@pytest.mark.regression
def test_natural_history_measures_everything_that_was_there_when_it_was_written() -> None:
    # Its results are published: an endpoint that comes later is not added to it.
    measured = {each.endpoint for each in load_protocol("natural-history").assessments}
    assert len(measured) == 33
    assert measured <= set(ENDPOINTS)


# -- JSON Schema ------------------------------------------------------------------------------


def test_json_schema_explains_every_key() -> None:
    schema = Protocol.json_schema()
    assert schema["properties"]["participants"]["description"]
    own = {name for name in schema["$defs"] if name not in ("Population", "AgeRange", "Criterion")}
    for part in [schema, *(schema["$defs"][name] for name in own)]:
        assert part["additionalProperties"] is False
        for key, entry in part["properties"].items():
            assert entry.get("description"), (part["title"], key)
    assert "density" in str(schema["$defs"]["Assessment"]["properties"]["endpoint"])


@pytest.mark.parametrize("name", IDS)
def test_json_schema_takes_the_bundled_files(name: str) -> None:
    jsonschema = pytest.importorskip("jsonschema")
    schema = Protocol.json_schema()
    jsonschema.Draft202012Validator.check_schema(schema)
    validator = jsonschema.Draft202012Validator(schema)
    raw = YAML(typ="safe", pure=True).load((BUNDLED / f"{name}.yaml").read_text(encoding="utf-8"))
    assert [error.message for error in validator.iter_errors(raw)] == []
    assert not list(validator.iter_errors(load_protocol(name).to_dict()))
    raw["particpants"] = 3
    raw["arms"][0]["titel"] = "x"
    assert len(list(validator.iter_errors(raw))) == 2


# -- the page ---------------------------------------------------------------------------------


def test_example_of_the_page_loads() -> None:
    (example,) = re.findall(r"```yaml\n(.*?)```", PAGE, flags=re.S)
    protocol = read_protocol(example)
    assert protocol.arm_sizes() == {"weekly": 100, "fortnightly": 100, "placebo": 100}
    assert not [finding for finding in check_protocol(protocol) if finding.level == "warning"]


def test_page_names_every_key_and_the_noise_in_use() -> None:
    for key in Protocol.json_schema()["properties"]:
        assert f"`{key}`" in PAGE
    for name, part in Protocol.json_schema()["$defs"].items():
        for key in part["properties"]:
            assert f"`{key}`" in PAGE or f" {key}" in PAGE, (name, key)
    for endpoint, info in ENDPOINTS.items():
        noise = noise_of(endpoint)
        (line,) = [row for row in PAGE.splitlines() if row.startswith(f"| `{endpoint}` |")]
        assert info.description in line
        if noise.parameter is not None:
            assert f"| {noise.describe()} | {noise.parameter.grade} |" in line


def test_python_of_the_page_runs() -> None:
    (code,) = re.findall(r"```python\n(.*?)```", PAGE, flags=re.S)
    exec(compile(code, "protocol.md", "exec"), {"print": lambda *_: None})


# -- findings ---------------------------------------------------------------------------------

DOSE = "dose: 60 mg/kg"

DOUBTS = [
    (DOSE, "dose: 200 mg/kg", "warning", "arms[0].treatment.first[0].dose", "180 mg/kg (BIO-B06)"),
    (DOSE, "dose: 0 mg/kg", "note", "arms[0].treatment.first[0].dose", "no treatment"),
    (DOSE, "dose: 4 g\n          per_weight: 75 kg", "note",
     "arms[0].treatment.first[0].per_weight",
     "the fixed dose of 4 g is given as 53.33 mg/kg: right at 75 kg, too much for the heavier, "
     "too little for the lighter"),
    ("participants: 100", "participants: 20", "warning", "participants", "has 10"),
    ("{active: 1, placebo: 1}", "{active: 53, placebo: 52}", "warning", "allocation", "ratio"),
    ("dropout: {yearly: 0.1}", "", "note", "dropout", "nobody leaves"),
    ("role: demonstration", "role: prediction", "warning", "published", "was not used"),
    ("visits: all", "visits: all\n    noise: {sd: 0}", "warning", "assessments[0].noise",
     "any noise"),
    ("visits: all", "visits: all\n    noise: {sd: 1}", "note", "assessments[0].noise", "no source"),
    ("[baseline, m24]", "[baseline, m24]\n    noise: {limit: 0}", "note", "assessments[1].noise",
     "instead of 3.84615"),
    ("    endpoint: density\n    analysis: random-slope",
     "    endpoint: serum_aat\n    visit: m24\n    analysis: ancova", "warning",
     "endpoints.primary", "assumed noise"),
    (", identifier: NCT00000000", "", "note", "references[0].identifier", "no identifier"),
    ("    m24: 24", "    m24: 20", "note", "visits", "the last visit"),
    ("fact: BIO-B27", "fact: BIO-B27", "note", "published", "recalled"),
    ("role: demonstration", "role: demonstration\nfacts: [BIO-B27]", "note", "facts", "BIO-B27"),
    ("          every: 1 week\n", "          every: 1 week\n        - {product: augmentation, "
     "route: intravenous, dose: 60 mg/kg, at: [4 weeks]}\n", "warning",
     "arms[0].treatment.first[1]", "given twice"),
    ("          every: 1 week\n", "          every: 1 week\n      second:\n        - {product: "
     "augmentation, route: intravenous, dose: 60 mg/kg, every: 1 week}\n", "warning",
     "arms[0].treatment", "1.25 days after the last dose of the epoch before"),
    ("every: 1 week", "every: 13 months", "warning", "arms[0].treatment.first[0]",
     "the epoch ends before it is given again"),
    ("every: 1 week", "every: 4 weeks\n          for: 1 week", "warning",
     "arms[0].treatment.first[0]", "'for' ends before it is given again"),
    ("every: 1 week", "at: [0 weeks, 50 weeks]\n          then_every: 4 weeks", "warning",
     "arms[0].treatment.first[0]", "ends before it is given again"),
    (DOSE, "dose: 0 mg/kg", "warning", "arms", "nobody is given anything in this trial"),
    ("    title: Placebo", "    title: Placebo\n    treatment:\n      first:\n        - {product: "
     "augmentation, route: intravenous, dose: 0.06 g/kg, every: 7 days}", "warning", "arms[1]",
     "'active' and 'placebo' are given the same"),
    ("{active: 1, placebo: 1}", "{active: 1, placebo: 99}", "warning", "participants",
     "too few for the analysis 'slope': each arm needs 2, and 'active' has 1"),
    ("dropout: {yearly: 0.1}", "dropout: {yearly: 0.99}", "warning", "participants",
     "0.005 of 'active'"),
    ("visits: all", "visits: all\n    noise: {sd: 40}", "warning", "assessments[0].noise",
     "measured with 15.4 times its own noise (SD 40 g/L for SD 2.6 g/L)"),
    ("compare: [active, placebo]", "compare: [placebo, active]", "warning",
     "endpoints.primary.compare", "'placebo', which is given nothing, is better than 'active'"),
    ("  age: {mean: 54, sd: 8}", "  age: {mean: 54, sd: 8}\n  eligibility:\n    - {quantity: weight, "
     "max: 400}", "warning", "population.eligibility[0]", "'weight' is never above 300"),
    (DOSE, "dose: 1e-9 mg/kg", "warning", "arms[0].treatment.first[0].dose",
     "less than a 10,000th of the largest dose on record"),
    ("endpoints:\n", "endpoints:\n  alpha: 1e-5\n", "warning", "endpoints.alpha",
     "hardly anybody tests at a level of 1e-05"),
    ("dropout: {yearly: 0.1}", "stratify_by: [smoking, sex]", "note", "stratify_by",
     "do not adjust for it: 'slope', 'survival'"),
    ("dropout: {yearly: 0.1}", "stratify_by: [genotype]", "note", "stratify_by[0]",
     "everybody is ZZ"),
]  # fmt: skip


def test_a_plan_that_adjusts_for_strata_is_not_told_of(base: str) -> None:
    text = base.replace("dropout: {yearly: 0.1}", "stratify_by: [smoking]").replace(
        "analysis: random-slope", "analysis: random-slope\n    covariates: [smoking]"
    )
    found = [f.message for f in check_protocol(read_protocol(text)) if f.key == "stratify_by"]
    (told,) = (message for message in found if "'survival'" in message)
    assert not any("'slope'" in message for message in found), told


def test_doubts_are_of_those_who_take_part(base: str) -> None:
    protocol = read_protocol(base)
    assert not [f for f in doubts(protocol) if f.level == "warning"]
    (told,) = (f.message for f in doubts(protocol, participants=2) if f.level == "warning")
    assert "2 participants are too few for the analysis 'slope'" in told


@pytest.mark.parametrize("id", bundled_protocols())
def test_bundled_protocols_leave_no_doubt(id: str) -> None:
    assert [f for f in doubts(load_protocol(id)) if f.level == "warning"] == []


@pytest.mark.parametrize(
    ("unit", "value"), [("g/L/year", 0.74), ("mg/L/year", 740), ("mg/mL/month", 0.74 / 12)]
)
def test_published_numbers_are_turned_into_our_unit(base: str, unit: str, value: float) -> None:
    text = base.replace("unit: g/L/year", f"unit: {unit}").replace("value: 0.74", f"value: {value}")
    (one,) = read_protocol(text.replace("    lower: 0.06\n", "")).published
    assert as_told(one.value, one) == pytest.approx(0.74)


@pytest.mark.parametrize(
    ("endpoint", "measure", "unit", "factor"),
    [
        ("serum_aat", "mean", "mg/dL", 1 / 5.2), ("serum_aat", "mean", "g/L", 1 / 0.052),
        ("serum_aat", "mean", "nmol/mL", 1), ("density", "mean", "mg/mL", 1),
        ("exacerbations", "rate", "per patient-year", 1),
        ("exacerbations", "rate", "events per month", 12),
        ("exacerbations", "rate ratio", "ratio", 1), ("death", "share", "'1'", 100),
    ],
)  # fmt: skip
def test_units_that_fit_a_quantity_are_known(
    base: str, endpoint: str, measure: str, unit: str, factor: float
) -> None:
    text = base.replace("  - endpoint: density\n    measure: slope difference",
                        f"  - endpoint: {endpoint}\n    measure: {measure}")  # fmt: skip
    text = text.replace("unit: g/L/year", f"unit: {unit}")
    (one,) = read_protocol(text).published
    assert as_told(one.value, one) == pytest.approx(0.74 * factor)


@pytest.mark.parametrize("unit", ["events per 100 patient-years", "events", "percent"])
def test_a_rate_says_of_how_long(base: str, unit: str) -> None:
    text = base.replace("endpoint: density\n    measure: slope difference",
                        "endpoint: exacerbations\n    measure: rate")  # fmt: skip
    with pytest.raises(ProtocolError, match="is in events/year"):
        read_protocol(text.replace("unit: g/L/year", f"unit: {unit}"))


@pytest.mark.parametrize(("old", "new", "level", "key", "said"), DOUBTS)
def test_doubts(base: str, old: str, new: str, level: str, key: str, said: str) -> None:
    assert old in base
    found = check_protocol(read_protocol(base.replace(old, new, 1)))
    assert any(f.level == level and f.key == key and said in f.message for f in found), found
    levels = [finding.level for finding in found]
    assert levels == sorted(levels, reverse=True)


def test_calibration_without_source_or_result(plain: dict[str, Any]) -> None:
    plain["role"] = "calibration"
    del plain["references"], plain["published"]
    found = check_protocol(Protocol.from_dict(plain))
    keys = {finding.key for finding in found if finding.level == "warning"}
    assert keys == {"references", "published"}


def test_importing_the_room_is_light() -> None:
    code = (
        "import sys, antitrypsim.protocols as p; p.Protocol.json_schema(); p.bundled_protocols();"
        "heavy = {'sympy', 'scipy', 'pandas', 'llvmlite', 'pint', 'antitrypsim.therapies'};"
        "print(sorted(heavy & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_a_title_is_one_line(base: str) -> None:
    text = base.replace("title: A small trial", 'title: "A small\\ntrial\\n"')
    assert read_protocol(text).title == "A small trial"


def test_people_expected_are_told_as_what_they_are() -> None:
    told = [f.message for f in doubts(load_protocol("rapid"), participants=4)]
    assert any("each arm needs 2" in said and "1.7 of 'active'" in said for said in told)


def test_values_and_lines_come_of_one_reading() -> None:
    text = YamlText("a: &x {b: 1}\nc:\n  <<: *x\n  d: [2, 3]\n", None)
    assert text.data == {"a": {"b": 1}, "c": {"b": 1, "d": [2, 3]}}
    assert [text.line_of(where) for where in (("c",), ("c", "d"), ("c", "d", 1))] == [2, 4, 4]
