from __future__ import annotations

import dataclasses
import subprocess
import sys
from typing import Any

import numpy as np
import pandas as pd
import pytest

from antitrypsim.foundations.errors import InputError
from antitrypsim.statistics.analysis import ANALYSES, Analysis, discover

pytestmark = pytest.mark.contract


CASES: dict[str, tuple[str, dict[str, Any]]] = {
    "random-slope": ("slopes", {"covariates": ["REGION"]}),
    "ancova": ("slopes", {"visit": "V3", "covariates": ["REGION"]}),
    "t-test": ("slopes", {"visit": "V3"}),
    "mmrm": ("slopes", {"covariates": ["REGION"]}),
    "negative-binomial": ("counts", {"covariates": ["REGION"]}),
    "kaplan-meier": ("survival", {"times": [182, 365]}),
    "log-rank": ("survival", {"strata": ["REGION"]}),
    "cox": ("survival", {}),
    "rmst": ("survival", {}),
    "responder": ("slopes", {"visit": "V3", "change": -3}),
    "describe": ("slopes", {}),
    "bayesian": ("slopes", {"visit": "V3"}),
    "multiple-imputation": ("slopes", {"visit": "V3", "imputations": 5}),
    "crossover": ("slopes", {"periods": ["V1", ["V3", "V4"]]}),
}
every = pytest.mark.parametrize("name", CASES)


def test_every_analysis_has_a_case():
    assert sorted(CASES) == list(ANALYSES)


@pytest.mark.law
@every
def test_order_of_rows_does_not_matter(data, name):
    file, options = CASES[name]
    frame = data(file)
    shuffled = frame.sample(frac=1, random_state=1)
    before = ANALYSES[name].run(frame, reference="placebo", **options)
    assert ANALYSES[name].run(shuffled, reference="placebo", **options) == before


@pytest.mark.law
@every
def test_input_is_left_alone(data, name):
    file, options = CASES[name]
    frame = data(file)
    ANALYSES[name].run(frame, reference="placebo", **options)
    assert frame.equals(data(file))


@pytest.mark.law
@every
def test_names_of_arms_do_not_matter(data, name):
    file, options = CASES[name]
    frame = data(file)
    other = {"placebo": "x", "low": "a", "high": "m"}
    before = ANALYSES[name].run(frame, reference="placebo", **options)
    after = ANALYSES[name].run(frame.replace({"ARM": other}), reference="x", **options)
    found = {(row.arm, row.contrast, row.visit, row.time): row for row in after.rows}
    assert len(found) == len(before.rows)
    for row in before.rows:
        contrast = row.contrast and other[row.contrast]
        twin = found[other[row.arm], contrast, row.visit, row.time]
        for field in ("n", "estimate", "se", "lower", "upper", "p", "df"):
            assert (getattr(twin, field) or 0) == pytest.approx(getattr(row, field) or 0, rel=1e-6)


@pytest.mark.law
@every
def test_swapping_reference_flips_the_sign(data, name):
    file, options = CASES[name]
    arms = ["placebo", "low"]
    frame = data(file)
    frame = frame[frame["ARM"].isin(arms)]
    forth = ANALYSES[name].run(frame, reference="placebo", **options)
    back = ANALYSES[name].run(frame, reference="low", **options)
    flipped = [
        (one, two)
        for one in forth.rows
        for two in back.rows
        if one.contrast and two.contrast and (one.visit, one.time) == (two.visit, two.time)
    ]
    assert flipped
    for one, two in flipped:
        value = (lambda x: -x) if one.scale == "absolute" else (lambda x: 1 / x)
        assert two.estimate == pytest.approx(value(one.estimate), rel=1e-6)
        assert two.lower == pytest.approx(value(one.upper), rel=1e-6)
        assert two.upper == pytest.approx(value(one.lower), rel=1e-6)
        assert two.se == pytest.approx(one.se, rel=1e-6)
        assert two.p == pytest.approx(one.p, rel=1e-5)


