"""Ways to lose or falsify a run, each tried; killing at every moment is in ``test_killed.py``.

After each the folder either has the bits of an undisturbed run or is refused in a sentence that says why.
"""

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest

from antitrypsim.foundations.errors import InputError, RunError
from antitrypsim.foundations.files import hash_of, sealed, unsealed
from antitrypsim.foundations.provenance import content_hash
from antitrypsim.runs.again import rerun, resume
from antitrypsim.runs.differing import difference
from antitrypsim.runs.large_result import read_large
from antitrypsim.runs.lock import LOCK, is_held
from antitrypsim.runs.plan import plan_in
from tests.runs.large import HELD, PEOPLE, SEED, SIZE, bits, run, undisturbed
from tests.runs.test_killed import HOME, begun

pytestmark = pytest.mark.law


@pytest.fixture
def copy(tmp_path):
    return shutil.copytree(undisturbed(), tmp_path / "run")


@pytest.fixture
def stopped(copy):
    """A run of which two parts were done when it was stopped."""
    for name in ("manifest.json", "results.json", "summary.json"):
        (copy / name).unlink()
    lines = [json.loads(line) for line in text(copy / "parts.jsonl").splitlines()]
    kept = [line for line in lines if line["table"] == "lives" and line["first"] < 2 * SIZE]
    write(copy / "parts.jsonl", kept)
    for file in copy.glob("*/*.parquet"):
        if file.relative_to(copy).as_posix() not in {line["file"] for line in kept}:
            file.unlink()
    return copy


def text(file):
    return file.read_text(encoding="utf-8")


def write(file, lines):
    told = "".join(json.dumps(line, sort_keys=True) + "\n" for line in lines)
    file.write_text(told, encoding="utf-8")


def edited(folder, change):
    file = folder / "parts.jsonl"
    lines = [json.loads(line) for line in text(file).splitlines()]
    for line in lines:
        change(line)
    write(file, lines)


def change_values(file, column):
    """Put other values of a column into a part, as whole Parquet."""
    table = pq.read_table(file)
    at = table.column_names.index(column)
    other = pc.add(table.column(at), 10)
    pq.write_table(table.set_column(at, column, other), file, compression="zstd")
    return file


def forge(folder, *files):
    """Make lines, with their seals, and the manifest, with its own, fit changed files."""

    def fit(line):
        for file in files:
            if line["file"] == file.relative_to(folder).as_posix():
                line["sha256"] = hash_of(file)
                del line["seal"]
                line["seal"] = content_hash(line)

    edited(folder, fit)
    manifest = folder / "manifest.json"
    if manifest.exists():
        said = json.loads(text(manifest))
        del said["seal"]
        said["files"] = {name: hash_of(folder / name) for name in said["files"]}
        manifest.write_text(sealed(said), encoding="utf-8")


def other(name, **how):
    folder = Path(HELD.name) / name
    return folder if folder.exists() else run(folder, **how).folder


# 1
def test_a_stopped_run_goes_on_in_another_place_under_the_same_numbers(stopped, tmp_path):
    there = shutil.copytree(stopped, tmp_path / "elsewhere")
    for folder in (stopped, there):
        run(folder)
        assert bits(folder) == bits(undisturbed())


# 2
def test_a_part_of_another_seed_with_its_line_is_not_taken(stopped):
    theirs = other("seed-4", seed=4)
    shutil.copy(theirs / "lives/part-000000014.parquet", stopped / "lives")
    line = next(
        each for each in text(theirs / "parts.jsonl").splitlines(keepends=True)
        if '"lives"' in each and '"first": 14,' in each
    )  # fmt: skip
    with (stopped / "parts.jsonl").open("a", encoding="utf-8") as stream:
        stream.write(line)
    run(stopped)
    assert bits(stopped) == bits(undisturbed())


