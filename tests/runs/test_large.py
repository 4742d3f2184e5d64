"""A run in parts has the numbers of a whole one, and the same bits however it is cut."""

import json
import shutil
from dataclasses import replace

import duckdb
import numpy as np
import pandas as pd
import pyarrow.dataset as ds
import pytest

from antitrypsim.foundations.errors import Cancelled, InputError, RunError
from antitrypsim.foundations.plain import plain
from antitrypsim.protocols import load_protocol
from antitrypsim.runs.cost import cost_of
from antitrypsim.runs.large import Told, plan_large
from antitrypsim.runs.large_result import read_large
from antitrypsim.runs.lock import held
from antitrypsim.runs.plan import plan_in
from antitrypsim.simulation.settings import Settings
from antitrypsim.statistics.analysis import ANALYSES
from antitrypsim.trials.conduct import conduct
from tests.runs.large import PEOPLE, SEED, SMALL, bits, rows, run, undisturbed

pytestmark = pytest.mark.law

NUMBERS = ("n", "estimate", "se", "lower", "upper", "p")


@pytest.fixture
def copy(tmp_path):
    return shutil.copytree(undisturbed(), tmp_path / "run")


@pytest.fixture(scope="module")
def whole():
    return conduct(load_protocol(SMALL), participants=PEOPLE, settings=Settings(seed=SEED))


def test_the_tables_are_those_of_a_whole_trial(whole):
    folder = undisturbed()
    pd.testing.assert_frame_equal(rows(folder, "participants"), whole.participants)
    order = ["ENDPOINT", "ADY", "USUBJID"]
    pd.testing.assert_frame_equal(
        rows(folder, "visits", order),
        whole.visits.sort_values(order, ignore_index=True, kind="stable"),
    )
    events = rows(folder, "events", ["USUBJID", "ADY"])
    pd.testing.assert_frame_equal(events, whole.events, check_dtype=False)


def test_the_results_are_those_of_the_joined_table(whole):
    def by_name(found):
        return {
            tuple(
                str(row.get(k))
                for k in ("plan", "analysis", "endpoint", "visit", "arm", "contrast")
            ): row
            for row in found
        }

    mine, theirs = by_name(read_large(undisturbed()).rows), by_name(whole.rows)
    assert mine.keys() == theirs.keys()
    for name, row in theirs.items():
        expected = {k: plain(row[k]) for k in NUMBERS if row.get(k) is not None}
        numbers = {k: mine[name][k] for k in expected}
        if row["plan"]:
            assert numbers == expected
        else:
            assert numbers == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize(
    "name", [n for n, a in ANALYSES.items() if a.at_visit and "ADY" not in a.columns]
)
def test_an_analysis_of_one_visit_needs_no_other(whole, name):
    visits = whole.visits[whole.visits["ENDPOINT"] == "density"]
    at = visits[visits["AVISIT"] == "m12"]
    one, all_of = (
        ANALYSES[name].run(each, reference="placebo", visit="m12") for each in (at, visits)
    )
    pd.testing.assert_frame_equal(one.to_frame(), all_of.to_frame())
    assert (one.method, one.warnings) == (all_of.method, all_of.warnings)


def test_the_summary_is_that_of_the_joined_table(whole):
    found = read_large(undisturbed()).summary
    values = whole.visits.groupby(["ENDPOINT", "AVISIT", "ARM"])["AVAL"]
    for one in found["measured"]:
        mine = values.get_group((one["endpoint"], one["visit"], one["arm"])).dropna()
        assert one["n"] == len(mine)
        expected = [mine.mean(), mine.std(), *mine.quantile([0.05, 0.5, 0.95])]
        assert [one[k] for k in ("mean", "sd", "p05", "median", "p95")] == pytest.approx(expected)
    assert sum(arm["participants"] for arm in found["arms"]) == PEOPLE
    counted = whole.events.groupby(["EVENT", "ARM"])["USUBJID"].agg(["size", "nunique"])
    assert {(e["event"], e["arm"]): (e["events"], e["participants"]) for e in found["events"]} == {
        key: (row["size"], row["nunique"]) for key, row in counted.iterrows()
    }


def test_part_sizes_and_threads_change_no_bit_of_the_content(tmp_path):
    first = undisturbed()
    for name, how in {
        "threads": {"threads": 2},
        "four": {"threads": 4, "part_size": 11},
        "one": {"part_size": PEOPLE},
    }.items():
        other = run(tmp_path / name, **how).folder
        content = [
            json.loads((f / "manifest.json").read_text("utf-8"))["content"] for f in (first, other)
        ]
        assert content[0] == content[1]
        for file in ("results.json", "summary.json"):
            assert (first / file).read_bytes() == (other / file).read_bytes()
    assert bits(tmp_path / "threads") == bits(first)


