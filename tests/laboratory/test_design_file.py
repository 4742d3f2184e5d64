"""The design file: what it may not say, each in one sentence with its file."""

from contextlib import suppress

import pytest
from jsonschema import Draft202012Validator

from antitrypsim.cli.main import main
from antitrypsim.foundations.errors import ProtocolError
from antitrypsim.laboratory.design_file.load import bundled_designs, load_design
from antitrypsim.laboratory.design_file.trial_design import TrialDesign
from antitrypsim.protocols import Protocol
from antitrypsim.protocols.load import bundled_protocols, load_protocol

pytestmark = pytest.mark.contract


HEAD = "trial_design: 1\nid: mine\ntitle: Mine\nquestion: Does it?\n"
RAPID = HEAD + "protocol: rapid\n"
AT = "endpoint: density, analysis: bayesian, visit: m24"
ONE = f"primary: {{id: d, {AT}, compare: [active]}}\n"
WITHIN = "primary: {id: d, endpoint: density, analysis: crossover, compare: [active]}\n"
BETWEEN = "primary: {id: d, endpoint: density, analysis: crossover}\n"
COUNTED = "primary: {id: e, endpoint: exacerbations, analysis: negative-binomial}\n"
GIVEN = "[{product: augmentation, route: intravenous, dose: 60 mg/kg, every: 1 week}]"

