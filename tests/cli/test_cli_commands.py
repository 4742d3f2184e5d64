"""Each command from end to end, and each failure as one sentence with its exit code."""

import errno
import json
import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest
import typer

from antitrypsim.cli.main import app, main
from antitrypsim.protocols import protocol_source
from antitrypsim.runs.folder import read_run

pytestmark = pytest.mark.contract


DOCS = Path(__file__).parents[2] / "docs" / "reference" / "cli.md"
RUN = [sys.executable, "-c", "from antitrypsim.cli.main import run; run()"]
SMALL = ["--participants", "20", "--quiet"]
# A second, where RAPID takes five: for what does not hang on the protocol.
QUICK = ["run", str(Path(__file__).with_name("small.yaml")), "--quiet"]
PERSON = ["patient", "--age", "50", "--sex", "male", "--years", "2", "--people", "8", "--quiet"]


@pytest.fixture
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


def call(capsys, *arguments):
    code = main([str(a) for a in arguments])
    told = capsys.readouterr()
    return code, told.out, told.err


def fails(capsys, code, said, *arguments):
    found, out, err = call(capsys, *arguments)
    assert found == code, err
    assert out == ""
    assert said in err
    assert err.count("\n") == 1
    assert "Traceback" not in err


def test_run_tells_writes_and_says_where(here, capsys):
    code, out, err = call(capsys, "run", "rapid", *SMALL, "--json", "rows.json")
    assert code == 0
    assert err == ""
    for words in (
        "For research; not for the care of an individual.", "agreement with them proves nothing",
        "AAT 60 mg/kg weekly", "95 % interval", "p = 0.06", "registered primary", "recalled",
        "seen", "measured", "fitted", "assumed", "left early", "died",
        "Run folder: runs/rapid-1-20",
    ):  # fmt: skip
        assert words in " ".join(out.split()), words
    folder = here / "runs" / "rapid-1-20"
    assert read_run(folder).manifest["participants"] == 20
    assert (folder / "report.html").read_text("utf-8").lstrip().lower().startswith("<!doctype html")
    assert (here / "rows.json").read_bytes() == (folder / "results.json").read_bytes()
    rows = json.loads((here / "rows.json").read_text("utf-8"))
    assert {"arm", "endpoint", "visit", "n", "estimate", "se", "lower", "upper"} <= set(rows[0])
    assert any("p" in row for row in rows)


def test_the_same_seed_gives_the_same_bytes_on_any_threads(here, capsys):
    for name, threads in (("one", 1), ("two", 2)):
        assert call(capsys, *QUICK, "--threads", threads, "--out", name)[0] == 0
    one, two = ((here / name / "results.json").read_bytes() for name in ("one", "two"))
    assert one == two
    assert call(capsys, *QUICK, "--seed", "9", "--out", "three")[0] == 0
    assert (here / "three" / "results.json").read_bytes() != one


def test_a_default_folder_is_never_written_over(here, capsys):
    for _ in range(2):
        assert call(capsys, *QUICK)[0] == 0
    assert sorted(p.name for p in (here / "runs").iterdir()) == [
        "small-1-6", "small-1-6-2",
    ]  # fmt: skip


def test_a_protocol_file_runs_and_force_replaces(here, capsys):
    assert call(capsys, *QUICK, "--out", "first")[0] == 0
    again = ("run", "first/protocol.yaml", "--quiet", "--out", "first")
    fails(capsys, 2, "holds a run already; choose another --out, or add --force", *again)
    assert call(capsys, *again, "--force")[0] == 0


