"""Every way in which a file can be wrong is one sentence with the file, the line and the key."""

from __future__ import annotations

from collections.abc import Callable
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from antitrypsim.experiments.comparison_file import load_comparison
from antitrypsim.foundations.errors import ProtocolError
from antitrypsim.laboratory.design_file.load import load_design
from antitrypsim.protocols import Protocol, load_protocol, protocol_source, read_protocol

pytestmark = pytest.mark.contract


DOSE = "          dose: 60 mg/kg\n"
EVERY = "          every: 1 week\n"
CLAIM = (
    "claimed:\n  - {{claim: CLAIM-15, endpoint: density, measure: change, arm: {arm}, "
    "visit: {visit}, value: 1, unit: g/L, words: x}}\n"
)

# what is replaced, by what, the key named, a part of the sentence, the text of the line named
WRONG = [
    ("title: A small trial\n", "titel: A small trial\n", "titel", "did you mean 'title'", "titel:"),
    ("title: A small trial\n", "", None, "'title' is missing", "antitrypsim"),
    ("title: A small trial\n", "title:\n", "title", "is empty", "title:"),
    ("title: A small trial\n", "title: ''\n", "title", "is empty", "title:"),
    ("title: A small trial\n", "title: 2015-01-01\n", "title", "put it between quotes", "title:"),
    ("antitrypsim: 1\n", "antitrypsim: 2\n", "antitrypsim", "version 1", "antitrypsim"),
    ("antitrypsim: 1\n", "antitrypsim: x\n", "antitrypsim", "whole number", "antitrypsim"),
    ("id: small\n", "id: 1 2\n", "id", "is not an id", "id:"),
    ("role: demonstration", "role: calibrate", "role", "did you mean 'calibration'", "role:"),
    ("{cite: Somebody", "{cited: Somebody", "references[0].cited", "did you mean 'cite'", "cited"),
    ("  - {cite: Somebody 2020, identifier: NCT00000000}", "  -", "references[0]", "empty", "-"),
    ("references:\n  - {cite: Somebody 2020, identifier: NCT00000000}", "references: x",
     "references", "is not a list", "references"),
    ("role: demonstration", "role: demonstration\nfacts: [BIO-B99]", "facts[0]", "no fact",
     "facts"),
    # population, whose words are another room's
    ("mean: 54", "men: 54", "population.age.men", "did you mean 'mean'", "age:"),
    ("mean: 54", "mean: old", "population.age.mean", "is not a number", "age:"),
    ("mean: 54", "mean: 17", "population.age", "between min and max", "age:"),
    ("{ZZ: 1.0}", "{ZZ: 0.5}", "population", "add up to 1", "population:"),
    ("{ZZ: 1.0}", "{ZZZ: 1.0}", "population.genotype.ZZZ", "did you mean 'ZZ'", "ZZZ"),
    ("  age: {mean", "  ages: {mean", "population.ages", "did you mean 'age'", "ages:"),
    # participants and allocation
    ("participants: 100", "participants: 1000000000", "participants",
     "the limit is 1,000,000", "participants"),
    ("participants: 100", "participants: 0", "participants", "1 or more", "participants"),
    ("participants: 100", "participants: 1", "participants", "nobody for the arm 'placebo'",
     "participants"),
    ("participants: 100", "participants: many", "participants", "whole number", "participants"),
    ("participants: 100", "participants: true", "participants", "whole number", "participants"),
    ("{active: 1, placebo: 1}", "{active: 1}", "allocation", "'placebo' has no allocation",
     "allocation"),
    ("{active: 1, placebo: 1}", "{active: 1, placbo: 1}", "allocation.placbo",
     "did you mean 'placebo'", "allocation"),
    ("{active: 1, placebo: 1}", "{active: 0, placebo: 1}", "allocation.active", "at least 1",
     "allocation"),
    ("dropout: {yearly: 0.1}", "dropout: {yearly: 1.2}", "dropout.yearly", "below 1", "dropout"),
    ("dropout: {yearly: 0.1}", "dropout: {yearly: 10 %}", "dropout.yearly", "is not a number",
     "dropout"),
    ("dropout: {yearly: 0.1}", "dropout: {yearly: 0.1, by_arm: {aktive: 0.2}}",
     "dropout.by_arm.aktive", "did you mean 'active'", "dropout"),
    ("dropout: {yearly: 0.1}", "stratify_by: [smokin]", "stratify_by[0]", "did you mean 'smoking'",
     "stratify_by"),
    ("  age: {mean: 54, sd: 8}", "  age: {mean: 54, sd: 8}\n  eligibility:\n    - {quantity: fev1_percent, max: .7}",
     "population.eligibility[0]", "if it was meant in parts of 1, write 'max: 70'", "fev1_percent"),
    ("title: Active\n", 'title: "Placebo\\u200b"\n', "arms[1].title", "a reader could not tell",
     "title: Placebo"),
    ("id: survival\n      endpoint: death\n      analysis: log-rank",
     "id: again\n      endpoint: density\n      analysis: random-slope\n      compare: [placebo, active]",
     "endpoints.secondary[0]", "the same analysis as 'slope' with its arms exchanged", "- id: again"),
    # epochs and arms
    ("{id: second, length: 12 months}", "{id: first, length: 12 months}", "epochs[1]",
     "two of the epochs are named 'first'", "length: 12 months"),
    ("{id: second, length: 12 months}", "{id: second, length: 0 months}", "epochs[1].length",
     "above 0", "0 months"),
    ("{id: second, length: 12 months}", "{id: second, length: -1 months}", "epochs[1].length",
     "negative", "-1 months"),
    ("{id: second, length: 12 months}", "{id: second, length: 12}", "epochs[1].length",
     "has no unit", "second"),
    ("{id: second, length: 12 months}", "{id: second, length: 12 moons}", "epochs[1].length",
     "unit", "moons"),
    ("{id: second, length: 12 months}", "{id: second, length: 12 kg}", "epochs[1].length",
     "not a unit of time", "kg"),
    ("{id: second, length: 12 months}", "{id: second, length: soon}", "epochs[1].length",
     "not a number with a unit", "soon"),
    ("{id: second, length: 12 months}", "{id: second, length: [1]}", "epochs[1].length",
     "is not a time", "[1]"),
    ("{id: second, length: 12 months}", "{id: second, length: 1000 years}", "epochs[1].length",
     "100 years", "1000"),
    ("{id: second, length: 12 months}", "{id: second, length: 99.5 years}", "epochs",
     "add up to more than 100 years", "epochs"),
    ("  - id: placebo\n    title: Placebo", "  - id: active\n    title: Placebo", "arms[1]",
     "two of the arms are named 'active'", "- id: active"),
    ("  - id: placebo\n    title: Placebo", "  -", "arms[1]", "the entry is empty", "  -"),
    ("  - id: placebo\n    title: Placebo", "  - placebo", "arms[1]", "it needs id, title",
     "- placebo"),
    ("      first:\n        - product", "      furst:\n        - product",
     "arms[0].treatment.furst", "did you mean 'first'", "furst:"),
    # what is given
    ("product: augmentation", "product: augmentaton", "arms[0].treatment.first[0].product",
     "did you mean 'augmentation'", "product:"),
    ("route: intravenous", "route: oral", "arms[0].treatment.first[0].route",
     "there is augmentation/inhaled, augmentation/intravenous", "route:"),
    (DOSE, "          dose: 60 mg\n", "arms[0].treatment.first[0].dose",
     "'60 mg/kg', or add 'per_weight: 75 kg'", "dose:"),
    (DOSE, "          dose: 60 days\n", "arms[0].treatment.first[0].dose",
     "is dosed in mg/kg", "dose:"),
    (DOSE, "          dose: 60\n", "arms[0].treatment.first[0].dose", "has no unit", "dose:"),
    (DOSE, "          dose: '60'\n", "arms[0].treatment.first[0].dose", "has no unit", "dose:"),
    (DOSE, "          dose: a lot\n", "arms[0].treatment.first[0].dose", "not a number", "dose:"),
    (DOSE, "          dose: 60 mgg/kg\n", "arms[0].treatment.first[0].dose", "unknown unit",
     "dose:"),
    (DOSE, "          dose: -60 mg/kg\n", "arms[0].treatment.first[0].dose", "is negative",
     "dose:"),
    (DOSE, "          dose: 1e999 mg/kg\n", "arms[0].treatment.first[0].dose", "not a finite",
     "dose:"),
    (DOSE, "          dose: 6000 mg/kg\n", "arms[0].treatment.first[0].dose",
     "largest dose on record (180 mg/kg, BIO-B06)", "dose:"),
    (DOSE, "          dose: " + "6" * 70 + " mg/kg\n", "arms[0].treatment.first[0].dose",
     "at most 60 characters", "dose:"),
    (DOSE, DOSE + "          per_weight: 75 kg\n", "arms[0].treatment.first[0].per_weight",
     "needs none", "per_weight:"),
    (DOSE, "          dose: 4 g\n          per_weight: 75 cm\n",
     "arms[0].treatment.first[0].per_weight", "not the weight of a person", "per_weight:"),
    (EVERY, "", "arms[0].treatment.first[0]", "nothing says when", "product:"),
    (EVERY, EVERY + "          at: [0 weeks]\n", "arms[0].treatment.first[0].at", "keep one",
     "at:"),
    (EVERY, "          every: 0 weeks\n", "arms[0].treatment.first[0].every", "above 0", "every:"),
    (EVERY, "          every: -1 weeks\n", "arms[0].treatment.first[0].every", "negative",
     "every:"),
    (EVERY, "          every: 1 minute\n", "arms[0].treatment.first[0].every", "at most 20,000",
     "every:"),
    (EVERY, EVERY + "          start: 2 years\n", "arms[0].treatment.first[0].start",
     "not before the end of epoch 'first'", "start:"),
    (EVERY, EVERY + "          for: 2 years\n", "arms[0].treatment.first[0].for",
     "goes on after the end", "for:"),
    (EVERY, EVERY + "          for: 0 years\n", "arms[0].treatment.first[0].for", "above 0",
     "for:"),
    (EVERY, EVERY + "          then_every: 1 week\n", "arms[0].treatment.first[0].then_every",
     "there is no 'at'", "then_every:"),
    (EVERY, EVERY + "          missed: [10 days]\n", "arms[0].treatment.first[0].missed[0]",
     "no dose falls at '10 days', so none is missed there; the nearest is at day 7", "missed:"),
    (EVERY, "          at: [0 weeks]\n          missed: [0 weeks]\n",
     "arms[0].treatment.first[0].missed", "every dose is missed", "missed:"),
    (EVERY, EVERY + "          missed: [1]\n", "arms[0].treatment.first[0].missed[0]",
     "has no unit", "missed:"),
    (EVERY, "          at: []\n", "arms[0].treatment.first[0].at", "is empty", "at:"),
    (EVERY, "          at: [0 weeks, 4]\n", "arms[0].treatment.first[0].at[1]", "has no unit",
     "at:"),
    (EVERY, "          at: [4 weeks, 0 weeks]\n", "arms[0].treatment.first[0].at[1]",
     "does not come after", "at:"),
    (EVERY, "          at: [0 weeks, 60 weeks]\n", "arms[0].treatment.first[0].at[1]",
     "not before the end", "at:"),
    (EVERY, "          at: [0 weeks]\n          start: 1 week\n",
     "arms[0].treatment.first[0].start", "belongs to 'every'", "start:"),
    (EVERY, "          at: [0 weeks]\n          for: 1 week\n", "arms[0].treatment.first[0].for",
     "all stated", "for:"),
    ("every: 1 week", "evry: 1 week", "arms[0].treatment.first[0].evry", "did you mean 'every'",
     "evry:"),
    # visits
    ("    m24: 24", "    m24: 25", "visits[2].time", "after the end of the trial", "m24: 25"),
    ("    m24: 24", "    m24: 12", "visits[2]", "on the same day", "m24: 12"),
    ("    m24: 24", "    m24: -3", "visits[2].time", "negative", "m24: -3"),
    ("    m24: 24", "    m24: late", "visits.at.m24", "is not a number of months", "m24: late"),
    ("    m24: 24", "    24: 24", "visits.at.24", "is not a visit id", "24: 24"),
    ("    m24: 24", "    m12: 24", "m12", "given twice", "m12: 24"),
    ("  unit: months", "  unit: moons", "visits.unit", "is not a unit of visit times", "moons"),
    ("  unit: months", "  units: months", "visits.units", "did you mean 'unit'", "units"),
    # assessments
    ("endpoint: density\n    visits: all", "endpoint: densty\n    visits: all",
     "assessments[0].endpoint", "did you mean 'density'", "densty"),
    ("endpoint: density\n    visits: all", "endpoint: density", "assessments[0].visits",
     "measured at visits", "density"),
    ("visits: all", "visits: m12", "assessments[0].visits", "visits: all", "visits: m12"),
    ("[baseline, m24]", "[baseline, m25]", "assessments[1].visits[1]", "no visit 'm25'",
     "m25"),
    ("[baseline, m24]", "[m24, m24]", "assessments[1].visits[1]", "twice", "[m24"),
    ("[baseline, m24]", "[baseline, 24]", "assessments[1].visits[1]", "not a visit id", "24]"),
    ("endpoint: serum_aat", "endpoint: density", "assessments[1]", "two of the assessments",
     "endpoint: density"),
    ("  - endpoint: death\n", "  - endpoint: death\n    visits: all\n", "assessments[3].visits",
     "watched throughout", "visits: all"),
    ("visits: all", "visits: all\n    noise: {cv: 0.1}", "assessments[0].noise.cv",
     "given as 'sd'", "noise"),
    ("visits: all", "visits: all\n    noise: {}", "assessments[0].noise", "is empty", "noise"),
    ("visits: all", "visits: all\n    noise: {sd: -1}", "assessments[0].noise.sd", "at least 0",
     "noise"),
    ("visits: all", "visits: all\n    noise: {sd: 1e9}", "assessments[0].noise.sd",
     "a noise larger than everything that 'density' can be, 0 to 1000", "noise"),
    ("visits: [baseline, m24]", "visits: [baseline, m24]\n    noise: {limit: 1e9}",
     "assessments[1].noise.limit", "a limit higher than everything that 'serum_aat' can be", "noise"),
    ("  - endpoint: death\n", "  - endpoint: death\n    noise: {sd: 1}\n", "assessments[3].noise",
     "without noise", "noise"),
    # endpoints
    ("analysis: random-slope", "analysis: random-slop", "endpoints.primary.analysis",
     "did you mean 'random-slope'", "random-slop"),
    ("analysis: random-slope", "analysis: log-rank", "endpoints.primary.analysis",
     "use ancova, bayesian, crossover", "analysis: log-rank"),
    ("    endpoint: density\n    analysis", "    endpoint: fev1\n    analysis",
     "endpoints.primary.endpoint", "never assessed", "fev1"),
    ("compare: [active, placebo]", "compare: [active, plcebo]", "endpoints.primary.compare[1]",
     "did you mean 'placebo'", "compare"),
    ("compare: [active, placebo]", "compare: [active, active]", "endpoints.primary.compare[1]",
     "with itself", "compare"),
    ("compare: [active, placebo]", "compare: [active]", "endpoints.primary.compare",
     "two arms or more", "compare"),
    ("id: survival", "id: slope", "endpoints.secondary[0].id", "two endpoints", "- id: slope"),
    ("analysis: log-rank", "analysis: kaplan-meier", "endpoints.secondary[0]", "needs times",
     "- id: survival"),
    ("analysis: log-rank", "analysis: kaplan-meier\n      times: [9 years]",
     "endpoints.secondary[0].times[0]", "after the end", "times"),
    ("analysis: log-rank", "analysis: log-rank\n      times: [1 year]",
     "endpoints.secondary[0].times", "belongs to", "times"),
    ("analysis: random-slope", "analysis: ancova", "endpoints.primary", "needs the visit",
     "primary"),
    ("analysis: random-slope", "analysis: ancova\n    visit: m13", "endpoints.primary.visit",
     "no visit 'm13'", "m13"),
    ("analysis: random-slope", "analysis: ancova\n    visit: baseline", "endpoints.primary.visit",
     "the baseline itself", "visit: baseline"),
    ("analysis: random-slope", "analysis: random-slope\n    visit: m12", "endpoints.primary.visit",
     "belongs to the analyses ancova", "visit: m12"),
    ("analysis: random-slope", "analysis: random-slope\n    options: {foo: 1}",
     "endpoints.primary.options", "no option 'foo'; it has covariates, df", "options"),
    ("analysis: random-slope", "analysis: random-slope\n    options: {df: bogus}",
     "endpoints.primary.options", "df", "options"),
    ("analysis: random-slope", "analysis: random-slope\n    covariates: [smokin]",
     "endpoints.primary.covariates[0]", "did you mean 'smoking'", "covariates"),
    ("analysis: random-slope", "analysis: random-slope\n    covariates: [site]",
     "endpoints.primary.covariates[0]", "belong to a design file", "covariates"),
    ("analysis: random-slope", "analysis: random-slope\n    covariates: [genotype]",
     "endpoints.primary.covariates[0]", "everybody is ZZ", "covariates"),
    ("analysis: log-rank", "analysis: log-rank\n      strata: [sex, sex]",
     "endpoints.secondary[0].strata[1]", "listed twice", "strata"),
    ("    - id: survival", "    - {id: again, endpoint: density, analysis: random-slope, "
     "compare: [active, placebo]}\n    - id: survival", "endpoints.secondary[0]",
     "the same analysis as 'slope'", "again"),
    ("endpoints:\n", "endpoints:\n  alpha: 1e-9\n", "endpoints.alpha",
     "nobody tests at a level of 1e-09", "alpha"),
    # what is said twice, or in words that nobody can read or tell apart
    ("    title: Placebo", "    title: ' ACTIVE'", "arms[1].title", "titles must differ", "ACTIVE"),
    ("{id: first, length: 12 months}\n  - {id: second, length", "{id: first, title: A, length: 12 "
     "months}\n  - {id: second, title: A, length", "epochs[1].title", "titles must", "second"),
    ("dropout: {yearly: 0.1}", "stratify_by: [sex, smoking, sex]", "stratify_by[2]",
     "'sex' is listed twice", "stratify_by"),
    ("dropout: {yearly: 0.1}", "facts: [BIO-B27, BIO-B27]", "facts[1]", "listed twice", "facts"),
    ("dropout: {yearly: 0.1}", "notes: [a, b, a]", "notes[2]", "listed twice", "notes"),
    ("population:\n", "  - {cite: Somebody 2020, identifier: NCT00000000}\npopulation:\n",
     "references[1]", "this reference is listed twice", "cite"),
    ("title: A small trial", 'title: "a\\e[31mred\\a"', "title", "control character U+001B",
     "title"),
    ("question: Does it work?", 'question: "\\u202Eti krow"', "question", "U+202E", "question"),
    ("question: Does it work?", "question: '  '", "question", "is empty", "question"),
    (EVERY, EVERY + '          details: {donor: "a\\e[2J"}\n',
     "arms[0].treatment.first[0].details.donor", "control character", "donor"),
    ("    m24: 24", "    m24: 12.0000000001", "visits[2]", "less than an hour apart", "m24"),
    ("{id: second, length: 12 months}", "{id: second, length: 1 minute}", "epochs[1].length",
     "shorter than an hour", "1 minute"),
    # published
    ("measure: slope difference", "measure: slop", "published[0].measure", "did you mean 'slope'",
     "measure"),
    ("fact: BIO-B27", "fact: BIO-B99", "published[0].fact", "no fact", "fact"),
    ("lower: 0.06", "lower: 0.8", "published[0].lower", "below its lower limit", "lower"),
    ("lower: 0.06", "arm: actve", "published[0].arm", "did you mean 'active'", "arm"),
    ("lower: 0.06", "visit: m13", "published[0].visit", "no visit", "visit"),
    ("lower: 0.06", "compare: [active, nobody]", "published[0].compare[1]", "no arm", "compare"),
    ("lower: 0.06", "p: 1.1", "published[0].p", "at most 1", "p:"),
    ("lower: 0.06", "compare: [active, active]", "published[0].compare[1]", "with itself",
     "compare"),
    ("unit: g/L/year", "unit: percent", "published[0].unit",
     "is in g/L/year, and 'percent' cannot be turned into it", "unit: percent"),
    ("unit: g/L/year", "unit: furlong", "published[0].unit", "cannot be turned", "furlong"),
    ("measure: slope difference", "measure: hazard ratio", "published[0].measure",
     "no hazard ratio of 'density'; use slope", "measure"),
    ("published:\n", "published:\n  - {endpoint: density, measure: slope difference, value: 0.7, "
     "unit: g/L/year, fact: BIO-B27}\n", "published[1]", "listed twice", "endpoint: density"),
    # claimed
    ("published:\n", CLAIM.format(arm="active", visit="m24").replace("measure: change", "measure: relative change")
     .replace("value: 1, unit: g/L", "value: -200, unit: percent") + "published:\n",
     "claimed[0].value", "would leave less than nothing of 'density'", "value"),
    ("published:\n", CLAIM.format(arm="placebo", visit="m24") + "published:\n", "claimed[0].arm",
     "is given nothing", "claim"),
    ("published:\n", CLAIM.format(arm="active", visit="m24") * 2 + "published:\n", "claimed",
     "given twice", "claimed"),
]  # fmt: skip


