"""The command fit: what is refused before the work, and what a small fit writes."""

import json
from pathlib import Path

import pytest

from antitrypsim.calibration.posterior.file import Posterior
from antitrypsim.cli.main import main

pytestmark = pytest.mark.contract

OWN = str(Path(__file__).parent / "small.yaml")
HEAD = "USUBJID,ARM,PARAMCD,AVAL,AVALU,ADY\n"
GOOD = "".join(
    f"{k},{arm},PD15,{60 + 3 * k % 17},g/L,{day}\n"
    for k, arm in enumerate(["active", "placebo"] * 4)
    for day in (1, 366)
)
SMALL = ["--waves", "1", "--runs", "40", "--people", "50", "--check", "25", "--draws", "60", "-q"]


@pytest.fixture
def trial(tmp_path):
    file = tmp_path / "trial.csv"
    file.write_text(HEAD + GOOD, encoding="utf-8")
    return file


def test_a_fit_writes_a_posterior_and_a_page(trial, tmp_path, capsys):
    out, page, data = (tmp_path / name for name in ("out", "fit.html", "fit.json"))
    said = [
        "fit",
        str(trial),
        "--protocol",
        OWN,
        "-o",
        str(out),
        "--html",
        str(page),
        "--json",
        str(data),
    ]
    assert main([*said, *SMALL]) == 0
    told = capsys.readouterr().out
    assert f"Written: {out / 'posterior.parquet'}" in told
    assert "What 8 people of your own say" in told
    assert len(Posterior.load(out / "posterior.parquet")) == 60
    assert json.loads(data.read_text(encoding="utf-8"))["kind"] == "fit"
    assert "<svg" in page.read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("rows", "options", "sentence"),
    [
        (GOOD + "9,sham,PD15,60,g/L,1\n", [], ":18: 'ARM': the protocol has no arm 'sham'"),
        (GOOD + "9,active,PD15,60,kPa,1\n", [], ":18: 'AVALU': 'kPa' is no unit of"),
        ("", [], "it holds no rows"),
        (GOOD, ["--runs", "5"], "5 runs are too few"),
        (GOOD, ["--prior", "--posterior", "x"], "contradict each other"),
        (GOOD, ["--posterior", "nowhere.parquet"], "there is no such file"),
        (GOOD, ["--subjects", "nowhere.csv"], "there is no such file"),
    ],
)
def test_bad_data_are_one_sentence_and_two_before_the_work(tmp_path, capsys, rows, options, sentence):  # fmt: skip
    file = tmp_path / "trial.csv"
    file.write_text(HEAD + rows, encoding="utf-8")
    out = tmp_path / "out"
    assert main(["fit", str(file), "--protocol", OWN, "-o", str(out), *options]) == 2
    said = capsys.readouterr().err.strip().splitlines()
    assert sentence in said[-1]
    assert not out.exists()


def test_an_output_is_not_what_was_given(trial, capsys):
    assert main(["fit", str(trial), "--protocol", OWN, "--json", str(trial)]) == 2
    assert "would overwrite it" in capsys.readouterr().err