@pytest.mark.parametrize(
    ("said", "arguments"),
    [
        ("no protocol 'rapids'; did you mean 'rapid'?\n", ("run", "rapids")),
        ("no protocol ''; there is aat-fc", ("run", "")),
        ("no protocol ''; there is aat-fc", ("protocol", "show", "")),
        ("a...'; there is aat-fc", ("run", "a" * 5000)),
        ("file name too long", ("run", "rapid", "--json", "a" * 300)),
        ("name the same file", ("patient", "--json", "one", "--html", "./one")),
        ("holds other files", ("run", "rapid", "--out", "new/../full")),
        ("nothere.yaml: the file cannot be read: no such file", ("run", "nothere.yaml")),
        ("the file cannot be read: is a directory", ("run", ".")),
        ("0 participants cannot be", ("run", "rapid", "--participants", "0")),
        ("-1 participants cannot be", ("run", "rapid", "--participants", "-1")),
        ("1,000,000,000 participants cannot be", ("run", "rapid", "--participants", "1000000000")),
        ("1 participant is too few", ("run", "rapid", "--participants", "1")),
        ("there is no folder 'missing'", ("run", "rapid", "--json", "missing/rows.json")),
        ("this is a folder; name a file in it", ("run", "rapid", "--json", ".")),
        ("this is a file, not a folder", ("run", "rapid", "--out", "taken.txt")),
        ("holds other files", ("run", "rapid", "--out", "full")),
        ("holds other files", ("run", "rapid", "--out", "full", "--force")),
        ("name of the run folder", ("run", "rapid", "--out", "")),
        ("missing argument 'PROTOCOL'; see 'antitrypsim run --help'", ("run",)),
        ("no such option: --particpants", ("run", "rapid", "--particpants", "3")),
        ("invalid value for '--participants'", ("run", "rapid", "--participants", "ten")),
        ("--tolerance", ("run", "rapid", "--tolerance", "7")),
        ("--threads", ("run", "rapid", "--threads", "0")),
        ("no such command 'rnu'", ("rnu",)),
        ("broken.yaml:2: 'titel'", ("run", "broken.yaml")),
        ("broken.yaml:2: 'titel'", ("protocol", "check", "broken.yaml")),
        ("no module 'livr'; did you mean 'liver'", ("explain", "livr")),
        ("no module ''; there is", ("explain", "")),
        ("no module 'livr'; did you mean 'liver'", ("explain", "livr", "--latex")),
        ("no module 'livr'; did you mean 'liver'", ("explain", "livr", "--diagram")),
        ("ask for one at a time", ("explain", "--latex", "--diagram")),
        ("leave out 'liver'", ("explain", "liver", "--chain", "lung.density", "lung.density")),
        ("no start 'augmentation'", ("explain", "--chain", "augmentation", "lung.density")),
        ("no fact, claim or number holds 'BIO-B99'; did you mean", ("evidence", "BIO-B99")),
        ("no fact, claim or number holds 'xyzzy plugh'", ("evidence", "xyzzy", "plugh")),
        ("target 'TGT-99' is unknown", ("validate", "--only", "TGT-99")),
        ("3 people are too few", ("validate", "--people", "3")),
        ("there is no folder 'missing'", ("validate", "--json", "missing/rows.json")),
        ("does not say how often", ("patient", "--therapy", "augmentation:60mg/kg")),
        ("no genotype 'QQ'", ("patient", "--genotype", "QQ")),
        ("a height of 1.75 cm cannot be", ("patient", "--height", "1.75")),
        ("a quit age is for ex-smokers", ("patient", "--quit-age", "40")),
        ("there is no folder 'missing'", ("patient", "--html", "missing/page.html")),
        ("0 people cannot be met", ("patient", "--people", "0")),
    ],
)
def test_bad_input_is_one_sentence_and_nothing_is_written(here, capsys, said, arguments):
    (here / "taken.txt").write_text("")
    (here / "full").mkdir()
    (here / "full" / "thesis.docx").write_text("")
    (here / "broken.yaml").write_text("antitrypsim: 1\ntitel: x\n")
    before = sorted(here.rglob("*"))
    fails(capsys, 2, said, *arguments)
    assert sorted(here.rglob("*")) == before


def full_disk(*_, **__):
    raise OSError(errno.ENOSPC, "No space left on device")


@pytest.mark.parametrize("broken", ["pyarrow.parquet.write_table", "os.rename", "os.fsync"])
def test_a_full_disk_is_one_sentence_and_leaves_nothing(here, capsys, monkeypatch, broken):
    import pyarrow.parquet  # noqa: F401

    monkeypatch.setattr(broken, full_disk)
    fails(capsys, 1, "the disk is full", *QUICK)
    assert list(here.iterdir()) == []


def test_a_full_disk_for_the_json_says_that_the_run_is_there(here, capsys, monkeypatch):
    monkeypatch.setattr("antitrypsim.foundations.files.tempfile.mkstemp", full_disk)
    arguments = (*QUICK, "--out", "mine", "--json", "rows.json")
    fails(capsys, 1, "the disk is full", *arguments)
    read_run(here / "mine")
    assert [p.name for p in here.iterdir()] == ["mine"]


