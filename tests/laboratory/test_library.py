"""The library on disk: built once, read back the same, named by what it depends on."""

import json
import re
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest

from antitrypsim.endpoints import endpoint
from antitrypsim.experiments.virtual_trial import run_trial
from antitrypsim.foundations.errors import InputError
from antitrypsim.laboratory import library as module
from antitrypsim.laboratory.arm_changes import Wanted
from antitrypsim.laboratory.design_file.trial_design import LibrarySize
from antitrypsim.laboratory.library import UNTREATED, _padded, open_library
from antitrypsim.protocols import Protocol, load_protocol
from antitrypsim.simulation.settings import Settings

pytestmark = pytest.mark.contract


SIZE = LibrarySize(people=8, draws=2, per_draw=4)
SMALL = {"size": SIZE, "before": (182.625,), "settings": Settings(seed=3)}


def _sized(**said):
    return {"size": SIZE.model_copy(update=said)}


@pytest.fixture(scope="module")
def small():
    """A protocol, and a library of it that was lived and not read."""
    protocol = load_protocol("rapid")
    kept, module._read = module._read, _unreadable
    try:
        return protocol, open_library(protocol, **SMALL)
    finally:
        module._read = kept


def _unreadable(*_):
    return None


@pytest.fixture
def disk(monkeypatch, tmp_path, small):
    """A cache folder, and how often somebody was lived for it; the kernels stay where they are."""
    lived = []

    def live(*_):
        lived.append(1)
        return small[1]

    monkeypatch.setattr(module, "cache", SimpleNamespace(folder=lambda: tmp_path))
    monkeypatch.setattr(module, "_live", live)
    return tmp_path, lived


def _same(one, two):
    for part in ("typical", "drawn"):
        here, there = getattr(one, part), getattr(two, part)
        for room in ("values", "events"):
            assert getattr(here, room).keys() == getattr(there, room).keys()
            for name, array in getattr(here, room).items():
                np.testing.assert_array_equal(array, getattr(there, room)[name])
        np.testing.assert_array_equal(here.death, there.death)
    assert one.arms == two.arms
    np.testing.assert_array_equal(one.days, two.days)
    assert one.people.equals(two.people)
    assert (one.met, dict(one.left)) == (two.met, dict(two.left))
    assert one.provenance == two.provenance


def test_it_is_made_once_and_read_back_the_same(disk, small):
    folder, lived = disk
    protocol, made = small
    assert open_library(protocol, **SMALL) is made
    again = open_library(protocol, **SMALL)
    assert len(lived) == 1
    assert again is not made
    _same(again, made)
    (where,) = (folder / "libraries").iterdir()
    assert where.name.startswith("rapid-")
    # The whole is renamed into its place: nothing half-written lies about.
    assert not list((folder / "libraries").glob(".*"))


def _cut(file):
    file.write_bytes(file.read_bytes()[:-40])


def _empty(file):
    file.write_bytes(b"")


def _doubled(file):
    np.save(file, 2 * np.load(file))


def _one_bit(file):
    data = bytearray(file.read_bytes())
    data[-9] ^= 0x10
    file.write_bytes(bytes(data))


def _word(old, new):
    return lambda file: file.write_text(file.read_text("utf-8").replace(old, new, 1))


def _turned_without_seal(file):
    said = json.loads(file.read_text("utf-8"))
    del said["seal"]
    said["arms"].reverse()
    file.write_text(json.dumps(said), encoding="utf-8")


def _other(file):
    file.write_text('{"files": 3}')


@pytest.mark.parametrize(
    ("name", "damage"),
    [
        ("typical-values-density.npy", _cut),
        ("typical-values-density.npy", _empty),
        ("typical-values-density.npy", _doubled),
        ("drawn-values-density.npy", _one_bit),
        ("people.parquet", _one_bit),
        ("manifest.json", _word('"active",', '"placebo",')),
        ("manifest.json", _word("728.0", "729.0")),
        ("manifest.json", _turned_without_seal),
        ("drawn-events-death.npy", lambda f: f.unlink()),
        ("typical-values-fev1.npy", lambda f: f.write_bytes(b"no array at all, but some text")),
        ("people.parquet", _cut),
        ("people.parquet", _empty),
        ("manifest.json", _cut),
        ("manifest.json", _other),
        ("manifest.json", lambda f: f.unlink()),
        ("manifest.json", lambda f: f.write_text("[]")),
    ],
)
def test_a_damaged_one_is_made_anew(disk, small, name, damage):
    folder, lived = disk
    protocol, made = small
    open_library(protocol, **SMALL)
    (where,) = (folder / "libraries").iterdir()
    damage(where / name)
    open_library(protocol, **SMALL)
    assert len(lived) == 2
    _same(open_library(protocol, **SMALL), made)
    assert len(lived) == 2


def _changed(protocol, **said):
    return Protocol.from_dict({**protocol.to_dict(), **said})


