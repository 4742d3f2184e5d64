"""The command of the mice: what it prints, writes, and what holds of any mouse."""

import json

import pytest

from antitrypsim.cli.main import main
from antitrypsim.experiments.mouse import PUBLISHED, SEEDS

pytestmark = pytest.mark.contract


@pytest.fixture(scope="module")
def told(tmp_path_factory):
    """What the command wrote: data and page."""
    folder = tmp_path_factory.mktemp("mouse")
    data, page = folder / "mice.json", folder / "mice.html"
    assert main(["mouse", "--quiet", "--json", str(data), "--html", str(page)]) == 0
    return json.loads(data.read_text("utf-8")), page.read_text("utf-8")


def test_every_finding_stands_beside_what_is_simulated(told):
    data, page = told
    assert set(data["published"]) == set(PUBLISHED)
    for id in PUBLISHED:
        assert id in page


def test_a_healthy_graft_takes_over_a_mouse_and_a_person_far_later(told):
    shares = {(one["species"], one["seed"], one["after"]): one["share"] for one in told[0]["liver"]}
    for seed in SEEDS:
        mouse = [shares["PiZ mouse", seed, f"{m} months"] for m in (3, 6)]
        people = [shares["people with ZZ", seed, f"{y} years"] for y in (5, 20)]
        assert 100 * seed < mouse[0] < mouse[1]
        assert 100 * seed < people[0] < people[1] < mouse[1]


def test_less_of_a_signal_shows_in_people_than_in_the_mouse(told):
    data, _ = told
    for one in data["lung"]:
        assert abs(one["people"]) <= abs(one["mouse"])
        assert one["people"] * one["mouse"] >= 0
    cells = data["cells_in_the_lung"]
    assert 1 > cells["1 days"] > cells["3 days"] > 0


def test_the_species_factor_is_people_over_animal(told):
    for one in told[0]["species_factors"]:
        assert one["factor"] == pytest.approx(one["people"] / one["animal"])
        assert one["low"] <= one["people"] <= one["high"]


def test_a_file_that_cannot_be_written_is_one_sentence(capsys):
    assert main(["mouse", "--json", "missing/mice.json"]) != 0
    assert "there is no folder 'missing'" in capsys.readouterr().err
