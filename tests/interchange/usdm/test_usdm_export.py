"""Every bundled protocol as a USDM study and back, its structure, and what is lost without extensions."""

import json
import subprocess
import sys

import jsonschema
import pytest
from hypothesis import given, reject, settings
from hypothesis import strategies as st

from antitrypsim.foundations.errors import ProtocolError
from antitrypsim.interchange.usdm import draft_of, export_usdm
from antitrypsim.protocols import Protocol, bundled_protocols, dump_protocol, load_protocol
from tests.interchange.usdm.corpus import openapi
from tests.interchange.usdm.structure import faults

pytestmark = pytest.mark.contract

IDS = tuple(bundled_protocols())


@pytest.mark.parametrize("name", IDS)
def test_a_protocol_comes_back_equal_and_its_study_is_whole(name):
    protocol = load_protocol(name)
    text, report = export_usdm(name)
    assert faults(json.loads(text)) == []
    draft = draft_of(text)
    assert draft.questions == ()
    assert draft.protocol() == protocol
    assert draft.protocol().content_hash == protocol.content_hash
    assert draft.text() == dump_protocol(protocol)
    assert report.left_out == ()
    assert draft.loss.left_out == ()


@pytest.mark.parametrize("name", IDS)
def test_without_extensions_exactly_what_the_report_says_is_lost(name):
    protocol = load_protocol(name)
    text, report = export_usdm(protocol, extensions=False)
    assert '"extensionAttributes": [\n' not in text
    assert faults(json.loads(text)) == []
    said = protocol.model_dump(mode="json", by_alias=True, exclude_none=True, exclude_defaults=True)
    whole = protocol.to_dict()
    left = dict(leaves(draft_of(text).data))
    lost = {p for p, value in leaves(said) if left.get(p) != value}
    told = [line.partition(":")[0] for line in report.left_out]
    assert all(any(p == t or p.startswith((f"{t}.", f"{t}[")) for t in told) for p in lost)
    assert all(any(p == t or p.startswith((f"{t}.", f"{t}[")) for p in lost) for t in told)
    # And nothing is there that the protocol does not say, unless it is a default of it.
    assert set(left.items()) - set(leaves(said)) <= set(leaves(whole)) | {
        (p, left[p]) for p in lost if p in left
    }
    assert export_usdm(protocol)[1].extended == tuple(told)


def leaves(node, path=""):
    """Yield (path, value) of everything that is no group; an empty one is a value."""
    if isinstance(node, dict) and node:
        for key, value in node.items():
            yield from leaves(value, f"{path}.{key}" if path else key)
    elif isinstance(node, list | tuple) and node and isinstance(node[0], dict):
        for k, value in enumerate(node):
            yield from leaves(value, f"{path}[{k}]")
    else:
        # 18 and 18.0 are one number.
        yield path, json.dumps(json.loads(json.dumps(node), parse_int=float))


def test_what_rapid_loses_is_known():
    """Written down by hand, since the report is made from what is read back."""
    _, report = export_usdm("rapid", extensions=False)
    plain = [line.partition(":")[0] for line in report.left_out]
    plans = ["analysis", "compare"]
    assert plain == [
        "context_of_use", "role", "references", "facts", "population.age.mean", "population.age.sd",
        "population.male", "population.smoking", "population.ascertainment", "allocation", "dropout",
        *(f"endpoints.primary.{key}" for key in plans),
        "endpoints.secondary[0].analysis", "endpoints.secondary[0].compare",
        "endpoints.secondary[1].analysis", "endpoints.secondary[1].compare",
        "endpoints.secondary[1].visit",
        "endpoints.secondary[2].analysis", "endpoints.secondary[2].compare",
        "endpoints.secondary[2].visit",
        "endpoints.secondary[3].analysis", "endpoints.secondary[3].compare",
        "endpoints.secondary[4].analysis",
        "published",
    ]  # fmt: skip


def test_the_published_schema_finds_no_error():
    found = openapi()
    if found is None:
        pytest.skip("the published OpenAPI is not here")
    schema = jsonschema.Draft202012Validator(
        {**found, "$ref": "#/components/schemas/Wrapper-Input"}
    )
    for name in IDS:
        for extensions in (True, False):
            text, _ = export_usdm(name, extensions=extensions)
            told = [error.message for error in schema.iter_errors(json.loads(text))]
            assert told == [], name
    broken = json.loads(text)
    del broken["study"]["versions"][0]["studyDesigns"][0]["arms"][0]["dataOriginType"]
    assert not schema.is_valid(broken)


