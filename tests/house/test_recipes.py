"""CONTRIBUTING's recipes are true: each names a toy that is added by exactly the files it tells to touch."""

import importlib
import re
from pathlib import Path

import pytest

pytestmark = pytest.mark.contract

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
ALL = ("a therapy", "an organ", "an endpoint", "an analysis", "a design kind", "a target")


def recipes(page):
    """Return by what is added: its files, the pages that tell it, and the tests of its toy."""
    rows = [line.strip("| ").split("|") for line in page.splitlines() if line.startswith("| a")]
    return {row[0].strip(): [re.findall(r"`([^`]+)`", cell) for cell in row[1:]] for row in rows}


def alike(pattern, path):
    """Whether a path is that of a recipe, in which NAME is any one name."""
    return re.fullmatch(re.escape(pattern).replace("NAME", r"\w+"), path) is not None


def test_there_are_six_recipes_each_with_a_part_of_its_own():
    assert tuple(recipes(PAGE)) == ALL
    headings = " ".join(line for line in PAGE.splitlines() if line.startswith("### ")).lower()
    assert [what for what in ALL if what not in headings and what.split()[-1] not in headings] == []


@pytest.mark.parametrize("what", ALL)
def test_a_toy_touches_the_files_of_its_recipe_in_its_order_and_no_others(what):
    files, _, (test,) = recipes(PAGE)[what]
    assert (ROOT / test).is_file()
    toy = importlib.import_module(f".{Path(test).stem}", __package__)
    touched = list(toy.TOUCHES[what])
    assert len(touched) == len(files)
    assert all(alike(file, path) for file, path in zip(files, touched, strict=True)), touched
    # What has no NAME is a table that rows are added to.
    package = ROOT / "src" / "antitrypsim"
    assert all((package / file).is_file() for file in files if "NAME" not in file)
    assert not any((package / path).exists() for path in touched if path not in files)


@pytest.mark.parametrize("what", ALL)
def test_a_page_that_a_recipe_names_is_there(what):
    _, pages, _ = recipes(PAGE)[what]
    assert all((ROOT / page).is_file() for page in pages)


def test_every_toy_that_is_added_is_of_a_recipe():
    toys = {path.stem for path in Path(__file__).parent.glob("test_toy_*.py")}
    assert toys == {Path(test).stem for _, _, (test,) in recipes(PAGE).values()}
    for toy in toys:
        assert set(importlib.import_module(f".{toy}", __package__).TOUCHES) <= set(ALL)


@pytest.mark.parametrize("name", sorted(set(re.findall(r"`((?:therapies|endpoints|populations|laboratory|calibration)/[\w/.]+)`", PAGE))))  # fmt: skip
def test_every_path_of_the_page_is_there(name):
    if "NAME" not in name:
        assert (ROOT / "src" / "antitrypsim" / name).exists()


def test_every_word_of_code_that_a_recipe_speaks_of_is_there():
    from antitrypsim.calibration import statistic
    from antitrypsim.calibration.target import study
    from antitrypsim.endpoints import Endpoint
    from antitrypsim.laboratory.designs.kind import DesignKind

    for name in (
        "mean_of",
        "sd_of",
        "share_of",
        "quantile_of",
        "fold_of",
        "ratio_of",
        "less",
        "over",
    ):
        assert f"`{name}`" in PAGE
        assert hasattr(statistic, name)
    assert f"@{study.__name__}(" in PAGE
    assert {"noise", "noise_size", "limit"} <= set(Endpoint.__dataclass_fields__)
    for name in ("conduct", "check", "findings", "answer", "also", "caution", "limits"):
        assert hasattr(DesignKind, name)
