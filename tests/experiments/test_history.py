"""One person's own visits: what is refused, and what they teach."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import norm

from antitrypsim.evidence.aat import grams_per_micromole
from antitrypsim.experiments.history import people_with_history, with_months
from antitrypsim.experiments.patient import patient
from antitrypsim.experiments.visits import History, Visit, read_visits, visits_of
from antitrypsim.foundations.errors import InputError, RunError
from antitrypsim.foundations.units import YEAR
from antitrypsim.populations.matching import Description, of_the_kind
from antitrypsim.protocols import log_likelihood, measure, noise_of
from antitrypsim.protocols.therapytext import past_therapy
from antitrypsim.simulation.regimen import Regimen
from antitrypsim.simulation.settings import Settings
from antitrypsim.simulation.simulate import simulate_all
from antitrypsim.therapies import build_model

pytestmark = pytest.mark.law

HEAD = "PARAMCD,AVAL,AVALU,AGE\n"
FAST = Settings(seed=3, tolerance=1e-3)
WHO = Description(age=48.0, sex="male", smoking="ex", height=1.78)
GIVEN = "augmentation:60mg/kg/week from 45 to now"


def written(tmp_path, text):
    file = tmp_path / "visits.csv"
    file.write_text(text, encoding="utf-8")
    return file


@pytest.mark.contract
@pytest.mark.parametrize(
    ("text", "said"),
    [
        (HEAD + "FEV1,two,L,47\n", ":2: 'AVAL': 'two' is not a number"),
        (HEAD + "FEV1,nan,L,47\n", "'nan' is not a number"),
        (HEAD + "FEV1,2100,L,47\n", "if it is in mL, say so"),
        (HEAD + "FEV1,2.1,,47\n", "the unit is missing; FEV1 is told in L"),
        (HEAD + "FEV1,2.1,kPa,47\n", "'kPa' is no unit of FEV1"),
        (HEAD + "FEV9,2.1,L,47\n", "no endpoint 'FEV9'; did you mean 'FEV1'"),
        (HEAD + "DEATH,1,1,47\n", "is not measured with a known noise"),
        (HEAD + "FEV1,2.1,L,49\n", "lies after today, at the age of 48"),
        (HEAD + "FEV1,2.1,L,-3\n", "lies before the age of 18"),
        (HEAD + "FEV1,2.1,L,12\n", "lies before the age of 18"),
        (HEAD + "FEV1,2.1,L,\n", "'' is not a number"),
        (HEAD + "FEV1,2.1,L,47\nFEV1,2.4,L,47\n", "are these two people?"),
        (HEAD + "FEV1,<2.1,L,47\n", "the assay of FEV1 has no limit"),
        (HEAD + "AATSER,<9,µM,47\n", "reads from"),
        (HEAD + "AATSER,<0.05,µM,47\n", "every value is below the limit of its assay"),
        (HEAD, "it holds 0 values"),
        ("", "this is no table"),
        (
            HEAD + "FEV1,2.1,L,47,9\nFEV1,2,L,46,9\n",
            ":2: row 1 has 5 cells, and there are 4 columns",
        ),
        (HEAD + "FEV1,2.1,L\n", "row 1 has 3 cells"),
        ("PARAMCD,AVAL,AVALU,AGE,AGE\nFEV1,2.1,L,47,46\n", "the column is there twice"),
        (HEAD.replace(",", ";"), "separated by semicolons"),
        ("PARAMCD,AVAL,AVALU\nFEV1,2.1,L\n", "no column says when"),
        ("PARAMCD,AVAL,AGE\nFEV1,2.1,47\n", "there is no column AVALU"),
        (
            "PARAMCD,AVAL,AVALU,AGE,DAY\nFEV1,2.1,L,47,-3\nFEV1,2.2,L,46,-9\n",
            "AGE changes from row to row and DAY says when too",
        ),
        ("PARAMCD,AVAL,AVALUE,AGE\nFEV1,2.1,L,47\n", "it is needed; did you mean 'AVALUE'"),
        ("PARAMCD,AVAL,AVALU,ADT\nFEV1,2.1,L,March\n", "'March' is not a date such as"),
        (
            "USUBJID,PARAMCD,AVAL,AVALU,AGE\na,FEV1,2.1,L,47\nb,FEV1,2,L,47\n",
            "the file holds 2 people",
        ),
    ],
)
def test_what_cannot_be_is_told_with_row_and_column(tmp_path, text, said):
    with pytest.raises(InputError, match=r"^[^\n]+$") as problem:
        read_visits(written(tmp_path, text), 48.0)
    assert said in str(problem.value)


@pytest.mark.contract
def test_a_file_that_is_not_there_or_is_no_text(tmp_path):
    with pytest.raises(InputError, match="there is no such file"):
        read_visits(tmp_path / "none.csv", 48.0)
    file = tmp_path / "x.csv"
    file.write_bytes(b"\xff\xfe\x00PARAMCD")
    with pytest.raises(InputError, match="cannot be read"):
        read_visits(file, 48.0)


@pytest.mark.contract
def test_age_day_and_date_say_the_same(tmp_path):
    rows = ["FEV1,2.31,L,{}", "AATSER,0.312,g/L,{}", "fev1,2.2,L,{}"]

    def read(column, days):
        lines = [row.format(day) for row, day in zip(rows, days, strict=True)]
        return read_visits(
            written(tmp_path, "\n".join([f"PARAMCD,AVAL,AVALU,{column}", *lines])), 48
        )

    by_date = read("ADT", ["2020-03-01", "2020-03-01", "2022-03-01"])
    assert by_date == read("DAY", ["-730", "-730", "0"])
    assert by_date.days == (-730.0, 0.0)
    assert by_date == read("AGE", [str(48 - 730 / YEAR)] * 2 + ["48"])
    serum = next(v.value for v in by_date.visits if v.endpoint == "serum_aat")
    assert serum == pytest.approx(0.312 / grams_per_micromole())


@pytest.mark.contract
def test_a_bds_is_read_as_it_comes(tmp_path):
    """ADaM's AGE is that at the start; what was carried forward is no measurement."""
    head = "STUDYID,USUBJID,AGE,PARAM,PARAMCD,AVAL,ADT,DTYPE,ANL01FL\n"
    rows = [
        "S,1,40,FEV1 (L),FEV1,2.3,2020-03-01,,Y", "S,1,40,FEV1 (L),FEV1,2.2,2022-03-01,,Y",
        "S,1,40,FEV1 (L),FEV1,2.2,2021-03-01,LOCF,Y", "S,1,40,FEV1 (L),FEV1,,2021-03-01,,Y",
        "S,1,40,FEV1 (L),FEV1,3.3,2021-03-01,,",
    ]  # fmt: skip
    found = read_visits(written(tmp_path, head + "\n".join(rows)), 48)
    assert [(v.day, v.value) for v in found.visits] == [(-730.0, 2.3), (0.0, 2.2)]
    assert found.passed_over == (
        "columns STUDYID, AGE, PARAM", "1 row without a value",
        "1 row derived and not measured (DTYPE)", "1 row not for analysis (ANL01FL)",
    )  # fmt: skip