@every
def test_reference_stands_first_and_arms_can_be_chosen(data, name):
    file, options = CASES[name]
    rows = ANALYSES[name].run(data(file), reference="placebo", arms=["high"], **options).rows
    assert {row.arm for row in rows} <= {"placebo", "high"}
    assert all(row.contrast in (None, "placebo") for row in rows)
    assert all((row.p is None) == (row.contrast is None) for row in rows)


def sentence(error: InputError) -> bool:
    text = str(error)
    return "\n" not in text and len(text) < 160 and not text.endswith(".")


def refused(name: str, frame: Any, match: str, *, reference: str = "placebo", **more: Any) -> None:
    with pytest.raises(InputError, match=match) as caught:
        ANALYSES[name].run(frame, reference=reference, **{**CASES[name][1], **more})
    assert sentence(caught.value)


@every
def test_missing_column(data, name):
    frame = data(CASES[name][0])
    for column in ("USUBJID", "ARM", *ANALYSES[name].columns):
        refused(name, frame.drop(columns=column), f"no column '{column}'")


@every
def test_missing_id(data, name):
    frame = data(CASES[name][0])
    frame.loc[0, "ARM"] = None
    refused(name, frame, "a row has no ARM")


@every
def test_unknown_arm(data, name):
    frame = data(CASES[name][0])
    refused(name, frame, "arm 'plazebo' has no participant; did you", reference="plazebo")
    refused(name, frame, "arm 'zzz' has no participant", arms=["low", "zzz"])


@every
def test_empty_arm(data, name):
    frame = data(CASES[name][0])
    column = {"negative-binomial": "COUNT"}.get(name, "AVAL")
    frame[column] = frame[column].astype(float)
    empty = frame["ARM"] == "low"
    frame.loc[empty, [each for each in (column, "CHG") if each in frame]] = np.nan
    refused(name, frame, "the arm 'low' has no participant with a value")


@every
def test_one_participant(data, name):
    frame = data(CASES[name][0])
    low = frame["ARM"] == "low"
    keep = frame.loc[low & (frame["USUBJID"] == frame.loc[low, "USUBJID"].iloc[0])]
    if "AVISIT" in frame:
        measured = frame[low].groupby("USUBJID")["AVAL"].count().idxmax()
        keep = frame[frame["USUBJID"] == measured]
    import pandas as pd

    refused(name, pd.concat([frame[~low], keep]), "the arm 'low' has only 1 participant")


@every
def test_participant_in_two_arms(data, name):
    frame = data(CASES[name][0])
    import pandas as pd

    copy = frame.tail(1).assign(ARM="placebo" if frame["ARM"].iloc[-1] != "placebo" else "low")
    refused(name, pd.concat([frame, copy]), "more than one arm")


@every
def test_words_for_numbers(data, name):
    frame = data(CASES[name][0])
    column = next(each for each in reversed(ANALYSES[name].columns) if each != "AVISIT")
    refused(name, frame.assign(**{column: "high"}), f"column '{column}' is not numeric")


@every
@pytest.mark.parametrize("odd", [[1, 2], {"a": 1}, object()], ids=["list", "mapping", "object"])
def test_a_cell_that_is_no_number(data, name, odd):
    frame = data(CASES[name][0])
    for column in set(ANALYSES[name].columns) - {"AVISIT"}:
        cells = frame[column].astype(object)
        cells.iat[3] = odd
        refused(name, frame.assign(**{column: cells}), f"column '{column}' is not numeric")


@every
def test_unknown_option_and_bad_level(data, name):
    frame = data(CASES[name][0])
    refused(name, frame, "has no option 'armz'; did you mean 'arms'", armz=[])
    refused(name, frame, "level must lie between 0 and 1", level=95)
    refused(name, frame, "'arms' must be a list of names", arms="low")


