"""Studies of others as protocol drafts: what is counted, when things are, and what is asked."""

import json

import pytest

from antitrypsim.foundations.errors import InputError
from antitrypsim.interchange.usdm import draft_of, export_usdm
from antitrypsim.interchange.usdm.durations import read_iso, write_iso
from antitrypsim.protocols import load_protocol
from tests.interchange.usdm.corpus import STUDIES, study
from tests.interchange.usdm.made import changed, code, design, point, timeline, timing

pytestmark = pytest.mark.contract

KINDS = {
    "StudyArm": "arms", "StudyEpoch": "epochs", "Encounter": "encounters", "Activity": "activities",
    "ScheduleTimeline": "timelines", "Timing": "timings", "Objective": "objectives",
    "Endpoint": "endpoints", "StudyIntervention": "interventions",
    "Administration": "administrations", "EligibilityCriterion": "criteria",
}  # fmt: skip


def counted(node, found):
    """Count objects of a JSON text by class, without the reader of the product."""
    if isinstance(node, dict):
        kind = KINDS.get(node.get("instanceType"))
        if kind:
            found[kind] = found.get(kind, 0) + 1
        for value in node.values():
            counted(value, found)
    elif isinstance(node, list):
        for value in node:
            counted(value, found)
    return found


def said(draft, key):
    return [text for where, text in draft.questions if where.startswith(key)]


@pytest.mark.corpus
@pytest.mark.parametrize("name", STUDIES)
def test_published_studies_are_counted_as_they_are(name):
    text = study(name)
    draft = draft_of(text)
    assert draft.counts == counted(json.loads(text), {})
    assert draft.text().count("# TODO") == len(draft.questions)
    with pytest.raises(InputError, match="the draft has gaps"):
        draft.protocol()


@pytest.mark.skipif(not STUDIES, reason="the published studies are not here")
def test_the_pilot_study_has_its_days_windows_and_treatments():
    draft = draft_of(study("CDISC_Pilot_Study"))
    assert [(v["id"], v["time"]) for v in draft.data["visits"]][:6] == [
        ("E3", "0 days"), ("E4", "2 weeks"), ("E5", "4 weeks"), ("E7", "6 weeks"),
        ("WK8", "8 weeks"), ("WK8N", "10 weeks"),
    ]  # fmt: skip
    assert [e.get("length") for e in draft.data["epochs"]] == [
        "4 weeks",
        "20 weeks",
        "2 weeks",
        None,
    ]
    lost = "\n".join(draft.loss.left_out)
    assert "the window of visit 'E4' (3 days before to 3 days after)" in lost
    assert "timeline 'Adverse Event Timeline'" in lost
    assert "estimands (1)" in lost
    told = "\n".join(said(draft, "arms"))
    assert "dose: 54 mg, every: 1 day, for: 24 weeks" in told
    assert "dose: 81 mg" in told
    assert "no product of the model" in told


def test_a_small_study_is_drafted_and_what_it_lacks_is_asked():
    draft = draft_of(changed(lambda data: None))
    assert draft.counts == counted(json.loads(changed(lambda data: None)), {})
    data = draft.data
    assert (data["id"], data["title"], data["participants"]) == (
        "AAT-7",
        "Weekly AAT in emphysema",
        40,
    )
    assert data["epochs"] == [{"id": "Treatment", "length": "83.9375 days"}]
    assert data["visits"] == [
        {"id": "V1", "title": "Baseline", "time": "0 days"},
        {"id": "V2", "title": "Week 4", "time": "4 weeks"},
        {"id": "V3", "time": "83.9375 days"},
    ]
    assert data["arms"][0]["treatment"]["Treatment"] == [
        {"product": "DRUG", "route": "intravenous", "dose": "60 mg/kg", "every": "1 week"}
    ]
    assert "treatment" not in data["arms"][1]
    assert data["assessments"] == [{"endpoint": "density", "visits": "all"}]
    assert data["population"]["age"] == {"min": 18, "max": 70}
    assert data["population"]["eligibility"] == [{"quantity": "age", "min": 18.0, "max": 70.0}]
    assert "the nearest is 'augmentation'" in said(draft, "arms")[0]
    assert "the nearest is 'density'" in said(draft, "endpoints.primary")[0]
    for key in ("context_of_use", "role", "allocation", "dropout", "population.genotype",
                "population.age.sd", "endpoints.primary.analysis"):  # fmt: skip
        assert len(said(draft, key)) == 1, key
    lost = "\n".join(draft.loss.left_out)
    for words in ("epoch 'Screening'", "visit 'scr', 2 weeks before day 0", "Serum AAT below 11 uM",
                  "the nearest is 'fev1'", "activity 'Chat': it is no endpoint of the model",
                  "estimands (1)", "window of visit 'V2' (2 days before to 1 day after)"):  # fmt: skip
        assert words in lost, words