def test_the_structure_check_sees_what_is_wrong():
    data = json.loads(export_usdm("rapid")[0])
    design = data["study"]["versions"][0]["studyDesigns"][0]
    del design["arms"][0]["name"]
    design["arms"][1]["colour"] = "red"
    design["studyCells"][0]["armId"] = "nobody"
    design["epochs"][0]["id"] = design["arms"][0]["id"]
    assert len(faults(data)) >= 4


def test_the_standard_says_design_and_treatment_in_its_own_attributes():
    data = json.loads(export_usdm("sparta")[0])
    version = data["study"]["versions"][0]
    design = version["studyDesigns"][0]
    assert [arm["name"] for arm in design["arms"]] == ["high", "standard", "placebo"]
    assert [arm["type"]["code"] for arm in design["arms"]] == ["C174266", "C174266", "C174268"]
    given = [one["administrations"][0] for one in version["studyInterventions"]]
    assert [one["dose"]["value"] for one in given] == [120, 60]
    assert [one["dose"]["unit"]["standardCode"]["code"] for one in given] == ["mg/kg", "mg/kg"]
    assert given[0]["route"]["standardCode"]["code"] == "C38276"
    assert given[0]["frequency"]["standardCode"]["decode"] == "every 1 week"
    line = design["scheduleTimelines"][0]
    when = {t["name"]: t["value"] for t in line["timings"]}
    assert when["w130 time"] == "P130W"
    assert when["End time"] == "P156W"
    assert design["population"]["plannedEnrollmentNumber"]["value"] == 339
    assert [item["text"] for item in version["eligibilityCriterionItems"]] == [
        "serum_aat: at most 11 µM", "fev1_percent: from 30 to 80 %", "fev1_fvc: at most 0.7 ratio"
    ]  # fmt: skip
    assert version["notes"][0]["text"] == "SYNTHETIC: not of real people"
    assert {arm["dataOriginType"]["decode"] for arm in design["arms"]} == {"Synthetic Data"}


def test_the_same_protocol_gives_the_same_bytes_in_any_process():
    code = "from antitrypsim import export_usdm; print(export_usdm('silencing')[0], end='')"
    texts = {
        subprocess.run(
            [sys.executable, "-c", code], capture_output=True, check=True,
            env={**__import__("os").environ, "PYTHONHASHSEED": seed},
        ).stdout
        for seed in ("0", "1")
    }  # fmt: skip
    assert texts == {export_usdm("silencing")[0].encode()}


TIMES = st.sampled_from(
    ["1 week", "1 weeks", "10 days", "0.5 months", "12 hours", "2_0 days", "1e1 days"]
)
DOSES = st.sampled_from(["60 mg/kg", "0.06 g/kg", "120 mg", "1e3 mg", "60.50 mg/kg"])
WORDS = st.text(min_size=1, max_size=30).filter(
    lambda text: text.strip() and all(mark.isprintable() for mark in text)
)


@st.composite
def deliveries(draw):
    dose = draw(DOSES)
    made = {"product": "augmentation", "route": "intravenous", "dose": dose}
    if not dose.endswith("/kg"):
        made["per_weight"] = "75 kg"
    if draw(st.booleans()):
        made["every"] = draw(TIMES)
        if draw(st.booleans()):
            made["start"] = draw(st.sampled_from(["0 days", "3 weeks"]))
        if draw(st.booleans()):
            made["missed"] = [made.get("start", "0 days")]
    else:
        made["at"] = draw(st.sampled_from([["0 weeks"], ["0 days", "1 week", "1 month"]]))
        if draw(st.booleans()):
            made["then_every"] = draw(TIMES)
    if ("at" not in made or "then_every" in made) and draw(st.booleans()):
        made["for"] = draw(st.sampled_from(["13 weeks", "90 days", "1.5 months"]))
    return made


@given(
    given_=st.lists(deliveries(), min_size=1, max_size=2),
    title=WORDS,
    note=WORDS,
    back=st.booleans(),
)
@settings(max_examples=30, deadline=None)
@pytest.mark.law
def test_any_delivery_and_any_words_come_back(given_, title, note, back):
    data = load_protocol("rapid").to_dict()
    data["title"], data["notes"] = title, [note]
    data["arms"][0]["treatment"] = {"treatment": given_}
    if back:
        data["visits"] = data["visits"][::-1]
    try:
        protocol = Protocol.from_dict(data)
    except ProtocolError:
        reject()
    text, _ = export_usdm(protocol)
    assert faults(json.loads(text)) == []
    assert draft_of(text).protocol() == protocol
