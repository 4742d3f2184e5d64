"""Runs in parts from the command line: begun, stopped, gone on with, listed, checked and compared."""

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

import antitrypsim
from antitrypsim.cli.main import main
from tests.runs.large import SMALL, bits, undisturbed

pytestmark = pytest.mark.contract

RUN = [sys.executable, "-c", "from antitrypsim.cli.main import run; run()"]
ASKED = ["run", str(SMALL), "--quiet", "--seed", "3", "--participants", "26", "--part-size", "7"]


@pytest.fixture
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("ANTITRYPSIM_RUNS", str(tmp_path / "catalogue"))
    return tmp_path


def call(capsys, *arguments):
    code = main([str(a) for a in arguments])
    told = capsys.readouterr()
    return code, told.out, told.err


def test_from_a_run_to_its_repeat(here, capsys):
    code, out, err = call(capsys, *ASKED, "--json", "rows.json")
    assert (code, err) == (0, "")
    for words in (
        "26 virtual participants of",
        "active against placebo",
        "placebo",
        "Run folder: runs/small-3-26",
    ):
        assert words in out
    folder = here / "runs" / "small-3-26"
    assert json.loads((here / "rows.json").read_text("utf-8")) == json.loads(
        (folder / "results.json").read_text("utf-8")
    )
    assert (folder / "results.json").read_bytes() == (undisturbed() / "results.json").read_bytes()
    code, out, _ = call(capsys, "runs", "list")
    id, state, *_ = out.split()
    assert (code, state) == (0, "finished")
    assert call(capsys, "runs", "check", id)[0] == 0
    code, out, _ = call(capsys, "runs", "rerun", id, "--quiet")
    assert code == 0
    assert "The same" in out
    code, out, _ = call(capsys, "runs", "diff", id, undisturbed())
    assert code == 0
    assert "The same" in out
    part = folder / "lives" / "part-000000007.parquet"
    part.write_bytes(part.read_bytes()[:-1])
    code, _, err = call(capsys, "runs", "check", id)
    assert code == 2
    assert "part-000000007.parquet" in err
    code, out, err = call(capsys, "runs", "resume", id, "--quiet")
    assert code == 0
    assert (
        err == "warning: lives/part-000000007.parquet was not as it was written and was made anew\n"
    )
    assert call(capsys, "runs", "check", folder)[0] == 0


def test_a_stop_says_what_is_kept_and_the_same_command_goes_on(here, capsys):
    child = subprocess.Popen([*RUN, *ASKED], stderr=subprocess.PIPE, text=True)
    parts = here / "runs" / "small-3-26" / "parts.jsonl"
    until = time.monotonic() + 100
    while not parts.exists() and time.monotonic() < until:
        time.sleep(0.01)
    child.send_signal(signal.SIGINT)
    _, err = child.communicate(timeout=60)
    if child.returncode != 0:  # it may have been faster
        assert child.returncode == 130
        assert "done and kept in runs/small-3-26, and the same command goes on" in err
        assert err.count("\n") == 1
    assert call(capsys, *ASKED)[0] == 0
    assert (parts.parent / "manifest.json").read_bytes() == (
        undisturbed() / "manifest.json"
    ).read_bytes()


@pytest.mark.parametrize(
    ("more", "said"),
    [
        (["--part-size", "0"], "'part_size'"),
        (["--part-size", "200000"], "parts of 200,000 participants cannot be"),
        (["--part-size", "7", "--uncertainty", "5"], "leave --uncertainty out"),
        (["--part-size", "7", "--posterior", "no.parquet"], "leave --posterior and --prior out"),
        (["--part-size", "7", "--prior"], "leave --posterior and --prior out"),
        (["--part-size", "7", "--out", ""], "the name of the run folder is empty"),
        (["--part-size", "7", "--out", "b\udcff"], "no text in UTF-8"),
        (["--out", "b\udcff"], "no text in UTF-8"),
        (["--part-size", "7", "--out", "x" * 300], "this cannot be written: file name too long"),
        (["--part-size", "7", "--out", "."], "holds other files"),
        (["--part-size", "7", "--out", "taken"], "this is a file"),
        (["--part-size", "7", "--participants", "1"], "too few for 2 arms"),
        (["--cost", "--participants", "0"], "0 participants cannot be"),
    ],
)  # fmt: skip
def test_what_cannot_be_is_refused_before_the_work(here, capsys, more, said):
    (here / "taken").write_text("")
    code, out, err = call(capsys, "run", SMALL, "--quiet", *more)
    assert code == 2
    assert said in err
    assert err.count("\n") == 1
    assert out == ""
    assert sorted(os.listdir(here)) == ["taken"]


@pytest.mark.parametrize(
    "name", ["request.json", "manifest.json", "parts.jsonl", "lives/part-000000000.parquet", "new"]
)
def test_no_answer_is_written_over_the_run_that_is_gone_on_with(here, capsys, name):
    copy = shutil.copytree(undisturbed(), here / "run")
    (here / "link").symlink_to(copy / name)
    for file in (copy / name, "link"):
        code, out, err = call(capsys, "runs", "resume", copy, "--quiet", "--json", file)
        assert (code, out) == (2, "")
        assert "--json lies in the run folder" in err
    assert bits(copy) == bits(undisturbed())


OTHERS_READ = all(each.stat().st_mode & 0o001 for each in Path(antitrypsim.__file__).parents)


@pytest.mark.skipif(os.geteuid() != 0, reason="who may read everything becomes somebody else")
@pytest.mark.skipif(not OTHERS_READ, reason="the package lies where nobody else may read it")
def test_a_folder_that_nobody_may_read_is_a_sentence(here, capsys, monkeypatch):
    with TemporaryDirectory() as place:
        os.chmod(place, 0o777)
        monkeypatch.setenv("ANTITRYPSIM_RUNS", f"{place}/catalogue")
        folder = shutil.copytree(undisturbed(), Path(place) / "run")
        # What is read late is read before.
        assert call(capsys, *ASKED, "--out", folder)[0] == 0
        for mode in (0o000, 0o300):
            os.chmod(folder, mode)
            os.seteuid(65534)
            try:
                found = [
                    call(capsys, *ASKED, "--out", folder),
                    call(capsys, "runs", "check", folder),
                    call(capsys, "runs", "resume", folder, "--quiet"),
                ]
                listed = call(capsys, "runs", "list")
            finally:
                os.seteuid(0)
            for code, out, err in found:
                assert (code, out, err.count("\n")) == (2, "", 1)
                assert "permission" in err
                assert "something broke" not in err
            assert listed[0] == 0
            assert str(folder) in listed[1]


def test_the_cost_is_said_and_nothing_is_written(here, capsys):
    code, out, err = call(capsys, "run", SMALL, "--cost", "--participants", "60", "--quiet")
    assert (code, out) == (0, "")
    assert "this takes about" in err
    assert "(told from 60 people)" in err
    assert os.listdir(here) == []


def test_runs_that_are_not_there_are_a_sentence(here, capsys):
    code, out, _ = call(capsys, "runs", "list")
    assert code == 0
    assert "There are no runs yet" in out
    for words in (
        ["check", "x"],
        ["rerun", "x", "--quiet"],
        ["resume", "x", "--quiet"],
        ["diff", "x", "y"],
    ):
        code, _, err = call(capsys, "runs", *words)
        assert code == 2
        assert "no run 'x'" in err