@pytest.mark.parametrize(("old", "new", "key", "said", "line"), WRONG)
def test_wrong_file_is_a_sentence_with_its_place(
    base: str, old: str, new: str, key: str | None, said: str, line: str
) -> None:
    assert old in base
    text = base.replace(old, new, 1)
    with pytest.raises(ProtocolError) as caught:
        read_protocol(text, path="mine.yaml")
    problem = caught.value
    assert said in problem.message
    assert problem.key == key
    assert problem.path == "mine.yaml"
    assert problem.line is not None
    assert line in text.splitlines()[problem.line - 1]
    assert "\n" not in str(problem)
    assert "pydantic" not in str(problem).lower()


def test_empty_treatment_list(base: str) -> None:
    start, end = base.index("        - product"), base.index("  - id: placebo")
    text = base[:start].rstrip() + " []\n" + base[end:]
    with pytest.raises(ProtocolError, match="leave the epoch out for no treatment"):
        read_protocol(text)


def test_change_needs_a_baseline(base: str) -> None:
    text = base.replace("[baseline, m24]", "[m12, m24]").replace(
        "    id: slope\n    endpoint: density\n    analysis: random-slope",
        "    id: change\n    endpoint: serum_aat\n    analysis: ancova\n    visit: m24",
    )
    with pytest.raises(ProtocolError, match="needs a baseline"):
        read_protocol(text)
    with pytest.raises(ProtocolError, match="is not assessed at the visit 'm12'"):
        read_protocol(
            text.replace("[m12, m24]", "[baseline, m24]").replace("visit: m24", "visit: m12")
        )


