"""Strata and covariates at the start of a trial: what is measured is as it was read on day 0."""

from functools import cache

import numpy as np
import pytest

from antitrypsim.experiments.virtual_trial import run_trial
from antitrypsim.foundations.errors import ProtocolError
from antitrypsim.protocols import read_protocol
from antitrypsim.protocols.plannable import COVARIATES, FACTORS, MEASURED
from antitrypsim.protocols.strata import Bands, bands_of, groups_of
from antitrypsim.runs.large import run_large
from antitrypsim.simulation.settings import Settings

pytestmark = pytest.mark.law

TEXT = """
antitrypsim: 1
id: by-stage
title: A drug for the liver, by stage
question: Does it work within stages?
context_of_use: A test.
role: demonstration
population:
  genotype: {ZZ: 1.0}
  ascertainment: {liver: 0.5, family: 0.5}
participants: 40
allocation: {active: 1, placebo: 1}
stratify_by: [fibrosis_stage, airflow]
bands: {fibrosis_stage: [2], bmi: [25, 30], age: [50], stiffness: [8]}
epochs:
  - {id: whole, length: 52 weeks}
arms:
  - id: active
    title: Active
    treatment:
      whole:
        - {product: fazirsiran, route: subcutaneous, dose: 2 mg/kg, every: 12 weeks}
  - {id: placebo, title: Placebo}
visits:
  unit: weeks
  at: {baseline: 0, w52: 52}
assessments:
  - {endpoint: stiffness, visits: all}
  - {endpoint: fibrosis_stage, visits: [baseline]}
  - {endpoint: fev1_percent, visits: [baseline], noise: {sd: 20}}
  - {endpoint: death}
endpoints:
  primary:
    id: first
    endpoint: stiffness
    analysis: ancova
    visit: w52
    covariates: [fibrosis_stage, airflow, alcohol, metabolic, bmi, bronchiectasis]
  secondary:
    - {id: within, endpoint: stiffness, analysis: responder, visit: w52, options: {change: -1, direction: at most}, strata: [stiffness, bmi, age]}
"""


@cache
def lived():
    return run_trial(read_protocol(TEXT), settings=Settings(seed=3))


def read_on_day_0(trial, endpoint):
    visits = trial.visits
    first = visits[(visits["ENDPOINT"] == endpoint) & (visits["ADY"] == 0)]
    return first.set_index("USUBJID").loc[trial.participants["USUBJID"]]


@pytest.mark.parametrize("word", ["fibrosis_stage", "airflow", "stiffness"])
def test_bands_are_of_what_was_read_on_day_0_and_not_of_what_is_true(word):
    trial = lived()
    bands, rows = bands_of(trial.protocol, word), read_on_day_0(trial, MEASURED[word])
    told = trial.participants[FACTORS[word]].tolist()
    assert told == [bands.names[k] for k in bands.places(rows["AVAL"])]
    if word != "stiffness":
        assert told != [bands.names[k] for k in bands.places(rows["TRUTH"])]


def test_arms_are_balanced_within_the_bands_that_were_read():
    people = lived().participants
    for _, group in people.groupby(["FIBSTGR", "AIRFLOW"]):
        sizes = group["ARM"].value_counts()
        assert abs(sizes.get("active", 0) - sizes.get("placebo", 0)) <= 1
    assert people["FIBSTGR"].nunique() == 2
    assert people["AIRFLOW"].nunique() > 2


def test_bands_of_the_body_are_of_what_people_have():
    people = lived().participants
    index = people["WEIGHT"] / people["HEIGHT"] ** 2
    names = np.array(["below 25 kg/m²", "25 to 30 kg/m²", "30 kg/m² or more"])
    assert people["BMIGR"].tolist() == names[np.digitize(index, [25, 30])].tolist()
    assert set(people["AGEGR"]) == {"below 50 years", "50 years or more"}


def test_every_word_is_adjusted_for_and_analysed_within():
    first, within = lived().plans
    assert not first.failed
    assert not within.failed
    assert "FIBSTBL + AIRFLOW + ALCOHOL + METABOLIC + BMI + BRONCHIECTASIS" in first.method
    assert "within STIFFGR, BMIGR, AGEGR" in within.method


def test_a_large_run_has_the_same_people_in_the_same_bands_and_arms(tmp_path):
    found = run_large(read_protocol(TEXT), tmp_path, part_size=16, settings=Settings(seed=3))
    alone = lived()
    table = found.table("participants").to_table().to_pandas()
    table = table.sort_values("USUBJID", ignore_index=True)
    for name in ("ARM", "FIBSTGR", "AIRFLOW", "BMIGR", "AGEGR", "STIFFGR"):
        assert table[name].tolist() == alone.participants[name].tolist(), name
    planned = [row["estimate"] for row in alone.rows if row["plan"]]
    assert planned == pytest.approx([row["estimate"] for row in found.rows if row["plan"]])