# 3
def test_a_line_whose_hash_was_made_to_fit_a_changed_part_is_not_believed(stopped):
    theirs = other("seed-4", seed=4)
    file = stopped / "lives/part-000000007.parquet"
    shutil.copy(theirs / "lives/part-000000007.parquet", file)
    import hashlib

    def fit(line):
        if line["first"] == 7:
            line["sha256"] = hashlib.sha256(file.read_bytes()).hexdigest()

    edited(stopped, fit)
    run(stopped)
    assert bits(stopped) == bits(undisturbed())


# 4
def test_a_line_that_tells_less_people_left_than_there_were_is_not_believed(stopped):
    def fewer(line):
        line["told"]["enrolled"]["met"] = 1

    edited(stopped, fewer)
    run(stopped)
    assert bits(stopped) == bits(undisturbed())


# 5
@pytest.mark.parametrize("table", ["../outside", "mine", "lives/../../outside"])
def test_a_line_that_names_a_place_outside_the_run_is_nobody_s(stopped, table):
    outside = stopped.parent / "outside"
    outside.mkdir()
    (outside / "part-000000000.parquet").write_text("mine", encoding="utf-8")
    with (stopped / "parts.jsonl").open("a", encoding="utf-8") as stream:
        said = {"table": table, "first": 0, "count": 7, "sha256": "00", "tree": [], "told": {}}
        stream.write(json.dumps(said) + "\n")
    run(stopped)
    assert text(outside / "part-000000000.parquet") == "mine"
    assert bits(stopped) == bits(undisturbed())


# 6
def test_two_parts_under_each_other_s_names_are_made_anew(copy):
    one, two = (copy / f"visits/part-{first:09d}.parquet" for first in (0, 7))
    one.rename(copy / "aside")
    two.rename(one)
    (copy / "aside").rename(two)
    assert set(run(copy).remade) == {
        "visits/part-000000000.parquet",
        "visits/part-000000007.parquet",
    }
    assert bits(copy) == bits(undisturbed())


# 7
def test_a_part_that_was_renamed_is_made_anew_and_the_other_name_removed(copy):
    (copy / "lives/part-000000007.parquet").rename(copy / "lives/part-000000008.parquet")
    run(copy)
    assert bits(copy) == bits(undisturbed())


# 8
def test_a_file_that_would_be_counted_as_a_part_is_found(copy):
    stray = copy / "visits/part-000000099.parquet"
    shutil.copy(copy / "visits/part-000000000.parquet", stray)
    with pytest.raises(InputError, match=r"part-000000099.parquet.*no part of this run"):
        read_large(copy, check=True)
    run(copy)
    assert bits(copy) == bits(undisturbed())
    # What does not bear the name of a part is not ours to remove.
    mine = copy / "visits/mine.parquet"
    shutil.copy(copy / "visits/part-000000000.parquet", mine)
    with pytest.raises(InputError, match=r"mine.parquet.*no part of this run"):
        run(copy)
    assert mine.exists()


# 9
@pytest.mark.parametrize("name", ["manifest.json", "parts.jsonl", "protocol.yaml", "results.json"])
def test_a_file_that_was_deleted_is_made_anew(copy, name):
    (copy / name).unlink()
    run(copy)
    assert bits(copy) == bits(undisturbed())


# 10
def test_a_manifest_that_was_changed_and_lost_its_seal_is_not_believed(copy):
    file = copy / "manifest.json"
    said = json.loads(text(file))
    del said["seal"]
    said["enrolled"]["met"] = 1
    file.write_text(json.dumps(said), encoding="utf-8")
    with pytest.raises(InputError, match="manifest cannot be read"):
        read_large(copy)
    run(copy)
    assert bits(copy) == bits(undisturbed())


# 11
def test_a_request_that_lost_its_seal_is_refused(stopped):
    file = stopped / "request.json"
    said = json.loads(text(file))
    del said["seal"]
    said["identity"]["seed"] = 4
    file.write_text(json.dumps(said), encoding="utf-8")
    with pytest.raises(InputError, match=r"request.json.*cannot be read"):
        run(stopped, seed=4)