def test_a_faulty_only_entry_is_told_and_not_called_missing() -> None:
    text = protocol_source("rapid").replace("length: 24 months", "length: -24 months")
    with pytest.raises(ProtocolError, match="is negative") as told:
        read_protocol(text)
    assert told.value.key == "epochs[0].length"


def test_an_absurd_dose_is_told_in_few_digits() -> None:
    text = protocol_source("rapid").replace("dose: 60 mg/kg", "dose: 1e99 mg/kg")
    with pytest.raises(ProtocolError, match=r"5\.6e\+96 times the largest dose"):
        read_protocol(text)


def test_slope_needs_three_visits(base: str) -> None:
    with pytest.raises(ProtocolError, match="needs 3 visits or more"):
        read_protocol(base.replace("visits: all", "visits: [m12, m24]"))


def test_first_mistake_of_the_file_is_told(base: str) -> None:
    text = base.replace("fact: BIO-B27", "fact: NONE").replace("length: 12 months", "length: 12", 1)
    with pytest.raises(ProtocolError) as caught:
        read_protocol(text)
    assert caught.value.key == "epochs[0].length"


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "the file is empty"),
        (b"# only a remark\n", "the file is empty"),
        (b"- a\n- b\n", "holds no 'key: value' lines"),
        (b"just words", "holds no 'key: value' lines"),
        (b"a: [1\nb: 2\n", "not YAML"),
        (b"a: b\n\tc: 1\n", "not YAML"),
        (b"a: 1\n---\nb: 2\n", "not YAML"),
        (b"a: *x\n", "not YAML"),
        (b"a: !!python/object:os.system 1\n", "not YAML"),
        (b"id: a\nid: b\n", "given twice"),
        (b"\xff\xfe\x00\x01", "not text in UTF-8"),
        (b"a: \x00b", "is binary"),
        (b"a: \x07b", "not YAML"),
        (b"x" * 1_000_001, "larger than"),
        (b"a: " + b"[" * 90 + b"]" * 90, "nested too deeply"),
        (b"[" * 900_000, "nested too deeply"),
        (b"- " * 400_000, "nested too deeply"),
        (b"a: " + b"[" * 50, "not YAML"),
        (b"a: &x [*x]\n", "nested too deeply"),
        (
            b"a: &a [1,1,1,1,1,1,1,1,1]\n"
            + b"".join(
                b"%c: &%c [%s]\n" % (k, k, b",".join([b"*%c" % (k - 1)] * 9))
                for k in range(98, 107)
            ),
            "holds too much",
        ),
    ],
)
def test_unusable_files(tmp_path: Path, content: bytes, said: str) -> None:
    file = tmp_path / "mine.yaml"
    file.write_bytes(content)
    with pytest.raises(ProtocolError) as caught:
        load_protocol(file)
    assert said in caught.value.message
    assert caught.value.path == str(file)
    assert "\n" not in str(caught.value)


