"""Which runs there are, what state each is in, and whether a repeat is the same."""

import shutil

import pytest

from antitrypsim.foundations.errors import InputError
from antitrypsim.runs.again import rerun, resume
from antitrypsim.runs.catalogue import catalogue_file, enter, entries, folder_of
from antitrypsim.runs.differing import difference
from antitrypsim.runs.folder import write_run
from antitrypsim.runs.lock import held
from tests.runs.large import bits, run, undisturbed
from tests.shared import trial

pytestmark = pytest.mark.contract


@pytest.fixture(autouse=True)
def own(tmp_path, monkeypatch):
    monkeypatch.setenv("ANTITRYPSIM_RUNS", str(tmp_path / "catalogue"))


@pytest.fixture
def copy(tmp_path):
    return shutil.copytree(undisturbed(), tmp_path / "run")


def test_a_run_is_found_by_its_id_and_its_state_is_the_folder_s(copy):
    assert entries() == []
    assert enter("abc12345", copy, "run small")
    assert enter("abc12345", copy, "run small again")
    (one,) = entries()
    assert (one.id, one.folder, one.command, one.state) == (
        "abc12345", copy, "run small again", "finished"
    )  # fmt: skip
    assert folder_of("abc12345") == folder_of(str(copy)) == copy
    (copy / "manifest.json").unlink()
    assert one.state == "stopped"
    with held(copy, "abc12345"):
        assert one.state == "running"
    shutil.rmtree(copy)
    assert one.state == "gone"
    with pytest.raises(InputError, match="the folder of run 'abc12345' has gone"):
        folder_of("abc12345")
    with pytest.raises(InputError, match="no run 'abc12346'; did you mean 'abc12345'"):
        folder_of("abc12346")


def test_an_entry_that_can_be_no_folder_is_gone_and_hides_no_other(copy):
    import sqlite3

    assert enter("abc12345", copy, "run small")
    assert enter("long", copy.parent / ("x" * 300), "run small")
    assert not enter("bytes", copy.parent / "b\udcff", "run small")
    with sqlite3.connect(catalogue_file()) as file:
        rows = file.execute("select * from runs").fetchall()
        file.execute("drop table runs")
        file.execute("create table runs (id text, folder text, command text, begun text)")
        file.executemany("insert into runs values (?, ?, ?, ?)", rows)
        file.execute("insert into runs values ('none', null, 'run small', '2026-01-01 00:00:00')")
    states = {each.id: each.state for each in entries()}
    assert states == {"abc12345": "finished", "long": "gone", "none": "gone"}
    for id in ("long", "none"):
        with pytest.raises(InputError, match=f"the folder of run '{id}' has gone"):
            folder_of(id)
    with pytest.raises(InputError, match="no run 'y"):
        folder_of("y" * 300)


def test_a_catalogue_that_cannot_be_written_or_read_stops_no_run(tmp_path, monkeypatch, copy):
    monkeypatch.setenv("ANTITRYPSIM_RUNS", str(copy / "results.json"))
    assert not enter("abc12345", copy, "run small")
    monkeypatch.setenv("ANTITRYPSIM_RUNS", str(tmp_path))
    catalogue_file().write_text("this is no catalogue, " * 100)
    assert not enter("abc12345", copy, "run small")
    with pytest.raises(InputError, match=r"runs.sqlite.*cannot be read"):
        entries()


@pytest.mark.law
def test_a_run_in_parts_repeated_is_the_same_and_leaves_nothing(copy):
    before = bits(copy)
    found = rerun(copy)
    assert found.same
    assert found.identity == found.changes == found.only == ()
    assert bits(copy) == before
    assert {f.name for f in copy.parent.iterdir()} <= {"run", "catalogue"}


@pytest.mark.law
def test_a_whole_run_repeated_is_the_same(tmp_path):
    folder = write_run(trial(), tmp_path / "whole")
    found = rerun(folder)
    # The shared trial works no claims, which are rows of their own.
    assert not found.changes
    assert all("backwards" in row for row in found.only)


@pytest.mark.law
def test_two_runs_differ_in_what_they_are_of_and_in_numbers(tmp_path, copy):
    other = run(tmp_path / "other", seed=4).folder
    found = difference(copy, other)
    assert not found.same
    assert found.identity == (("seed", "3", "4"),)
    assert found.changes[0].one != found.changes[0].other
    same = run(tmp_path / "cut", part_size=13).folder
    assert difference(copy, same).same


def test_what_is_no_finished_run_is_not_compared(tmp_path, copy):
    with pytest.raises(InputError, match="this is no run folder"):
        difference(copy, tmp_path)
    with pytest.raises(InputError, match="no run in parts"):
        resume(tmp_path)
    data = bytearray((copy / "visits" / "part-000000000.parquet").read_bytes())
    data[200] ^= 1
    (copy / "visits" / "part-000000000.parquet").write_bytes(data)
    with pytest.raises(InputError, match=r"part-000000000.parquet.*makes it anew"):
        difference(copy, undisturbed())
    assert resume(copy).remade == ("visits/part-000000000.parquet",)
    assert difference(copy, undisturbed()).same
