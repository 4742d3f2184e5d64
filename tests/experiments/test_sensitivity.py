"""Sobol indices by grade of a therapy's effect, and every sentence that the command refuses with."""

import json

import numpy as np
import pytest

from antitrypsim.cli.main import main
from antitrypsim.experiments.sensitivity import sensitivity
from antitrypsim.foundations.errors import InputError
from antitrypsim.reports.layout_text import lay_out_text
from antitrypsim.reports.sensitivity import sensitivity_document

pytestmark = pytest.mark.law

SMALL = {"people": 3, "points": 16, "years": 2.0}
AUGMENTED = "augmentation:60mg/kg/week"


@pytest.fixture(scope="module")
def found():
    return sensitivity(AUGMENTED, **SMALL)


def test_more_aat_spares_density_and_its_variance_is_shared_out(found):
    assert found.found.mean > 0
    assert found.found.sd > 0
    assert found.found.runs == 16 * (4 + 2)
    assert sum(share for share, _ in found.found.total.values()) > 0.7
    assert all(np.isfinite(pair).all() for pair in found.found.closed.values())


def test_the_same_is_found_again(found):
    assert sensitivity(AUGMENTED, **SMALL).to_dict() == found.to_dict()


def test_serum_does_not_hang_on_how_wrong_a_guess_of_the_lung_is(found):
    """What is assumed of the lung moves density and not serum, which rests on fitted kinetics."""
    serum = sensitivity(AUGMENTED, endpoint_id="serum_aat", **SMALL)
    assert serum.found.total["assumed"][0] < found.found.total["assumed"][0] + 0.5
    assert max(serum.found.total, key=lambda g: serum.found.total[g][0]) in ("fitted", "measured")


def test_a_report_says_which_grade_decides_or_that_none_stands_out(found):
    text = lay_out_text(sensitivity_document(found), whole=True)
    assert "Shares of the variance" in text
    assert ("Most of that hangs on" in text) != ("No grade stands out" in text)


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({"points": 12}, "12 points cannot be; take a power of two"),
        ({"points": 2048}, "2,048 points cannot be; up to 1,024 can"),
        (
            {"endpoint_id": "exacerbations"},
            "'exacerbations' counts events; name a measured endpoint",
        ),
        ({"endpoint_id": "denisty"}, "did you mean 'density'"),
        ({"years": 99.0}, "99 years cannot be"),
        ({"people": 1}, "1 person cannot be"),
    ],
)
def test_what_cannot_be_is_said_before_anybody_lives(asked, said):
    with pytest.raises(InputError, match=said.replace("(", r"\(")):
        sensitivity(AUGMENTED, **SMALL | asked)


def test_the_command_writes_its_answer(tmp_path, capsys):
    file = tmp_path / "a.json"
    small = ["--people", "2", "--points", "8", "--years", "1", "--quiet", "--json", str(file)]
    assert main(["sensitivity", "--therapy", AUGMENTED, *small]) == 0
    said = json.loads(file.read_text("utf-8"))
    assert set(said["total"]) == {"measured", "fitted", "scaled", "assumed"}
    assert "What grade of evidence decides" in capsys.readouterr().out
    assert main(["sensitivity", "--therapy", AUGMENTED, "--points", "9"]) == 2
    assert "9 points cannot be" in capsys.readouterr().err