def test_a_draft_with_its_gaps_filled_is_a_protocol():
    from antitrypsim.protocols import Protocol

    data = dict(draft_of(changed(lambda data: None)).data)
    data["arms"][0]["treatment"]["Treatment"][0]["product"] = "augmentation"
    data["population"]["age"] |= {"mean": 50, "sd": 8}
    data |= {
        "context_of_use": "a test",
        "role": "demonstration",
        "allocation": {"Active": 1, "Control": 1},
    }
    data["endpoints"]["primary"] |= {"endpoint": "density", "analysis": "random-slope"}
    made = Protocol.from_dict(data)
    assert made.regimens()["Active"] != made.regimens()["Control"]


CASES = {
    "an arm of two elements in one epoch": (
        lambda d: design(d)["studyCells"][1].update(elementIds=["L1", "L1"]),
        "'weekly' of", "arms", False,
    ),
    "no dose": (lambda d: drop(d, "dose"), "has no dose; how much is given?", "arms", True),
    "no route": (lambda d: drop(d, "route"), "has no route; by which is it given?", "arms", True),
    "no rhythm": (lambda d: drop(d, "frequency"), "has no frequency", "arms", True),
    "a strange rhythm": (
        lambda d: given(d)["frequency"]["standardCode"].update(decode="Ten Days Per Month"),
        "is given 'Ten Days Per Month'; how often is that?", "arms", True,
    ),
    "how long, in no time": (
        lambda d: given(d)["duration"].update(quantity=amount(3, "Percentage")),
        "goes on for '3 percentages', which is no time", "arms", True,
    ),
    "how long, a range": (
        lambda d: given(d)["duration"].update(quantity=a_range()), "goes on for a range of times", "arms", True,
    ),
    "two administrations": (
        lambda d: drugs(d)[0]["administrations"].append({**given(d), "id": "M2", "name": "again"}),
        "which of them does 'Active' receive?", "arms", True,
    ),
    "no administration": (
        lambda d: drugs(d)[0].update(administrations=[]), "has no administration", "arms", True,
    ),
    "nobody's drug": (
        lambda d: design(d)["elements"][1].update(studyInterventionIds=[]),
        "put '- {product: DRUG, route: intravenous, dose: 60 mg/kg, every: 1 week}'", "arms", True,
    ),
    "nobody's drug and no amount": (
        lambda d: (design(d)["elements"][1].update(studyInterventionIds=[]), drugs(d)[0].update(administrations=[])),
        "does not say how 'Alpha-1", "arms", True,
    ),
    "people between two numbers": (
        lambda d: design(d)["population"].update(plannedEnrollmentNumber=a_range()),
        "between 1 and 9 people are planned", "participants", True,
    ),
    "less than nobody": (
        lambda d: design(d)["population"].update(plannedEnrollmentNumber=amount(-3)),
        "-3 people are planned", "participants", True,
    ),
    "cycles": (
        lambda d: timeline(d)["instances"].insert(3, {
            "id": "P_dec", "name": "again?", "instanceType": "ScheduledDecisionInstance",
            "conditionAssignments": [{"id": "ca", "condition": "no progress", "conditionTargetId": "P_base",
                                      "instanceType": "ConditionAssignment"}]}),
        "the timeline goes back to 'base' (no progress); how many cycles are there?", "visits", True,
    ),
    "no timeline": (lambda d: design(d).update(scheduleTimelines=[]), "no main timeline", "visits", True),
    "no anchor": (lambda d: timeline(d)["timings"].pop(1), "the file gives it no time", "visits", True),
    "a visit without a time": (lambda d: timeline(d)["timings"].pop(2), "when is the visit 'w4'?", "visits", True),
    "only screening": (
        lambda d: timeline(d).update(instances=[*timeline(d)["instances"][:1], point("base", None, "E2")]),
        "no visit at or after randomisation", "visits", True,
    ),
    "nothing that is measured": (
        lambda d: design(d).update(activities=[]), "no activity of the file is an endpoint", "assessments", True,
    ),
    "an epoch without points": (
        lambda d: design(d)["epochs"].append({"id": "E3", "name": "After", "instanceType": "StudyEpoch"}),
        "how long is the epoch 'After'?", "epochs", True,
    ),
}  # fmt: skip


