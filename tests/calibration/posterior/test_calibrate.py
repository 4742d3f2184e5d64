"""The whole way from runs to a posterior, in a world of four numbers whose posterior is known."""

import json
import runpy
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from antitrypsim.calibration.posterior import numbers
from antitrypsim.calibration.posterior.calibrate import POSTERIOR, Plan, calibrate, problem_of
from antitrypsim.calibration.posterior.evaluate import models_of
from antitrypsim.calibration.posterior.file import Posterior
from antitrypsim.calibration.posterior.normal import FIRST, standard
from antitrypsim.calibration.posterior.waves import kept_scores, wave_scores
from antitrypsim.evidence import Spread
from antitrypsim.foundations.errors import Cancelled, InputError, Remade, RunError
from antitrypsim.foundations.files import sealed, unsealed
from antitrypsim.reports.calibration import calibration_document
from antitrypsim.simulation.settings import Settings
from antitrypsim.uncertainty.unknowns import BETWEEN

from .toys import PLAN, PROBLEM, UNKNOWNS, VALIDATED, toy_evaluate

pytestmark = pytest.mark.law

MAKE = Path(__file__).parents[3] / "validation" / "posterior" / "make.py"
SMALL = replace(PLAN, waves=1, runs=40, checked=20, draws=100)


@pytest.fixture(scope="module")
def done(tmp_path_factory):
    folder = tmp_path_factory.mktemp("whole") / "run"
    return folder, calibrate(folder, PLAN, problem=PROBLEM, evaluate=toy_evaluate)


def test_what_the_data_teach_is_learned_and_nothing_else(done):
    _, found = done
    by_id = {row.id: row for row in found.learned}
    # A lognormal of CV 0.3: SD 0.294 on the logarithm; a product known to 0.05, within chance.
    s = np.sqrt(np.log1p(0.09))
    error = np.hypot(0.05, 0.01 / 4.0)
    known = np.sqrt(1 / (2 + (error / s) ** 2) * (1 + (error / s) ** 2))
    assert by_id["toy.one"].sd == pytest.approx(known, rel=0.05)
    assert by_id["toy.third"].sd == pytest.approx(np.hypot(0.1, 0.01) / (2.0 * s) / 0.85, rel=0.15)
    assert by_id["toy.third"].middle == pytest.approx(1.7, abs=0.06)
    assert by_id["toy.idle"].sd == pytest.approx(1.0, abs=0.05)
    assert not by_id["toy.idle"].informed
    assert by_id["toy.one"].informed
    assert by_id["toy.one"].profile_sd == pytest.approx(by_id["toy.one"].sd, rel=0.05)


def test_only_the_product_is_known_and_the_report_of_it_says_so(done):
    (trade,) = done[1].trades
    assert trade.ids == ("toy.one", "toy.other")
    assert "the product is known better than each" in trade.words


def test_two_samplers_and_two_seeds_agree(done):
    far = done[1].samplers
    assert far.means < 0.1
    assert far.sds < 0.1
    assert far.seeds < 0.2


def test_what_cannot_be_emulated_is_named_and_left_out(done):
    (out,) = [one for one in done[1].quality if one.why]
    assert out.label == "TOY-3 hopeless"
    assert out.why.startswith("not emulated: R2 0.0")


def test_the_posterior_meets_its_evidence_in_the_real_simulation(done):
    found = done[1]
    by = {one.target: one for one in found.predicted}
    assert found.truth.trusted
    assert by["TOY-1"].met > 0.8
    assert by["TOY-2"].met > 0.8
    assert [one.target for one in found.missed] == ["TOY-3"]
    assert [one.target for one in found.validated] == ["TOY-4"]


def test_the_file_holds_the_posterior_with_what_it_rests_on(done):
    folder, found = done
    read = Posterior.load(folder / POSTERIOR)
    assert read.content_hash == found.posterior.content_hash
    assert read.origin.people == 100
    assert read.origin.waves == 2
    assert read.origin.k == pytest.approx(found.truth.k)
    assert len(read) == 400
    json.dumps(found.to_dict(), allow_nan=False)


def test_a_prior_that_targets_contradict_is_named(tmp_path):
    away = replace(UNKNOWNS[2], centre=2.0 * np.exp(3 * np.sqrt(np.log1p(0.09))))
    moved = replace(PROBLEM, unknowns=(*UNKNOWNS[:2], away, UNKNOWNS[3]))
    plan = replace(SMALL, waves=2, checked=0)
    found = calibrate(tmp_path / "a", plan, problem=moved, evaluate=toy_evaluate)
    assert [row.id for row in found.contradicted] == ["toy.third"]
    assert "The targets disagree with what was known before about toy.third (-3" in str(
        calibration_document(found)
    )


