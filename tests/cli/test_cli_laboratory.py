"""``power`` and ``design`` from end to end, and each failure as one sentence."""

import json

import pytest
from jsonschema import Draft202012Validator

from antitrypsim.cli.main import main
from antitrypsim.laboratory import search as searching
from antitrypsim.laboratory.design_file.load import bundled_designs

pytestmark = pytest.mark.contract


FILE = """\
trial_design: 1
id: mine
title: My own
question: Does it?
protocol: rapid
participants: 40
primary: {id: d, endpoint: density, analysis: bayesian, visit: m24}
library: {people: 40, draws: 2, per_draw: 10}
replicates: 100
"""
SEARCH = "search: {participants: [20, 40, 60]}\n"
SMALL = ["--people", "30", "--draws", "0", "--replicates", "60", "--quiet"]


@pytest.fixture
def file(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    made = tmp_path / "mine.yaml"
    made.write_text(FILE)
    return made


def call(capsys, *arguments):
    code = main([str(a) for a in arguments])
    told = capsys.readouterr()
    return code, told.out, told.err


def test_power_tells_and_writes(file, capsys):
    code, out, err = call(
        capsys, "power", file, "--sizes", "80,40", "--wanted", "0.8", "--quiet",
        "--json", "p.json", "--html", "p.html", "--pdf", "p.pdf",
    )  # fmt: skip
    assert (code, err) == (0, "")
    assert "For research; not for the care of an individual" in out
    assert "With 40 participants, as planned, " in " ".join(out.split())
    assert all(f"Written: p.{kind}" in out for kind in ("json", "html", "pdf"))
    data = json.loads((file.parent / "p.json").read_text("utf-8"))
    assert data["design"] == "mine"
    assert data["sizes"] == [40, 80]
    assert data["wanted"] == 0.8
    assert len(data["assurance"]) == 2
    assert data["replicates"] == 100
    assert (file.parent / "p.html").read_text("utf-8").lstrip().lower().startswith("<!doctype html")
    assert (file.parent / "p.pdf").read_bytes().startswith(b"%PDF")


def test_design_tells_and_writes(file, capsys):
    code, out, err = call(
        capsys, "design", file, "--quiet", "--json", "d.json", "--html", "d.html", "--pdf", "d.pdf"
    )
    assert (code, err) == (0, "")
    assert "Operating characteristics" in out
    assert "over the unknown" in out
    data = json.loads((file.parent / "d.json").read_text("utf-8"))
    assert data["kind"] == "antitrypsim design"
    assert data["typical"]["replicates"] == 100
    assert "<svg" in (file.parent / "d.html").read_text("utf-8")
    assert (file.parent / "d.pdf").read_bytes().startswith(b"%PDF")


def test_a_protocol_is_enough(file, capsys):
    code, out, err = call(capsys, "power", "rapid", "--sizes", "40", *SMALL)
    assert (code, err) == (0, "")
    assert "With 40 participants " in " ".join(out.split())
    assert "assurance" not in out


def test_options_replace_what_the_file_says(file, capsys):
    answers = {}
    for name, more in {
        "file": [], "again": [], "seed": ["--seed", "9"], "threads": ["--threads", "1"],
        "people": ["--people", "30"], "replicates": ["--replicates", "90"],
    }.items():  # fmt: skip
        code, _, err = call(capsys, "power", file, "--sizes", "40,50", "--draws", "0", "--quiet",
                            "--json", "p.json", *more)  # fmt: skip
        assert (code, err) == (0, "")
        answers[name] = (file.parent / "p.json").read_text("utf-8")
    assert answers["file"] == answers["again"] == answers["threads"]
    assert len({answers[n] for n in ("file", "seed", "people", "replicates")}) == 4


def test_fewer_people_than_each_draw_has(file, capsys):
    code, _, err = call(capsys, "power", file, "--sizes", "40", "--people", "20", "--quiet",
                        "--replicates", "20")  # fmt: skip
    assert (code, err) == (0, "")


def test_the_list(capsys):
    code, out, err = call(capsys, "design", "--list")
    assert (code, err) == (0, "")
    lines = out.splitlines()
    assert [line.split()[0] for line in lines] == list(bundled_designs())
    for line, title in zip(lines, bundled_designs().values(), strict=True):
        assert line.endswith(title)


def test_the_schema_is_one_and_takes_the_file(capsys):
    from ruamel.yaml import YAML

    code, out, err = call(capsys, "design", "--schema")
    assert (code, err) == (0, "")
    schema = json.loads(out)
    Draft202012Validator.check_schema(schema)
    told = Draft202012Validator(schema)
    data = YAML(typ="safe").load(FILE + SEARCH)
    assert list(told.iter_errors(data)) == []
    assert list(told.iter_errors({**data, "alpha": 2}))
    assert list(told.iter_errors({**data, "design": {"kind": "paralel"}}))
    assert list(told.iter_errors({**data, "patients": 2}))


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["design"], "name a design file, a bundled design or a protocol; --list lists designs"),
        (["power"], "missing argument 'FILE'"),
        (["design", "single-arm-tem"], "no design or protocol 'single-arm-tem'; did you mean 'single-arm-ten'?"),
        (["power", "rapd"], "no design or protocol 'rapd'; did you mean 'rapid'?"),
        (["power", "none.yaml"], "none.yaml: the file cannot be read"),
        (["power", "FILE", "--json", "one", "--html", "one"], "name the same file; give each its own"),
        (["design", "FILE", "--html", "one", "--pdf", "./one"], "name the same file"),
        (["design", "FILE", "--keep", "one", "--json", "one"], "name the same file"),
        (["design", "FILE", "--keep", "no/such"], "there is no folder 'no'; make it first"),
        (["design", "FILE", "--keep", "."], "this is a folder; name a file in it"),
        (["power", "FILE", "--json", "no/such"], "there is no folder 'no'; make it first"),
        (["power", "FILE", "--sizes", "20,x"], "'20,x' is no list of sizes; write for example 60,120,240"),
        (["power", "FILE", "--sizes", "1,20"], "'sizes[0]': 1 cannot be; 2 to 100,000 participants can"),
        (["power", "FILE", "--wanted", "1"], "a power of 1 cannot be; between 0 and 1 can"),
        (["power", "FILE", "--replicates", "1"], "'replicates': 1 cannot be; 2 to 1,000,000 trials can"),
        (["power", "FILE", "--people", "1", "--draws", "0"], "'library.people': 1 cannot be; 20 to 1,000,000 people can"),
        (["power", "FILE", "--draws", "-1"], "'library.draws': -1 cannot be; 0 to 100,000 draws can"),
        (["power", "FILE", "--draws", "999999"], "'library.draws': 999,999 cannot be; 0 to 100,000 draws can"),
        (["power", "vesicles-escalation", "--sizes", "4"], "4 participants are too few"),
        (["design", "natural-history"], "a design 'parallel' needs two arms or more"),
    ],
)  # fmt: skip
def test_bad_input_is_one_sentence(file, capsys, arguments, said):
    code, out, err = call(capsys, *[str(file) if a == "FILE" else a for a in arguments], "--quiet")
    assert (code, out) == (2, "")
    assert said in err
    assert err.count("\n") == 1
    assert [f.name for f in file.parent.iterdir()] == ["mine.yaml"]


