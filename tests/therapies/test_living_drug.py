"""The published course of a living drug, in the words of a cell's fate."""

import importlib.util
from pathlib import Path

import pytest

from antitrypsim.therapies import build_model

pytestmark = pytest.mark.regression


FOLDER = Path(__file__).parents[2] / "validation" / "tisagenlecleucel"


@pytest.fixture(scope="module")
def comparison():
    spec = importlib.util.spec_from_file_location("tisagenlecleucel_run", FOLDER / "run.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_course_is_the_published_one(comparison):
    days = comparison.days_seen()
    found = comparison.read(days, comparison.course(days))
    assert found == pytest.approx(comparison.PUBLISHED, rel=comparison.WITHIN)
    assert "OUTSIDE" not in comparison.table(found)


def test_the_kept_output_is_what_is_found(comparison):
    days = comparison.days_seen()
    text = comparison.table(comparison.read(days, comparison.course(days)))
    assert (FOLDER / "output.txt").read_text(encoding="utf-8") == text + "\n"


@pytest.mark.contract
def test_a_course_outside_is_called_so(comparison):
    assert "OUTSIDE" in comparison.table({k: 1.03 * v for k, v in comparison.PUBLISHED.items()})


@pytest.mark.contract
def test_the_folder_joins_the_organs():
    model = build_model(therapies=[], extra=[FOLDER / "living_drug"])
    assert model.dose("tisagenlecleucel/intravenous").unit == "1"
    assert "living_drug.copies" in model.quantity_names
