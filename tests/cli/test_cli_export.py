"""``antitrypsim export`` and ``import``: files, the loss report, one sentence for what cannot be."""

from __future__ import annotations

import json

import pytest

from antitrypsim.cli.main import main

pytestmark = pytest.mark.contract

GIVEN = ("--therapy", "augmentation:60mg/kg/week", "--years", "1", "--quiet")


def test_sbml_is_written_with_its_loss_report(tmp_path, capsys):
    assert main(["export", "sbml", str(tmp_path / "a.xml"), *GIVEN]) == 0
    told = capsys.readouterr().out
    assert all(head in told for head in ("Carried:", "Left out:", "Day 0 is time", "Written:"))
    assert "SYNTHETIC" in (tmp_path / "a.xml").read_text(encoding="utf-8")


def test_petab_is_written_and_read_back(tmp_path, capsys):
    data = tmp_path / "d.csv"
    data.write_text("output,day,value,sd\nserum_aat,20.5,15,2\n")
    folder = tmp_path / "problem"
    asked = ["--data", str(data), "--estimate", "circulation.elimination", *GIVEN]
    assert main(["export", "petab", str(folder), *asked]) == 0
    assert main(["export", "petab", str(folder), *asked]) == 2
    assert "name a new folder" in capsys.readouterr().err
    out = tmp_path / "p.json"
    assert main(["import", "petab", str(folder / "problem.yaml"), "--json", str(out)]) == 0
    assert json.loads(out.read_text("utf-8"))["parameters"][0]["name"] == "circulation.elimination"
    assert "Log-likelihood" in capsys.readouterr().out


def test_an_arm_of_a_protocol_is_written_as_an_archive(tmp_path, capsys):
    file = tmp_path / "a.omex"
    asked = ["--protocol", "rapid", "--years", "1", "--quiet", "--output", "lung.elastin"]
    assert main(["export", "omex", str(file), *asked]) == 0
    assert file.read_bytes()[:2] == b"PK"
    assert "the task as SED-ML" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--protocol", "rapid", "--therapy", "augmentation:60mg/kg/week"], "keep one of the two"),
        (["--arm", "active"], "--arm is of a protocol"),
        (["--protocol", "rapid", "--arm", "none"], "none"),
        (["--sex", "x"], "'x' is not a sex"),
        (["--genotype", "QQ"], "genotype"),
        (["--age", "5"], "5 years of age cannot be; 18"),
        (["--years", "0"], "0 years"),
    ],
)
def test_what_cannot_be_is_one_sentence_and_nothing_is_written(tmp_path, capsys, options, message):
    file = tmp_path / "a.xml"
    assert main(["export", "sbml", str(file), "--quiet", *options]) == 2
    told = capsys.readouterr().err
    assert message in told
    assert told.count("\n") == 1
    assert not file.exists()