def test_its_name_is_made_of_what_it_depends_on(disk, small):
    folder, lived = disk
    protocol = small[0]
    data = protocol.to_dict()
    stronger = [dict(arm) for arm in data["arms"]]
    stronger[0]["treatment"] = {"treatment": [
        {**data["arms"][0]["treatment"]["treatment"][0], "dose": "120 mg/kg"}]}  # fmt: skip
    older = {**data["population"], "age": {"mean": 60, "sd": 8, "min": 18, "max": 70}}
    open_library(protocol, **SMALL)
    for who, said in (
        (protocol, _sized(people=9)), (protocol, _sized(draws=3)), (protocol, _sized(per_draw=5)),
        (protocol, {"settings": Settings(seed=4)}), (protocol, {"before": ()}), (protocol, {"extra": ("spo2",)}),
        (protocol, {"settings": Settings(seed=3, tolerance=1e-5)}), (_changed(protocol, arms=stronger), {}),
        (_changed(protocol, population=older), {}),
    ):  # fmt: skip
        before = len(lived)
        open_library(who, **{**SMALL, **said})
        assert len(lived) == before + 1, (who.content_hash, said)
    whole = len(list((folder / "libraries").iterdir()))
    assert whole == len(lived) == 10
    other = _changed(
        protocol, participants=60, allocation={"active": 2, "placebo": 1}, question="Or not?",
        dropout={"yearly": 0.3},
    )  # fmt: skip
    found = open_library(other, **SMALL)
    assert len(lived) == whole
    assert found.protocol is other


def test_other_software_makes_another(disk, small, monkeypatch):
    folder, lived = disk
    open_library(small[0], **SMALL)
    monkeypatch.setattr(module, "software_hash", lambda: "values times three")
    open_library(small[0], **SMALL)
    assert len(lived) == 2
    assert len(list((folder / "libraries").iterdir())) == 2


@pytest.mark.law
def test_without_draws_their_number_of_people_changes_nothing(disk, small):
    _, lived = disk
    open_library(small[0], **_sized(draws=0, per_draw=4))
    open_library(small[0], **_sized(draws=0, per_draw=7))
    assert len(lived) == 1


@pytest.mark.law
def test_no_treatment_is_added_where_all_are_treated(small):
    protocol, made = small
    assert made.arms == ("active", "placebo")
    assert made.untreated == 1
    arms = protocol.to_dict()["arms"]
    half = {"treatment": [{**arms[0]["treatment"]["treatment"][0], "dose": "30 mg/kg"}]}
    both = _changed(protocol, arms=[arms[0], {**arms[1], "treatment": half}])
    found = open_library(both, **_sized(draws=0), before=(182.625,), settings=Settings(seed=3))
    assert found.arms == ("active", "placebo", UNTREATED)
    assert found.untreated == 2
    serum = found.typical.values["serum_aat"][0, :, :, found.column(728)]
    alive = np.isfinite(serum).all(axis=0)
    assert alive.sum() > 4
    assert (serum[0] > serum[1])[alive].all()
    assert (serum[1] > serum[2])[alive].all()
    # The same people without anything: the placebo of the other library.
    np.testing.assert_allclose(
        found.typical.values["density"][0, 2], made.typical.values["density"][0, 1], rtol=1e-4
    )
    with pytest.raises(InputError, match="no arm of the library is untreated"):
        _ = replace(found, arms=found.arms[:2]).untreated


@pytest.mark.law
def test_the_values_are_those_of_a_trial(small):
    protocol, made = small
    trial = run_trial(protocol, participants=8, settings=Settings(seed=3), claims=False)
    for id in ("density", "serum_aat", "sgrq", "fev1"):
        for k, arm in enumerate(made.arms):
            days = [0.0, 364.0, 728.0]
            own = made.typical.values[id][0, k][:, [made.column(d) for d in days]]
            truth = trial.truth[arm]
            at = [list(truth.times).index(d) for d in days]
            what = endpoint(id)
            found = truth[what.output][:, 0][:, at] * what.factor
            alive = np.isfinite(own) & np.isfinite(found)
            assert alive.mean() > 0.9
            np.testing.assert_allclose(own[alive], found[alive], rtol=1e-3)
    person = {arm: k for k, arm in enumerate(made.arms)}
    rows = trial.visits.query("ENDPOINT == 'density' and AVISIT == 'm24'").dropna(subset="TRUTH")
    place = {name: k for k, name in enumerate(trial.participants["USUBJID"])}
    for _, row in rows.iterrows():
        own = made.typical.values["density"][
            0, person[row["ARM"]], place[row["USUBJID"]], made.column(728)
        ]
        assert own == pytest.approx(row["TRUTH"], rel=1e-3)


@pytest.mark.law
def test_draws_begin_as_enrolled(rapid):
    now = rapid.column(0)
    assert rapid.drawn.draws == 4
    assert rapid.drawn.people == 20
    # States are as they were met; a reading such as density also has parameters of its own.
    for id in ("serum_aat", "desmosine"):
        begun = rapid.drawn.values[id][..., now]
        typical = rapid.typical.values[id][0, :, :20, now]
        np.testing.assert_allclose(begun, np.broadcast_to(typical, begun.shape), rtol=1e-5)
        # And then they part from one another, and have no past of their own.
        later = rapid.drawn.values[id][:, 0, :, rapid.column(728)]
        alive = np.isfinite(later).all(axis=0)
        assert np.min(np.std(later[:, alive], axis=0)) > 0
        assert np.isnan(rapid.drawn.values[id][..., rapid.column(-182.625)]).all()
    assert np.isfinite(rapid.typical.values["density"][..., 0]).all()