def test_nothing_is_contradicted_where_priors_and_targets_agree(done):
    assert not done[1].contradicted


def test_another_call_reads_every_run_and_gives_the_same_bytes(done):
    folder, _ = done
    before = (folder / POSTERIOR).read_bytes()

    def never(*_, **__):
        raise AssertionError("a run was made again")

    calibrate(folder, PLAN, problem=PROBLEM, evaluate=never)
    assert (folder / POSTERIOR).read_bytes() == before


@pytest.mark.parametrize("at", [7, 47])
def test_after_a_stop_it_goes_on_and_gives_the_same_bytes(tmp_path, at):
    calls = []

    def stops(*args, **options):
        calls.append(1)
        if len(calls) == at:
            raise KeyboardInterrupt
        return toy_evaluate(*args, **options)

    with pytest.raises(KeyboardInterrupt):
        calibrate(tmp_path / "a", SMALL, problem=PROBLEM, evaluate=stops)
    assert len(list((tmp_path / "a").glob("*/run-*.json"))) == at - 1
    assert not list((tmp_path / "a").rglob("*.partial"))
    calibrate(tmp_path / "a", SMALL, problem=PROBLEM, evaluate=stops)
    assert len(calls) == 81
    calibrate(
        tmp_path / "b", SMALL, problem=PROBLEM, evaluate=toy_evaluate, settings=Settings(threads=1)
    )
    assert (tmp_path / "a" / POSTERIOR).read_bytes() == (tmp_path / "b" / POSTERIOR).read_bytes()


def test_poisoned_targets_of_validation_change_no_byte(tmp_path):
    poisoned = replace(
        PROBLEM, validated=tuple(replace(d, centre=1e6, low=9e5, high=2e6) for d in VALIDATED)
    )
    found = [
        calibrate(tmp_path / name, SMALL, problem=one, evaluate=toy_evaluate)
        for name, one in (("a", PROBLEM), ("b", poisoned))
    ]
    a, b = ((tmp_path / name / POSTERIOR).read_bytes() for name in "ab")
    assert a == b
    assert found[0].validated != found[1].validated


def test_a_poisoned_target_of_calibration_is_noticed(tmp_path):
    moved = replace(PROBLEM.data[1], centre=3.0, low=2.8, high=3.2)
    poisoned = replace(PROBLEM, data=(PROBLEM.data[0], moved, PROBLEM.data[2]))
    found = calibrate(tmp_path / "a", SMALL, problem=poisoned, evaluate=toy_evaluate)
    by_id = {row.id: row for row in found.learned}
    assert by_id["toy.third"].mean > 1.0


def test_more_waves_keep_the_runs_of_those_before(tmp_path):
    folder = tmp_path / "a"
    plan = replace(SMALL, checked=0)
    calibrate(folder, plan, problem=PROBLEM, evaluate=toy_evaluate)
    before = {file.name: file.read_bytes() for file in (folder / "wave-1").iterdir()}
    found = calibrate(
        folder, replace(plan, waves=2, runs=45), problem=PROBLEM, evaluate=toy_evaluate
    )
    after = {file.name: file.read_bytes() for file in (folder / "wave-1").iterdir()}
    assert before == {name: after[name] for name in before}
    assert len(after) == 45
    assert found.truth is None
    assert found.predicted
    assert not any(one.lived for one in found.predicted)


def test_a_larger_wave_begins_with_a_smaller_one():
    few, many = (wave_scores(UNKNOWNS, 1, n, 5, standard(4)) for n in (10, 30))
    assert few.tobytes() == many[:10].tobytes()
    assert not np.array_equal(few, wave_scores(UNKNOWNS, 2, 10, 5, standard(4)))


def test_a_wave_goes_on_where_it_was_begun_whatever_is_drawn_for_it_now(tmp_path):
    calibrate(tmp_path / "a", SMALL, problem=PROBLEM, evaluate=toy_evaluate)
    file = tmp_path / "a" / "scores-1.npy"
    begun, drawn = np.load(file), np.zeros((45, 4))
    kept = kept_scores(file, 45, 4, lambda: drawn)
    np.testing.assert_array_equal(kept, np.concatenate([begun, drawn[len(begun) :]]))
    more = kept_scores(file, 50, 4, lambda: np.ones((50, 4)))
    np.testing.assert_array_equal(more[:45], kept)

    def never():
        raise AssertionError("drawn though it was there")

    np.testing.assert_array_equal(kept_scores(file, 3, 4, never), begun[:3])