@pytest.mark.contract
def test_other_formats_of_trial_data_say_the_same(tmp_path):
    import pandas as pd

    file = written(tmp_path, HEAD + "FEV1,2.31,L,44\nAATSER,<0.2,g/L,48\n")
    frame = pd.read_csv(file)
    frame.to_parquet(tmp_path / "visits.parquet")
    assert read_visits(tmp_path / "visits.parquet", 48) == read_visits(file, 48)


@pytest.mark.contract
def test_words_say_what_a_file_says(tmp_path):
    file = written(tmp_path, HEAD + "FEV1,2.31,L,44\nAATSER,0.31,g/L,48\nSGRQ,40,points,46\n")
    said = ["FEV1 2.31 L at 44", "AATSER 0.31g/L now", "sgrq 40 points at 46"]
    assert visits_of(said, 48.0) == read_visits(file, 48.0)


@pytest.mark.contract
@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("FEV1", "is no measurement; write for example 'FEV1 2.31 L at 44'"),
        ("FEV1 two L at 44", "is no measurement"),
        ("FEV1 2.3 L at 50", "lies after today"),
        ("FEV1 2300 L at 44", "if it is in mL, say so"),
        ("FEV1 2.3 at 44", "the unit is missing"),
    ],
)
def test_words_that_cannot_be(text, said):
    with pytest.raises(InputError, match=r"^[^\n]+$") as problem:
        visits_of([text], 48.0)
    assert said in str(problem.value)


