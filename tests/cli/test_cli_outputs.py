"""What a command writes never takes what the user gave, nor what was just found."""

import json
import os
import time

import pytest

from antitrypsim.cli.console import check_outputs, hand_over, now_and_then
from antitrypsim.cli.main import main
from antitrypsim.foundations.errors import AntitrypsimError, InputError
from antitrypsim.foundations.plain import json_text
from antitrypsim.foundations.width import page_width
from antitrypsim.protocols import dump_protocol, load_protocol

pytestmark = pytest.mark.contract


AUGMENTATION = "augmentation@intravenous:60mg/kg/week"
REACH = ["reach", "--therapy", AUGMENTATION]


@pytest.fixture
def given_file(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    file = tmp_path / "mine.yaml"
    file.write_text(dump_protocol(load_protocol("rapid")))
    (tmp_path / "link.yaml").symlink_to(file)
    os.link(file, tmp_path / "twin.yaml")
    return file


@pytest.mark.parametrize("command", ["run", "power", "design", "compare"])
@pytest.mark.parametrize("name", ["mine.yaml", "./mine.yaml", "link.yaml", "twin.yaml"])
def test_the_user_s_own_file_is_not_overwritten(given_file, capsys, command, name):
    before = given_file.read_bytes()
    page = "--json" if command == "run" else "--html"
    assert main([command, "mine.yaml", page, name]) == 2
    assert "this is what you gave to read" in capsys.readouterr().err
    assert given_file.read_bytes() == before


@pytest.mark.parametrize("command", ["compare", "reach"])
def test_the_protocol_whose_people_take_part_is_not_overwritten(given_file, command):
    asked = [command, "--therapy", AUGMENTATION, "--population", "mine.yaml", "--json", "mine.yaml"]
    value = ["--value", "11"] if command == "reach" else []
    assert main([*asked, *value]) == 2


@pytest.mark.parametrize("command", ["power", "design"])
def test_the_protocol_that_a_design_names_is_not_overwritten(given_file, capsys, command):
    said = {"trial_design": 1, "id": "d", "title": "D", "question": "Q?", "protocol": "mine.yaml"}
    (given_file.parent / "design.yaml").write_text(json.dumps(said))
    before = given_file.read_bytes()
    assert main([command, "design.yaml", "--json", "twin.yaml"]) == 2
    assert "this is what you gave to read" in capsys.readouterr().err
    assert given_file.read_bytes() == before


def test_an_output_that_fails_after_the_work_is_no_fault_of_the_input(tmp_path, capsys):
    file = tmp_path / "there" / "x.json"

    def text():
        raise AssertionError("never told")

    with pytest.raises(AntitrypsimError) as problem:
        hand_over(text, (str(file), lambda: "{}"))
    assert problem.value.exit_code == 1


def test_results_are_not_written_into_the_run_folder(given_file, capsys):
    (given_file.parent / "runs").mkdir()
    assert main(["run", "mine.yaml", "--out", "runs", "--json", "runs/x.json"]) == 2
    assert "lies in the run folder" in capsys.readouterr().err


def test_two_outputs_need_two_files_by_any_name(tmp_path):
    (tmp_path / "a").write_text("")
    (tmp_path / "b").symlink_to(tmp_path / "a")
    with pytest.raises(InputError, match="--json and --html name the same file"):
        check_outputs([], json=str(tmp_path / "a"), html=str(tmp_path / "b"))
    check_outputs([], json=os.devnull, html=os.devnull)


@pytest.mark.parametrize("value", ["nan", "inf", "-inf"])
def test_a_value_that_is_no_number_is_refused_before_the_work(tmp_path, capsys, value):
    file = tmp_path / "x.json"
    assert main([*REACH, "--value", value, "--json", str(file)]) == 2
    assert f"'value': '{value}' cannot be" in capsys.readouterr().err
    assert not file.exists()


def test_where_everybody_is_dead_the_answer_is_still_written(tmp_path, capsys):
    data, page = tmp_path / "x.json", tmp_path / "x.html"
    asked = ["compare", "--therapy", AUGMENTATION, "--people", "2", "--years", "30", "--seed", "2",
             "--uncertainty", "0", "--quiet", "--json", str(data), "--html", str(page)]  # fmt: skip
    assert main(asked) == 0
    told = [e for e in json.loads(data.read_text("utf-8"))["effects"] if e["outcome"] == "density"]
    assert [e["effect"] for e in told] == [None]
    assert "Lung density" in capsys.readouterr().out
    assert "<svg" in page.read_text("utf-8")


def test_what_is_no_number_is_null_and_not_a_failure():
    text = json_text({"a": [float("nan"), float("inf"), 1.5], 2: {"b": None}})
    assert json.loads(text) == {"a": [None, None, 1.5], "2": {"b": None}}


def test_a_page_that_fails_takes_neither_data_nor_answer(tmp_path, capsys):
    def broken():
        raise ValueError("a picture")

    data = tmp_path / "x.json"
    with pytest.raises(ValueError, match="a picture"):
        hand_over(lambda: "the answer", (str(data), lambda: "{}"), (str(tmp_path / "p"), broken))
    assert data.read_text("utf-8") == "{}"
    assert "the answer" in capsys.readouterr().out


def test_without_a_terminal_progress_is_told_now_and_then(capsys):
    with now_and_then(every=0.02) as say:
        say("living with therapy, 43 %")
        time.sleep(0.2)
    lines = capsys.readouterr().err.splitlines()
    assert lines
    assert any(line.startswith("antitrypsim: living with therapy, 43 %; ") for line in lines)
    with now_and_then(every=60) as say:
        say("done at once")
    assert capsys.readouterr().err == ""


def test_text_is_as_wide_as_the_terminal_within_bounds(monkeypatch):
    for columns, wide in (("20", 60), ("80", 80), ("110", 110), ("400", 120)):
        monkeypatch.setenv("COLUMNS", columns)
        assert page_width() == wide
    monkeypatch.delenv("COLUMNS")


def test_an_output_in_the_run_folder_is_refused_for_that(tmp_path, capsys):
    folder = tmp_path / "zz"
    code = main(["run", "rapid", "--out", str(folder), "--json", str(folder / "results.json")])
    assert code == 2
    assert "--json lies in the run folder" in capsys.readouterr().err


def test_half_a_participant_is_refused_in_our_words(capsys):
    assert main(["run", "rapid", "--participants", "1.5"]) == 2
    assert "invalid value for '--participants': a whole number is needed" in capsys.readouterr().err


def test_the_command_line_takes_no_more_than_a_protocol(capsys):
    assert main(["run", "rapid", "--participants", "1000001"]) == 2
    assert "between 1 and 1,000,000 can" in capsys.readouterr().err