@pytest.mark.parametrize("wrong", [b"", b"not scores", b"PK\x03\x04zipped", None])
def test_scores_of_something_else_are_refused(tmp_path, wrong):
    file = tmp_path / "scores-1.npy"
    np.save(file, np.zeros((3, 7)))
    if wrong is not None:
        file.write_bytes(wrong)
    with pytest.raises(InputError, match="these are no scores of a wave; delete them"):
        kept_scores(file, 5, 4, lambda: np.zeros((5, 4)))


def test_the_first_wave_is_narrower_than_the_prior(tmp_path):
    calibrate(tmp_path / "a", SMALL, problem=PROBLEM, evaluate=toy_evaluate)
    assert np.load(tmp_path / "a" / "scores-1.npy").std() == pytest.approx(FIRST, rel=0.15)


def test_runs_that_cannot_be_lived_are_left_out_and_told(tmp_path):
    def some(parameters, *args, **options):
        if parameters.values["toy.idle"] > 2.3:
            raise RunError("the course of 3 people could not be integrated")
        return toy_evaluate(parameters, *args, **options)

    found = calibrate(tmp_path / "a", replace(SMALL, runs=60), problem=PROBLEM, evaluate=some)
    assert found.failed > 3
    assert found.failure == "the course of 3 people could not be integrated"
    assert {row.id: row for row in found.learned}["toy.one"].sd < 0.8


def test_where_no_run_can_be_lived_nothing_is_claimed(tmp_path):
    def none(*_, **__):
        raise RunError("nobody is eligible")

    with pytest.raises(
        RunError, match="every run of this wave failed; the first: nobody is eligible"
    ):
        calibrate(tmp_path / "a", SMALL, problem=PROBLEM, evaluate=none)


def test_where_nothing_can_be_emulated_nothing_is_claimed(tmp_path):
    hopeless = replace(PROBLEM, data=PROBLEM.data[2:])
    with pytest.raises(RunError, match="no statistic can be emulated"):
        calibrate(tmp_path / "a", SMALL, problem=hopeless, evaluate=toy_evaluate)


def test_who_asks_to_stop_is_heard(tmp_path):
    with pytest.raises(Cancelled):
        calibrate(
            tmp_path / "a", SMALL, problem=PROBLEM, evaluate=toy_evaluate,
            settings=Settings(cancel=lambda: True),
        )  # fmt: skip


def test_a_folder_of_something_else_is_refused(tmp_path):
    (tmp_path / "notes.txt").write_text("mine")
    with pytest.raises(InputError, match="holds something else"):
        calibrate(tmp_path, SMALL, problem=PROBLEM, evaluate=toy_evaluate)
    (tmp_path / "calibration.json").write_text("[]")
    with pytest.raises(InputError, match="not what a calibration wrote"):
        calibrate(tmp_path, SMALL, problem=PROBLEM, evaluate=toy_evaluate)


def test_a_folder_of_another_calibration_is_refused(tmp_path):
    folder = tmp_path / "a"
    plan = replace(SMALL, checked=0)
    calibrate(folder, plan, problem=PROBLEM, evaluate=toy_evaluate)
    with pytest.raises(InputError, match="a calibration with other people"):
        calibrate(folder, replace(plan, people=50), problem=PROBLEM, evaluate=toy_evaluate)
    with pytest.raises(InputError, match="with other equations"):
        calibrate(folder, plan, problem=replace(PROBLEM, equations="x"), evaluate=toy_evaluate)
    run = folder / "wave-1" / "run-0002.json"
    run.write_text(sealed(unsealed(run.read_text("utf-8")) | {"key": "0"}))
    with pytest.raises(InputError, match="this run is of other equations"):
        calibrate(folder, plan, problem=PROBLEM, evaluate=toy_evaluate)


def enlarged(file):
    """Multiply a statistic by 1.4, as an editor would."""
    said = json.loads(file.read_text("utf-8"))
    said["statistics"]["TOY-2 third"][0] *= 1.4
    file.write_text(json.dumps(said), encoding="utf-8")


def without_seal(file):
    said = unsealed(file.read_text("utf-8"))
    file.write_text(json.dumps(said), encoding="utf-8")