@pytest.mark.law
def test_deaths_end_courses(rapid):
    for courses in (rapid.typical, rapid.drawn):
        for k, day in enumerate(rapid.days):
            if day < 0:
                continue
            gone = np.isnan(courses.values["density"][..., k])
            np.testing.assert_array_equal(gone, courses.death < day)


@pytest.mark.parametrize(
    ("said", "sentence"),
    [
        ({"people": 1}, "a library of 1 person cannot be; 2 to 1,000,000 can"),
        ({"people": 1_000_001}, "a library of 1,000,001 people"),
        ({"draws": -1}, "-1 draws cannot be; 0, or between 2 and 100,000 can"),
        ({"draws": 100_001}, "100,001 draws cannot be"),
        ({"per_draw": 1}, "1 person for each draw cannot be; 2 to 8 can"),
        ({"per_draw": 9}, "9 people for each draw cannot be"),
    ],
)
def test_numbers_that_cannot_be(small, said, sentence):
    with pytest.raises(InputError, match=sentence):
        open_library(small[0], **{**SMALL, **_sized(**said)})


def test_what_is_not_kept_is_said(small, made, rapid):
    with pytest.raises(InputError, match="the library keeps no values at day 17"):
        rapid.column(17)
    with pytest.raises(InputError, match="the library holds no draws of what is unknown"):
        made.two().courses(uncertain=True)


@pytest.mark.law
@pytest.mark.parametrize("switches", [None, Wanted((("active", "placebo"),), ("density",))])
def test_one_made_block_by_block_on_the_disk_is_the_same(small, tmp_path, monkeypatch, switches):
    protocol = small[0]
    # Days of change are chosen by people of the first block.
    monkeypatch.setattr(module.switchlives, "PILOT", 3)
    monkeypatch.setattr(module.cache, "folder", lambda: tmp_path / "one")
    expected = open_library(protocol, **SMALL, switches=switches)
    for name, value in (("IN_MEMORY", 0), ("BLOCK", 3), ("TOGETHER", 1)):
        monkeypatch.setattr(module.large_library, name, value)
    monkeypatch.setattr(module.cache, "folder", lambda: tmp_path / "two")
    seen = []
    how = replace(SMALL["settings"], progress=lambda *each: seen.append(each))
    found = open_library(protocol, **{**SMALL, "settings": how}, switches=switches)
    people = found.provenance.people
    assert people != expected.provenance.people
    _same(
        replace(found, provenance=replace(found.provenance, people=expected.provenance.people)),
        expected,
    )
    assert found.told == expected.told
    assert [change.to_dict() for change in found.changes] == [
        change.to_dict() for change in expected.changes
    ]
    files = {f.name: f for f in (tmp_path / "two").rglob("*") if f.is_file()}
    for file in (tmp_path / "one").rglob("*.npy"):
        assert files[file.name].read_bytes() == file.read_bytes()
    assert not [name for name in files if name.startswith(".")]
    assert [done for _, done, _ in seen] == [0, 3, 6, 8]
    # What it takes is told before anybody of it lives.
    assert re.search(r"GB on the disk, about \d+ s\)|MB on the disk, about \d+ s\)", seen[0][0])
    # Once made it is read as any other.
    monkeypatch.setattr(module, "_live_large", None)
    _same(open_library(protocol, **SMALL, switches=switches), found)


def test_a_disk_without_room_is_said_before_anybody_lives(small, monkeypatch, tmp_path):
    monkeypatch.setattr(module.cache, "folder", lambda: tmp_path)
    monkeypatch.setattr(module, "_live_large", None)
    with pytest.raises(InputError, match=r"takes about .* TB|takes about .* GB on the disk, and"):
        open_library(small[0], **_sized(people=1_000_000, draws=100_000, per_draw=1_000_000))


def test_a_disk_that_fills_up_loses_only_what_would_have_been_kept(disk, small, monkeypatch):
    def full(*_, **__):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(module.np, "save", full)
    assert len(open_library(small[0], **SMALL).people) == SIZE.people
    assert not list((disk[0] / "libraries").glob("*/manifest.json"))


def test_arms_with_fewer_events_are_filled_up_with_none():
    """People have as many places for events as the arm with the most of them."""
    few, many = np.full((1, 3, 2), 5.0, np.float32), np.full((1, 3, 4), 7.0, np.float32)
    found = _padded([few, many])
    assert found.shape == (1, 2, 3, 4)
    np.testing.assert_array_equal(found[:, 0, :, :2], few)
    assert np.isnan(found[:, 0, :, 2:]).all()
    np.testing.assert_array_equal(found[:, 1], many)
