"""A protocol that is written in the form: what it says, what is wrong with it, and the same outside."""

import contextlib
import io
import json
import shlex
from dataclasses import replace

import pytest

import antitrypsim as ats
from antitrypsim.cli.main import main
from antitrypsim.foundations.errors import InputError
from antitrypsim.foundations.plain import json_text
from antitrypsim.protocols import bundled_protocols, check_protocol, load_protocol
from antitrypsim.protocols.delivery import known_doses
from antitrypsim.protocols.load import read_protocol
from antitrypsim.protocols.therapytext import parse_therapy
from antitrypsim.web.asked import asked, placed
from antitrypsim.web.drafts import (
    OWN,
    as_file,
    draft_from,
    draft_text,
    drafted,
    therapy,
    vocabulary,
)
from antitrypsim.web.formshapes import Therapy
from antitrypsim.web.jobs import Jobs
from antitrypsim.web.shapes import Answer, Question
from antitrypsim.web.shown import answer_hash
from antitrypsim.web.strip import strip

pytestmark = pytest.mark.contract

SMALL = {"request": "run", "protocol": OWN, "participants": 12}


def begun():
    """Return what a form begins from, with an arm that is given something."""
    data = json.loads(json.dumps(vocabulary().nothing))
    data["arms"][0]["treatment"] = {
        "treatment": [{"product": "augmentation", "route": "intravenous", "dose": "60 mg/kg", "every": "1 week"}]
    }  # fmt: skip
    return data


def test_a_form_begins_with_a_protocol_that_can_be_run_and_says_what_it_lacks():
    found = drafted(vocabulary().nothing)
    assert found.problem is None
    assert any("nobody is given anything" in one.sentence for one in found.remarks)


@pytest.mark.parametrize("id", bundled_protocols())
def test_every_bundled_protocol_can_be_begun_from(id):
    found = drafted(draft_from(id))
    assert found.problem is None
    again = read_protocol(found.text)
    assert again.content_hash == load_protocol(id).content_hash
    told = [one.message for one in check_protocol(again)]
    assert [one.sentence for one in found.remarks] == told


@pytest.mark.parametrize(
    "text", [": ", "a: 2020-01-01", "{1: {2: 3}}", "a: !!set {x}", "a: !!binary eA=="]
)
def test_whatever_yaml_says_is_a_draft_that_json_can_hold(text):
    found = drafted(draft_from(text))
    assert found.problem is not None
    assert json.loads(found.model_dump_json())["data"] == found.data


def test_what_is_wrong_names_the_field():
    data = begun()
    data["arms"][0]["treatment"]["treatment"][0]["dose"] = "60 g/kg"
    found = drafted(data).problem
    assert found.key == "arms[0].treatment.treatment[0].dose"
    assert "60000 mg/kg" in found.sentence


def test_doses_are_drawn_where_the_protocol_gives_them():
    data = begun()
    data["arms"][0]["treatment"]["treatment"][0].update(every="13 weeks", missed=["26 weeks"])
    (lane,) = drafted(data).lanes
    assert [one.said for one in lane.moments[:3]] == ["0 weeks", "13 weeks", "39 weeks"]
    assert (lane.doses, lane.missed) == (7, ("26 weeks",))


@pytest.mark.parametrize("one", [r for p in vocabulary().products for r in p.routes], ids=str)
def test_a_route_can_be_given_or_says_why_not(one):
    if one.why:
        assert one.usual == ()
        return
    data = begun()
    data["arms"][0]["treatment"]["treatment"] = list(one.usual)
    assert drafted(data).problem is None


def test_the_strip_run_outside_gives_the_answer_of_the_page(tmp_path, monkeypatch):
    own = begun()
    jobs = Jobs(tmp_path / "jobs")
    try:
        id = jobs.ask(Question(request=SMALL, seed=2, protocol=own)).id
        *_, last = jobs.changes(id)
        assert last.state == "done"
        page = Answer.model_validate_json(jobs.file(id, "answer.json").read_text("utf-8")).hash
    finally:
        jobs.close()
    told = strip(asked(SMALL, own), 2, own)
    monkeypatch.chdir(tmp_path)
    (tmp_path / OWN).write_text(told.protocol, encoding="utf-8")
    words = [*shlex.split(told.command)[1:], "--quiet", "--json", "a.json", "--out", "run"]
    with contextlib.redirect_stdout(io.StringIO()):
        assert main(words) == 0
    assert answer_hash((tmp_path / "a.json").read_text("utf-8")) == page
    space = {}
    exec(told.python, space)
    assert answer_hash(json_text(asked(SMALL, own).data(space["answer"]))) == page


def test_power_of_a_protocol_of_ones_own_is_that_of_its_file(tmp_path):
    own = begun()
    said = {"request": "power", "design": OWN, "sizes": [40], "replicates": 20, "people": 60}
    request = asked(said, own)
    with as_file(own) as file:
        page = request.data(placed(request, file).answer())
    (tmp_path / OWN).write_text(draft_text(own), encoding="utf-8")
    outside = ats.power(tmp_path / OWN, sizes=[40], replicates=20, people=60).to_dict()
    assert page == outside


@pytest.mark.parametrize(
    ("request_", "own", "said"),
    [
        ({"request": "run", "protocol": OWN}, None, "no protocol"),
        ({"request": "run", "protocol": "other.yaml"}, {}, "no protocol"),
        ({"request": "run", "protocol": OWN}, {}, "is missing|needs"),
        (
            {"request": "run", "protocol": "rapid", "posterior": "/etc/passwd"},
            None,
            "reads no file",
        ),
        (
            {
                "request": "compare",
                "therapies": ["augmentation:60mg/kg/week"],
                "posterior": "x.npz",
            },
            None,
            "reads no file",
        ),
        ({"request": "patient", "without": ["il-11"]}, None, "il-10"),
    ],
)
def test_what_cannot_be_is_refused_before_the_work(request_, own, said):
    with pytest.raises(InputError, match=said):
        asked(request_, own)


@pytest.mark.parametrize(
    ("said", "held"),
    [("80 mg/dL", 15.3846), ("0.8 g/L", 15.3846), ("15.3846", "15.3846"), (9.0, 9.0)],
)
def test_a_field_is_said_in_the_unit_at_hand(said, held):
    if isinstance(held, str):
        with pytest.raises(InputError, match="not a number"):
            asked({"request": "patient", "serum": said})
    else:
        assert asked({"request": "patient", "serum": said}).serum == held
    assert asked({"request": "patient", "height": "172 cm"}).height == 1.72


@pytest.mark.parametrize("text", [d.example for d in known_doses().values() if d.example])
def test_a_therapy_is_the_same_taken_apart_and_put_together(text):
    apart = therapy(Therapy(text=text))
    again = therapy(Therapy(lines=apart.lines))
    assert (apart.problem, again.problem) == (None, None)
    assert replace(parse_therapy(again.text, 1.0), name=text) == replace(
        parse_therapy(text, 1.0), name=text
    )
    assert len(again.lanes) == len(again.lines)


@pytest.mark.parametrize(
    "asked_",
    [
        Therapy(text="foo"), Therapy(text="foo:1mg/week"), Therapy(text="augmentation:60mg/kg"),
        Therapy(lines=({"product": "msc"},)), Therapy(lines=({},)),
        Therapy(text="augmentation:60mg/kg/week", years=-1.0),
    ],
    ids=str,
)  # fmt: skip
def test_a_therapy_that_cannot_be_says_so_and_keeps_its_words(asked_):
    told = therapy(asked_)
    assert told.problem is not None
    assert told.text or asked_.lines