# 12
def test_a_request_sealed_for_another_seed_does_not_take_the_parts_along(stopped):
    file = stopped / "request.json"
    said = unsealed(text(file))
    said["identity"]["seed"] = 4
    file.write_text(sealed(said), encoding="utf-8")
    found = run(stopped, seed=4)
    assert found.manifest["content"] == read_large(other("seed-4", seed=4)).manifest["content"]


# 13
def test_a_protocol_edited_in_the_folder_is_refused_and_a_comment_is_put_right(stopped):
    file = stopped / "protocol.yaml"
    before = text(file)
    file.write_text(before.replace("60 mg/kg", "120 mg/kg"), encoding="utf-8")
    assert text(file) != before
    with pytest.raises(InputError, match="another protocol"):
        resume(stopped)
    file.write_text(before + "# my own remark\n", encoding="utf-8")
    resume(stopped)
    assert bits(stopped) == bits(undisturbed())


# 14
def test_a_clock_that_was_put_back_or_on_is_of_no_account(stopped):
    for k, file in enumerate(sorted(stopped.rglob("*"))):
        os.utime(file, (0, 0) if k % 2 else (4e9, 4e9))
    run(stopped)
    assert bits(stopped) == bits(undisturbed())


# 15
def test_a_lock_that_names_a_living_process_of_another_kind_is_not_in_the_way(stopped):
    said = json.dumps({"run": "0badc0de", "process": 1})
    (stopped / LOCK).write_text(said, encoding="utf-8")
    run(stopped)
    assert bits(stopped) == bits(undisturbed())


# 16
def test_a_lock_deleted_under_a_running_process_lets_nobody_in(tmp_path):
    folder = tmp_path / "run"
    child = begun(folder)
    try:
        until = time.monotonic() + 100
        while not (folder.is_dir() and is_held(folder)) and time.monotonic() < until:
            time.sleep(0.01)
        child.send_signal(signal.SIGSTOP)
        (folder / LOCK).unlink()
        link = tmp_path / "link"
        link.symlink_to(folder)
        for name in (folder, link, tmp_path / "x" / ".." / "run"):
            with pytest.raises(InputError, match="is writing here"):
                run(name)
    finally:
        child.kill()
        child.wait()


# 17
def test_a_link_in_the_place_of_a_part_leads_nowhere(copy):
    mine = copy.parent / "mine.parquet"
    mine.write_text("mine", encoding="utf-8")
    part = copy / "events/part-000000007.parquet"
    part.unlink()
    part.symlink_to(mine)
    run(copy)
    assert text(mine) == "mine"
    assert bits(copy) == bits(undisturbed())


# 18
def test_a_link_in_the_place_of_a_table_is_refused(stopped):
    theirs = shutil.copytree(undisturbed(), stopped.parent / "theirs")
    before = bits(theirs)
    shutil.rmtree(stopped / "lives")
    (stopped / "lives").symlink_to(theirs / "lives")
    with pytest.raises(InputError, match="'lives' is a link"):
        run(stopped)
    assert bits(theirs) == before


# 19
@pytest.mark.skipif(os.geteuid() != 0, reason="a disk of its own takes an administrator")
def test_a_folder_that_only_can_be_read_is_a_sentence_and_still_is_read(tmp_path):
    place = tmp_path / "disk"
    place.mkdir()
    if subprocess.run(
        ["mount", "-t", "tmpfs", "tmpfs", str(place)], capture_output=True
    ).returncode:
        pytest.skip("no disk can be mounted here")
    try:
        shutil.copytree(undisturbed(), place / "run")
        subprocess.run(["mount", "-o", "remount,ro", str(place)], check=True)
        with pytest.raises(InputError, match="no permission to write here"):
            run(place / "run")
        with pytest.raises(InputError, match="no permission to write here"):
            run(place / "new")
        assert read_large(place / "run", check=True).rows == read_large(undisturbed()).rows
    finally:
        subprocess.run(["umount", str(place)], check=True)