SENTENCES = {
    # The file itself.
    "another version": (
        RAPID.replace("trial_design: 1", "trial_design: 2"),
        "this software reads version 1 of the format, not 2",
    ),
    "no question": (RAPID.replace("question: Does it?\n", ""), "'question' is missing: what the"),
    "an unknown key": (RAPID + "patients: 3\n", "no key 'patients'"),
    "an empty key": (RAPID + "notes:\n", "'notes' is empty; fill it in or leave the key out"),
    "no text": ("", "the file is empty; a trial design begins with 'trial_design: 1'"),
    "a list": ("- 1\n", "the file holds no 'key: value' lines"),
    "alpha": (RAPID + "alpha: 0.5\n", "'0.5' cannot be used; it must be below 0.5"),
    "wanted": (RAPID + "wanted: 1\n", "it must be below 1"),
    "a kind": (RAPID + "design: {kind: paralel}\n", "no kind 'paralel'; did you mean 'parallel'?"),
    "no kind": (RAPID + "design: {}\n", "'kind' is missing: one of crossover, delayed-start, dose-escalation"),
    "a kind that is no word": (RAPID + "design: {kind: {a: 1}}\n", "no kind"),
    "a kind by itself": (RAPID + "design: parallel\n", "'parallel' is not a group of 'key: value'"),
    "an unknown protocol": (HEAD + "protocol: rapids\n", "no protocol 'rapids'; did you mean 'rapid'?"),
    # How it is conducted.
    "no change": (
        RAPID + "leaving: {depends_on: {endpoint: density, per: 0, ratio: 2}}\n",
        "a change of 0 changes nothing; write for example 'per: -2'",
    ),
    "above and below": (
        RAPID + "intercurrent: [{event: x, strategy: hypothetical, yearly: 0.1, "
        "when: {endpoint: fev1, below: 1, above: 2}}]\n",
        "say either 'below' or 'above'",
    ),
    "neither": (
        RAPID + "intercurrent: [{event: x, strategy: hypothetical, yearly: 0.1, when: {endpoint: fev1}}]\n",
        "say either 'below' or 'above'",
    ),
    "composite": (
        RAPID + "intercurrent: [{event: x, strategy: composite, yearly: 0.1}]\n",
        "'composite' needs the value that stands for a failure",
    ),
    "a value": (
        RAPID + "intercurrent: [{event: x, strategy: hypothetical, yearly: 0.1, value: 3}]\n",
        "'value' belongs to the strategy 'composite'; leave it out",
    ),
    "then": (
        RAPID + "intercurrent: [{event: x, strategy: hypothetical, yearly: 0.1, then: active}]\n",
        "'then' belongs to the strategy 'treatment-policy'; leave it out",
    ),
    "death by numbers": (
        RAPID + "intercurrent: [{event: death, strategy: hypothetical, yearly: 0.1}]\n",
        "death comes from the model; say only its strategy",
    ),
    "death and policy": (
        RAPID + "intercurrent: [{event: death, strategy: treatment-policy}]\n",
        "there are no values after death; choose another strategy",
    ),
    "an event that never comes": (
        RAPID + "intercurrent: [{event: x, strategy: hypothetical}]\n",
        "the event never happens; give its share per year",
    ),
    "an unknown strategy": (
        RAPID + "intercurrent: [{event: x, strategy: hypothetic, yearly: 0.1}]\n",
        "did you mean 'hypothetical'?",
    ),
    "a criterion on events": (
        RAPID + "screening: [{endpoint: death, min: 1}]\n", "'death' is not measured at a visit",
    ),
    "a criterion without limits": (
        RAPID + "screening: [{endpoint: fev1}]\n", "a criterion needs 'min', 'max' or both",
    ),
    "a criterion on nothing": (
        RAPID + "screening: [{min: 2}]\n",
        "a criterion needs an 'endpoint', or 'only' for who is taken",
    ),
    "limits of nothing": (
        RAPID + "screening: [{only: {sex: [male]}, min: 2}]\n",
        "limits are of an endpoint; say which",
    ),
    "limits that cross": (
        RAPID + "screening: [{endpoint: fev1, min: 2, max: 2}]\n", "'min' must lie below 'max'",
    ),
    "percent of nothing": (
        RAPID + "screening: [{endpoint: fev1, max: 2, percent: true}]\n",
        "'percent' is of a change; say 'change_over' too",
    ),
    # Its kind.
    "looks that fall": (
        RAPID + "design: {kind: group-sequential, looks: [0.5, 0.4, 1]}\n",
        "the looks must rise, such as [0.5, 1]",
    ),
    "looks that end early": (
        RAPID + "design: {kind: response-adaptive, looks: [0.5, 0.8]}\n",
        "the last look must be 1, the end of the trial",
    ),
    "a run-in for nothing": (
        RAPID + "design: {kind: run-in, length: 6 months}\n",
        "a run-in selects by 'min', 'max' or both",
    ),
    "a run-in that crosses": (
        RAPID + "design: {kind: run-in, length: 6 months, min: 0, max: -2}\n",
        "'min' must lie below 'max'",
    ),
    "no history": (
        RAPID + ONE + "design: {kind: single-arm, against: historical}\n",
        "'mean' is needed for, and only for, 'against: historical'",
    ),
    "a mean of nobody": (
        RAPID + ONE + "design: {kind: single-arm, mean: 2}\n",
        "'mean' is needed for, and only for, 'against: historical'",
    ),
    "nobody from elsewhere": (
        RAPID + ONE + "design: {kind: single-arm, against: external}\n",
        "'people' is needed for, and only for, 'against: external'",
    ),
    "a shift of nobody": (
        RAPID + ONE + "design: {kind: single-arm, shift: 2}\n",
        "'shift' belongs to 'against: external'; leave it out",
    ),
    "conditional power": (
        RAPID + "design: {kind: group-sequential, looks: [0.5, 1], "
        "futility: {rule: conditional-power, below: 1}}\n",
        "a conditional power lies between 0 and 1",
    ),
    "blind to what": (
        RAPID + "design: {kind: sample-size-reestimation}\n",
        "'assumed' is needed for, and only for, 'by: blinded'",
    ),
    "not blind": (
        RAPID + "design: {kind: sample-size-reestimation, by: unblinded, assumed: 2}\n",
        "'assumed' is needed for, and only for, 'by: blinded'",
    ),
    # What must hold between it and its protocol.
    "no test": (
        RAPID + "primary: {id: d, endpoint: density, analysis: describe}\n",
        "'describe' compares nothing; choose an analysis with a test",
    ),
    "never measured": (
        RAPID + "primary: {id: d, endpoint: fvc, analysis: bayesian, visit: m24}\n",
        "'fvc' is analysed and never assessed; add it under 'assessments'",
    ),
    "not fitting": (
        RAPID + "primary: {id: d, endpoint: death, analysis: ancova, visit: m24}\n",
        "'ancova' does not fit 'death'; use ",
    ),
    "one arm that is none": (
        RAPID + f"primary: {{id: d, {AT}, compare: [activ]}}\ndesign: {{kind: single-arm}}\n",
        "no arm 'activ'; did you mean 'active'?",
    ),
    "an arm of the allocation": (
        RAPID + "allocation: {ratio: {active: 1, placebos: 1}}\n", "no arm 'placebos'; did you mean",
    ),
    "an arm that is missing": (
        RAPID + "allocation: {ratio: {active: 1}}\n", "the arm 'placebo' has no part of the allocation",
    ),
    "an arm that leaves": (RAPID + "leaving: {by_arm: {activ: 0.1}}\n", "no arm 'activ'"),
    "an arm that costs": (RAPID + "costs: {treatment: {cells: 1}}\n", "no arm 'cells'"),
    "too few": (RAPID + "participants: 1\n", "'participants': 1 cannot be; 2 to 100,000 participants can: a comparison takes two"),
    "too small": (RAPID + "sizes: [60, 1]\n", "'sizes[1]': 1 cannot be; 2 to 100,000 participants can"),
    "one draw": (
        RAPID + "library: {people: 100, draws: 1}\n",
        "'library.draws': 1 draw cannot be; 0, or between 2",
    ),
    "a small library": (
        RAPID + "library: {people: 100, draws: 2, per_draw: 200}\n",
        "200 people for each draw are more than the library's 100",
    ),
    "an arm that has it": (
        RAPID + "intercurrent: [{event: x, strategy: hypothetical, yearly: 0.1, arms: [activ]}]\n",
        "no arm 'activ'",
    ),
    "an arm that follows": (
        RAPID + "intercurrent: [{event: x, strategy: treatment-policy, yearly: 0.1, then: rescue}]\n",
        "no arm 'rescue'; use one of these: active, placebo",
    ),
    "an arm that everybody is in": (
        RAPID + ONE + "intercurrent: [{event: x, strategy: treatment-policy, yearly: 0.1, then: active}]\n"
        "design: {kind: single-arm}\n",
        "everybody who has the event 'x' is in the arm 'active' already, so nothing changes",
    ),
    "an unknown visit": (RAPID + "visits: [baseline, m25]\n", "no visit 'm25'; did you mean 'm2"),
    "an unknown end": (RAPID + "until: m13\n", "no visit 'm13'; did you mean"),
    "no baseline": (
        RAPID + "visits: [m12, m24]\n",
        "'density' needs a baseline at day 0 and a later visit among those kept",
    ),
    "no later visit": (RAPID + "until: baseline\n", "'density' needs a baseline at day 0 and a later"),
    "a visit that is not kept": (
        RAPID + f"primary: {{id: d, {AT}}}\nuntil: m12\n", "the visit 'm24' is not among those kept",
    ),
    "one arm": (
        RAPID + ONE + "design: {kind: multi-arm}\n", "a design 'multi-arm' needs two arms or more",
    ),
    "two arms": (
        RAPID + "design: {kind: single-arm}\n",
        "a design 'single-arm' has one arm; name it in 'compare' of the primary endpoint",
    ),
    "three arms": (
        HEAD + "protocol: vesicles-escalation\ndesign: {kind: group-sequential, looks: [0.5, 1]}\n",
        "a design 'group-sequential' compares two arms",
    ),
    "a graph": (
        RAPID + "design: {kind: multi-arm, multiplicity: graphical, weights: [1, 0]}\n",
        "a graph of 1 arms needs 1 weights and as many rows of transitions",
    ),
    "an analysis of one arm": (
        RAPID + "primary: {id: d, endpoint: density, analysis: random-slope, compare: [active]}\n"
        "design: {kind: single-arm}\n",
        "a single arm is analysed by bayesian, responder or t-test",
    ),
    "a run-in of events": (
        RAPID + COUNTED + "design: {kind: run-in, length: 6 months, max: 2}\n",
        "a design 'run-in' needs a measured endpoint, not 'exacerbations'",
    ),
    "a cross-over by slopes": (
        RAPID + "design: {kind: crossover, periods: [m3, m24]}\n",
        "a design 'crossover' is analysed by crossover",
    ),
    "a period of nothing": (
        RAPID + BETWEEN + "design: {kind: crossover, periods: [m3, m25]}\n",
        "no visit 'm25'",
    ),
    "a cycle of nothing": (
        RAPID + WITHIN + "design: {kind: n-of-1, cycles: [[m3, m25]]}\n", "no visit 'm25'",
    ),
    "a visit without the endpoint": (
        RAPID + WITHIN.replace("density", "desmosine") + "design: {kind: n-of-1, cycles: [[m3, m21]]}\n",
        "'desmosine' is not measured at the visit 'm21'",
    ),
    "a cross-over without crossing": (
        RAPID + BETWEEN + "design: {kind: crossover, periods: [m3, m24]}\n",
        "the arm 'active' gets the same at 'm3' and 'm24'; write the periods as epochs",
    ),
    "a cycle without change": (
        RAPID + WITHIN + "design: {kind: n-of-1, cycles: [[m3, m24]]}\n",
        "the arm 'active' gets the same at 'm3' and 'm24'; write the periods as epochs",
    ),
    "an end before the period": (
        RAPID + BETWEEN + "until: m12\ndesign: {kind: crossover, periods: [m3, m24]}\n",
        "'density' is not measured at the visit 'm24'",
    ),
    "two ends of a delayed start": (
        RAPID + "design: {kind: delayed-start}\n",
        "in a delayed start all arms get the same treatment in the last epoch, 'treatment'",
    ),
    "an arm of a platform": (
        RAPID + "design: {kind: platform, per_arm: 20, arms: [{arm: activ, month: 0}]}\n",
        "no arm 'activ'",
    ),
    "other arms of a platform": (
        RAPID + "design: {kind: platform, per_arm: 20, arms: [{arm: placebo, month: 0}]}\n",
        "the arms of the platform must be those compared with the control",
    ),
    "a background of nobody": (
        RAPID + "design: {kind: dose-escalation, toxicity: [fever], background: {dose-9: 0.1}}\n",
        "no arm 'dose-9'",
    ),
    "a target that falls": (
        RAPID + "design: {kind: dose-escalation, toxicity: [fever], target: [0.3, 0.2]}\n",
        "the target must rise, such as [0.16, 0.33]",
    ),
    "a look before enough people": (
        RAPID + "participants: 40\ndesign: {kind: group-sequential, looks: [0.05, 1]}\n",
        "the first look, at 0.05 of 40 participants, comes before enough have a visit",
    ),
    # What it searches.
    "nothing to try": (RAPID + "search: {}\n", "the search lists nothing to try"),
    "an endpoint to try": (
        RAPID + "search: {endpoints: [{id: d, endpoint: fvc, analysis: bayesian, visit: m24}]}\n",
        "'fvc' is analysed and never assessed",
    ),
    "a visit to try": (RAPID + "search: {visits: {few: [baseline, m25]}}\n", "no visit 'm25'"),
    "visits without a baseline": (
        RAPID + "search: {visits: {late: [m12, m24]}}\n", "the visits 'late' must begin at day 0",
    ),
    "no visits": (RAPID + "search: {visits: {none: []}}\n", "the visits 'none' must begin at day 0"),
    "an end to try": (RAPID + "search: {until: [m25]}\n", "no visit 'm25'"),
    "an end at the beginning": (
        RAPID + "search: {until: [baseline]}\n", "a trial cannot end at its baseline",
    ),
    "treatments for many arms": (
        HEAD + f"protocol: vesicles-escalation\nsearch: {{treatments: {{more: {GIVEN}}}}}\n",
        "treatments are searched for one treated arm",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", SENTENCES)
def test_what_cannot_be_is_one_sentence(tmp_path, capsys, name):
    text, sentence = SENTENCES[name]
    file = tmp_path / "mine.yaml"
    file.write_text(text)
    with pytest.raises(ProtocolError) as problem:
        load_design(file)
    assert sentence in str(problem.value)
    assert "\n" not in problem.value.message
    assert problem.value.message[-1] not in ".\n"
    assert main(["design", str(file), "--quiet"]) == 2
    told = capsys.readouterr()
    assert told.out == ""
    assert told.err.count("\n") == 1
    assert sentence in " ".join(told.err.split())
    if name != "an unknown protocol":
        assert str(file) in told.err


def test_a_sentence_names_the_line(tmp_path):
    file = tmp_path / "mine.yaml"
    file.write_text(RAPID + "participants: 40\nscreening:\n  - {endpoint: fev1, min: 2, max: 1}\n")
    with pytest.raises(ProtocolError) as problem:
        load_design(file)
    assert str(problem.value).startswith(f"{file}:8: 'screening[0].min':")


@pytest.mark.parametrize("name", bundled_designs())
def test_every_bundled_design_is_read(name):
    design, protocol = load_design(name)
    assert design.id == name
    assert design.title == bundled_designs()[name]
    assert protocol.id == design.protocol
    # What it says, said again, is the same.
    again = TrialDesign.model_validate(
        design.model_dump(mode="json", exclude_none=True, by_alias=True)
    )
    assert again == design
    assert again.content_hash == design.content_hash


@pytest.mark.parametrize("name", bundled_designs())
def test_the_schema_takes_what_is_bundled(name):
    from ruamel.yaml import YAML

    from antitrypsim.laboratory.design_file import load

    schema = TrialDesign.model_json_schema(by_alias=True)
    data = YAML(typ="safe").load((load._BUNDLED / f"{name}.yaml").read_text("utf-8"))
    assert list(Draft202012Validator(schema).iter_errors(data)) == []


def test_a_protocol_is_a_parallel_design_of_itself(tmp_path):
    design, protocol = load_design("rapid")
    assert protocol == load_protocol("rapid")
    assert (design.id, design.design.kind, design.primary) == ("rapid", "parallel", None)
    assert design.alpha is None
    from antitrypsim.protocols import dump_protocol

    file = tmp_path / "own.yaml"
    file.write_text(dump_protocol(protocol))
    assert load_design(file)[1] == protocol
    for name in bundled_protocols():
        with suppress(ProtocolError):
            load_design(name)
            continue
        # A protocol of one arm, or one that only describes, compares nothing.
        with pytest.raises(ProtocolError, match=r"two arms or more|compares nothing"):
            load_design(name)


def test_a_protocol_beside_the_file_is_found(tmp_path):
    from antitrypsim.protocols import dump_protocol

    protocol = load_protocol("rapid").model_copy(update={"id": "my-own", "participants": 90})
    (tmp_path / "own.yaml").write_text(dump_protocol(protocol))
    (tmp_path / "mine.yaml").write_text(HEAD + "protocol: own.yaml\n")
    assert load_design(tmp_path / "mine.yaml")[1].id == "my-own"
    assert load_design(str(tmp_path / "mine.yaml"))[1].participants == 90


@pytest.mark.parametrize(
    ("name", "hint"),
    [("single-arm-tem", "no design or protocol 'single-arm-tem'; did you mean 'single-arm-ten'?"),
     ("rapd", "no design or protocol 'rapd'; did you mean 'rapid'?"), ("zzz", "no protocol 'zzz'")],
)  # fmt: skip
def test_an_unknown_name_hints_at_the_nearest(name, hint):
    with pytest.raises(ProtocolError) as problem:
        load_design(name)
    assert hint in str(problem.value)


def test_files_that_cannot_be_read(tmp_path):
    with pytest.raises(ProtocolError, match="the file cannot be read"):
        load_design(tmp_path / "none.yaml")
    (tmp_path / "bad.yaml").write_text("trial_design: [1\n")
    with pytest.raises(ProtocolError) as problem:
        load_design(tmp_path / "bad.yaml")
    assert str(tmp_path / "bad.yaml") in str(problem.value)
    (tmp_path / "binary.yaml").write_bytes(b"\xff\x00\x01")
    with pytest.raises(ProtocolError, match="not text in UTF-8"):
        load_design(tmp_path / "binary.yaml")


def test_words_of_version_0_1_0_are_read_as_those_of_today(tmp_path):
    """Also where they stand in lists; together with the word of today a key stands there twice."""
    text = RAPID + "screening: [{only: {WORD: [lung]}}]\nallocation: {within: [WORD]}\n"
    file = tmp_path / "mine.yaml"

    def read(said):
        file.write_text(said, encoding="utf-8")
        return load_design(file)[0]

    old, new = (read(text.replace("WORD", word)) for word in ("found_by", "ascertainment"))
    assert old == new
    assert old.allocation.within == ("ascertainment",)
    both = text.replace("only: {WORD: [lung]}", "only: {found_by: [lung], ascertainment: [lung]}")
    with pytest.raises(ProtocolError, match="the key is given twice"):
        read(both.replace("WORD", "ascertainment"))


def test_a_program_that_says_a_word_of_version_0_1_0_is_told_todays():
    protocol = load_protocol("rapid").to_dict()
    protocol["population"]["found_by"] = protocol["population"].pop("ascertainment")
    with pytest.raises(ProtocolError, match="it is called 'ascertainment' now"):
        Protocol.from_dict(protocol)
