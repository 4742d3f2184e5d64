"""What the page says outside itself: the same question, and the same answer."""

import contextlib
import io
import json
import runpy
import shlex
from pathlib import Path

import pytest
import schemathesis
from hypothesis import given, settings

import antitrypsim as ats
from antitrypsim.cli.main import main
from antitrypsim.foundations.plain import json_text
from antitrypsim.runs.requests import requests
from antitrypsim.web.app import create_app
from antitrypsim.web.asked import asked
from antitrypsim.web.jobs import Jobs
from antitrypsim.web.reading import question_from
from antitrypsim.web.rooms import rooms
from antitrypsim.web.shown import answer_hash
from antitrypsim.web.strip import strip

pytestmark = pytest.mark.contract

FRONT = Path(__file__).parents[2] / "frontend"
QUESTIONS = [
    ({"request": "patient", "people": 4, "years": 1.0, "therapy": "augmentation:60mg/kg/week"}, 3),
    ({"request": "compare", "therapies": ["augmentation:60mg/kg/week"], "people": 4,
      "years": [1.0], "uncertainty": 0}, None),
    ({"request": "run", "protocol": "rapid", "participants": 12}, 2),
    ({"request": "evidence", "words": ["density"]}, None),
]  # fmt: skip


def outside(command, folder):
    """Run a command line that writes its answer, and return the answer's hash."""
    words = [*shlex.split(command)[1:], "--json", str(folder / "answer.json")]
    words += ["--quiet"] if words[0] != "evidence" else []
    words += ["--out", str(folder / "run")] if words[0] == "run" else []
    with contextlib.redirect_stdout(io.StringIO()):
        assert main(words) == 0
    return answer_hash((folder / "answer.json").read_text("utf-8"))


@pytest.mark.parametrize(("said", "seed"), QUESTIONS, ids=lambda one: str(one)[:20])
def test_what_the_strip_says_gives_the_same_answer_outside(said, seed, tmp_path):
    request = asked(said)
    told = strip(request, seed)
    here = ats.Settings(seed=seed)
    page = answer_hash(json_text(request.data(request.answer(here))))
    assert outside(told.command, tmp_path) == page
    space = {}
    exec(told.python, space)
    assert answer_hash(json_text(request.data(space["answer"]))) == page
    read = question_from(told.yaml)
    assert (asked(read.request).content_hash, read.seed) == (told.hash, seed)


@pytest.mark.parametrize("room", rooms().values(), ids=lambda room: room.id)
def test_a_form_asks_for_fields_of_its_request_and_its_usual_values_can_be_asked(room):
    known = requests()[room.asks].model_fields
    assert {field.name for field in room.fields} <= set(known)
    said = {"request": room.asks}
    for field in room.fields:
        if field.usual:
            value = {
                "number": float, "whole": int, "therapies": str.splitlines,
                "numbers": lambda text: [float(x) for x in text.split(",")],
                "wholes": lambda text: [int(x) for x in text.split(",")],
            }.get(field.kind, str)(field.usual)  # fmt: skip
            said[field.name] = value
    assert asked(said).command == room.asks


def test_a_field_that_is_left_out_is_what_its_request_takes():
    fields = {field.name: field.missing for field in rooms()["person"].fields}
    assert (fields["people"], fields["age"], fields["fev1"]) == ("200", "50", "")


def test_evidence_tells_shortfalls_first_and_a_number_with_all_it_has():
    from antitrypsim.web.evidence import evidence_document

    plain = evidence_document(asked({"request": "evidence"}).answer())
    assert plain.sections[0].title == "What the model does not meet"
    assert "TGT-31" in str(plain.sections[0].tables[0].rows)
    one = evidence_document(
        asked({"request": "evidence", "words": ["lung.density_young"]}).answer()
    )
    (row,) = one.sections[1].tables[0].rows
    assert [getattr(c, "text", c) for c in row][1:3] == ["90 g/L", "SD 9"]
    assert "BIO-C17" in str(one.sections[2].tables)


def test_a_trial_is_told_with_what_its_protocol_check_finds():
    from antitrypsim.protocols import check_protocol, load_protocol

    found = strip(asked({"request": "run", "protocol": "rapid"}), None).remarks
    assert [one.sentence for one in found] == [
        one.message for one in check_protocol(load_protocol("rapid"))
    ]


@pytest.fixture(scope="module")
def app(tmp_path_factory):
    jobs = Jobs(tmp_path_factory.mktemp("jobs"))
    yield create_app(jobs)
    jobs.close()


def test_nothing_that_is_sent_breaks_the_server(app):
    schema = schemathesis.openapi.from_asgi("/api/openapi.json", app)
    # A stream that ends with a job, and bundled files, are not asked at random.
    paths = [o for o in (r.ok() for r in schema.get_all_operations()) if "events" not in o.path]
    assert len(paths) >= 9
    for operation in paths:

        @settings(max_examples=15, database=None)
        @given(case=operation.as_strategy())
        def sent(case):
            response = case.call(headers={})
            assert response.status_code < 500, case.as_curl_command()
            if response.status_code >= 400:
                assert set(json.loads(response.text)) >= {"sentence"}

        sent()


def test_the_types_of_the_front_end_are_made_of_this_server():
    made = runpy.run_path(str(FRONT / "openapi.py"))["openapi"]()
    assert made == (FRONT / "openapi.json").read_text("utf-8")
