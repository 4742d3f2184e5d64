"""The run folder: whole or not at all, the same bytes each time, and refused when changed."""

import errno
import json
import os
import re
import stat
from pathlib import Path

import pytest

from antitrypsim.experiments.virtual_trial import run_trial
from antitrypsim.foundations.errors import InputError, RunError
from antitrypsim.foundations.files import check_file, sealed, write_file
from antitrypsim.protocols import load_protocol
from antitrypsim.runs import folder as store
from antitrypsim.runs.folder import (
    check_target,
    default_folder,
    read_run,
    results_json,
    write_run,
)
from antitrypsim.simulation.settings import Settings
from tests.shared import trial

pytestmark = pytest.mark.contract


DOCS = Path(__file__).parents[2] / "docs" / "reference" / "results.md"


def left_in(folder):
    return sorted(p.name for p in folder.iterdir())


def test_a_run_is_written_and_read_back(tmp_path):
    found = trial()
    folder = write_run(found, tmp_path / "run", html="<html></html>")
    assert left_in(folder) == sorted([*store.FILES, "manifest.json"])
    assert left_in(tmp_path) == ["run"]
    back = read_run(folder)
    assert back.protocol == found.protocol
    assert back.participants["USUBJID"].tolist() == found.participants["USUBJID"].tolist()
    assert back.visits["AVAL"].equals(found.visits["AVAL"])
    assert {"PARAMCD", "AVAL", "BASE", "CHG", "AVISIT", "ADY"} <= set(back.visits)
    assert len(back.events) == len(found.events)
    assert back.results["estimate"].tolist() == pytest.approx(
        [row["estimate"] for row in found.rows], nan_ok=True
    )
    assert back.manifest["seed"] == 1
    assert back.manifest["hashes"]["model"] == found.provenance.model
    assert "report.html" in back.manifest["files"]


def test_the_folder_can_be_read_by_others_as_the_user_s_mask_says(tmp_path):
    folder = write_run(trial(), tmp_path / "run")
    mask = os.umask(0)
    os.umask(mask)
    assert stat.S_IMODE(folder.stat().st_mode) == 0o777 & ~mask
    assert not (folder / "report.html").exists()


@pytest.mark.law
def test_the_same_run_gives_the_same_bytes(tmp_path):
    again = run_trial(load_protocol("rapid"), participants=24, settings=Settings(seed=1, threads=1))
    one, two = write_run(trial(), tmp_path / "one"), write_run(again, tmp_path / "two")
    for file in left_in(one):
        assert (one / file).read_bytes() == (two / file).read_bytes(), file
    assert results_json(trial(seed=2)) != results_json(trial())


@pytest.mark.law
def test_the_protocol_as_run_gives_the_run_again(tmp_path):
    folder = write_run(trial(), tmp_path / "run")
    text = (folder / "protocol.yaml").read_text("utf-8")
    assert "--seed 1 --participants 24" in text
    again = run_trial(
        load_protocol(folder / "protocol.yaml"), participants=24, settings=Settings(seed=1)
    )
    assert results_json(again) == results_json(trial())


def test_every_file_says_that_the_data_were_fitted_to(tmp_path):
    import pyarrow.parquet as pq

    folder = write_run(trial(), tmp_path / "run")
    for name in ("protocol.yaml", "results.json", "manifest.json"):
        assert "agreement with them proves nothing" in (folder / name).read_text("utf-8"), name
    for name in ("participants", "visits", "events"):
        told = pq.read_schema(folder / f"{name}.parquet").metadata[b"antitrypsim notices"]
        assert b"agreement with them proves nothing" in told


@pytest.mark.parametrize("name", ["results.json", "visits.parquet", "protocol.yaml"])
def test_a_changed_file_is_refused(tmp_path, name):
    folder = write_run(trial(), tmp_path / "run")
    with (folder / name).open("ab") as stream:
        stream.write(b" ")
    with pytest.raises(InputError, match=f"{name}.*not the one that was written"):
        read_run(folder)