# 20
def test_nobody_s_death_while_a_run_is_begun_anew_leaves_a_mixture(tmp_path):
    """--force is killed at each of its deletions."""
    for k in range(0, 12, 2):
        folder = shutil.copytree(other("seed-4", seed=4), tmp_path / f"run-{k}")
        code = (
            "import os, pathlib, shutil, sys\n"
            f"left = [{k}]\n"
            "def dying(real):\n"
            "    def wrapped(*a, **b):\n"
            "        left[0] -= 1\n"
            "        if left[0] < 0: os.kill(os.getpid(), 9)\n"
            "        return real(*a, **b)\n"
            "    return wrapped\n"
            "pathlib.Path.unlink = dying(pathlib.Path.unlink)\n"
            "shutil.rmtree = dying(shutil.rmtree)\n"
            "from tests.runs.large import run\n"
            f"run({str(folder)!r}, force=True)\n"
        )
        subprocess.run([sys.executable, "-c", code], cwd=HOME, capture_output=True)
        run(folder, force=True)
        assert bits(folder) == bits(undisturbed())


# 21
@pytest.mark.slow
def test_a_model_edited_between_stop_and_going_on_is_refused(stopped, tmp_path):
    source = shutil.copytree(
        HOME / "src", tmp_path / "src", ignore=shutil.ignore_patterns("__pycache__", "*.nbi")
    )
    file = source / "antitrypsim/organs/lung/module.py"
    file.write_text(text(file) + "\n# An edit.\n", encoding="utf-8")
    before = bits(stopped)
    child = subprocess.run(
        [sys.executable, "-m", "tests.runs.killed", str(stopped), str(PEOPLE), str(SIZE), "1"],
        cwd=HOME, capture_output=True, text=True, env={**os.environ, "PYTHONPATH": str(source)},
    )  # fmt: skip
    assert child.returncode == 1
    assert "another version of the software" in child.stderr
    assert bits(stopped) == before


# 22
def test_what_a_worker_sends_that_is_not_what_it_says_is_refused():
    from antitrypsim.runs.cluster import checked_part
    from antitrypsim.runs.ledger import part_of

    part = part_of("lives", 7, 7, b"bytes", enrolled={}, failed=[])
    assert checked_part(part, b"bytes", 7, 7) == (part, b"bytes")
    for first, data in ((7, b"bites"), (0, b"bytes")):
        with pytest.raises(RunError, match="a worker"):
            checked_part(part, data, first, 7)


# 23
@pytest.mark.parametrize(
    ("table", "stage", "column"), [("lives", "living", "AGE"), ("visits", "tables", "AVAL")]
)
def test_a_part_changed_while_the_run_goes_on_gives_no_number(tmp_path, table, stage, column):
    """It is whole Parquet with other values, put there after the parts were checked."""
    folder, done = tmp_path / "run", []

    def change(now, count, total):
        if now == stage and count == total and not done:
            done.append(change_values(folder / table / "part-000000000.parquet", column))

    with pytest.raises(RunError, match=rf"{table}/part-000000000.parquet.*makes it anew"):
        run(folder, progress=change)
    assert done
    assert run(folder).remade == (f"{table}/part-000000000.parquet",)
    assert bits(folder) == bits(undisturbed())


# 24
def test_tables_that_were_made_from_a_changed_part_are_made_anew_with_it(stopped):
    """Made of a part with a forged line, whose own line came back afterwards."""
    file, lines = stopped / "lives/part-000000000.parquet", text(stopped / "parts.jsonl")
    change_values(file, "AGE")
    forge(stopped, file)
    run(stopped)
    assert bits(stopped) != bits(undisturbed())
    (own,) = (line for line in lines.splitlines() if '"first": 0,' in line)
    made = text(stopped / "parts.jsonl").splitlines()
    kept = [own if "lives/part-000000000" in line else line for line in made]
    (stopped / "parts.jsonl").write_text("\n".join(kept) + "\n", encoding="utf-8")
    assert run(stopped).remade == ("lives/part-000000000.parquet",)
    assert bits(stopped) == bits(undisturbed())