def test_what_fails_after_the_run_is_exit_code_1(here, capsys, monkeypatch):
    def forbidden(*_, **__):
        raise PermissionError(errno.EACCES, "Permission denied")

    monkeypatch.setattr("antitrypsim.foundations.files.tempfile.mkstemp", forbidden)
    arguments = (*QUICK, "--out", "mine", "--json", "rows.json")
    fails(capsys, 1, "the run folder mine is complete", *arguments)


def test_no_permission_is_said_before_the_run(here, capsys, monkeypatch):
    def forbidden(*_, **__):
        raise PermissionError(errno.EACCES, "Permission denied")

    monkeypatch.setattr("tempfile.mkdtemp", forbidden)
    monkeypatch.setattr("antitrypsim.experiments.virtual_trial.run_trial", None)
    fails(capsys, 2, "no permission to write here", *QUICK)
    assert list(here.iterdir()) == []


def test_an_interruption_is_one_sentence_and_leaves_nothing(here, capsys, monkeypatch):
    def stop(*_, **__):
        raise KeyboardInterrupt

    monkeypatch.setattr("antitrypsim.trials.conduct.analyse_all", stop)
    fails(capsys, 130, "stopped; nothing was written", *QUICK)
    assert list(here.iterdir()) == []


def test_an_interruption_after_the_writing_says_what_is_there(here, capsys, monkeypatch):
    def stop(*_, **__):
        raise KeyboardInterrupt

    monkeypatch.setattr("antitrypsim.foundations.files.write_file", stop)
    arguments = (*QUICK, "--out", "mine", "--json", "rows.json")
    fails(capsys, 130, "stopped; the run folder mine is complete", *arguments)
    read_run(here / "mine")


def test_a_primary_analysis_that_cannot_be_done_is_exit_code_1_and_all_is_kept(here, capsys):
    """Two people cannot give two slopes: everything else of the run is there."""
    code, out, err = call(
        capsys, "run", "rapid", "--participants", "2", "--seed", "2", "--quiet", "--out", "mine",
        "--json", "rows.json",
    )  # fmt: skip
    assert code == 1
    *warnings, last = err.splitlines()
    assert last.startswith("antitrypsim: the primary analysis 'density-slope' could not be done: ")
    assert last.endswith("; the run folder mine is complete")
    assert any("2 participants are too few for the analyses 'density-slope'" in w for w in warnings)
    assert "; the secondary analysis 'sgrq-change' could not be done: " in last
    assert not any("could not be done" in warning for warning in warnings)
    assert "could not be done" in out
    assert "Run folder: mine" in out
    found = read_run(here / "mine")
    assert (here / "rows.json").read_bytes() == (here / "mine" / "results.json").read_bytes()
    (row,) = found.results[found.results["plan"] == "density-slope"].to_dict("records")
    assert row["failed"] in last
    assert row["primary"]
    assert row["failed"] in (here / "mine" / "report.html").read_text("utf-8").replace("&#39;", "'")


def test_a_secondary_analysis_that_cannot_be_done_is_exit_code_1_and_all_is_kept(here, capsys):
    """Nobody dies in so small a trial, so that there is no hazard ratio; the slopes are there."""
    deaths = "\n    - {id: deaths, endpoint: death, analysis: cox, compare: [active, placebo]}"
    text = protocol_source("rapid")
    assert "  secondary:" in text
    (here / "mine.yaml").write_text(text.replace("  secondary:", f"  secondary:{deaths}", 1))
    code, out, err = call(
        capsys, "run", "mine.yaml", "--participants", "12", "--quiet", "--out", "mine",
        "--json", "rows.json",
    )  # fmt: skip
    assert code == 1
    last = err.splitlines()[-1]
    assert last.startswith("antitrypsim: the secondary analysis 'deaths' could not be done: ")
    assert "the primary analysis" not in last
    assert last.endswith("; the run folder mine is complete")
    assert "could not be done" in out
    found = read_run(here / "mine").results
    assert set(found.loc[found["failed"].notna(), "plan"]) == {"deaths"}
    assert (here / "mine" / "report.html").exists()


