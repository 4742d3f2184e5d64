"""Tables and pictures that carry what they are of, and what rests on more than what is measured."""

import csv
import shutil
from io import BytesIO, StringIO

import pytest
from browsing import answered, opened
from fastapi.testclient import TestClient
from PIL import Image

from antitrypsim.evidence import Fixed, Parameter, load_registry
from antitrypsim.runs.requests import request_from
from antitrypsim.web.app import create_app
from antitrypsim.web.jobs import Jobs
from antitrypsim.web.reading import question_from
from antitrypsim.web.shapes import Question
from antitrypsim.web.shown import make

pytestmark = pytest.mark.contract

COMPARE = {
    "request": "compare", "therapies": ["augmentation:60mg/kg/week"], "people": 8, "years": [1.0],
    "uncertainty": 0,
}  # fmt: skip
PERSON = {
    "request": "patient", "people": 6, "years": 2.0, "uncertainty": 4,
    "therapy": "augmentation:60mg/kg/week",
}  # fmt: skip


@pytest.fixture(scope="module")
def asked(tmp_path_factory):
    jobs = Jobs(tmp_path_factory.mktemp("jobs"))
    client = TestClient(create_app(jobs))
    found = {}
    for said in (COMPARE, PERSON):
        id = jobs.ask(Question(request=said, seed=3)).id
        *_, last = jobs.changes(id)
        assert last.state == "done", last.problem
        found[said["request"]] = id
    yield client, found
    jobs.close()


def walked(sections):
    for one in sections:
        yield one
        yield from walked(one["parts"])


def question_of(text):
    """Read what a file carries as the page reads a YAML that is pasted."""
    return question_from("\n".join(line for line in text.splitlines() if "hash of the answer" not in line))  # fmt: skip


def test_every_table_is_a_csv_that_carries_its_question_and_seed(asked):
    client, ids = asked
    for kind, id in ids.items():
        for unit in ("", "?unit=g/L"):
            answer = client.get(f"/api/jobs/{id}/answer{unit}").json()
            tables = [t for part in walked(answer["sections"]) for t in part["tables"]]
            tables += [chart["table"] for chart in answer["charts"]]
            assert tables
            for table in tables:
                text = client.get(f"/api/jobs/{id}/tables/{table['name']}").text
                head = [line[2:] for line in text.splitlines() if line.startswith("# ")]
                question = question_of("\n".join(head))
                assert (question.request["request"], question.seed) == (kind, 3)
                assert answer["hash"] in head[0]
                body = "".join(line for line in text.splitlines(True) if not line.startswith("# "))
                rows = list(csv.reader(StringIO(body)))
                assert len(rows) == len(table["rows"]) + bool(table["head"])
                shown = [c["text"] for c in table["rows"][0]]
                plain = [one.replace("−", "-").replace("\u00a0", " ") for one in shown]
                kept = [one.replace("−", "-") for one in rows[bool(table["head"])]]
                assert all(k.startswith(p) for k, p in zip(kept, plain, strict=True))


def test_a_picture_carries_its_question_and_seed_as_svg_and_png(asked):
    client, ids = asked
    id = ids["compare"]
    answer = client.get(f"/api/jobs/{id}/answer").json()
    name = next(p["name"] for part in walked(answer["sections"]) for p in part["pictures"])
    svg = client.get(f"/api/jobs/{id}/pictures/{name}").text
    assert 'metadata id="antitrypsim"' in svg
    drawn = client.get(f"/api/jobs/{id}/pictures/{name}/png")
    picture = Image.open(BytesIO(drawn.content))
    told = picture.text["antitrypsim"]
    question = question_of(told)
    assert (question.request["request"], question.seed) == ("compare", 3)
    assert answer["hash"] in told
    assert picture.width > 500
    # Something is drawn: a picture of one colour would carry its words as well.
    assert len(picture.convert("L").getcolors()) > 10
    for wrong in ("pictures/none/png", "tables/none", "tables/..%2Fjob"):
        assert client.get(f"/api/jobs/{id}/{wrong}").status_code == 404