def test_several_parameters(data):
    import pandas as pd

    frame = data("slopes")
    both = pd.concat([frame, frame.assign(PARAMCD="KCO", AVAL=1.0)])
    refused("random-slope", both, r"several parameters \(FEV1PP, KCO\)")
    refused("random-slope", both, "no parameter 'FEV1'", parameter="FEV1")
    run = ANALYSES["random-slope"].run
    assert run(both, reference="low", parameter="FEV1PP") == run(frame, reference="low")


@pytest.mark.law
def test_categorical_and_numeric_ids_are_read_as_text(data):
    frame = data("slopes")
    typed = frame.assign(
        ARM=frame["ARM"].astype("category").cat.add_categories("unused"),
        AVISIT=frame["AVISIT"].str[1:].astype(int),
    )
    one = ANALYSES["ancova"].run(frame, reference="placebo", visit="V3")
    two = ANALYSES["ancova"].run(typed, reference="placebo", visit=3)
    assert [row.estimate for row in one.rows] == [row.estimate for row in two.rows]


@every
def test_results_are_frozen_and_said_in_a_sentence(data, name):
    file, options = CASES[name]
    result = ANALYSES[name].run(data(file), reference="placebo", **options)
    assert result.method.endswith(".")
    assert "\n" not in result.method
    with pytest.raises(dataclasses.FrozenInstanceError):
        result.rows[0].n = 3  # type: ignore[misc]
    assert ANALYSES[name].title


def test_registry_is_read_only():
    with pytest.raises(TypeError):
        ANALYSES["mine"] = ANALYSES["ancova"]  # type: ignore[index]


DROPPED = """
from antitrypsim.statistics.analysis.base import Analysis, AnalysisResult
from antitrypsim.statistics.analysis.ancova import Ancova

class Mine(Analysis):
    name = "{name}"
    title = "Mine"
    columns = ()
    keys = ()

    def compute(self, frame, arms, level, options):
        return AnalysisResult((), f"{{len(frame)}} rows.")
"""


def test_a_dropped_file_is_an_analysis(tmp_path, monkeypatch, data):
    folder = tmp_path / "dropped_analyses"
    folder.mkdir()
    (folder / "__init__.py").touch()
    (folder / "mine.py").write_text(DROPPED.format(name="mine"))
    (folder / "_hidden.py").write_text("raise RuntimeError")
    monkeypatch.syspath_prepend(tmp_path)
    found = discover(folder, "dropped_analyses")
    assert list(found) == ["mine"]
    assert isinstance(found["mine"], Analysis)
    assert found["mine"].run(data("counts"), reference="low").method == "150 rows."
    (folder / "twin.py").write_text(DROPPED.format(name="mine"))
    with pytest.raises(InputError, match="both named 'mine'"):
        discover(folder, "dropped_analyses")


def test_import_is_light():
    heavy = ("statsmodels", "scipy", "pandas", "numpy")
    code = (
        "import sys, antitrypsim.statistics.analysis;"
        f"print([name for name in {heavy} if name in sys.modules])"
    )
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "[]"


@every
def test_what_is_no_frame_or_names_a_column_twice_is_refused(data, name):
    file, options = CASES[name]
    frame = data(file)
    twice = pd.concat([frame, frame[["ARM"]]], axis=1)
    for odd, said in ((None, "not of NoneType"), (twice, "the column 'ARM' twice")):
        with pytest.raises(InputError, match=said):
            ANALYSES[name].run(odd, reference="placebo", **options)
    with pytest.raises(InputError, match="the reference is the id of an arm"):
        ANALYSES[name].run(frame, reference=None, **options)


@pytest.mark.parametrize("odd", ["x", [1], 10**400])
@pytest.mark.parametrize("column", ["ADY", "AVAL"])
def test_days_and_values_that_are_no_numbers_are_refused(data, column, odd):
    frame = data("slopes")
    frame[column] = pd.Series([odd] * len(frame), index=frame.index, dtype=object)
    with pytest.raises(InputError, match=f"'{column}' is not numeric"):
        ANALYSES["random-slope"].run(frame, reference="placebo")
