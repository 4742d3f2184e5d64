"""A small study as another tool would write it: screening, a cross-over of names, cycles, words of its own."""

import copy
import json


def code(decode, number="C0"):
    return {"id": f"Code_{decode}", "code": number, "codeSystem": "http://www.cdisc.org",
            "codeSystemVersion": "2024-09-27", "decode": decode, "instanceType": "Code"}  # fmt: skip


def alias(decode):
    return {"id": f"Alias_{decode}", "standardCode": code(decode), "instanceType": "AliasCode"}


def quantity(value, unit=None):
    made = {"id": f"Q_{value}_{unit}", "value": value, "instanceType": "Quantity"}
    return made if unit is None else {**made, "unit": alias(unit)}


def timing(name, point, base, value, kind="After", **more):
    return {"id": f"Timing_{name}", "name": name, "type": code(kind), "value": value, "valueLabel": "",
            "relativeToFrom": code("Start to Start"), "relativeFromScheduledInstanceId": point,
            "relativeToScheduledInstanceId": base, "instanceType": "Timing", **more}  # fmt: skip


def point(name, encounter, epoch, activities=(), **more):
    return {"id": f"P_{name}", "name": name, "epochId": epoch, "encounterId": encounter,
            "activityIds": list(activities), "instanceType": "ScheduledActivityInstance", **more}  # fmt: skip


def named(kind, id, name, label=None, **more):
    return {"id": id, "name": name, "label": label, "instanceType": kind, **more}


def administration(id, name, dose, unit, **more):
    return named(
        "Administration", id, name, duration={"id": f"D_{id}", "durationWillVary": False,
        "instanceType": "Duration"}, dose=quantity(dose, unit), **more,
    )  # fmt: skip


def intervention(id, name, label, *administrations):
    return named("StudyIntervention", id, name, label, administrations=list(administrations))


_CELLS = [("A1", "E1", "L0"), ("A1", "E2", "L1"), ("A2", "E1", "L0"), ("A2", "E2", "L2")]

_STUDY = {
    "usdmVersion": "4.0.0",
    "systemName": "another tool",
    "study": {
        "name": "AAT 7", "instanceType": "Study",
        "versions": [{
            "id": "V1", "versionIdentifier": "1", "rationale": "why", "instanceType": "StudyVersion",
            "titles": [{"id": "T1", "text": "Weekly AAT in emphysema", "type": code("Official", "C207616"),
                        "instanceType": "StudyTitle"}],
            "studyIdentifiers": [],
            "studyInterventions": [
                intervention("I1", "DRUG", "Alpha-1 Proteinase Inhibitor (Human)", administration(
                    "M1", "weekly", 60, "Milligram per Kilogram",
                    route=alias("Intravenous Route of Administration"), frequency=alias("Every Week"))),
            ],
            "eligibilityCriterionItems": [
                named("EligibilityCriterionItem", "CI1", "IN1", text="<p>Serum AAT below 11 uM</p>"),
                named("EligibilityCriterionItem", "CI2", "IN2", text="age: from 18 to 70 years"),
            ],
            "studyDesigns": [{
                "id": "SD1", "name": "design", "instanceType": "InterventionalStudyDesign",
                "arms": [named("StudyArm", "A1", "Active", "AAT weekly"), named("StudyArm", "A2", "Control")],
                "epochs": [named("StudyEpoch", "E1", "Screening", nextId="E2"),
                           named("StudyEpoch", "E2", "Treatment", previousId="E1")],
                "elements": [named("StudyElement", "L0", "wait"),
                             named("StudyElement", "L1", "drug", studyInterventionIds=["I1"]),
                             named("StudyElement", "L2", "nothing")],
                "studyCells": [{"id": f"C{k}", "armId": a, "epochId": e, "elementIds": [x],
                                "instanceType": "StudyCell"} for k, (a, e, x) in enumerate(_CELLS)],
                "encounters": [named("Encounter", f"N{k}", name, label) for k, (name, label) in enumerate(
                    [("SCR", "Screening"), ("V1", "Baseline"), ("V2", "Week 4"), ("V3", None)])],
                "activities": [named("Activity", "Y1", "Spirometry", "Forced expiratory volume"),
                               named("Activity", "Y2", "density"), named("Activity", "Y3", "Chat")],
                "objectives": [named(
                    "Objective", "O1", "main", text="Does AAT slow the loss of density?",
                    level=code("Primary Objective", "C85826"), endpoints=[
                        named("Endpoint", "X1", "PD15", text="15th percentile lung density at week 12")])],
                "population": named(
                    "StudyDesignPopulation", "S1", "people", plannedEnrollmentNumber=quantity(40),
                    plannedSex=[code("Both", "C49636")], criterionIds=["K1", "K2"],
                    plannedAge={"id": "R1", "minValue": quantity(18), "maxValue": quantity(70),
                                "isApproximate": False, "instanceType": "Range"}),
                "eligibilityCriteria": [
                    named("EligibilityCriterion", "K1", "IN1", category=code("Inclusion Criteria"),
                          criterionItemId="CI1"),
                    named("EligibilityCriterion", "K2", "IN2", category=code("Inclusion Criteria"),
                          criterionItemId="CI2")],
                "estimands": [{"id": "EST"}],
                "scheduleTimelines": [named(
                    "ScheduleTimeline", "TL1", "main", mainTimeline=True, entryCondition="consent",
                    entryId="P_scr", exits=[], instances=[
                        point("scr", "N0", "E1", ["Y3"]), point("base", "N1", "E2", ["Y1", "Y2"]),
                        point("w4", "N2", "E2", ["Y2"]), point("w12", "N3", "E2", ["Y2"])],
                    timings=[
                        timing("t0", "P_scr", "P_base", "P2W", "Before"),
                        timing("t1", "P_base", "P_base", "P1D", "Fixed Reference"),
                        timing("t2", "P_w4", "P_base", "P4W", windowLower="P2D", windowUpper="P1D"),
                        timing("t3", "P_w12", "P_w4", "P1M25DT12H"),
                    ])],
            }],
        }],
    },
}  # fmt: skip


def study():
    """Return the study as plain data, a copy of its own."""
    return copy.deepcopy(_STUDY)


def design(data):
    """Return the design of a study."""
    return data["study"]["versions"][0]["studyDesigns"][0]


def timeline(data):
    """Return the main timeline of a study."""
    return design(data)["scheduleTimelines"][0]


def changed(change):
    """Return the text of the study after ``change`` of it."""
    data = study()
    change(data)
    return json.dumps(data)
