"""Questions on their way: the same is run once, a stop is heeded, nothing is lost."""

import json
import threading

import pytest

import antitrypsim as ats
from antitrypsim.foundations.errors import InputError
from antitrypsim.foundations.files import write_file
from antitrypsim.web import jobs as module
from antitrypsim.web.jobs import JOB, MOST_WAITING, Full, Jobs
from antitrypsim.web.shapes import Answer, Question

pytestmark = pytest.mark.contract

SMALL = {"request": "patient", "people": 4, "years": 1.0}
LONG = {"request": "patient", "people": 4_000, "fev1": 60.0, "years": 30.0}


def question(seed=None, **said):
    return Question(request={**SMALL, **said}, seed=seed)


def ended(jobs, id):
    *_, last = jobs.changes(id)
    return last


@pytest.fixture
def jobs(tmp_path):
    found = Jobs(tmp_path / "jobs")
    yield found
    found.close()


def test_an_answer_is_that_of_the_door_and_is_kept(jobs):
    asked = jobs.ask(question(seed=3))
    assert ended(jobs, asked.id).state == "done"
    shown = Answer.model_validate_json(jobs.file(asked.id, "answer.json").read_text("utf-8"))
    course = ats.patient(people=4, years=1.0, settings=ats.Settings(seed=3))
    assert shown.hash == course.content_hash
    kept = json.loads(jobs.file(asked.id, "data.json").read_text("utf-8"))
    assert kept == json.loads(json.dumps(course.to_dict()))
    assert jobs.file(asked.id, "report.html").read_text("utf-8").startswith("<!")


def test_other_pictures_have_other_names(jobs):
    names = []
    for dose in (30, 120):
        request = {"request": "compare", "therapies": [f"augmentation:{dose}mg/kg/week"], "years": [0.5],
                   "people": 4, "uncertainty": 0}  # fmt: skip
        id = jobs.ask(Question(request=request)).id
        assert ended(jobs, id).state == "done"
        shown = Answer.model_validate_json(jobs.file(id, "answer.json").read_text("utf-8"))
        found = [picture.name for section in shown.sections for picture in section.pictures]
        assert found
        assert all("<svg" in jobs.file(id, f"{name}.svg").read_text("utf-8") for name in found)
        names.append(set(found))
    # The published rival's curve over dose is the same picture in both.
    assert all(name.startswith("rival") for name in names[0] & names[1])


def test_the_numbers_drawn_are_those_of_the_answer(jobs):
    id = jobs.ask(question(therapy="augmentation:60mg/kg/week")).id
    ended(jobs, id)
    shown = Answer.model_validate_json(jobs.file(id, "answer.json").read_text("utf-8"))
    course = ats.patient(people=4, years=1.0, therapy="augmentation:60mg/kg/week")
    assert [chart.id for chart in shown.charts] == ["fev1", "density", "stiffness"]
    for chart in shown.charts:
        for way, line in chart.ways.items():
            assert (chart.years, line.median, line.low, line.high) == tuple(
                map(tuple, course.series(chart.id, way))
            )
    assert len(shown.years) == 2
    assert all(len(one.sentences) == 2 for one in shown.years)


def test_the_same_question_is_the_same_job(jobs):
    first = jobs.ask(question())
    assert jobs.ask(question(age=50.0, sex="female")).id == first.id
    assert jobs.ask(question(seed=2)).id != first.id
    assert jobs.ask(question(people=5)).id != first.id
    ended(jobs, first.id)
    assert jobs.ask(question()).state == "done"


def test_a_stop_is_heeded_and_leaves_no_answer(jobs):
    running = jobs.ask(Question(request=LONG))
    waiting = jobs.ask(Question(request=LONG, seed=2))
    for job in jobs.changes(running.id):
        if job.state == "running":
            break
    assert jobs.stop(waiting.id).state == "stopped"
    jobs.stop(running.id)
    assert ended(jobs, running.id).state == "stopped"
    with pytest.raises(KeyError):
        jobs.file(running.id, "answer.json")
    again = jobs.ask(Question(request=LONG))
    assert (again.id, again.state) == (running.id, "waiting")
    jobs.stop(again.id)