@pytest.mark.parametrize("harm", [enlarged, without_seal, lambda f: f.write_bytes(b"{}")])
def test_runs_that_are_not_as_written_are_named_and_made_anew(tmp_path, harm):
    folder, plan = tmp_path / "a", replace(SMALL, checked=0)
    calibrate(folder, plan, problem=PROBLEM, evaluate=toy_evaluate)
    before = {file: file.read_bytes() for file in folder.rglob("*.*") if file.is_file()}
    for number in range(1, 21):
        harm(folder / "wave-1" / f"run-{number:04d}.json")
    (folder / POSTERIOR).unlink()
    with pytest.warns(
        Remade, match=r"not as written, or without a seal.*: run-0001\.json, .*, run-0020\.json$"
    ):
        calibrate(folder, plan, problem=PROBLEM, evaluate=toy_evaluate)
    assert {file: file.read_bytes() for file in before} == before


def test_packed_runs_come_back_as_they_were(tmp_path):
    calibrate(tmp_path / "a", SMALL, problem=PROBLEM, evaluate=toy_evaluate)
    packed = tmp_path / "packed"
    packed.mkdir()
    (packed / "calibration.json").write_bytes((tmp_path / "a" / "calibration.json").read_bytes())
    make = runpy.run_path(str(MAKE))
    for wave in (each for each in (tmp_path / "a").iterdir() if each.is_dir()):
        make["pack"](wave, packed / f"{wave.name}.parquet")
    make["unpack"](packed, tmp_path / "b")
    for file in (tmp_path / "a").glob("*/run-*.json"):
        again = tmp_path / "b" / file.relative_to(tmp_path / "a")
        assert again.read_bytes() == file.read_bytes()


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"runs": 10}, "10 runs cannot carry an emulator; take 40 or more"),
        ({"people": 5}, "5 people are too few to read targets from"),
        ({"draws": 5}, "5 draws cannot be kept; between 20 and 2,000 can"),
        ({"draws": 50, "checked": 60}, "60 draws cannot be checked of 50"),
        ({"waves": 0}, "waves"),
    ],
)
def test_plans_that_cannot_be_are_refused(changed, said):
    with pytest.raises(InputError, match=said):
        Plan(**changed)


def test_what_it_costs_is_said():
    assert Plan().cost == (
        "3 waves of 150 runs in 500 people, then 100 draws of the posterior in 2,000 others, once to put the emulators "
        "right and once to check them"
    )


def test_runs_under_another_prior_are_not_taken_for_these(tmp_path):
    plan = replace(SMALL, checked=0)
    calibrate(tmp_path / "a", plan, problem=PROBLEM, evaluate=toy_evaluate)
    wider = replace(UNKNOWNS[0], prior=Spread("lognormal", cv=0.6))
    other = replace(PROBLEM, unknowns=(wider, *UNKNOWNS[1:]))
    with pytest.raises(InputError, match="this run is of other equations, targets, priors"):
        calibrate(tmp_path / "a", plan, problem=other, evaluate=toy_evaluate)


def test_whatever_is_uncertain_takes_part_and_no_fitted_value_by_its_uncertainty():
    problem = problem_of(Plan())
    ids = {one.id for one in problem.unknowns}
    for model in models_of({d.target for d in problem.data}):
        for each in model.parameters:
            if each.uncertainty.distribution != "none":
                assert each.id in ids
            if each.between_patients.distribution != "none":
                assert each.id + BETWEEN in ids
    fitted = [u for u in problem.unknowns if u.grade == "fitted" and u.part == "value"]
    assert len(fitted) > 20
    # What no datum teaches again keeps it.
    data = {d.target for d in problem.data}
    targets = {p.id: set(p.targets) for m in models_of(data) for p in m.parameters}
    for one in fitted:
        taught = one.source in ("own prior", "widened")
        assert taught or not targets[one.parameter] & data
    assert sum(one.source == "uncertainty" for one in fitted) < 10
    (spread,) = {u.prior for u in problem.unknowns if u.part == "spread"}
    assert spread == numbers.of_spreads()


def test_runs_of_another_error_are_not_taken_for_these(tmp_path):
    plan = replace(SMALL, checked=0)
    calibrate(tmp_path / "a", plan, problem=PROBLEM, evaluate=toy_evaluate)
    with pytest.raises(InputError, match="a calibration with other tolerance"):
        calibrate(
            tmp_path / "a", plan, problem=PROBLEM, evaluate=toy_evaluate,
            settings=Settings(tolerance=1e-3),
        )  # fmt: skip


def test_unknowns_stand_in_one_order_whatever_order_their_targets_come_in():
    targets = ("TGT-19", "TGT-06", "TGT-54", "TGT-22")
    assert [m.content_hash for m in models_of(targets)] == [
        m.content_hash for m in models_of(reversed(targets))
    ]