def test_a_size_that_is_none(file, capsys):
    file.write_text(
        FILE + "design: {kind: platform, per_arm: 20, arms: [{arm: active, month: 0}]}\n"
    )
    code, out, err = call(capsys, "power", file, *SMALL)
    assert (code, out) == (2, "")
    assert "the size of a design 'platform' is not one number; use 'antitrypsim design'" in err


def test_an_unknown_option_of_an_analysis(file, capsys):
    file.write_text(FILE.replace("visit: m24}", "visit: m24, options: {priors: 2}}"))
    code, out, err = call(capsys, "design", file, *SMALL)
    assert (code, out) == (2, "")
    assert "the analysis 'bayesian' has no option 'priors'" in err


def test_without_typst_nothing_is_run(file, capsys, monkeypatch):
    import sys

    monkeypatch.setitem(sys.modules, "typst", None)
    code, out, err = call(capsys, "power", file, "--pdf", "p.pdf", "--html", "p.html")
    assert (code, out) == (2, "")
    assert "a PDF needs the extra 'pdf'" in err
    assert [f.name for f in file.parent.iterdir()] == ["mine.yaml"]


def test_a_stopped_search_goes_on(file, capsys, monkeypatch):
    file.write_text(FILE + SEARCH)
    judged, stop = [], [2]
    judge = searching.judge

    def counted(design, *rest):
        if len(judged) == stop[0]:
            raise KeyboardInterrupt
        judged.append(design.participants)
        return judge(design, *rest)

    monkeypatch.setattr(searching, "judge", counted)
    said = ["design", file, "--keep", "kept.jsonl", *SMALL]
    code, out, err = call(capsys, *said, "--json", "d.json")
    assert (code, out) == (130, "")
    assert (
        err == "antitrypsim: stopped; 'kept.jsonl' holds what was tried, and goes on from there\n"
    )
    assert judged == [20, 40]
    assert not (file.parent / "d.json").exists()
    stop[0] = None
    code, out, err = call(capsys, *said, "--json", "d.json")
    assert (code, err) == (0, "")
    assert judged == [20, 40, 60]
    assert "3 designs were tried" in out
    whole = json.loads((file.parent / "d.json").read_text("utf-8"))
    (file.parent / "kept.jsonl").unlink()
    call(capsys, *said, "--json", "e.json")
    assert json.loads((file.parent / "e.json").read_text("utf-8")) == whole
    code, out, err = call(capsys, *said, "--seed", "4")
    assert (code, out) == (2, "")
    assert "the file belongs to another search" in err
    assert "kept.jsonl" in err


