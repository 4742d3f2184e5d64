"""Twenty trials one by one, and answers side by side."""

import pytest

from antitrypsim.foundations.errors import InputError
from antitrypsim.runs.requests import request_from
from antitrypsim.web.beside import beside, clearly_most
from antitrypsim.web.jobs import Jobs
from antitrypsim.web.replays import EACH, ROUNDS, _enough, replays
from antitrypsim.web.shapes import Question

pytestmark = pytest.mark.contract

POWER = {"request": "power", "design": "rapid", "sizes": [60, 180], "replicates": 100, "people": 60}


@pytest.fixture(scope="module")
def lab():
    return request_from(POWER).answer().lab


def test_the_trials_shown_are_those_that_the_power_is_counted_from(lab):
    """Of the first hundred trials of the planned size as many claim a benefit as the curve says."""
    power = request_from(POWER).answer().curve
    works, nothing = replays(lab, lab.participants)
    for world, found in ((works, power.power), (nothing, power.null)):
        assert [len(one.trials) for one in world.rounds] == [EACH] * ROUNDS
        claims = sum(t.claims == "benefit" for one in world.rounds for t in one.trials)
        assert claims / (EACH * ROUNDS) == pytest.approx(found[1].value)


def test_a_trial_claims_where_its_interval_leaves_out_nothing(lab):
    for world in replays(lab, lab.participants):
        for trial in (t for one in world.rounds for t in one.trials):
            assert trial.low < trial.at < trial.high
            outside = not trial.low < world.nothing < trial.high
            assert outside == bool(trial.claims)


def test_the_sentences_count_the_trials(lab):
    works, nothing = replays(lab, lab.participants)
    for world in (works, nothing):
        for one in world.rounds:
            count = sum(t.claims == "benefit" for t in one.trials)
            assert any(text.startswith(f"{count} of these 20 trials") for text in one.sentences)
    assert nothing.true == nothing.nothing
    assert works.true > works.nothing


def test_another_kind_of_design_has_none():
    said = {"request": "power", "design": "msc-basket", "replicates": 20, "people": 40}
    from antitrypsim.laboratory.design_file.load import bundled_designs, load_design

    other = next(
        d for d in bundled_designs()
        if (k := load_design(d)[0].design).kind != "parallel" and k.sized
    )  # fmt: skip
    assert replays(request_from({**said, "design": other}).answer().lab, 10) == ()


@pytest.fixture(scope="module")
def done(tmp_path_factory):
    jobs = Jobs(tmp_path_factory.mktemp("jobs"))
    questions = [
        POWER,
        {**POWER, "sizes": [60, 90]},
        {"request": "patient", "people": 4, "years": 2.0, "therapy": "augmentation:60mg/kg/week"},
        {"request": "patient", "people": 4, "years": 1.0, "age": 60.0},
    ]
    ids = [jobs.ask(Question(request=one)).id for one in questions]
    for id in ids:
        *_, last = jobs.changes(id)
        assert last.state == "done"
    yield jobs, ids
    jobs.close()


def test_designs_stand_side_by_side(done):
    jobs, ids = done
    table = beside(jobs, ids[:2])
    rows = {row[0].text: row[1:] for row in table.rows}
    assert [cell.text for cell in rows["sizes"]] == ["60, 180", "60, 90"]
    assert "people" not in rows
    assert not any(cell.strong for cell in rows["power, 60 participants"])
    assert [cell.text == "–" for cell in rows["power, 90 participants"]] == [True, False]
    assert not any(
        cell.strong for name, row in rows.items() if "nothing works" in name for cell in row
    )


def test_the_best_is_so_by_more_than_chance():
    def told(*pairs):
        return clearly_most([pair and {"value": pair[0], "error": pair[1]} for pair in pairs])

    assert told((0.9, 0.01), (0.8, 0.01)) == [True, False]
    assert told((0.82, 0.01), (0.8, 0.01)) == [False, False]
    assert told((0.8, 0.0), None) == [False, False]
    assert told((0.7, 0.01), (0.9, 0.01), (0.89, 0.01)) == [False, False, False]


def test_people_stand_side_by_side_in_a_year_that_both_have(done):
    jobs, ids = done
    rows = {row[0].text: row[1:] for row in beside(jobs, ids[2:]).rows}
    assert [cell.text for cell in rows["years"]] == ["2", "1"]
    found = [name for name in rows if "year 1" in name]
    assert any(name.endswith("with therapy") for name in found)
    assert not any("year 2" in name for name in rows)


def test_what_cannot_stand_side_by_side_is_refused(done):
    jobs, ids = done
    with pytest.raises(InputError, match="one kind"):
        beside(jobs, [ids[0], ids[2]])
    with pytest.raises(InputError, match="up to 4"):
        beside(jobs, [str(k) for k in range(5)])
    with pytest.raises(KeyError):
        beside(jobs, ["0"])


def test_a_pin_of_another_machine_hides_no_other(done):
    jobs, ids = done
    there = beside(jobs, [ids[0], "deadbeefdeadbeef", ids[1]])
    assert there.rows == beside(jobs, ids[:2]).rows
    assert there.notes == ("1 pinned answer was not found here: ask again.",)


@pytest.mark.parametrize(
    ("effect", "decimals"), [(0.0023, 4), (-0.0041, 4), (0.4, 2), (0.0, 2), (0.005, 2)]
)
def test_an_effect_is_told_apart_from_none(effect, decimals):
    assert _enough(effect, 2) == decimals
