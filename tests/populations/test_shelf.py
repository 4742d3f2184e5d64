"""The library of lives on disk: its parts, and what becomes of one that is damaged, foreign or half."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys
import time
from dataclasses import replace

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from antitrypsim.cli.main import main
from antitrypsim.foundations.errors import Remade
from antitrypsim.foundations.parquet import parquet
from antitrypsim.populations.eligibility import every_output_judged
from antitrypsim.populations.lives_read import Kind
from antitrypsim.populations.shelf import PART, Damaged, Shelf, parts_of
from antitrypsim.populations.spec import ELIGIBILITY
from antitrypsim.uncertainty.draws import ParameterSet

pytestmark = pytest.mark.law

NEVER, EX = Kind("ZZ", "female", "never"), Kind("MZ", "male", "ex")
OUTPUTS = ("lung.fev1_share", "liver.fibrosis_stage")


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """A cache with two parts of one kind and one of another."""
    cache = tmp_path_factory.mktemp("made")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("ANTITRYPSIM_CACHE", str(cache))
        for kind, number in ((NEVER, 0), (NEVER, 1), (EX, 0)):
            assert Shelf().make(kind, number)
    return cache


@pytest.fixture
def shelf(made, tmp_path, monkeypatch):
    """A library of its own with these parts."""
    shutil.copytree(made, tmp_path / "cache")
    monkeypatch.setenv("ANTITRYPSIM_CACHE", str(tmp_path / "cache"))
    return Shelf()


def test_a_part_is_an_ordinary_table_of_whole_lives(shelf):
    table = pq.read_table(shelf.file(NEVER, 1))
    assert table.num_rows == PART
    assert set(every_output_judged()) < set(table.column_names)
    assert np.all(np.diff(table.column("ID").to_numpy()) == 1)
    judged = {output for output, _, _ in ELIGIBILITY.values() if not output.startswith("person.")}
    assert judged - {"age"} <= set(every_output_judged())


def test_growing_adds_parts_and_changes_none(shelf, tmp_path, monkeypatch):
    before = {each: shelf.file(*each).read_bytes() for each in parts_of(shelf)}
    assert not shelf.make(NEVER, 0)
    assert shelf.make(NEVER, 2)
    after = {each: shelf.file(*each).read_bytes() for each in parts_of(shelf)}
    assert set(after) == {*before, (NEVER, 2)}
    assert {each: after[each] for each in before} == before
    # Whatever other parts there are, and in whichever order they are made.
    monkeypatch.setenv("ANTITRYPSIM_CACHE", str(tmp_path / "alone"))
    alone = Shelf()
    assert alone.make(NEVER, 2)
    assert alone.file(NEVER, 2).read_bytes() == after[NEVER, 2]


def test_what_is_read_is_what_was_lived(shelf):
    read = shelf.part(NEVER, 1, OUTPUTS)
    lived = shelf._live(NEVER, 1)
    assert shelf.remade == []
    for output in OUTPUTS:
        assert np.array_equal(read.now[output], lived.now[output], equal_nan=True)
    for name in ("ids", "offset", "symptoms", "failed"):
        assert np.array_equal(getattr(read, name), getattr(lived, name))
    for name in ("male", "height", "weight", "alleles"):
        assert np.array_equal(getattr(read.who, name), getattr(lived.who, name))
    assert all(map(np.array_equal, vars(read.ill).values(), vars(lived.ill).values()))
    assert all(map(np.array_equal, vars(read.who.smoked).values(), vars(lived.who.smoked).values()))


def flipped(file):
    data = bytearray(file.read_bytes())
    data[len(data) // 2] ^= 1
    file.write_bytes(data)


def cut(file):
    file.write_bytes(file.read_bytes()[:-1000])


def empty(file):
    file.write_bytes(b"")


def of_others(file):
    pq.write_table(pa.table({"ID": [1, 2, 3]}), file)


@pytest.mark.parametrize("harm", [flipped, cut, empty, of_others])
def test_a_damaged_part_is_named_and_made_anew(shelf, harm):
    file = shelf.file(NEVER, 0)
    whole = file.read_bytes()
    harm(file)
    assert shelf.wrong(NEVER, 0, 1) == "not as it was written"
    with pytest.raises(Damaged):
        shelf.read(NEVER, 0, every_output_judged())
    with pytest.warns(Remade, match=f"{re.escape(str(file))} was not as it was written"):
        shelf.part(NEVER, 0, every_output_judged())
    assert shelf.remade == ["ZZ-female-never/part-00000.parquet"]
    assert file.read_bytes() == whole


@pytest.mark.parametrize("theirs", [(NEVER, 1), (EX, 0)])
def test_a_part_of_another_place_is_not_taken(shelf, theirs):
    whole = shelf.file(NEVER, 0).read_bytes()
    shutil.copy(shelf.file(*theirs), shelf.file(NEVER, 0))
    assert np.all(
        shelf.part(NEVER, 0, OUTPUTS).ids == np.arange(PART) + shelf.part(NEVER, 0, []).ids[0]
    )
    assert shelf.remade == ["ZZ-female-never/part-00000.parquet"]
    assert shelf.file(NEVER, 0).read_bytes() == whole


def test_a_part_of_another_library_is_not_taken(shelf):
    other = Shelf(ParameterSet(values={"lung.decline": 1.0}))
    assert other.key != shelf.key
    assert other.file(NEVER, 0) != shelf.file(NEVER, 0)
    other.file(NEVER, 0).parent.mkdir(parents=True)
    shutil.copy(shelf.file(NEVER, 0), other.file(NEVER, 0))
    with pytest.raises(Damaged):
        other.read(NEVER, 0, OUTPUTS)


def test_lives_that_nobody_lives_are_found_though_their_hashes_fit(shelf):
    assert shelf.wrong(EX, 0, 3) == ""
    lives = shelf.read(EX, 0, every_output_judged())
    changed = lives.now["lung.fev1"].copy()
    changed[1, 5] += 0.01
    lives = replace(lives, now={**lives.now, "lung.fev1": changed})
    shelf.file(EX, 0).write_bytes(parquet(shelf._table(EX, 0, lives)))
    assert shelf.read(EX, 0, OUTPUTS) is not None
    assert "another 'lung.fev1'" in shelf.wrong(EX, 0, 3)
    assert shelf.wrong(EX, 7, 3) == "not there"


def test_what_cannot_be_kept_is_lived_all_the_same(shelf, monkeypatch, tmp_path):
    kept = shelf.part(NEVER, 0, OUTPUTS)
    blocked = tmp_path / "blocked"
    blocked.mkdir()
    # A file where the folder would be: nobody, not even root, can write below it.
    (blocked / "lives").write_text("", encoding="utf-8")
    monkeypatch.setenv("ANTITRYPSIM_CACHE", str(blocked))
    lived = Shelf().part(NEVER, 0, OUTPUTS)
    assert np.array_equal(lived.now[OUTPUTS[0]], kept.now[OUTPUTS[0]], equal_nan=True)


HIDDEN = """
import sys
import numpy as np
from antitrypsim.cli.main import main
from antitrypsim.populations.lives_read import Kind
from antitrypsim.populations.shelf import Shelf
lives = Shelf().part(Kind("ZZ", "female", "never"), 0, [sys.argv[2]])
np.save(sys.argv[1], lives.now[sys.argv[2]])
for word in (["check"], ["describe"], ["grow", "--lives", "1"], ["make", "rapid", "--lives", "1"]):
    print(word[0], main(["lives", *word, "--quiet"]))