def test_a_stopped_search_that_keeps_nothing_says_so(file, capsys, monkeypatch):
    file.write_text(FILE + SEARCH)

    def stopped(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(searching, "judge", stopped)
    for more in ([], ["--keep", "kept.jsonl"]):
        code, out, err = call(capsys, "design", file, *SMALL, *more)
        assert (code, out, err) == (130, "", "antitrypsim: stopped; nothing was written\n")


@pytest.mark.parametrize("command", ["power", "design"])
def test_a_cache_that_cannot_be_written_names_the_variable(command, file, capsys, monkeypatch):
    from antitrypsim.laboratory import library

    # Not even a superuser makes folders there.
    monkeypatch.setenv("ANTITRYPSIM_CACHE", "/proc/antitrypsim")
    monkeypatch.setattr(library, "_live", lambda *_: pytest.fail("somebody lived"))
    code, out, err = call(capsys, command, file, *SMALL)
    assert (code, out, err.count("\n")) == (2, "", 1)
    assert "the cache cannot be written (" in err
    assert "set ANTITRYPSIM_CACHE to a folder that can be" in err


def test_a_dossier_says_what_is_doubtful_and_what_is_changed(file, capsys):
    file.write_text(FILE.replace("replicates", "alpha: 0.01\nreplicates"))
    for command in ("power", "design"):
        code, out, _ = call(capsys, command, file, "--quiet", "--html", "d.html")
        out = " ".join(out.split())
        page = (file.parent / "d.html").read_text("utf-8")
        assert code == 0
        for words in (
            "Look at before believing a result", "What the design changes in the protocol",
            "Two-sided type I error: 0.01; in the protocol 0.05.",
            "each trial of 40 participants is drawn, with replacement, from 40 virtual people",
        ):  # fmt: skip
            assert words in out, command
            assert words in page, command


def test_covariates_of_a_design_are_adjusted_for(file, capsys):
    plan = "primary: {id: d, endpoint: density, analysis: ancova, visit: m24"
    answers = {}
    for name, more in {
        "bare": "}",
        "all": ", covariates: [baseline, sex, age, smoking, fev1, site]}",
    }.items():
        text = FILE.replace(
            "primary: {id: d, endpoint: density, analysis: bayesian, visit: m24}", plan + more
        )
        file.write_text(text + "accrual: {sites: 3}\n")
        code, _, err = call(capsys, "power", file, "--sizes", "40", "--quiet", "--draws", "0",
                            "--json", "p.json")  # fmt: skip
        assert (code, err) == (0, "")
        answers[name] = json.loads((file.parent / "p.json").read_text("utf-8"))["power"]
    assert answers["bare"] != answers["all"]


def test_no_amount_is_told_in_powers_of_ten():
    from antitrypsim.reports.dossiersettings import money

    told = {1712.3: "1,710", 0.0: "0", 99.94: "99.9", 999.6: "1,000", 2.5e6: "2,500,000", 0.25: "0.25",
            -1712.3: "-1,710"}  # fmt: skip
    assert {value: money(value) for value in told} == told


def test_a_year_is_one():
    from antitrypsim.foundations.units import years_words

    assert [years_words(x) for x in (1, 1.0, 2, 0.5)] == [
        "1 year",
        "1 year",
        "2 years",
        "0.5 years",
    ]