# 25
def test_an_unfinished_run_of_the_same_plan_goes_on_under_force(stopped):
    kept = {file: file.stat().st_mtime_ns for file in stopped.glob("lives/*")}
    assert len(kept) == 2
    run(stopped, force=True)
    assert {file: file.stat().st_mtime_ns for file in kept} == kept
    assert bits(stopped) == bits(undisturbed())
    # One that is finished is made anew.
    run(stopped, force=True)
    assert all(file.stat().st_mtime_ns != before for file, before in kept.items())
    assert bits(stopped) == bits(undisturbed())


# 26
@pytest.mark.parametrize("force", [False, True])
@pytest.mark.parametrize("damage", [Path.unlink, lambda file: file.write_text("{")])
def test_a_request_that_is_lost_costs_no_part(stopped, damage, force):
    kept = {file: file.stat().st_mtime_ns for file in stopped.glob("lives/*")}
    damage(stopped / "request.json")
    for names in (resume, read_large):
        with pytest.raises(InputError, match=r"request.json.*the command that began the run"):
            names(stopped)
    with pytest.raises(InputError, match=r"request.json.*the command that began the run"):
        run(stopped, seed=4)
    assert run(stopped, force=force).remade == ("request.json",)
    assert {file: file.stat().st_mtime_ns for file in kept} == kept
    assert bits(stopped) == bits(undisturbed())
    # Of a finished run it is written anew too.
    damage(stopped / "request.json")
    assert run(stopped).remade == ("request.json",)
    assert bits(stopped) == bits(undisturbed())


# 27
@pytest.mark.parametrize(("table", "column"), [("lives", "AGE"), ("visits", "AVAL")])
def test_a_part_forged_with_its_line_and_manifest_is_found_by_a_repeat(copy, table, column):
    forge(copy, change_values(copy / table / "part-000000007.parquet", column))
    read_large(copy, check=True)
    found = rerun(copy) if table == "lives" else difference(copy, undisturbed())
    assert not found.same
    assert found.files == (table,)
    # Cut into other parts the files differ anyway, and their rows are compared.
    cut = other("cut-13", part_size=13)
    assert difference(copy, cut).files == (table,)
    assert difference(undisturbed(), cut).same


# 28
@pytest.mark.parametrize("name", ["results.json", "summary.json", "manifest.json"])
def test_an_answer_forged_with_its_manifest_is_found_by_a_comparison(copy, name):
    said = json.loads(text(copy / name))
    if name == "results.json":
        said[0]["notice"] = "forged"
    elif name == "summary.json":
        said["forged"] = 1
    else:
        said["enrolled"]["met"] += 1
    (copy / name).write_text(json.dumps(said), encoding="utf-8")
    forge(copy)
    read_large(copy, check=True)
    found = difference(copy, undisturbed())
    assert not found.same
    assert found.files == (name,)


# 29
def test_a_pipe_in_the_place_of_a_part_is_not_waited_for(copy):
    part = copy / "events/part-000000007.parquet"
    part.unlink()
    os.mkfifo(part)
    with pytest.raises(InputError, match=r"events/part-000000007.parquet.*makes it anew"):
        read_large(copy, check=True)
    assert run(copy).remade == ("events/part-000000007.parquet",)
    assert bits(copy) == bits(undisturbed())


# 30
def test_what_is_no_file_in_the_place_of_the_lines_is_a_sentence(copy):
    (copy / "parts.jsonl").unlink()
    (copy / "parts.jsonl").mkdir()
    with pytest.raises(InputError, match=r"parts.jsonl.*this is no file"):
        run(copy)


# 31
def test_a_link_to_a_folder_that_has_gone_is_told_as_such(tmp_path):
    link = tmp_path / "link"
    link.symlink_to(tmp_path / "gone")
    with pytest.raises(InputError, match="a link to a folder that has gone"):
        run(link)


def test_all_this_was_of_the_run_that_the_plan_says():
    plan, _ = plan_in(undisturbed())
    assert (plan.participants, plan.part_size, plan.seed) == (PEOPLE, SIZE, SEED)
