"""Opening the page: what it needs, where it listens, and what a killed server leaves."""

import socket

import httpx
import pytest
from serving import start

from antitrypsim.cli.main import main
from antitrypsim.web import serve as module

pytestmark = pytest.mark.contract


def refused(capsys, said, *options):
    assert main(["page", "--no-browser", *map(str, options)]) == 2
    told = capsys.readouterr()
    assert told.out == ""
    assert said in told.err
    assert told.err.count("\n") == 1


def test_a_missing_extra_is_told_with_its_install_line(capsys, monkeypatch):
    monkeypatch.setattr(module, "find_spec", lambda name: None)
    refused(capsys, 'pip install "antitrypsim[page]"')


def test_a_port_that_is_taken_is_told(capsys, tmp_path):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        refused(capsys, "name another with --port", "--port", port, "--folder", tmp_path)


def test_a_folder_that_is_none_is_told(capsys, tmp_path):
    (tmp_path / "file").write_text("x")
    refused(capsys, "cannot be kept here", "--port", 0, "--folder", tmp_path / "file")


def test_a_killed_server_loses_nothing_and_the_next_one_ends_it(tmp_path):
    question = {"request": {"request": "patient", "people": 60, "fev1": 70.0, "years": 1.0}}
    first = start(tmp_path)
    with first.client() as client:
        id = client.post("/api/jobs", json=question).json()["id"]
    first.kill()
    second = start(tmp_path)
    assert second.token != first.token
    with second.client() as client, client.stream("GET", f"/api/jobs/{id}/events") as told:
        *_, last = (line for line in told.iter_lines() if line.startswith("data:"))
        assert '"state":"done"' in last
    assert httpx.get(f"{second.base}/api/jobs", timeout=60).status_code == 403
    second.process.terminate()
    assert second.process.wait(timeout=30) == 130