def test_an_arm_that_all_leave_is_drawn_and_told(here, capsys):
    text = protocol_source("rapid").replace("dropout: {yearly: 0.08}", "dropout: {yearly: 0.99}")
    (here / "mine.yaml").write_text(text)
    assert "0.99" in text
    code, out, err = call(capsys, "run", "mine.yaml", "--participants", "8", "--quiet")
    assert code == 1
    assert "something broke" not in err
    assert "at the stated dropout" in err
    assert "left early" in out


def test_a_failure_moves_no_terminal(here, capsys):
    fails(capsys, 2, "a\\x1b[2J", "run", "a\x1b[2J.yaml")


def test_the_unexpected_is_one_sentence_unless_debugging(here, capsys, monkeypatch):
    def broken(*_, **__):
        raise ZeroDivisionError("division by zero")

    monkeypatch.setattr("antitrypsim.trials.conduct.analyse_all", broken)
    monkeypatch.delenv("ANTITRYPSIM_DEBUG", raising=False)
    said = "something broke that should not (ZeroDivisionError: division by zero); please report it"
    fails(capsys, 1, said, *QUICK)
    monkeypatch.setenv("ANTITRYPSIM_DEBUG", "1")
    with pytest.raises(ZeroDivisionError):
        main(QUICK)


def test_protocols_are_listed_checked_and_described(here, capsys):
    code, out, _ = call(capsys, "protocols")
    assert code == 0
    for id in ("rapid", "rapid-extension", "natural-history", "silencing"):
        assert re.search(rf"^{id} +\S", out, flags=re.M)
    code, out, _ = call(capsys, "protocol", "check", "rapid")
    assert code == 0
    assert "It can be run: 180 participants (active 93, placebo 87)" in out
    assert "agreement with them proves nothing" in " ".join(out.split())
    assert "recalled" in out
    code, out, _ = call(capsys, "protocol", "show", "rapid")
    assert code == 0
    (here / "mine.yaml").write_text(out)
    assert call(capsys, "protocol", "show", "mine.yaml")[1] == out
    assert call(capsys, "protocol", "check", "mine.yaml")[0] == 0
    code, out, _ = call(capsys, "protocol", "schema")
    assert code == 0
    assert "population" in json.loads(out)["properties"]


def test_patient_tells_draws_and_writes(here, capsys):
    code, out, err = call(
        capsys, *PERSON, "--therapy", "augmentation:60mg/kg/week",
        "--json", "course.json", "--html", "course.html",
    )  # fmt: skip
    assert (code, err) == (0, "")
    for words in ("male, 50 years", "nobody was altered", "FEV1, L (median of those alive)",
                  "Lung density, g/L", "with therapy", "Written: course.html"):  # fmt: skip
        assert words in " ".join(out.split()), words
    assert "\x1b" not in out
    found = json.loads((here / "course.json").read_text("utf-8"))
    assert found["people"] == 8
    assert found["notices"] == ["For research; not for the care of an individual."]
    assert "<html" in (here / "course.html").read_text("utf-8")
    code, out, _ = call(capsys, *PERSON, "--smoking", "ex", "--quit-age", "40", "--no-plot")
    assert code == 0
    assert "quit at 40" in out
    assert "median of those alive)" not in out


def test_explain_says_all_in_four_ways(here, capsys):
    assert "liver: hepatocytes" in call(capsys, "explain")[1]
    one = call(capsys, "explain", "silencing")[1]
    assert "Acts on" in one
    assert "liver: hepatocytes" not in one
    assert r"\begin{align}" in call(capsys, "explain", "lung", "--latex")[1]
    assert call(capsys, "explain", "--latex")[1].count(r"\begin{align}") > 5
    assert call(capsys, "explain", "--diagram")[1].startswith("flowchart")
    assert call(capsys, "explain", "lung", "--diagram")[1].startswith("flowchart")
    chain = call(capsys, "explain", "--chain", "augmentation/intravenous", "lung.density")[1]
    assert "-> lung.density" in chain
    assert "The weakest of these parameters is" in chain