def drugs(data):
    return data["study"]["versions"][0]["studyInterventions"]


def given(data):
    return drugs(data)[0]["administrations"][0]


def drop(data, key):
    del given(data)[key]


def amount(value, unit=None):
    made = {"id": "QX", "value": value, "instanceType": "Quantity"}
    if unit:
        made["unit"] = {"id": "AX", "standardCode": code(unit), "instanceType": "AliasCode"}
    return made


def a_range():
    return {"id": "RX", "minValue": amount(1), "maxValue": {**amount(9), "id": "QY"},
            "isApproximate": False, "instanceType": "Range"}  # fmt: skip


@pytest.mark.parametrize("case", CASES)
def test_what_is_open_is_asked_once(case):
    change, words, key, asked = CASES[case]
    draft = draft_of(changed(change))
    told = [text for text in said(draft, key) if words in text]
    assert len(told) >= 1 if asked else told == []
    for _text in told:
        assert f"# TODO '{key}" in draft.text()


LEFT = {
    "a dangling element": (lambda d: design(d)["studyCells"][0].update(elementIds=["L9"]), "element 'L9' of a cell"),
    "a dangling intervention": (
        lambda d: design(d)["elements"][0].update(studyInterventionIds=["I9"]), "intervention 'I9'"),
    "a second design": (
        lambda d: d["study"]["versions"][0]["studyDesigns"].append({**design(d), "id": "SD2", "name": "other"}),
        "design 'other'"),
    "a second version": (
        lambda d: d["study"]["versions"].append({**d["study"]["versions"][0], "id": "V2"}), "1 further version"),
    "another timeline": (
        lambda d: design(d)["scheduleTimelines"].append({**timeline(d), "id": "TL2", "name": "AE", "mainTimeline": False}),
        "timeline 'AE' (consent)"),
    "an observational study": (
        lambda d: design(d).update(instanceType="ObservationalStudyDesign"), "the study is observational"),
    "a decision forward": (
        lambda d: timeline(d)["instances"].insert(1, {
            "id": "P_dec", "name": "fit?", "instanceType": "ScheduledDecisionInstance",
            "conditionAssignments": [{"id": "ca", "condition": "no", "conditionTargetId": "P_w12",
                                      "instanceType": "ConditionAssignment"}]}),
        "the decision 'fit?' (no): everybody goes on"),
    "an unused encounter": (
        lambda d: design(d)["encounters"].append({"id": "N9", "name": "EOS", "instanceType": "Encounter"}),
        "encounter 'EOS'"),
    "a second objective": (
        lambda d: design(d)["objectives"].append({"id": "O2", "name": "safety", "text": "Is it safe?",
                                                  "instanceType": "Objective"}), "objective 'safety': 'Is it safe?'"),
    "a note": (
        lambda d: d["study"]["versions"][0].update(notes=[{"id": "NN", "text": "mind", "instanceType": "CommentAnnotation"}]),
        "note 'mind'"),
}  # fmt: skip


