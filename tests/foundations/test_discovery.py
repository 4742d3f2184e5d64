import sys

import pytest

from antitrypsim.foundations.discovery import REQUIRED, load_module, module_folders
from antitrypsim.foundations.errors import ModelError, UnitError

pytestmark = pytest.mark.contract


def make(parent, name, files=REQUIRED, code="MODULE = 1\n"):
    folder = parent / name
    folder.mkdir()
    for file in files:
        (folder / file).write_text(code if file == "module.py" else "")
    return folder


def test_folders_come_by_name(tmp_path):
    for name in ("b", "a", "_private", ".hidden", "skipped"):
        make(tmp_path, name)
    (tmp_path / "file.txt").write_text("")
    (tmp_path / "nothing_in_it").mkdir()
    found = module_folders(tmp_path, skip=("skipped",))
    assert [folder.name for folder in found] == ["a", "b"]


@pytest.mark.parametrize("missing", REQUIRED)
def test_an_incomplete_folder_names_what_is_missing(tmp_path, missing):
    folder = make(tmp_path, "half", [f for f in REQUIRED if f != missing])
    for find in (lambda: module_folders(tmp_path), lambda: load_module(folder)):
        with pytest.raises(ModelError, match=f"half: the module folder lacks {missing}$"):
            find()


def test_a_folder_with_other_code_only_is_incomplete(tmp_path):
    make(tmp_path, "stray", ["helper.py"])
    with pytest.raises(ModelError, match=r"lacks module.py, parameters.toml, README.md"):
        module_folders(tmp_path)


def test_a_folder_that_is_not_there(tmp_path):
    with pytest.raises(ModelError, match="no such module folder"):
        load_module(tmp_path / "nowhere")


def test_loading_twice_gives_one_module(tmp_path):
    folder = make(tmp_path, "discovery_once")
    assert load_module(folder) is load_module(folder)


def test_folders_of_one_name_in_two_places_stay_apart(tmp_path):
    for place, value in (("x", 1), ("y", 2)):
        (tmp_path / place).mkdir()
        folder = make(tmp_path / place, "discovery_twin", code=f"MODULE = {value}\n")
        assert value == load_module(folder).MODULE


def test_module_py_without_a_module(tmp_path):
    folder = make(tmp_path, "discovery_nameless", code="OTHER = 1\n")
    with pytest.raises(ModelError, match="names no MODULE"):
        load_module(folder)


def test_module_py_that_breaks_is_told_each_time(tmp_path):
    folder = make(tmp_path, "discovery_broken", code="MODULE = 1\nMODULE = MODUL\n")
    for _ in range(2):
        with pytest.raises(ModelError, match="cannot be imported: NameError"):
            load_module(folder)
    assert "antitrypsim_external.discovery_broken" not in sys.modules


def test_an_error_of_the_house_comes_through(tmp_path):
    code = "from antitrypsim.foundations.units import parse_unit\nMODULE = parse_unit('mgg')\n"
    with pytest.raises(UnitError, match="mgg"):
        load_module(make(tmp_path, "discovery_unit", code=code))