@pytest.mark.independent
def test_an_edge_belongs_to_the_band_above_it():
    bands = Bands((2.0, 3.5), "kPa")
    assert bands.names == ("below 2 kPa", "2 to 3.5 kPa", "3.5 kPa or more")
    assert bands.places([1.9, 2, 3.4, 3.5, np.nan]).tolist() == [0, 1, 1, 2, -1]
    assert Bands((2.0,), "1").names == ("below 2", "2 or more")


@pytest.mark.contract
def test_airflow_has_the_grades_of_gold():
    assert groups_of(read_protocol(TEXT), "airflow") == (
        "below 30 %", "30 to 50 %", "50 to 80 %", "80 % or more",
    )  # fmt: skip


@pytest.mark.contract
def test_every_column_is_of_one_word():
    names = [*COVARIATES.values(), *(c for w, c in FACTORS.items() if c != COVARIATES[w])]
    assert len(names) == len(set(names))


REFUSED = [
    ("stratify_by: [fibrosis_stage, airflow]", "stratify_by: [alt]", "stratify_by[0]",
     "'alt' is a number and makes no groups by itself; say under 'bands', as in 'bands: {alt: [...]}', where one "
     "ends and the next begins"),
    ("stratify_by: [fibrosis_stage, airflow]", "stratify_by: [weight]", "stratify_by[0]",
     "where one ends and the next begins (kg)"),
    ("stratify_by: [fibrosis_stage, airflow]", "stratify_by: [fibrosis]", "stratify_by[0]",
     "did you mean 'fibrosis_stage'"),
    ("fibrosis_stage: [2],", "fibrosis_stage: [2], sgrq: [40],", None, ""),
    ("strata: [stiffness,", "strata: [crp,", "endpoints.secondary[0].strata[0]",
     "'crp' is a number and makes no groups by itself"),
    ("{endpoint: fev1_percent, visits: [baseline], noise: {sd: 20}}", "{endpoint: fev1_percent, visits: [w52]}",
     "stratify_by[1]", "'airflow' is 'fev1_percent' in bands: it is taken as measured on day 0, and "
     "'fev1_percent' is not assessed then; add it under 'assessments', or leave 'airflow' out"),
    ("covariates: [fibrosis_stage,", "covariates: [sgrq,", "endpoints.primary.covariates[0]",
     "'sgrq' is taken as measured on day 0, and 'sgrq' is not assessed then"),
    ("covariates: [fibrosis_stage,", "covariates: [stiffness,", "endpoints.primary.covariates[0]",
     "'stiffness' on day 0 is the baseline itself; write 'baseline'"),
    ("fibrosis_stage: [2],", "fibrosis_stage: [],", "bands.fibrosis_stage",
     "no number is listed; say where one group ends and the next begins"),
    ("fibrosis_stage: [2],", "fibrosis_stage: [3, 3],", "bands.fibrosis_stage[1]",
     "3 does not lie above 3; list rising numbers"),
    ("fibrosis_stage: [2],", "fibrosis_stage: [2, 5],", "bands.fibrosis_stage[1]",
     "'fibrosis_stage' is never above 4"),
    ("fibrosis_stage: [2],", "smoking: [2],", "bands", "no number that makes strata 'smoking'"),
    ("ascertainment: {liver: 0.5, family: 0.5}", "ascertainment: {liver: 0.5, family: 0.5}\n"
     "  eligibility: [{quantity: alcohol, max: 0}]", "endpoints.primary.covariates[2]",
     "everybody is without alcohol, so 'alcohol' tells nobody apart; leave it out"),
    ("every: 12 weeks}", "every: 12 weeks, before: 24 weeks}", "stratify_by[0]",
     "'fibrosis_stage' is measured on day 0, and what arms are given 'before' it differs"),
]  # fmt: skip


@pytest.mark.contract
@pytest.mark.parametrize(("part", "instead", "key", "said"), REFUSED)
def test_what_makes_no_groups_is_refused_in_one_sentence(part, instead, key, said):
    assert part in TEXT
    text = TEXT.replace(part, instead)
    if key is None:
        read_protocol(text)
        return
    with pytest.raises(ProtocolError) as told:
        read_protocol(text)
    assert said in told.value.message
    assert "\n" not in told.value.message
    assert told.value.key is not None
    assert told.value.key.startswith(key)