@pytest.mark.parametrize("case", LEFT)
def test_what_has_no_place_is_told(case):
    change, words = LEFT[case]
    assert any(words in line for line in draft_of(changed(change)).loss.left_out)


@pytest.mark.parametrize(
    ("iso", "days", "words"),
    [
        ("P2W", 14, "2 weeks"), ("P1W", 7, "1 week"), ("PT4H", 1 / 6, "4 hours"), ("P1Y", 365.25, "1 year"),
        ("P6M", 182.625, "6 months"), ("P1DT12H", 1.5, "1.5 days"), ("-P3D", -3, "3 days"),
        ("P0,5Y", 182.625, "0.5 years"), ("PT90M", 0.0625, "90 minutes"), ("P1W7D", 14, "2 weeks"),
        ("P0D", 0, "0 days"),
    ],
)  # fmt: skip
def test_durations_by_iso_8601(iso, days, words):
    assert read_iso(iso) == (pytest.approx(days, rel=1e-12), words)


@pytest.mark.parametrize(
    "text", ["P", "PT", "2 weeks", "P2", "2W", "P2WT", "PP2W", "", "P1e3D", "P-2W", "P1.D"]
)
def test_what_is_no_duration_is_refused(text):
    with pytest.raises(InputError, match="no ISO 8601 duration"):
        read_iso(text)


@pytest.mark.parametrize(
    ("text", "iso"),
    [("24 months", "P24M"), ("1e2 days", "P100D"), ("0.5 years", "P0.5Y"), ("5 minutes", "PT5M")],
)
def test_times_of_a_protocol_as_iso_8601(text, iso):
    assert write_iso(text) == iso


def test_a_visit_is_placed_along_a_chain_of_timings():
    def chain(data):
        timeline(data)["timings"][3] = timing("t3", "P_w12", "P_w4", "P8W")
        timeline(data)["timings"].reverse()

    assert [v["time"] for v in draft_of(changed(chain)).data["visits"]] == [
        "0 days",
        "4 weeks",
        "12 weeks",
    ]


def test_what_others_change_in_our_file_is_kept_and_what_they_delete_takes_its_extensions_along():
    data = json.loads(export_usdm("base-editing")[0])
    version = data["study"]["versions"][0]
    dose = version["studyInterventions"][0]["administrations"][0]["dose"]
    dose["value"] = 30
    changed_ = draft_of(json.dumps(data)).protocol()
    given_ = changed_.arms[0].treatment["treatment"][0]
    assert (given_.dose, given_.per_weight) == ("30 mg", "75 kg")
    before = load_protocol("base-editing")
    assert changed_.model_copy(update={"arms": before.arms}) == before


def test_a_value_that_we_spelled_otherwise_gives_way_to_a_change():
    data = json.loads(export_usdm("vesicles-escalation")[0])
    amount_ = data["study"]["versions"][0]["studyInterventions"][0]["administrations"][0]["dose"]
    assert (
        draft_of(json.dumps(data)).data["arms"][0]["treatment"]["treatment"][0]["dose"]
        == "16e8 particles"
    )
    amount_["value"] = 1e8
    draft = draft_of(json.dumps(data))
    assert draft.data["arms"][0]["treatment"]["treatment"][0]["dose"] == "1e8 particles"
    assert any("it was changed since the export" in line for line in draft.loss.left_out)


def test_a_study_of_ours_that_no_longer_fits_says_what_is_wrong():
    data = json.loads(export_usdm("rapid")[0])
    version = data["study"]["versions"][0]
    design_ = version["studyDesigns"][0]
    gone = design_["arms"].pop()["id"]
    design_["studyCells"] = [cell for cell in design_["studyCells"] if cell["armId"] != gone]
    draft = draft_of(json.dumps(data))
    assert len(draft.questions) == 1
    assert "placebo" in draft.questions[0][1]
    with pytest.raises(InputError, match="the draft has gaps"):
        draft.protocol()