"""
# Who is root is denied nothing, unless without these.
AS_ANYBODY = ["setpriv", "--bounding-set=-dac_override,-dac_read_search"]


@pytest.mark.skipif(os.name != "posix" or not shutil.which("setpriv"), reason="it takes Linux")
@pytest.mark.parametrize("hidden", [".", "lives", "lives/KEY", "lives/KEY/ZZ-female-never"])
def test_lives_that_may_not_be_read_are_lived_and_not_kept(shelf, tmp_path, hidden):
    whole = shelf.part(NEVER, 0, OUTPUTS[:1]).now[OUTPUTS[0]]
    place = shelf.folder.parents[1] / hidden.replace("KEY", shelf.key)
    place.chmod(0)
    done = subprocess.run(
        [*(AS_ANYBODY if os.geteuid() == 0 else []), sys.executable, "-c", HIDDEN,
         str(tmp_path / "lived.npy"), OUTPUTS[0]],
        capture_output=True, text=True,
    )  # fmt: skip
    place.chmod(0o755)
    assert done.returncode == 0, done.stderr
    assert np.array_equal(np.load(tmp_path / "lived.npy"), whole, equal_nan=True)
    codes = dict(
        line.split() for line in done.stdout.splitlines() if line.split()[1:] in (["2"], ["0"])
    )
    assert codes == {"check": "2", "describe": "2", "grow": "2", "make": "2"}
    assert "something broke" not in done.stderr
    assert "cannot be read: permission denied" in done.stderr
    assert shelf.numbers(NEVER) == [0, 1]


def test_what_is_no_part_and_no_kind_is_left_aside(shelf):
    home = shelf.file(NEVER, 0).parent
    for name in ("part-x.parquet", "part-7.parquet", "part-000003.parquet"):
        (home / name).write_bytes(b"mine")
    for name in ("a-b-c", "ZZ-female-sometimes"):
        (shelf.folder / name).mkdir()
        (shelf.folder / name / "part-00000.parquet").write_bytes(b"mine")
    assert sorted(shelf.kinds()) == sorted([NEVER, EX])
    assert shelf.numbers(NEVER) == [0, 1]
    assert main(["lives", "check", "--quiet"]) == 0
    assert main(["lives", "describe"]) == 0


MAKES = """
import sys
from antitrypsim.populations.lives_read import Kind
from antitrypsim.populations.shelf import Shelf
shelf = Shelf()
shelf.warm()
print("begun", flush=True)
for number in range(int(sys.argv[1])):
    shelf.make(Kind("ZZ", "female", "never"), number)