@pytest.mark.slow
def test_parts_of_500_4096_and_20000_change_no_bit(tmp_path):
    found = [
        run(tmp_path / str(size), participants=5000, part_size=size, threads=2)
        for size in (500, 4096, 20_000)
    ]
    assert len({each.manifest["content"] for each in found}) == 1
    for file in ("results.json", "summary.json"):
        assert len({(each.folder / file).read_bytes() for each in found}) == 1


def test_another_seed_has_another_content(tmp_path):
    other = run(tmp_path / "run", seed=4, participants=4, part_size=4)
    same = run(tmp_path / "again", participants=4, part_size=4)
    assert other.manifest["content"] != same.manifest["content"]


@pytest.mark.independent
def test_parts_are_read_as_one_table_by_arrow_and_duckdb():
    folder = undisturbed()
    for name in ("lives", "participants", "visits", "events"):
        count = ds.dataset(folder / name, format="parquet").count_rows()
        told = duckdb.sql(f"select count(*) from '{folder / name}/*.parquet'").fetchall()[0][0]
        assert told == count == read_large(folder).table(name).count_rows()
    mean = duckdb.sql(
        f"select avg(AVAL) from '{folder}/visits/*.parquet' where AVISIT = 'm12' and ARM = 'active'"
    ).fetchall()[0][0]
    row = next(
        r for r in read_large(folder).rows
        if (r["analysis"], r["visit"], r["arm"]) == ("mean", "m12", "active")
    )  # fmt: skip
    assert mean == pytest.approx(row["estimate"], rel=1e-12)
    days = duckdb.sql(
        f"""select count(*) from (select unnest("placebo/exacerbation") as d
        from '{folder}/lives/*.parquet') where isnan(d)"""
    ).fetchall()[0][0]
    assert days == 0


