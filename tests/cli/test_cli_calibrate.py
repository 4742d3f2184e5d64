"""The command calibrate: a real posterior of one cheap target, and every sentence that it refuses with."""

import json

import pytest

from antitrypsim.calibration.posterior import calibrate as room
from antitrypsim.calibration.posterior.file import Posterior
from antitrypsim.cli.main import main

pytestmark = pytest.mark.contract

CHEAP = ["--only", "TGT-29", "--waves", "1", "--runs", "40", "--people", "20", "--check", "20",
         "--check-people", "20", "--draws", "60", "--quiet"]  # fmt: skip


@pytest.fixture(scope="module")
def done(tmp_path_factory):
    folder = tmp_path_factory.mktemp("calibrate")
    files = ["--json", str(folder / "a.json"), "--html", str(folder / "a.html")]
    assert main(["calibrate", "--out", str(folder / "out"), *CHEAP, *files]) == 0
    return folder


def test_it_writes_a_posterior_data_and_a_page(done):
    data = json.loads((done / "a.json").read_text("utf-8"))
    read = Posterior.load(done / "out" / "posterior.parquet")
    assert data["posterior"] == read.content_hash
    assert {one["target"] for one in data["predicted"]} == {"TGT-29"}
    assert len(read) == 60
    page = (done / "a.html").read_text("utf-8")
    for title in ("What the data taught", "What trades", "Predicted beside published", "Emulators",
                  "Kept apart", "What to trust", "Manifest"):  # fmt: skip
        assert title in page


def test_what_can_be_known_apart_is_told_of_its_file(done, capsys, tmp_path):
    file = done / "out" / "posterior.parquet"
    page = tmp_path / "known.html"
    assert (
        main(
            ["identifiability", str(file), "--json", str(tmp_path / "a.json"), "--html", str(page)]
        )
        == 0
    )
    said = json.loads((tmp_path / "a.json").read_text("utf-8"))
    before = json.loads((done / "a.json").read_text("utf-8"))
    assert said["posterior"] == before["posterior"]
    assert {row["id"] for row in said["learned"]} == {row["id"] for row in before["learned"]}
    assert "What can be known apart" in capsys.readouterr().out
    assert "What trades" in page.read_text("utf-8")
    assert main(["identifiability", str(page)]) == 2
    assert "this is no posterior of antitrypsim" in capsys.readouterr().err


def test_the_catalogue_knows_it_goes_on_and_repeats_it(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("ANTITRYPSIM_RUNS", str(tmp_path / "catalogue"))
    assert main(["calibrate", "--out", "out", "--seed", "5", *CHEAP]) == 0
    capsys.readouterr()
    assert main(["runs", "list"]) == 0
    id, state, *_ = capsys.readouterr().out.split()
    assert state == "finished"
    before = (tmp_path / "out" / "posterior.parquet").read_bytes()
    (tmp_path / "out" / "posterior.parquet").unlink()
    assert main(["runs", "rerun", id, "--quiet"]) == 2
    assert "runs resume' goes on with it" in capsys.readouterr().err
    monkeypatch.chdir("/")
    assert main(["runs", "resume", id, "--quiet"]) == 0
    assert (tmp_path / "out" / "posterior.parquet").read_bytes() == before
    assert main(["runs", "rerun", str(tmp_path / "out"), "--quiet"]) == 0
    assert "The same: the posterior to the bit." in capsys.readouterr().out
    assert main(["runs", "list"]) == 0
    assert len(capsys.readouterr().out.splitlines()) == 1
    monkeypatch.setenv("ANTITRYPSIM_RUNS", str(tmp_path / "empty"))
    assert main(["runs", "resume", str(tmp_path / "out")]) == 2
    assert "nobody wrote down with which command" in capsys.readouterr().err


def test_given_again_it_makes_no_run_and_gives_the_same_bytes(done, monkeypatch, capsys):
    before = (done / "out" / "posterior.parquet").read_bytes()
    runs = {file: file.stat().st_mtime_ns for file in (done / "out").glob("*/run-*.json")}
    assert main(["calibrate", "--out", str(done / "out"), "--threads", "1", *CHEAP]) == 0
    assert (done / "out" / "posterior.parquet").read_bytes() == before
    assert runs == {file: file.stat().st_mtime_ns for file in (done / "out").glob("*/run-*.json")}
    assert "Written: " in capsys.readouterr().out


def test_what_it_costs_is_said_before_the_work(done, capsys):
    loud = [word for word in CHEAP if word != "--quiet"]
    assert main(["calibrate", "--out", str(done / "out"), *loud]) == 0
    err = capsys.readouterr().err
    assert "2 statistics and" in err
    assert (
        "1 wave of 40 runs in 20 people, then 20 draws of the posterior in 20 others, once to put the emulators right "
        "and once to check them. Each run is kept." in err
    )


def test_stopped_it_says_how_to_go_on(done, monkeypatch, capsys):
    def stopped(*_, **__):
        raise KeyboardInterrupt

    monkeypatch.setattr(room, "calibrate", stopped)
    assert main(["calibrate", "--out", str(done / "out"), *CHEAP]) == 130
    assert "stopped; 80 runs are in" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--only", "TGT-31"], "target 'TGT-31' is there to validate"),
        (["--only", "TGT-999"], "target 'TGT-999' is unknown"),
        (["--runs", "3"], "3 runs cannot carry an emulator; take 40 or more"),
        (["--people", "3"], "3 people are too few"),
        (["--draws", "9999"], "9999 draws cannot be kept"),
        (["--check", "2000"], "2000 draws cannot be checked of 1000"),
    ],
)
def test_what_cannot_be_is_refused_before_the_work(tmp_path, capsys, arguments, said):
    assert main(["calibrate", "--out", str(tmp_path / "out"), "--quiet", *arguments]) == 2
    assert said in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


def test_a_folder_with_something_else_is_refused(tmp_path, capsys):
    (tmp_path / "notes.txt").write_text("mine")
    assert main(["calibrate", "--out", str(tmp_path), *CHEAP]) == 2
    assert "holds something else" in capsys.readouterr().err
    assert [file.name for file in tmp_path.iterdir()] == ["notes.txt"]


def test_a_run_that_was_changed_is_named_and_the_posterior_is_the_same(done, capsys):
    before = (done / "out" / "posterior.parquet").read_bytes()
    run = next((done / "out" / "wave-1").iterdir())
    said = json.loads(run.read_text("utf-8"))
    said["statistics"] = {label: [9.9, 0.1] for label in said["statistics"]}
    run.write_text(json.dumps(said), encoding="utf-8")
    assert main(["calibrate", "--out", str(done / "out"), *CHEAP]) == 0
    assert (done / "out" / "posterior.parquet").read_bytes() == before
    err = capsys.readouterr().err
    assert err.startswith(f"warning: {run.parent}: not as written")
    assert err.endswith(f"made anew: {run.name}\n")
