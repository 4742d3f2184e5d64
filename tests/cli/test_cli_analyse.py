"""``antitrypsim analyse``: any file of trial data, without the model."""

import ast
import json
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from antitrypsim.cli.main import main
from antitrypsim.runs.folder import write_run
from tests.shared import trial

pytestmark = pytest.mark.contract


DATA = Path(__file__).parents[1] / "reference" / "statistics"
MMRM = ["--analysis", "mmrm", "--reference", "placebo", "--option", "visit=V3"]


def test_it_tells_what_the_analysis_gives(tmp_path, capsys):
    from antitrypsim.statistics import ANALYSES

    file = tmp_path / "found.json"
    code = main(["analyse", str(DATA / "slopes.csv"), *MMRM, "--option", "covariates=[AGE]",
                 "--json", str(file)])  # fmt: skip
    assert code == 0
    found = ANALYSES["mmrm"].run(
        pd.read_csv(DATA / "slopes.csv"), reference="placebo", visit="V3", covariates=["AGE"]
    )
    data = json.loads(file.read_text("utf-8"))
    assert [row["estimate"] for row in data["rows"]] == [row.estimate for row in found.rows]
    out = capsys.readouterr().out
    assert f"{found.rows[-1].p:.4f}" in out
    assert " ".join(found.method.split()) in " ".join(out.split())
    assert "Beware: 198 of 900 rows were left out" in out
    assert list(found.to_frame()["estimate"]) == [row.estimate for row in found.rows]


@pytest.mark.parametrize("ending", ["csv", "parquet"])
def test_it_reads_what_people_have(ending, tmp_path, capsys):
    frame = pd.read_csv(DATA / "survival.csv")
    file = tmp_path / f"adtte.{ending}"
    frame.to_csv(file, index=False) if ending == "csv" else frame.to_parquet(file)
    assert main(["analyse", str(file), "--analysis", "cox", "--reference", "placebo"]) == 0
    assert "0.66768" in capsys.readouterr().out


def test_a_trial_of_ours_is_analysed_from_its_folder(tmp_path, capsys):
    out = write_run(trial(), tmp_path / "run")
    visits = pd.read_parquet(out / "visits.parquet")
    visits[visits["ENDPOINT"] == "density"].to_parquet(tmp_path / "density.parquet")
    capsys.readouterr()
    asked = ["analyse", str(tmp_path / "density.parquet"), "--analysis", "random-slope"]
    assert main([*asked, "--reference", "placebo"]) == 0
    told = capsys.readouterr().out
    results = json.loads((out / "results.json").read_text("utf-8"))
    (row,) = (r for r in results if r.get("primary") and r.get("contrast") == "placebo")
    assert f"{row['estimate']:.5g}" in told


def test_without_a_file_the_analyses_are_listed(capsys):
    from antitrypsim.statistics import ANALYSES

    assert main(["analyse"]) == 0
    out = capsys.readouterr().out
    for name, program in ANALYSES.items():
        assert f"{name}: {program.title}" in out
        for column in program.columns:
            assert column in out


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["no.csv", *MMRM], "the file cannot be read: no such file"),
        (["no.ods", *MMRM], "a file of trial data ends in .csv, .parquet"),
        (["bad.parquet", *MMRM], "this is no table"),
        (["slopes.csv", "--reference", "placebo"], "--analysis is missing"),
        (["slopes.csv", "--analysis", "mmrm"], "--reference is missing"),
        (["slopes.csv", "--analysis", "mmmr", "--reference", "placebo"], "did you mean 'mmrm'?"),
        (["slopes.csv", *MMRM, "--option", "df"], "'df' is no option; write for example"),
        (["slopes.csv", *MMRM, "--option", "visit=V4"], "the option 'visit' is given twice"),
        (["slopes.csv", *MMRM, "--option", "df=[x"], "the value of 'df' cannot be read"),
        (["slopes.csv", *MMRM, "--option", "dff=x"], "has no option 'dff'; did you mean 'df'?"),
        (["slopes.csv", *MMRM[:3], "plcebo"], "did you mean 'placebo'?"),
        (["slopes.csv", *MMRM, "--json", "slopes.csv"], "this is what you gave to read"),
    ],
)
def test_what_cannot_be_is_one_sentence(arguments, sentence, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "slopes.csv").write_bytes((DATA / "slopes.csv").read_bytes())
    (tmp_path / "bad.parquet").write_text("a,b")
    assert main(["analyse", *arguments]) == 2
    out, err = capsys.readouterr()
    assert (out, err.count("\n")) == ("", 1)
    assert sentence in err


def test_the_statistics_need_nothing_of_the_model():
    code = (
        "import sys\n"
        "from antitrypsim.statistics import ALLOCATIONS, ANALYSES, RULES, Block, multiplicity, sequential\n"
        "rooms = {name.split('.')[1] for name in sys.modules if name.startswith('antitrypsim.')}\n"
        "print(sorted(rooms))"
    )
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "['foundations', 'statistics']"


def test_the_page_tells_every_analysis_way_and_rule():
    from antitrypsim.statistics import ALLOCATIONS, ANALYSES, RULES, multiplicity

    page = (Path(__file__).parents[2] / "docs" / "reference" / "statistics.md").read_text("utf-8")
    for name in (*ANALYSES, *ALLOCATIONS, *RULES, *multiplicity.__all__):
        assert f"`{name}`" in page, name
    for program in ANALYSES.values():
        for option in program.options:
            assert f"`{option}`" in page, (program.name, option)


def test_the_examples_of_the_page_run(tmp_path, monkeypatch):
    """The code of the page, on a file as it asks for; what a comment says comes out."""
    rng = np.random.default_rng(2)
    base = rng.normal(50, 8, 40)
    rows = [
        {"USUBJID": f"P{k}", "ARM": ("placebo", "active")[k % 2], "AVISIT": visit, "ADY": day,
         "BASE": base[k], "AVAL": base[k] + change, "CHG": change, "AGE": 40 + k % 17}
        for visit, day in (("M0", 0), ("M6", 182), ("M12", 365))
        for k, change in enumerate(rng.normal(0, 1, 40) * (day > 0))
    ]  # fmt: skip
    pd.DataFrame(rows).to_csv(tmp_path / "adeff.csv", index=False)
    monkeypatch.chdir(tmp_path)
    page = (Path(__file__).parents[2] / "docs" / "reference" / "statistics.md").read_text("utf-8")
    said: dict[str, object] = {}
    for code in re.findall(r"```python\n(.*?)```", page, flags=re.S):
        for step in ast.parse(code).body:
            if isinstance(step, ast.Expr):
                said[ast.unparse(step)] = eval(ast.unparse(step), said)
            else:
                exec(ast.unparse(step), said)
    (sizes,) = (value for name, value in said.items() if name.startswith("sequential.reestimated"))
    assert list(np.round(sizes, 1)) == [168.1, 240, 240]
    (selected,) = (value for name, value in said.items() if name.startswith("np.bincount"))
    assert selected.sum() == pytest.approx(1)
    assert selected.argmax() in (2, 3)
    assert 0 < said["found.entered.mean()"] <= 24