def test_evidence_is_found_by_words_and_by_id(here, capsys):
    code, out, _ = call(capsys, "evidence")
    assert code == 0
    assert "facts:" in out
    assert "liver.polymerisation" in out
    assert "BIO-B40" in call(capsys, "evidence", "desmosine", "plasma")[1]
    fact = call(capsys, "evidence", "bio-b27")[1]
    assert "recalled" in fact
    assert "Chapman 2015" in fact
    parameter = call(capsys, "evidence", "lung.association")[1]
    for words in ("value", "unit", "between patients", "uncertainty", "grade", "rests on"):
        assert re.search(rf"^{words} ", parameter, flags=re.M), words
    fixed = call(capsys, "evidence", "therapies.viability")[1]
    assert re.search(r"^fixed number +therapies.viability$", fixed, flags=re.M)
    assert "uncertainty" not in fixed
    assert "adults weigh no more" in call(capsys, "evidence", "populations.weight_most")[1]
    rests = call(capsys, "evidence", "CELL-B53")[1].partition("Numbers that rest on it:")[2]
    assert "msc.clots = " in rests
    assert "harms.rich_clotting = 3" in rests
    assert "verdict" in call(capsys, "evidence", "CLAIM-02")[1]
    assert "more; use more words, or --all" in call(capsys, "evidence", "a")[1]
    assert "more; use more words" not in call(capsys, "evidence", "a", "--all")[1]


def test_validate_prints_known_shortfalls_first_and_writes_rows(here, capsys):
    arguments = (
        "validate",
        "--only",
        "TGT-02",
        "--people",
        "40",
        "--json",
        "rows.json",
        "--html",
        "rows.html",
        "--quiet",
    )
    code, out, _ = call(capsys, *arguments)
    assert code in (0, 1)
    assert out.index("Known shortfalls") < out.index("TGT-02  ")
    (row,) = json.loads((here / "rows.json").read_text("utf-8"))
    assert {"id", "quantity", "simulated", "published", "accept", "passed", "role"} <= set(row)
    assert row["id"] == "TGT-02"
    assert "antigenic median µM" in out
    assert "functional mean µM" in (here / "rows.html").read_text("utf-8")


def test_validate_fails_on_what_is_not_listed(here, capsys, monkeypatch):
    from antitrypsim.calibration import validate as room
    from antitrypsim.calibration.statistic import Statistic
    from antitrypsim.calibration.target import Study

    labels = ("stiffness ICC", "plasma desmosine CV %", "urine desmosine CV %")
    off = {"TGT-30": Study("TGT-30", lambda scene: [Statistic(label, 9.0) for label in labels])}
    monkeypatch.setattr(room, "studies", lambda: off)
    monkeypatch.setattr(room, "known_shortfalls", dict)
    arguments = ("validate", "--json", "rows.json", "--quiet")
    code, out, _ = call(capsys, *arguments)
    assert code == 1
    assert "Falling short and not listed: TGT-30." in out
    bounds = json.loads((here / "rows.json").read_text("utf-8"))[0]["bounds"]
    assert bounds["stiffness ICC"] == [0.97, 0.99]
    monkeypatch.setattr(room, "known_shortfalls", lambda: {"TGT-30": "it is hard"})
    code, out, _ = call(capsys, *arguments)
    assert code == 0
    assert "Known shortfalls (1)" in out
    assert "- TGT-30: it is hard" in out


def test_version_and_help(here, capsys):
    code, out, _ = call(capsys, "--version")
    assert (code, out.split()[0]) == (0, "antitrypsim")
    for arguments in ((), ("--help",), ("-h",)):
        code, out, _ = call(capsys, *arguments)
        assert code == 0
        assert "not for the care of an individual" in out


def test_the_page_says_every_command_and_option():
    page = DOCS.read_text("utf-8")
    group = typer.main.get_command(app)

    def commands(one, path):
        for name, command in getattr(one, "commands", {}).items():
            yield " ".join([*path, name]), command
            yield from commands(command, [*path, name])

    for path, command in commands(group, ["antitrypsim"]):
        if not getattr(command, "commands", None):
            assert path in page, path
        for parameter in command.params:
            for option in parameter.opts if parameter.param_type_name == "option" else ():
                assert option in page or option in ("--help", "-h"), (path, option)


def entry(*arguments, **options):
    return subprocess.run(
        [*RUN, *arguments], capture_output=True, text=True, check=False, timeout=120, **options
    )


