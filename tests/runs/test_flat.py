"""Beyond the people who are joined a run is analysed from sums, part by part, with the same numbers."""

from pathlib import Path

import pytest

from antitrypsim.foundations.errors import InputError
from antitrypsim.foundations.plain import plain
from antitrypsim.protocols import load_protocol
from antitrypsim.runs.large import plan_large, run_large
from antitrypsim.simulation.settings import Settings
from antitrypsim.trials.conduct import conduct

pytestmark = pytest.mark.law

SEVERAL = Path(__file__).with_name("several.yaml")
HOW = Settings(seed=11, threads=1)
NUMBERS = ("n", "estimate", "se", "lower", "upper", "p")
OF_SUMS = {"slope", "two-slopes", "change", "repeated", "means", "test", "rate"}


def analysed(rows):
    return {
        (row["plan"], row["arm"], row.get("contrast"), row["visit"]): {
            k: plain(row[k]) for k in NUMBERS if row.get(k) is not None
        }
        for row in rows
        if row["plan"]
    }


@pytest.fixture(scope="module")
def whole():
    trial = conduct(load_protocol(SEVERAL), settings=HOW)
    assert all(plan.rows for plan in trial.plans), [plan.failed for plan in trial.plans]
    return trial


@pytest.fixture(scope="module")
def joined(tmp_path_factory):
    return run_large(SEVERAL, tmp_path_factory.mktemp("joined"), part_size=17, settings=HOW)


def test_up_to_fifty_thousand_people_no_bit_differs_from_the_joined_table(whole, joined):
    assert analysed(joined.rows) == analysed(whole.rows)


def test_sums_have_the_numbers_of_the_joined_table(whole, joined, tmp_path, monkeypatch):
    monkeypatch.setattr("antitrypsim.runs.finish.MOST_JOINED", 0)
    found = [
        run_large(SEVERAL, tmp_path / str(size), part_size=size, settings=HOW) for size in (17, 60)
    ]
    # However people are cut, no bit differs.
    for name in ("results.json", "summary.json"):
        assert len({(each.folder / name).read_bytes() for each in found}) == 1
    mine, expected = analysed(found[0].rows), analysed(whole.rows)
    assert mine.keys() == expected.keys()
    for key, row in expected.items():
        # The searches for variances end near their maximum, and not at it.
        assert mine[key] == pytest.approx(row, rel=1e-4 if "slope" in key[0] else 1e-6, abs=1e-12)
        if key[0] not in OF_SUMS:
            assert mine[key] == row
    assert any(mine[key] != row for key, row in expected.items())
    assert (found[0].folder / "summary.json").read_bytes() == (
        joined.folder / "summary.json"
    ).read_bytes()


@pytest.mark.contract
def test_an_analysis_that_needs_more_people_at_once_than_memory_holds_is_refused_before(tmp_path):
    text = SEVERAL.read_text(encoding="utf-8").replace(
        "analysis: ancova, visit: m24, covariates: [smoking]",
        "analysis: multiple-imputation, visit: m24",
    )
    file = tmp_path / "several.yaml"
    file.write_text(text, encoding="utf-8")
    for people in (50_000, 300_000):
        plan_large(file, participants=people)
    with pytest.raises(
        InputError,
        match=r"'multiple-imputation' of 'change' needs everybody at once.* not 1,000,000",
    ):
        plan_large(file, participants=1_000_000)
    with pytest.raises(InputError, match="'mmrm' of 'ar1' needs everybody at once"):
        plan_large(SEVERAL, participants=1_000_000)