def test_duplicate_key_names_key_and_line(base: str) -> None:
    with pytest.raises(ProtocolError) as caught:
        read_protocol(base + "id: again\n")
    assert (caught.value.key, caught.value.line) == ("id", len(base.splitlines()) + 1)


def test_a_claim_is_of_a_time_after_treatment_began(base: str) -> None:
    later = base.replace("      first:\n        - product", "      second:\n        - product")
    text = later.replace("published:\n", CLAIM.format(arm="active", visit="m12") + "published:\n")
    with pytest.raises(ProtocolError, match="before anything is given to the arm 'active'"):
        read_protocol(text)
    nothing = text.replace("visit: m12", "visit: m24").replace("dose: 60 mg/kg", "dose: 0 mg/kg")
    with pytest.raises(ProtocolError, match="is given nothing"):
        read_protocol(nothing)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("format_version: 1\nparameter_file: p.tsv\nproblems: []\n",
         "this is a PEtab problem file, not a protocol"),
        ("trial_design: 1\nid: x\n", "this is a trial design, not a protocol; 'antitrypsim design'"),
        ("compare: 1\ntitle: x\n", "this is a comparison, not a protocol; 'antitrypsim compare'"),
        ("name: x\non: push\n", "its first key is 'name', and a protocol begins with 'antitryps"),
    ],
)  # fmt: skip
def test_another_document_is_known_for_what_it_is(text: str, said: str) -> None:
    with pytest.raises(ProtocolError) as caught:
        read_protocol(text, path="mine.yaml")
    assert said in caught.value.message
    assert caught.value.line == 1