@pytest.mark.parametrize("name", [*store.FILES, "manifest.json"])
def test_a_single_bit_that_is_off_is_refused_by_name(tmp_path, name):
    folder = write_run(trial(), tmp_path / "run", html="<html></html>")
    whole = (folder / name).read_bytes()
    for k in range(5):
        data = bytearray(whole)
        data[(2 * k + 1) * len(data) // 11] ^= 1
        (folder / name).write_bytes(bytes(data))
        with pytest.raises(InputError, match=re.escape(name)):
            read_run(folder)
    (folder / name).write_bytes(whole)
    read_run(folder)


def test_a_manifest_must_name_every_file(tmp_path):
    folder = write_run(trial(), tmp_path / "run")
    said = json.loads((folder / "manifest.json").read_text("utf-8"))
    del said["seal"], said["files"]["visits.parquet"]
    (folder / "manifest.json").write_text(sealed(said))
    with pytest.raises(InputError, match=r"does not name 'visits\.parquet'"):
        read_run(folder)


def test_a_manifest_without_its_seal_is_not_believed(tmp_path):
    folder = write_run(trial(), tmp_path / "run")
    said = json.loads((folder / "manifest.json").read_text("utf-8"))
    del said["seal"]
    said["seed"] = 2
    (folder / "manifest.json").write_text(json.dumps(said))
    with pytest.raises(
        InputError, match=r"bears no seal.*earlier version; run its protocol\.yaml again"
    ):
        read_run(folder)


def test_runs_that_finish_together_all_get_a_name(tmp_path):
    from concurrent.futures import ThreadPoolExecutor

    found, name = trial(), tmp_path / "rapid-1-20"
    with ThreadPoolExecutor(6) as pool:
        made = list(pool.map(lambda _: write_run(found, name, numbered=True), range(6)))
    assert sorted(p.name for p in made) == sorted(
        ["rapid-1-20", *(f"rapid-1-20-{k}" for k in range(2, 7))]
    )
    assert left_in(tmp_path) == sorted(p.name for p in made)
    for folder in made:
        read_run(folder)


def test_what_is_no_run_is_refused(tmp_path):
    with pytest.raises(InputError, match="no whole run folder: no such file"):
        read_run(tmp_path)
    (tmp_path / "manifest.json").write_text(sealed({}))
    with pytest.raises(InputError, match="no run folder of schema 1"):
        read_run(tmp_path)
    (tmp_path / "manifest.json").write_text("[")
    with pytest.raises(InputError, match="manifest cannot be read"):
        read_run(tmp_path)
    folder = write_run(trial(), tmp_path / "run")
    (folder / "events.parquet").unlink()
    with pytest.raises(InputError, match=r"events\.parquet"):
        read_run(folder)


def test_places_that_are_taken_are_refused(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(InputError, match="this is a file"):
        check_target(tmp_path / "file")
    full = tmp_path / "full"
    full.mkdir()
    (full / "thesis.docx").write_text("")
    for force in (False, True):
        with pytest.raises(InputError, match="holds other files"):
            check_target(full, force=force)
    with pytest.raises(InputError, match="cannot be written"):
        check_target(tmp_path / "file" / "below")
    with pytest.raises(InputError, match="name of the run folder"):
        check_target("")
    assert left_in(tmp_path) == ["file", "full"]


def test_an_empty_folder_is_filled_and_parents_are_made(tmp_path):
    (tmp_path / "empty").mkdir()
    read_run(write_run(trial(), tmp_path / "empty"))
    read_run(write_run(trial(), tmp_path / "a" / "b" / "c"))
    assert check_target(tmp_path / "x" / "y") == tmp_path / "x" / "y"
    assert left_in(tmp_path) == ["a", "empty"]


def test_a_roundabout_name_is_looked_at_where_it_leads(tmp_path):
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "thesis.docx").write_text("")
    for force in (False, True):
        with pytest.raises(InputError, match="holds other files"):
            write_run(trial(), tmp_path / "new" / ".." / "full", force=force)
    assert left_in(tmp_path) == ["full"]
    assert left_in(tmp_path / "full") == ["thesis.docx"]


def test_what_came_while_writing_is_not_replaced(tmp_path, monkeypatch):
    folder = tmp_path / "run"
    manifest = store._manifest

    def meanwhile(*given):
        folder.mkdir()
        (folder / "thesis.docx").write_text("")
        return manifest(*given)

    monkeypatch.setattr(store, "_manifest", meanwhile)
    with pytest.raises(InputError, match="holds other files"):
        write_run(trial(), folder, force=True)
    assert left_in(tmp_path) == ["run"]
    assert left_in(folder) == ["thesis.docx"]


def test_the_folder_one_is_in_is_refused(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(InputError, match="the folder that you are in"):
        check_target(".")


def test_force_replaces_a_run_and_only_a_run(tmp_path):
    folder = write_run(trial(), tmp_path / "run")
    with pytest.raises(InputError, match=r"holds a run already; .* or add --force"):
        write_run(trial(seed=2), folder)
    write_run(trial(seed=2), folder, force=True)
    assert read_run(folder).manifest["seed"] == 2
    assert left_in(tmp_path) == ["run"]
    (folder / "notes.txt").write_text("mine")
    with pytest.raises(InputError, match="holds other files"):
        write_run(trial(), folder, force=True)


def full_disk(*_, **__):
    raise OSError(errno.ENOSPC, "No space left on device")


@pytest.mark.parametrize(
    "broken", ["os.replace", "os.fsync", "pyarrow.parquet.write_table", "pathlib.Path.write_text"]
)
def test_a_full_disk_leaves_nothing_behind(tmp_path, monkeypatch, broken):
    import pyarrow.parquet  # noqa: F401

    found = trial()
    monkeypatch.setattr(broken, full_disk)
    with pytest.raises(RunError, match="the disk is full") as caught:
        write_run(found, tmp_path / "deep" / "run")
    assert caught.value.exit_code == 1
    assert left_in(tmp_path) == []


def test_a_failure_while_replacing_keeps_the_older_run(tmp_path, monkeypatch):
    folder = write_run(trial(), tmp_path / "run")
    real, calls = os.replace, []

    def second_fails(source, target):
        calls.append(source)
        if len(calls) == 2:
            full_disk()
        real(source, target)

    monkeypatch.setattr("os.replace", second_fails)
    with pytest.raises(RunError, match="the disk is full"):
        write_run(trial(seed=2), folder, force=True)
    assert read_run(folder).manifest["seed"] == 1
    assert left_in(tmp_path) == ["run"]


def test_an_interruption_leaves_nothing_behind(tmp_path, monkeypatch):
    def stop(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr("antitrypsim.runs.folder._manifest", stop)
    with pytest.raises(KeyboardInterrupt):
        write_run(trial(), tmp_path / "run")
    assert left_in(tmp_path) == []


def forbidden(*_, **__):
    raise PermissionError(errno.EACCES, "Permission denied")


def test_no_permission_is_bad_input(tmp_path, monkeypatch):
    monkeypatch.setattr("tempfile.mkdtemp", forbidden)
    with pytest.raises(InputError, match="no permission") as caught:
        check_target(tmp_path / "run")
    assert caught.value.exit_code == 2
    assert left_in(tmp_path) == []


@pytest.mark.skipif(
    not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may write anywhere"
)
def test_a_folder_without_permission(tmp_path):
    tmp_path.chmod(0o500)
    try:
        with pytest.raises(InputError, match="no permission"):
            check_target(tmp_path / "run")
    finally:
        tmp_path.chmod(0o700)


def test_the_default_folder_counts_up(tmp_path):
    first = default_folder("rapid", 1, 20, tmp_path)
    assert first == tmp_path / "rapid-1-20"
    first.mkdir()
    assert default_folder("rapid", 1, 20, tmp_path).name == "rapid-1-20-2"


def test_a_file_is_written_whole_or_not_at_all(tmp_path, monkeypatch):
    file = tmp_path / "rows.json"
    write_file(file, "old")
    monkeypatch.setattr("os.replace", full_disk)
    with pytest.raises(RunError, match="the disk is full"):
        write_file(file, "new")
    assert file.read_text("utf-8") == "old"
    assert left_in(tmp_path) == ["rows.json"]


def test_a_link_is_followed_and_a_device_is_written_to(tmp_path):
    (tmp_path / "real.json").write_text("old")
    (tmp_path / "link.json").symlink_to(tmp_path / "real.json")
    write_file(tmp_path / "link.json", "new")
    assert (tmp_path / "link.json").is_symlink()
    assert (tmp_path / "real.json").read_text("utf-8") == "new"
    write_file(os.devnull, "nothing")
    assert not Path(os.devnull).is_file()


def test_files_that_cannot_be_written_are_refused_beforehand(tmp_path, monkeypatch):
    with pytest.raises(InputError, match="there is no folder"):
        check_file(tmp_path / "missing" / "rows.json")
    with pytest.raises(InputError, match="this is a folder"):
        check_file(tmp_path)
    with pytest.raises(InputError, match="name of the file is empty"):
        check_file("")
    with pytest.raises(InputError, match="too long"):
        check_file(tmp_path / ("a" * 300))
    long = check_file(tmp_path / ("a" * 250))
    assert write_file(long, "x").read_text("utf-8") == "x"
    # A file is replaced, so it is its folder that must be open.
    (tmp_path / "rows.json").write_text("old")
    monkeypatch.setattr("os.access", lambda place, _: Path(place).is_file())
    with pytest.raises(InputError, match="no permission"):
        check_file(tmp_path / "rows.json")
    monkeypatch.setattr("os.access", lambda *_: False)
    with pytest.raises(InputError, match="no permission"):
        check_file(tmp_path / "rows.json")


def schemas():
    blocks = re.findall(r"```json\n(.*?)```", DOCS.read_text("utf-8"), flags=re.S)
    return {schema["title"]: schema for schema in map(json.loads, blocks)}


KINDS = {
    "string": str, "integer": int, "number": (int, float), "boolean": bool, "null": type(None),
    "object": dict, "array": list,
}  # fmt: skip


def hold(value, schema, where="$"):
    """Hold a value against the words of JSON Schema that the page uses."""
    known = {"$schema", "title", "description", "type", "items", "additionalProperties", "required",
             "dependentRequired", "properties", "const", "enum", "minimum", "maximum"}  # fmt: skip
    assert set(schema) <= known
    if "const" in schema:
        assert value == schema["const"], where
    if "enum" in schema:
        assert value in schema["enum"], where
    if "type" in schema:
        kinds = [schema["type"]] if isinstance(schema["type"], str) else schema["type"]
        allowed = tuple(KINDS[k] for k in kinds)
        flat = tuple(t for k in allowed for t in (k if isinstance(k, tuple) else (k,)))
        assert isinstance(value, flat), (where, value)
        assert not (isinstance(value, bool) and "boolean" not in kinds), where
    if isinstance(value, int | float) and not isinstance(value, bool):
        assert schema.get("minimum", value) <= value <= schema.get("maximum", value), where
    if isinstance(value, list) and "items" in schema:
        for k, item in enumerate(value):
            hold(item, schema["items"], f"{where}[{k}]")
    if isinstance(value, dict):
        assert set(schema.get("required", ())) <= set(value), where
        for key, needed in schema.get("dependentRequired", {}).items():
            assert key not in value or set(needed) <= set(value), where
        properties, rest = schema.get("properties", {}), schema.get("additionalProperties", {})
        for key, inner in value.items():
            assert key in properties or rest is not False, f"{where}.{key}"
            hold(inner, properties.get(key, rest), f"{where}.{key}")


@pytest.mark.parametrize("id", ["rapid", "natural-history", "silencing"])
def test_the_page_says_what_is_written(tmp_path, id):
    folder = write_run(trial(id=id), tmp_path / "run", html="")
    for name in ("results.json", "manifest.json"):
        hold(json.loads((folder / name).read_text("utf-8")), schemas()[name])


def test_the_schema_sees_a_fault():
    row = json.loads(results_json(trial()))[0]
    schema = schemas()["results.json"]["items"]
    for wrong in ({"n": "many"}, {"p": 2}, {"p": 0.5}, {"scale": "log"}, {"more": 1}):
        with pytest.raises(AssertionError):
            hold({**row, **wrong}, schema)


def test_only_contrasts_have_a_p():
    for row in json.loads(results_json(trial())):
        assert ("p" in row) == ("contrast" in row)
