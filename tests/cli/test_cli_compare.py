"""``compare`` and ``reach`` from end to end, and each failure as one sentence."""

import json

import pytest

from antitrypsim.cli.main import main
from antitrypsim.foundations.provenance import content_hash

pytestmark = pytest.mark.contract


AUGMENTATION = "augmentation@intravenous:60mg/kg/week"
SMALL = ["--people", "6", "--uncertainty", "0", "--quiet"]


def call(capsys, *arguments):
    code = main([str(a) for a in arguments])
    told = capsys.readouterr()
    return code, told.out, told.err


def test_compare_tells_and_writes(tmp_path, capsys):
    page, data = tmp_path / "both.html", tmp_path / "both.json"
    code, out, err = call(
        capsys, "compare", "--therapy", AUGMENTATION, "--years", "1", *SMALL, "--html", page, "--json", data
    )  # fmt: skip
    assert (code, err) == (0, "")
    assert "For research; not for the care of an individual." in out
    assert "Serum AAT, antigenic, µM" in out
    assert f"Written: {page}" in out
    assert page.read_text("utf-8").lstrip().lower().startswith("<!doctype html")
    found = json.loads(data.read_text("utf-8"))
    assert f"Hash of the answer: {content_hash(found)}" in out
    assert found["kind"] == "comparison"
    assert {e["year"] for e in found["effects"]} == {1.0}


def test_compare_reads_a_file(tmp_path, capsys):
    file = tmp_path / "question.yaml"
    file.write_text(f"compare: 1\ntherapies: {{weekly: '{AUGMENTATION}'}}\n")
    code, out, _ = call(capsys, "compare", file, "--years", "1", *SMALL)
    assert code == 0
    assert "weekly, after 1 year:" in out


@pytest.mark.parametrize("name", ["dose", "reach"])
def test_dose_tells_and_writes_by_its_old_name_too(name, tmp_path, capsys):
    page, data = tmp_path / "r.html", tmp_path / "r.json"
    code, out, err = call(
        capsys, name, "--therapy", AUGMENTATION, "--value", "11", "--years", "0.5", "--factors", "1,2",
        *SMALL, "--html", page, "--json", data,
    )  # fmt: skip
    assert (code, err) == (0, "")
    assert "What it takes to reach Serum AAT" in out
    assert "<svg" in page.read_text("utf-8")
    assert json.loads(data.read_text("utf-8"))["kind"] == "reach"


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["compare"], "nothing to compare; name a therapy"),
        (["compare", "x.yaml", "--therapy", AUGMENTATION], "keep one of the two"),
        (["compare", "--therapy", AUGMENTATION, "--years", "one"], "'one' is no list of years"),
        (["compare", "--therapy", "msc@inhaled:1e8cells/once"], "do not survive a nebuliser"),
        (["compare", "no-such.yaml"], "the file cannot be read"),
        (["dose", "--therapy", AUGMENTATION, "--value", "11", "--factors", "x"], "no list of factors"),
        (["dose", "--therapy", AUGMENTATION, "--value", "11", "--outcome", "serum"], "no endpoint 'serum'"),
        (
            ["compare", "--therapy", AUGMENTATION, "--html", "one", "--json", "one"],
            "name the same file",
        ),
        (
            ["dose", "--therapy", AUGMENTATION, "--value", "1", "--html", "one", "--json", "one"],
            "name the same file",
        ),
    ],
)  # fmt: skip
def test_bad_input_is_one_sentence(tmp_path, monkeypatch, capsys, arguments, said):
    monkeypatch.chdir(tmp_path)
    code, out, err = call(capsys, *arguments)
    assert (code, out) == (2, "")
    assert said in err
    assert err.count("\n") == 1
    assert list(tmp_path.iterdir()) == []


def test_what_is_switched_off_is_said():
    from typer.testing import CliRunner

    from antitrypsim.cli.main import app

    common = ["--therapy", "msc@intravenous:2e8cells/3months", "--without", "il-10", "--quiet"]
    compared = ["compare", *common, "--people", "4", "--years", "1", "--uncertainty", "0"]
    described = ["patient", *common, "--genotype", "ZZ", "--age", "50", "--sex", "male",
                 "--smoking", "never", "--years", "1", "--people", "20", "--no-plot"]  # fmt: skip
    for words in (compared, described):
        found = CliRunner().invoke(app, words)
        assert found.exit_code == 0, found.output
        assert "Switched off: il-10." in found.output