@pytest.mark.independent
@given(st.floats(0.5, 4.0), st.floats(0.5, 4.0))
def test_a_likelihood_is_that_of_the_noise(true, seen):
    sd = noise_of("fev1").size
    found = log_likelihood("fev1", np.array([true, seen]), seen)
    expected = norm.logpdf(seen, [true, seen], sd)
    assert found[0] - found[1] == pytest.approx(expected[0] - expected[1], abs=1e-6)


def test_below_a_limit_and_of_stages_the_likelihood_is_a_probability():
    limit = noise_of("serum_aat").limit
    rng = np.random.default_rng(1)
    for true in (limit / 2, limit, 2 * limit):
        seen = measure("serum_aat", true, rng.standard_normal(40_000), below="as measured")
        share = np.mean(seen < limit)
        assert np.exp(log_likelihood("serum_aat", true, limit / 2)) == pytest.approx(
            share, abs=0.01
        )
    stages = [float(np.exp(log_likelihood("fibrosis_stage", 2.2, k))) for k in (0, 1, 2, 3, 4)]
    assert sum(stages) == pytest.approx(1.0)
    assert stages[2] == max(stages)
    assert log_likelihood("fev1", np.nan, 2.0) == -np.inf
    for id, said in (("death", "is an event"), ("utility", "has no noise")):
        with pytest.raises(InputError, match=said):
            log_likelihood(id, 0.5, 0.5)


@pytest.mark.contract
@pytest.mark.parametrize("text", ["augmentation:60mg/kg/week", f"{GIVEN} or so", "x from a to b"])
def test_a_past_therapy_says_when(text):
    with pytest.raises(InputError, match="is no past therapy; write for example"):
        past_therapy([text], 48)


@pytest.mark.contract
@pytest.mark.parametrize("when", ["from 47 to 45", "from 45 to 50", "from 45 to 45"])
def test_a_past_therapy_lies_in_the_past(when):
    with pytest.raises(InputError, match="it begins before it ends and ends by today"):
        past_therapy([f"augmentation:60mg/kg/week {when}"], 48)


def test_what_was_given_in_the_past_is_given_on_its_days():
    both = past_therapy([GIVEN, "fazirsiran:200mg@75kg/12weeks from 40 to 41"], 48)
    assert both.earliest == pytest.approx(-8 * YEAR)
    assert past_therapy([], 48) == Regimen()
    level = past_therapy(["tacrolimus:6ng/mL/held from 40 to 42"], 48).levels[0]
    assert (level.start, level.end) == pytest.approx((-8 * YEAR, -6 * YEAR))


def test_months_before_today_are_those_that_were():
    model = build_model(therapies=("augmentation",))
    people = of_the_kind(model, WHO, 3, np.arange(6))
    days = np.array([-1000.0, -995.0, -400.0, 0.0])
    more = with_months(people, days).courses["person.airway_day"]
    assert np.all(np.diff(more.times, axis=1) > 0)
    assert np.all(more.times[:, 0] < people.age - 1000.0)
    same = people.courses["person.airway_day"]
    older = of_the_kind(
        model, Description(age=48 - 400 / YEAR, sex="male", smoking="ex", height=1.78), 3,
        np.arange(6),
    ).courses["person.airway_day"]  # fmt: skip

    def on(course, age):
        at = [np.searchsorted(row, age, side="right") - 1 for row in course.times]
        return course.values[np.arange(6), at]

    for days in (0.0, 300.0, 5000.0):
        np.testing.assert_array_equal(on(more, 48 * YEAR + days), on(same, 48 * YEAR + days))
    np.testing.assert_allclose(on(more, 48 * YEAR - 400), on(older, 48 * YEAR - 400))


@pytest.fixture(scope="module")
def model():
    return build_model(therapies=("augmentation",))


@pytest.fixture(scope="module")
def history():
    rows = [(-1461.0, 2.31), (-730.5, 2.22), (0.0, 2.1)]
    visits = [Visit(day, "fev1", value) for day, value in rows]
    return History(tuple(sorted([*visits, Visit(0.0, "serum_aat", 5.4)])))