def test_a_quick_question_does_not_wait_for_a_long_one(jobs):
    long = jobs.ask(Question(request=LONG))
    assert ended(jobs, jobs.ask(question()).id).state == "done"
    assert jobs.of(long.id).state == "running"
    jobs.stop(long.id)


def test_what_was_running_is_asked_again_by_the_next_server(tmp_path):
    first = Jobs(tmp_path)
    id = first.ask(question()).id
    ended(first, id)
    whole = first.file(id, "answer.json").read_bytes()
    first.close()
    # As a server leaves it that was killed: running, without an answer.
    kept = json.loads((tmp_path / id / JOB).read_text("utf-8"))
    write_file(tmp_path / id / JOB, json.dumps({**kept, "state": "running"}))
    (tmp_path / id / "answer.json").unlink()
    second = Jobs(tmp_path)
    assert ended(second, id).state == "done"
    assert second.file(id, "answer.json").read_bytes() == whole
    second.close()
    # And one that was done is not run again.
    third = Jobs(tmp_path)
    assert third.of(id).state == "done"
    third.close()


def test_what_is_damaged_is_passed_over(tmp_path):
    for name, text in (("a", "{"), ("b", "{}"), ("c", '{"id": "other"}')):
        (tmp_path / name).mkdir()
        (tmp_path / name / JOB).write_text(text)
    jobs = Jobs(tmp_path)
    assert jobs.all() == ()
    jobs.close()


def test_a_failure_is_its_own_sentence(jobs):
    id = jobs.ask(question(serum=45.0)).id
    job = ended(jobs, id)
    assert job.state == "failed"
    assert "nobody like this" in job.problem.sentence
    assert job.problem.code == "run"


def test_the_queue_has_a_bound(jobs, monkeypatch):
    gate = threading.Event()
    monkeypatch.setattr(Jobs, "_answered", lambda self, job: gate.wait(30) and None)
    running = jobs.ask(Question(request=LONG))
    for job in jobs.changes(running.id):
        if job.state == "running":
            break
    for seed in range(2, 2 + MOST_WAITING):
        jobs.ask(Question(request=LONG, seed=seed))
    with pytest.raises(Full, match="wait already"):
        jobs.ask(Question(request=LONG, seed=100))
    gate.set()
    jobs.close()


@pytest.mark.parametrize("said", [{"age": 5.0}, {"sex": "x"}, {"people": 0}, {"wrong": 1}])
def test_what_cannot_be_is_refused_before_it_waits(jobs, said):
    with pytest.raises(InputError):
        jobs.ask(question(**said))
    assert jobs.all() == ()


@pytest.mark.parametrize(
    ("said", "quick"),
    [
        ({"request": "patient", "people": 20}, True),
        ({"request": "patient", "people": 21}, False),
        ({"request": "patient"}, False),
        ({"request": "patient", "people": 20, "uncertainty": 5}, False),
        ({"request": "compare", "therapies": ["augmentation:60mg/kg/week"], "people": 20, "uncertainty": 0}, True),
        ({"request": "compare", "therapies": ["augmentation:60mg/kg/week"], "people": 20}, False),
        ({"request": "power", "design": "rapid", "people": 60, "replicates": 100, "draws": 0}, True),
        ({"request": "power", "design": "rapid", "people": 60, "replicates": 100}, False),
        ({"request": "run", "protocol": "rapid"}, False),
        ({"request": "evidence"}, True),
    ],
    ids=str,
)  # fmt: skip
def test_a_first_answer_waits_for_no_long_question(said, quick):
    job = module.Job(id="0", question=Question(request=said), state="waiting")
    assert module._quick(job) is quick
