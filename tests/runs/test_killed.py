"""Killed at any moment and begun again, a run ends with the bits of one that nothing disturbed."""

import json
import os
import random
import resource
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from antitrypsim.runs.lock import is_held
from tests.runs.large import PEOPLE, SIZE, bits, run, undisturbed

pytestmark = pytest.mark.law

CHILD = [sys.executable, "-m", "tests.runs.killed"]
HOME = Path(__file__).parents[2]


def begun(folder, threads=1, **how):
    child = subprocess.Popen(
        [*CHILD, str(folder), str(PEOPLE), str(SIZE), str(threads)],
        cwd=HOME, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, **how,
    )  # fmt: skip
    assert child.stdout.readline() == "begun\n", child.stderr.read()
    return child


def lines(folder):
    """The parts that count: those whose line is whole."""
    file = folder / "parts.jsonl"
    if not file.exists():
        return set()
    found = set()
    for line in file.read_text("utf-8").splitlines():
        try:
            said = json.loads(line)
        except ValueError:
            continue
        found.add((said["table"], said["first"], said["sha256"]))
    return found


def killed_until_done(folder, kills, chance, moments):
    """Kill the run at random moments, go on, and let the last one end; return how many were killed."""
    struck = 0
    spoilt: set[tuple[str, int]] = set()
    for _ in range(kills):
        before = {line for line in lines(folder) if line[:2] not in spoilt}
        times = {f: f.stat().st_mtime_ns for f in folder.glob("*/part-*.parquet")}
        child = begun(folder, threads=chance.choice((1, 2)))
        try:
            child.wait(chance.uniform(*moments))
        except subprocess.TimeoutExpired:
            child.send_signal(signal.SIGKILL)
            child.wait()
            struck += 1
        after = lines(folder)
        # What counted still counts, and was not made again; of all others one at most came in vain.
        assert before <= after
        kept = {f"{table}/part-{first:09d}.parquet" for table, first, _ in before}
        for file, when in times.items():
            if file.relative_to(folder).as_posix() in kept:
                assert file.stat().st_mtime_ns == when
        assert len(list(folder.glob("*/part-*.parquet"))) <= len(after) + 1
        assert not is_held(folder)
        if (folder / "manifest.json").exists():
            # Done early: the newest part is cut short, as by a loss of power, and it goes on.
            (folder / "manifest.json").unlink()
            newest = max(folder.glob("lives/*.parquet"), key=lambda f: f.stat().st_mtime_ns)
            # The tables that were made from it are made anew with it.
            first = int(newest.stem.removeprefix("part-"))
            spoilt |= {(table, first) for table in ("lives", "participants", "visits", "events")}
            newest.write_bytes(newest.read_bytes()[: chance.randrange(1, 500)])
    child = begun(folder)
    assert child.wait(200) == 0, child.stderr.read()
    return struck


def test_killed_five_times(tmp_path):
    folder = tmp_path / "run"
    struck = killed_until_done(folder, 5, random.Random(20261128), (0.3, 5.0))
    assert struck
    assert bits(folder) == bits(undisturbed())


@pytest.mark.slow
def test_killed_fifty_times(tmp_path):
    chance, struck = random.Random(14), 0
    for k in range(10):
        folder = tmp_path / f"run-{k}"
        struck += killed_until_done(folder, 5, chance, (0.1, 6.0))
        assert bits(folder) == bits(undisturbed())
    assert struck >= 25


def test_killed_at_the_moment_of_each_write(tmp_path):
    """Parts, their lines, results and the manifest: each is brought to the disk, and may be the last."""
    folder = tmp_path / "run"
    died = 0
    for k in range(40):
        code = (
            "import os, sys, runpy\n"
            f"real, left = os.fsync, [{3 + 7 * k}]\n"
            "def fsync(handle):\n"
            "    left[0] -= 1\n"
            "    if left[0] < 0: os.kill(os.getpid(), 9)\n"
            "    real(handle)\n"
            "os.fsync = fsync\n"
            f"sys.argv = ['x', {str(folder)!r}, '{PEOPLE}', '{SIZE}', '1']\n"
            "runpy.run_module('tests.runs.killed', run_name='__main__')\n"
        )
        child = subprocess.run([sys.executable, "-c", code], cwd=HOME, capture_output=True)
        if child.returncode == 0:
            break
        assert child.returncode == -signal.SIGKILL, child.stderr
        died += 1
    assert died >= 3
    assert bits(folder) == bits(undisturbed())


def test_a_second_process_is_refused_with_the_first_s_id_and_a_dead_one_holds_nothing(tmp_path):
    from antitrypsim.foundations.errors import InputError

    folder = tmp_path / "run"
    child = begun(folder)
    try:
        until = time.monotonic() + 100
        while not (folder.is_dir() and is_held(folder)) and time.monotonic() < until:
            time.sleep(0.01)
        with pytest.raises(InputError) as problem:
            run(folder)
        assert f"(process {child.pid}) is writing here" in str(problem.value)
    finally:
        child.kill()
        child.wait()
    assert (folder / ".lock").exists()
    run(folder)
    assert bits(folder) == bits(undisturbed())


def test_a_full_disk_is_one_sentence_and_what_is_done_stays(tmp_path):
    folder = tmp_path / "run"

    def little():
        # No file may grow beyond this: parts fit and the lines do not, as on a disk that fills up.
        resource.setrlimit(resource.RLIMIT_FSIZE, (12_000, 12_000))

    from antitrypsim.runs.ledger import Ledger

    largest = max(f.stat().st_size for f in undisturbed().glob("lives/*"))
    assert largest > 12_000
    child = begun(folder, preexec_fn=little)
    assert child.wait(200) == 1
    assert "the disk is full" in child.stderr.read()
    assert not list(folder.rglob("*.partial"))
    assert not (folder / "manifest.json").exists()
    assert Ledger(folder).damaged() == []
    run(folder)
    assert bits(folder) == bits(undisturbed())


@pytest.mark.skipif(os.geteuid() != 0, reason="a disk of its own takes an administrator")
def test_a_disk_that_fills_up_in_the_middle(tmp_path):
    place = tmp_path / "disk"
    place.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", str(place)]
    if subprocess.run(mount, capture_output=True).returncode:
        pytest.skip("no disk can be mounted here")
    try:
        folder = place / "run"
        child = begun(folder)
        assert child.wait(200) == 1
        assert "the disk is full" in child.stderr.read()
        kept = lines(folder)
        assert kept
        larger = ["mount", "-o", "remount,size=4m", str(place)]
        subprocess.run(larger, check=True)
        run(folder)
        assert kept <= lines(folder)
        assert bits(folder) == bits(undisturbed())
    finally:
        subprocess.run(["umount", str(place)], check=True)