"""


def making(count, cache):
    return subprocess.Popen(
        [sys.executable, "-c", MAKES, str(count)],
        stdout=subprocess.PIPE,
        env={**os.environ, "ANTITRYPSIM_CACHE": str(cache)},
    )


def test_two_who_make_it_at_once_do_not_harm_each_other(shelf, tmp_path):
    whole = {each: shelf.file(*each).read_bytes() for each in parts_of(shelf)}
    two = [making(2, tmp_path / "two") for _ in range(2)]
    assert [each.wait() for each in two] == [0, 0]
    found = sorted((tmp_path / "two" / "lives" / shelf.key / "ZZ-female-never").iterdir())
    assert [file.name for file in found] == ["part-00000.parquet", "part-00001.parquet"]
    assert [file.read_bytes() for file in found] == [whole[NEVER, 0], whole[NEVER, 1]]


def test_a_kill_leaves_nothing_half(tmp_path, monkeypatch):
    killed = making(50, tmp_path)
    killed.stdout.readline()
    time.sleep(0.7)
    killed.send_signal(signal.SIGKILL)
    killed.wait()
    monkeypatch.setenv("ANTITRYPSIM_CACHE", str(tmp_path))
    shelf = Shelf()
    there = shelf.numbers(NEVER)
    assert there == list(range(len(there)))
    assert all(shelf.wrong(NEVER, number, 1) == "" for number in there)
    # What lay half written a while ago is swept away; of another who is at work it is not.
    home = shelf.file(NEVER, 0).parent
    home.mkdir(parents=True, exist_ok=True)
    old, young = home / ".part-old.partial", home / ".part-young.partial"
    for half in (old, young):
        half.write_bytes(b"half")
    os.utime(old, (0, 0))
    assert shelf.make(NEVER, len(there))
    assert young.exists()
    assert not old.exists()