def test_the_entry_point_leaves_with_the_code(tmp_path):
    assert entry("--version", cwd=tmp_path).returncode == 0
    done = entry("run", "rapids", cwd=tmp_path)
    assert done.returncode == 2
    assert done.stderr.startswith("antitrypsim: no protocol 'rapids'; did you mean 'rapid'?")
    assert done.stderr.count("\n") == 1


def test_help_imports_nothing_heavy(tmp_path):
    code = (
        "import sys\n"
        "from antitrypsim.cli.main import main\n"
        "main(['run', '--help'])\n"
        "heavy = {'numpy', 'sympy', 'pandas', 'scipy', 'pyarrow', 'llvmlite', 'matplotlib'}\n"
        "print('heavy', sorted(heavy & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "heavy []"


def test_a_closed_pipe_is_quiet(tmp_path):
    reader, writer = os.pipe()
    os.close(reader)
    process = subprocess.Popen(
        [*RUN, "protocol", "schema"], cwd=tmp_path, stdout=writer, stderr=subprocess.PIPE, text=True
    )
    os.close(writer)
    _, err = process.communicate(timeout=60)
    assert err == ""
    assert process.returncode == 1


@pytest.mark.skipif(os.name == "nt", reason="descriptors are POSIX's")
def test_a_closed_standard_output_is_no_failure(tmp_path):
    done = entry("protocols", cwd=tmp_path, preexec_fn=lambda: os.close(1))
    assert (done.returncode, done.stderr) == (0, "")


def test_libraries_say_nothing_of_a_home_that_cannot_be_written_to(tmp_path):
    (tmp_path / "home").write_text("")
    hidden = {key: text for key, text in os.environ.items() if not key.startswith(("XDG", "MPL"))}
    done = entry(*QUICK, cwd=tmp_path, env={**hidden, "HOME": str(tmp_path / "home")})
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
def test_a_full_standard_output_is_one_sentence(tmp_path):
    with Path("/dev/full").open("w", encoding="utf-8") as full:
        done = subprocess.run(
            [*RUN, "protocol", "schema"],
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
        )
    assert done.returncode == 1
    assert done.stderr == "antitrypsim: the disk is full; free some space\n"


def test_a_plain_terminal_is_no_obstacle(tmp_path):
    done = entry("explain", "lung", cwd=tmp_path, env={**os.environ, "PYTHONIOENCODING": "ascii"})
    assert done.returncode == 0


@pytest.mark.skipif(os.name == "nt", reason="signals are POSIX's")
@pytest.mark.parametrize("sent", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_stops_a_run_and_leaves_nothing(tmp_path, sent):
    # On a terminal progress is shown at once, so that nobody waits for longer than the start takes.
    terminal, stderr = os.openpty()
    process = subprocess.Popen(
        [*RUN, "run", "rapid", "--participants", "20000"], cwd=tmp_path, text=True,
        stdout=subprocess.PIPE, stderr=stderr, env={**os.environ, "TERM": "xterm"},
    )  # fmt: skip
    os.close(stderr)
    told = os.read(terminal, 1)
    process.send_signal(sent)
    while True:
        try:
            more = os.read(terminal, 4096)
        except OSError:  # what Linux says at the end
            break
        if not more:
            break
        told += more
    out, _ = process.communicate(timeout=60)
    assert process.returncode == 130
    assert out == ""
    assert told.decode().endswith("antitrypsim: stopped; nothing was written\r\n")
    assert "Traceback" not in told.decode()
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("count", [0, -3, 1])
def test_a_trial_that_cannot_be_is_refused_without_warnings(count, capsys, here):
    code, _, err = call(capsys, "run", "rapid", "--participants", count)
    assert (code, err.count("\n")) == (2, 1)
    assert f"{count} participant" in err


def test_a_trial_needs_no_statistics_of_others_but_what_its_analyses_use(tmp_path):
    """scipy.stats and statsmodels take longer to import than a small trial to run."""
    code = (
        "import sys; from antitrypsim.cli.main import main; "
        f"main(['run', 'rapid', '--out', {str(tmp_path / 'run')!r}, *{SMALL}]); "
        "print(sorted({'scipy.stats', 'statsmodels', 'xarray'} & set(sys.modules)))"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.splitlines()[-1] == "[]"