@pytest.mark.parametrize(
    ("load", "begins"), [(load_design, "trial_design: 1"), (load_comparison, "compare: 1")]
)
def test_every_document_of_ours_says_how_it_begins(
    tmp_path: Path, load: Callable[[Path], Any], begins: str
) -> None:
    file = tmp_path / "mine.yaml"
    for text in ("", "- a\n", "problems: []\n", "name: x\n"):
        file.write_text(text)
        with pytest.raises(ProtocolError, match=f"begins with '{begins}'"):
            load(file)


def test_a_quoted_word_moves_no_terminal(base: str) -> None:
    with pytest.raises(ProtocolError) as caught:
        read_protocol(base.replace("role: demonstration", 'role: "\\e[2J"'))
    assert str(caught.value).isprintable()


def test_missing_file_and_folder(tmp_path: Path) -> None:
    with pytest.raises(ProtocolError, match="cannot be read: no such file"):
        load_protocol(tmp_path / "nothing.yaml")
    with pytest.raises(ProtocolError, match="cannot be read: is a directory"):
        load_protocol(tmp_path)
    with pytest.raises(ProtocolError, match="cannot be read"):
        load_protocol("a\x00b.yaml")


def test_unknown_bundled_id() -> None:
    with pytest.raises(ProtocolError, match="no protocol 'rapidd'; did you mean 'rapid'"):
        load_protocol("rapidd")
    with pytest.raises(ProtocolError, match=r"there is .*natural-history, .*; a file of your own"):
        load_protocol("qqqq")


