"""Parts lived by a real Dask scheduler and its workers, one of them killed: the same bits."""

import os
import signal
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path

import pytest

from antitrypsim.foundations.errors import Cancelled, InputError, RunError
from antitrypsim.runs.cluster import live_block
from antitrypsim.runs.large import plan_large
from antitrypsim.simulation.settings import Settings
from tests.runs.large import PEOPLE, SEED, SIZE, SMALL, bits, run, undisturbed

pytestmark = pytest.mark.law

HOME = Path(__file__).parents[2]


@contextmanager
def process(*arguments):
    child = subprocess.Popen(
        [sys.executable, "-m", *arguments], cwd=HOME, stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL, env={**os.environ, "DASK_DISTRIBUTED__ADMIN__TICK__LIMIT": "60s"},
    )  # fmt: skip
    try:
        yield child
    finally:
        child.kill()
        child.wait()


@contextmanager
def scheduling(file):
    said = ("--port", "0", "--no-dashboard", "--scheduler-file", str(file))
    with process("distributed.cli.dask_scheduler", "--host", "127.0.0.1", *said) as child:
        until = time.monotonic() + 60
        while not (file.exists() and file.stat().st_size) and time.monotonic() < until:
            time.sleep(0.05)
        import json

        yield json.loads(file.read_text("utf-8"))["address"], child


@pytest.fixture(scope="module")
def scheduler(tmp_path_factory):
    with scheduling(tmp_path_factory.mktemp("dask") / "scheduler.json") as (address, _):
        yield address


def worker(address):
    return process(
        "distributed.cli.dask_worker", address, "--no-nanny", "--nthreads", "1", "--no-dashboard"
    )


def workers(address, count):
    from distributed import Client

    with Client(address, timeout=30) as client:
        client.wait_for_workers(count, timeout=60)


def test_three_workers_one_of_which_is_killed_and_then_one(scheduler, tmp_path):
    died = []
    with worker(scheduler) as first, worker(scheduler) as second:
        workers(scheduler, 2)

        def progress(stage, done, total):
            if stage == "living" and done and not died:
                died.append(done)
                os.kill(second.pid, signal.SIGKILL)

        found = run(tmp_path / "two", cluster=scheduler, progress=progress)
        assert died
        assert first.poll() is None
        assert bits(found.folder) == bits(undisturbed())
        one = run(tmp_path / "one", cluster=scheduler)
        assert bits(one.folder) == bits(undisturbed())


def test_what_a_cluster_began_this_machine_ends(scheduler, tmp_path):
    stop = []
    with worker(scheduler), pytest.raises(Cancelled):
        run(
            tmp_path / "run", cluster=scheduler, cancel=lambda: bool(stop),
            progress=lambda stage, done, total: stop.append(1) if 0 < done < PEOPLE else None,
        )  # fmt: skip
    assert bits(run(tmp_path / "run").folder) == bits(undisturbed())


def test_a_scheduler_that_dies_is_a_sentence_and_what_is_done_stays(tmp_path):
    with scheduling(tmp_path / "scheduler.json") as (address, child), worker(address):
        workers(address, 1)
        died = []

        def progress(stage, done, total):
            if stage == "living" and done and not died:
                died.append(done)
                os.kill(child.pid, signal.SIGKILL)

        with pytest.raises(RunError, match="the Dask scheduler was lost"):
            run(tmp_path / "run", cluster=address, progress=progress)
    assert list((tmp_path / "run" / "lives").glob("*.parquet"))
    assert bits(run(tmp_path / "run").folder) == bits(undisturbed())


@pytest.mark.contract
def test_a_worker_of_another_version_is_refused():
    plan, _ = plan_large(SMALL, participants=PEOPLE, part_size=SIZE, settings=Settings(seed=SEED))
    from antitrypsim.protocols import dump_protocol

    identity = {**plan.identity(), "software": "0" * 16}
    with pytest.raises(InputError, match="another software than this machine"):
        live_block(dump_protocol(plan.protocol), identity, 0, 2, 1)


@pytest.mark.contract
def test_no_scheduler_and_no_dask_are_a_sentence_each(tmp_path, monkeypatch):
    monkeypatch.setattr("antitrypsim.runs.cluster.PATIENCE", 1)
    with pytest.raises(InputError, match="no Dask scheduler answers at"):
        run(tmp_path / "run", cluster="tcp://127.0.0.1:9")
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(InputError, match=r"pip install 'antitrypsim\[cluster\]'"):
        run(tmp_path / "other", cluster="tcp://127.0.0.1:9")
    assert not (tmp_path / "other").exists()