@pytest.fixture(scope="module")
def found(model, history):
    return people_with_history(model, WHO, history, 300, settings=FAST)


def test_people_with_a_history_have_it(model, found):
    assert len(found.people) == 300
    lived = simulate_all(
        model, found.people, times=[-1461.0, 0.0], outputs=["lung.fev1", "circulation.serum_aat"],
        settings=FAST,
    )  # fmt: skip
    before, now = lived["lung.fev1"][:, 0].T
    assert np.isfinite(now).all()
    assert np.quantile(now, 0.05) > 2.1 - 2 * noise_of("fev1").size
    assert np.quantile(now, 0.95) < 2.1 + 2 * noise_of("fev1").size
    assert np.median(before) > np.median(now)
    assert np.median(lived["circulation.serum_aat"][:, 0, 1]) == pytest.approx(5.4, rel=0.1)


def test_what_a_history_does_not_see_stays_as_it_was(found):
    learned = {one.parameter: one for one in found.learned}
    assert learned["liver.export_Z"].sd < 0.8
    unseen = [one for name, one in learned.items() if name.startswith(("harms.", "wellbeing."))]
    assert len(unseen) > 5
    # Few of 512 people are independent of each other: an SD of the mean is some 0.1.
    assert np.mean([one.sd for one in unseen]) == pytest.approx(1.0, abs=0.08)
    assert np.sqrt(np.mean([one.mean**2 for one in unseen])) < 0.25
    assert [one.much for one in found.learned] == sorted(o.much for o in found.learned)[::-1]


def test_threads_change_no_bit(model, history, found):
    again = people_with_history(
        model, WHO, history, 300, settings=Settings(seed=3, tolerance=1e-3, threads=1)
    )
    assert again.people.content_hash == found.people.content_hash
    assert again.p == found.p


def test_a_history_of_nobody_is_said_to_be_one(model):
    doubled = History((Visit(-730.0, "fev1", 1.2), Visit(0.0, "fev1", 4.4)))
    with pytest.raises(RunError, match="nobody in the model lives such a history"):
        people_with_history(model, WHO, doubled, 50, settings=FAST)


def test_treatment_in_the_past_explains_what_it_did(model):
    treated = History((Visit(0.0, "serum_aat", 18.0),))
    found = people_with_history(model, WHO, treated, 50, settings=FAST)
    assert found.seldom == 0
    past = past_therapy([GIVEN], WHO.age)
    explained = people_with_history(model, WHO, treated, 50, past=past, settings=FAST)
    assert explained.seldom > 0.1
    assert explained.p > 0.05
    far, near = ({o.parameter: o.mean for o in one.learned} for one in (found, explained))
    assert far["liver.export_Z"] > 3 > near["liver.export_Z"]


@pytest.mark.contract
@pytest.mark.parametrize(
    ("said", "sentence"),
    [
        ({"fev1": 60.0}, "FEV1 is given beside what was measured"),
        ({"people": 600}, "up to 512 are weighed"),
        ({"past": [GIVEN], "uncertainty": 10}, "cannot be drawn of a person who has been treated"),
        ({"measured": ["FEV1 2.1 L now"]}, "in a file or said in words; not both"),
        ({"past": [GIVEN], "visits": None}, "which it explains; give that too"),
    ],
)
def test_what_does_not_go_with_visits_is_refused_first(history, said, sentence):
    asked = {"visits": history, "age": 48.0, **said}
    with pytest.raises(InputError, match=sentence):
        patient(**asked)


def test_a_course_says_what_the_history_taught(history):
    course = patient(
        age=48.0, sex="male", smoking="ex", height=1.78, years=2, people=40, visits=history,
        therapy="augmentation:60mg/kg/week", settings=FAST,
    )  # fmt: skip
    told = course.to_dict()
    assert told["visits"][0] == [-1461.0, "fev1", 2.31]
    assert told["learned"][0]["sd"] < 0.7
    from antitrypsim.reports.layout_text import lay_out_text
    from antitrypsim.reports.patient import patient_document

    words = " ".join(lay_out_text(patient_document(course, pictures=False)).split())
    assert "What the history taught" in words
    assert "as likely to be the person as 4 values of their own history leave them" in words