def test_what_rests_on_more_than_what_is_measured_is_told_row_by_row():
    registry = load_registry()
    request = request_from({"request": "evidence", "words": ["density"]})
    answer = request.answer()
    seen = {True: 0, False: 0}
    numbers = {n.id: n for n in answer.numbers.values() if isinstance(n, Parameter | Fixed)}
    for section in make(request, answer).shown.sections:
        for table in section.tables:
            for k, row in enumerate(table.rows):
                id = row[0].mark
                if id in numbers:
                    beyond = numbers[id].grade != "measured"
                elif id in registry.facts:
                    beyond = not registry.facts[id].seen
                elif id in registry.claims:
                    facts = [registry.facts.get(f) for f in registry.claims[id].facts]
                    beyond = not facts or not all(f and f.seen for f in facts)
                else:
                    continue
                assert (k in table.beyond) == beyond, id
                seen[beyond] += 1
    assert min(seen.values()) > 0


@pytest.mark.skipif(shutil.which("chromium") is None, reason="no chromium is installed")
def test_the_rest_is_pale_and_the_link_says_so(browser, served):
    with opened(browser, served, "#/evidence?words=density&asked=1") as page:
        answered(page)
        look = "all => all.map(one => getComputedStyle(one).color)"
        pale = page.locator("article tr.beyond > *")
        (ink,) = set(pale.evaluate_all(look))
        page.check("article .switch input")
        page.wait_for_url("**only=measured**")
        assert ink not in set(pale.evaluate_all(look))
        rest = page.locator("article tbody tr:not(.beyond) > *")
        assert set(rest.evaluate_all(look)) == {ink}
        with page.expect_download() as got:
            page.locator("article .files a:has-text('CSV')").first.click()
        text = got.value.path().read_text("utf-8")
        assert text.startswith("# Antitrypsim")
        assert got.value.suggested_filename.endswith(".csv")


@pytest.mark.parametrize("who", [None, 2])
def test_the_courses_that_are_looked_at_are_taken_away_with_their_question(asked, who):
    client, ids = asked
    id = ids["patient"]
    answer = client.get(f"/api/jobs/{id}/answer").json()
    for chart in answer["charts"]:
        end = "" if who is None else f"?who={who}"
        svg = client.get(f"/api/jobs/{id}/courses/{chart['id']}{end}").text
        assert chart["title"].split(",")[0] in svg
        told = Image.open(BytesIO(client.get(f"/api/jobs/{id}/courses/{chart['id']}/png{end}").content)).text["antitrypsim"]  # fmt: skip
        assert question_of(told).request["therapy"] == "augmentation:60mg/kg/week"
        assert (question_of(told).seed, answer["hash"] in told) == (3, True)
        # A line each way, a band of people and one of what is unknown; a person has a marker a year.
        assert svg.count("FillBetween") == 4
        markers = sum(bool(x) for x in answer["singles"][1]["courses"][chart["id"]]["with"])
        assert svg.count("<use ") >= (0 if who is None else 2 * markers)
        alone = client.get(f"/api/jobs/{id}/courses/{chart['id']}").text
        assert (svg == alone) == (who is None)


def test_one_of_the_people_is_a_csv_with_both_courses(asked):
    client, ids = asked
    id = ids["patient"]
    answer = client.get(f"/api/jobs/{id}/answer").json()
    one = answer["singles"][1]
    text = client.get(f"/api/jobs/{id}/people/2").text
    head = [line[2:] for line in text.splitlines() if line.startswith("# ")]
    assert answer["hash"] in head[0]
    assert any(one["words"] in line and one["sentences"][0] in line for line in head)
    first, *rows = csv.reader(StringIO("".join(line for line in text.splitlines(True) if not line.startswith("# "))))  # fmt: skip
    assert first[:3] == ["Year", "FEV1, L, without therapy", "FEV1, L, with therapy"]
    for k, row in enumerate(rows):
        said = [one["courses"][c][way][k] for c in ("fev1", "density", "stiffness") for way in ("without", "with")]  # fmt: skip
        assert row == [f"{k}", *said]


def test_a_course_or_a_person_that_is_not_there_is_none(asked):
    client, ids = asked
    for kind, path in (
        ("patient", "courses/nothing"), ("patient", "courses/fev1?who=99"), ("patient", "people/0"),
        ("compare", "courses/fev1"), ("compare", "people/1"),
    ):  # fmt: skip
        assert client.get(f"/api/jobs/{ids[kind]}/{path}").status_code == 404
    assert client.get(f"/api/jobs/{ids['patient']}/people/one").status_code == 422