@pytest.mark.parametrize("table", ["lives", "participants", "visits", "events"])
def test_a_part_changed_by_one_bit_is_named_and_made_anew(copy, table):
    part = sorted((copy / table).iterdir())[1]
    data = bytearray(part.read_bytes())
    data[len(data) // 2] ^= 1
    part.write_bytes(data)
    with pytest.raises(InputError, match=rf"{table}/{part.name}.*not the one that was written"):
        read_large(copy, check=True)
    assert run(copy).remade == (f"{table}/{part.name}",)
    assert bits(copy) == bits(undisturbed())


def test_the_newest_part_cut_short_or_lost_is_made_anew(copy):
    lines = (copy / "parts.jsonl").read_text("utf-8").splitlines(keepends=True)
    newest = copy / "lives" / "part-000000021.parquet"
    newest.write_bytes(newest.read_bytes()[:100])
    (copy / "lives" / "part-000000014.parquet").unlink()
    (copy / "manifest.json").unlink()
    # The last line is cut by the same loss of power; its part is as if it had not been.
    (copy / "parts.jsonl").write_text("".join(lines)[:-20])
    (copy / "lives" / ".part-x.partial").write_bytes(b"half")
    found = run(copy)
    assert set(found.remade) == {
        "lives/part-000000014.parquet", "lives/part-000000021.parquet"
    }  # fmt: skip
    assert bits(copy) == bits(undisturbed())


def test_what_is_whole_is_not_made_twice(copy):
    before = {f: f.stat().st_mtime_ns for f in copy.rglob("*.parquet")}
    lost = copy / "visits" / "part-000000007.parquet"
    lost.unlink()
    (copy / "manifest.json").unlink()
    run(copy)
    after = {f: f.stat().st_mtime_ns for f in copy.rglob("*.parquet")}
    assert {f for f in before if before[f] != after[f]} == {lost}


@pytest.mark.contract
@pytest.mark.parametrize(
    ("how", "said"),
    [
        ({"seed": 4}, "another seed (3, not 4)"),
        ({"participants": 30}, "another number of participants (26, not 30)"),
        ({"tolerance": 1e-5}, "another tolerance"),
        ({"part_size": 5}, "another size of parts (7, not 5)"),
    ],
)
def test_a_folder_of_another_run_is_refused_and_not_touched(copy, how, said):
    before = bits(copy)
    with pytest.raises(InputError) as problem:
        run(copy, **how)
    assert said in str(problem.value)
    assert "nothing is mixed" in str(problem.value)
    assert bits(copy) == before


@pytest.mark.contract
@pytest.mark.parametrize("key", ["protocol", "model", "software"])
def test_a_folder_of_another_model_protocol_or_version_is_refused(copy, key):
    from antitrypsim.foundations.files import sealed, unsealed

    file = copy / "request.json"
    said = unsealed(file.read_text("utf-8"))
    said["identity"][key] = "0" * 16
    file.write_text(sealed(said))
    with pytest.raises(InputError, match=f"another .*{key}"):
        run(copy)


@pytest.mark.contract
def test_a_request_that_was_changed_is_refused(copy):
    file = copy / "request.json"
    file.write_text(file.read_text("utf-8").replace('"seed": 3', '"seed": 4'))
    with pytest.raises(InputError, match=r"request.json.*cannot be read"):
        run(copy, seed=4)


@pytest.mark.contract
def test_a_folder_of_anything_else_is_refused(tmp_path):
    (tmp_path / "mine.txt").write_text("")
    with pytest.raises(InputError, match="holds other files"):
        run(tmp_path)
    with pytest.raises(InputError, match="this is a file"):
        run(tmp_path / "mine.txt")
    with pytest.raises(InputError, match="parts of 200,000 participants cannot be"):
        run(tmp_path / "new", part_size=200_000)
    assert not (tmp_path / "new").exists()


def test_a_part_in_which_nothing_happened_is_read_with_the_others(tmp_path):
    found = run(tmp_path / "run", participants=6, part_size=1)
    counts = [ds.dataset(f).count_rows() for f in (tmp_path / "run" / "events").iterdir()]
    assert 0 in counts
    frame = found.table("events").to_table().to_pandas()
    assert len(frame) == sum(counts) > 0
    expected = rows(undisturbed(), "events", ["USUBJID", "ADY"])
    first = expected[expected["USUBJID"] <= "SMALL-000006"].reset_index(drop=True)
    assert frame["ADY"].tolist() == first["ADY"].tolist()


def test_a_changed_result_or_manifest_is_made_anew(copy):
    (copy / "results.json").write_text("[]")
    run(copy)
    assert bits(copy) == bits(undisturbed())
    (copy / "manifest.json").write_text("{}")
    run(copy)
    assert bits(copy) == bits(undisturbed())


@pytest.mark.contract
@pytest.mark.parametrize("sealed", [False, True])
def test_lines_that_say_another_content_are_not_believed(copy, sealed):
    from antitrypsim.foundations.provenance import content_hash

    file = copy / "parts.jsonl"
    lines = [json.loads(line) for line in file.read_text("utf-8").splitlines()]
    for line in lines:
        line["tree"] = [[level, at, "00" * 32] for level, at, _ in line["tree"]]
        if sealed:
            del line["seal"]
            line["seal"] = content_hash(line)
    file.write_text("".join(json.dumps(line, sort_keys=True) + "\n" for line in lines))
    if not sealed:
        # The seal is broken: the parts are made anew.
        run(copy)
        assert bits(copy) == bits(undisturbed())
        return
    with pytest.raises(RunError, match="what it holds now is not what it held"):
        run(copy)


def test_other_files_of_the_user_stay(copy):
    mine = copy / "mine" / "part-000000000.parquet"
    mine.parent.mkdir()
    mine.write_text("mine")
    (copy / "manifest.json").unlink()
    run(copy)
    assert mine.read_text("utf-8") == "mine"


@pytest.mark.contract
def test_what_a_run_leaves_that_was_killed_at_once_is_in_nobody_s_way(tmp_path):
    (tmp_path / ".request.json-x.partial").write_text("{")
    (tmp_path / "protocol.yaml").write_text("antitryp")
    run(tmp_path, participants=2, part_size=2)
    assert not list(tmp_path.glob(".*.partial"))


@pytest.mark.contract
def test_one_process_at_a_time(copy):
    id = plan_in(copy)[0].id(copy)
    with held(copy, id), pytest.raises(InputError, match=f"run {id} .*is writing here"):
        run(copy)
    # The file of a lock that nobody holds is in nobody's way.
    assert (copy / ".lock").exists()
    run(copy)


@pytest.mark.contract
def test_force_begins_anew(copy):
    found = run(copy, seed=4, participants=5, part_size=5, force=True)
    assert found.manifest["identity"]["seed"] == 4
    assert found.table("lives").count_rows() == 5


@pytest.mark.contract
def test_an_unfinished_or_changed_run_is_not_read(copy):
    (copy / "results.json").write_text("[]")
    with pytest.raises(InputError, match=r"results.json.*not the one"):
        read_large(copy)
    (copy / "manifest.json").unlink()
    with pytest.raises(InputError, match="not finished"):
        read_large(copy)
    (copy / "manifest.json").write_text("{")
    with pytest.raises(InputError, match="manifest cannot be read"):
        read_large(copy)
    with pytest.raises(InputError, match="no run in parts"):
        read_large(copy / "lives")
    with pytest.raises(InputError, match="no table 'visit'"):
        read_large(undisturbed()).table("visit")


def test_progress_never_goes_back_and_a_stop_keeps_what_is_done(tmp_path):
    seen = []
    stop = {"now": False}

    def progress(stage, done, total):
        seen.append((stage, done, total))
        stop["now"] = stage == "living" and done >= 14

    with pytest.raises(Cancelled):
        run(tmp_path / "run", progress=progress, cancel=lambda: stop["now"])
    lived = list((tmp_path / "run" / "lives").iterdir())
    assert lived
    before = {f: f.stat().st_mtime_ns for f in lived}
    seen.append(("again", 0, 0))
    found = run(tmp_path / "run", progress=lambda *each: seen.append(each))
    assert bits(found.folder) == bits(undisturbed())
    assert all(f.stat().st_mtime_ns == when for f, when in before.items())
    at = seen.index(("again", 0, 0))
    for part in (seen[:at], seen[at + 1 :]):
        done = [d for stage, d, _ in part if stage == "living"]
        assert done == sorted(done)
        assert all(total == PEOPLE for stage, _, total in part if stage == "living")


def test_progress_of_parts_in_any_order_is_within_the_whole():
    seen = []
    told = Told(Settings(progress=lambda *each: seen.append(each)), 10)
    told.settings().tell("enrolling", 10, 10)
    told.more(2)
    told.more(8)
    assert [done for _, done, _ in seen] == [9, 9, 10]


def test_the_cost_is_told_from_a_few(tmp_path):
    plan, model = plan_large(SMALL, participants=400, settings=Settings(seed=SEED))
    told = cost_of(plan, model, Settings(threads=1))
    assert told.people == 192
    assert told.seconds > 0
    assert "on the disk (told from 192 people)" in told.describe()
    small = replace(plan, participants=PEOPLE, part_size=PEOPLE)
    held_now = sum(f.stat().st_size for f in undisturbed().rglob("lives/*"))
    # Parts of seven people are mostly heads, so that one part is less than four.
    assert cost_of(small, model).bytes < 1.5 * held_now


def broken_in(monkeypatch, share, before=False):
    """Let the courses of a share of people fail, as the kernel says it; chosen by their age."""
    import antitrypsim.simulation.simulate as place

    real = place.advance_all

    def advance_all(advance, batch, per_row, thresholds):
        course, times = real(advance, batch, per_row, thresholds)
        begun = batch.initial_states is not None
        chosen = np.modf(batch.end * 997 if before else batch.start * 997)[0] < share
        hit = chosen & (begun != before)
        course.status[hit] = 2
        return course, times

    monkeypatch.setattr(place, "advance_all", advance_all)


@pytest.mark.contract
def test_too_many_courses_that_fail_fail_the_run_and_are_named(tmp_path, monkeypatch):
    broken_in(monkeypatch, 0.3)
    with pytest.raises(RunError, match="more than one in a thousand; the first is person"):
        run(tmp_path / "run", part_size=PEOPLE)
    lines = [
        json.loads(x) for x in (tmp_path / "run" / "parts.jsonl").read_text("utf-8").splitlines()
    ]
    named = lines[0]["told"]["failed"]
    assert named
    assert named[0]["arms"] == ["active", "placebo"]
    assert len(named[0]["parameters"]) > 50
    assert not (tmp_path / "run" / "manifest.json").exists()


def test_who_cannot_be_computed_is_left_out_of_all_arms_and_the_rest_stay(tmp_path, monkeypatch):
    monkeypatch.setattr("antitrypsim.runs.large.MOST_FAILED", 1.0)
    broken_in(monkeypatch, 0.2)
    found = run(tmp_path / "run")
    named = found.manifest["failed"]
    assert named["people"] == len(named["named"]) > 0
    assert found.table("lives").count_rows() == PEOPLE
    left = {f"SMALL-{one['place'] + 1:06d}" for one in named["named"]}
    mine, all_of = rows(found.folder, "participants"), rows(undisturbed(), "participants")
    expected = all_of[~all_of["USUBJID"].isin(left)].reset_index(drop=True)
    pd.testing.assert_frame_equal(mine, expected)


def test_who_cannot_be_lived_to_day_0_is_not_enrolled_and_named(tmp_path, monkeypatch):
    monkeypatch.setattr("antitrypsim.runs.large.MOST_FAILED", 1.0)
    broken_in(monkeypatch, 0.2, before=True)
    found = run(tmp_path / "run")
    enrolled = found.manifest["enrolled"]
    assert enrolled["left"]["course not integrated"] == found.manifest["failed"]["people"] > 0
    assert all(one["place"] is None for one in found.manifest["failed"]["named"])
    assert len(rows(found.folder, "participants")) == PEOPLE
