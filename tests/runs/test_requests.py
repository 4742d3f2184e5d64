"""A request is one value with three faces: command, code and answer say the same, to the last bit."""

from __future__ import annotations

import json
import shlex

import pytest
from pydantic import BaseModel

from antitrypsim.cli.main import main
from antitrypsim.foundations.errors import InputError
from antitrypsim.foundations.plain import json_text
from antitrypsim.foundations.provenance import content_hash
from antitrypsim.runs.requests import request_from, requests
from antitrypsim.simulation.settings import Settings

pytestmark = pytest.mark.contract


AUGMENTATION = "augmentation:60mg/kg/week"
HOW = Settings(seed=7, tolerance=3e-4)
EXAMPLES = [
    {"request": "run", "protocol": "rapid", "participants": 6, "uncertainty": 2},
    {"request": "compare", "therapies": {AUGMENTATION: AUGMENTATION}, "people": 4, "uncertainty": 0,
     "years": [1.0, 1.5], "without": ["il-10"]},
    {"request": "compare", "therapies": {"by vein": AUGMENTATION, "RNA": "fazirsiran:200mg@75kg/12weeks"},
     "people": 4, "uncertainty": 2, "years": [1.0], "combine": False, "title": "Two ways"},
    {"request": "patient", "age": 45.5, "fev1": 55.0, "height": 1.725, "years": 1.0, "people": 6,
     "therapy": "msc@intravenous:2e8cells/3months", "without": ["il-10"]},
    {"request": "dose", "therapies": [AUGMENTATION], "value": 15.0, "years": 1.0, "people": 4,
     "uncertainty": 0, "factors": [0.5, 1.0]},
    {"request": "power", "design": "rapid", "wanted": 0.8, "sizes": [40, 60], "people": 40, "draws": 0,
     "replicates": 40},
    {"request": "design", "design": "rapid", "people": 40, "draws": 0, "replicates": 20},
    {"request": "mouse"},
    {"request": "validate", "people": 20, "only": ["TGT-03"]},
    {"request": "explain", "module": "liver"},
    {"request": "evidence", "words": ["desmosine", "plasma"]},
]  # fmt: skip


def test_every_kind_of_request_has_an_example():
    assert {each["request"] for each in EXAMPLES} == set(requests())


@pytest.mark.law
@pytest.mark.parametrize("said", EXAMPLES, ids=lambda said: said["request"])
def test_command_code_and_answer_are_the_same(said, tmp_path, capsys):
    request = request_from(said)
    file = tmp_path / "answer.json"
    answer = plain(request.data(request.answer(HOW)))

    words = shlex.split(request.as_command(HOW))
    aside = ["--json", str(file)]
    if said["request"] == "run":
        aside += ["--out", str(tmp_path / "run")]
    assert main([*words[1:], *aside]) in (0, 1), capsys.readouterr().err
    commanded = json.loads(file.read_text(encoding="utf-8"))

    found: dict[str, object] = {}
    exec(request.as_code(HOW), found)
    coded = plain(request.data(found["answer"]))
    assert content_hash(answer) == content_hash(commanded) == content_hash(coded)


def plain(data):
    return json.loads(json_text(data))


@pytest.mark.parametrize("said", EXAMPLES, ids=lambda said: said["request"])
def test_a_request_is_plain_data_and_comes_back(said):
    request = request_from(said)
    back = request_from(json.loads(json.dumps(request.to_dict())))
    assert back == request
    assert back.content_hash == request.content_hash
    properties = type(request).json_schema()["properties"]
    assert set(said) - {"request"} <= set(properties)
    assert all(each["description"] for each in properties.values())


def test_settings_are_no_part_of_a_question():
    request = request_from(EXAMPLES[0])
    assert "--seed=7" in request.as_command(HOW)
    assert "seed" not in request.as_command()
    assert "seed" not in str(request.to_dict())


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ({"request": {"run": 1}}, "no request"),
        ({"request": "rnu"}, "no request 'rnu'; did you mean 'run'"),
        ({}, "a request says"),
        ({"request": "run"}, "'protocol' is missing"),
        ({"request": "run", "protocol": "rapid", "people": 3}, "no key 'people'"),
        ({"request": "dose", "therapies": [AUGMENTATION], "value": "much"}, "value"),
    ],
)
def test_what_is_no_question_is_refused_in_a_sentence(said, told):
    with pytest.raises(InputError, match=told):
        request_from(said)


def test_a_request_cannot_be_changed():
    request = request_from(EXAMPLES[0])
    assert isinstance(request, BaseModel)
    with pytest.raises(Exception, match="frozen"):
        request.protocol = "other"