def test_plain_data_names_the_key(plain: dict[str, object]) -> None:
    plain["participants"] = -3
    with pytest.raises(ProtocolError) as caught:
        Protocol.from_dict(plain)
    assert caught.value.key == "participants"
    assert caught.value.line is None
    with pytest.raises(ProtocolError, match="is not a group"):
        Protocol.from_dict([1, 2])
    with pytest.raises(ProtocolError, match="empty"):
        Protocol.from_dict(None)


def paths(value: Any, here: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    found = [here] if here else []
    if isinstance(value, dict):
        for key, each in value.items():
            found += paths(each, (*here, key))
    elif isinstance(value, list):
        for key, each in enumerate(value):
            found += paths(each, (*here, key))
    return found


ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=12)
    | st.sampled_from(["all", "60 mg/kg", "1e400 mg", "-1 days", "2 years", "active", "density"]),
    lambda inner: st.lists(inner, max_size=3)
    | st.dictionaries(st.text(max_size=6) | st.integers() | st.none(), inner, max_size=3),
    max_leaves=6,
)  # fmt: skip


def sentence_of(make: Callable[[], Protocol]) -> str:
    try:
        return make().title
    except ProtocolError as problem:
        return problem.message


@settings(max_examples=100, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_nothing_but_a_sentence_comes_of_any_value_anywhere(
    plain: dict[str, Any], data: st.DataObject
) -> None:
    plain = deepcopy(plain)
    path = data.draw(st.sampled_from(paths(plain)))
    inside = plain
    for part in path[:-1]:
        inside = inside[part]
    inside[path[-1]] = data.draw(ANYTHING)
    said = sentence_of(lambda: Protocol.from_dict(plain))
    assert said
    assert len(said) < 800


@settings(max_examples=80)
@given(data=st.data())
def test_nothing_but_a_sentence_comes_of_a_broken_text(base: str, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(base)))
    end = data.draw(st.integers(start, min(len(base), start + 40)))
    text = base[:start] + data.draw(st.text(max_size=8)) + base[end:]
    assert "\n" not in sentence_of(lambda: read_protocol(text))
