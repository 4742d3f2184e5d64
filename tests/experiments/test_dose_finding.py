import math
from dataclasses import replace

import numpy as np
import pytest

from antitrypsim.experiments.dose_finding import LADDER, dose
from antitrypsim.experiments.dose_finding import _Run as _Ladders
from antitrypsim.foundations.errors import AntitrypsimError, InputError
from antitrypsim.reports import lay_out_html, lay_out_text
from antitrypsim.reports.dose_finding import dose_document

pytestmark = pytest.mark.law


AUGMENTATION = "augmentation@intravenous:60mg/kg/week"


@pytest.fixture(scope="module")
def found():
    return dose(
        [AUGMENTATION], value=11.0, years=0.5, people=10, uncertainty=40, factors=(0.1, 1, 2)
    )


def test_a_gain_is_asked_for_without_a_warning(found):
    assert not any("already" in one for one in found.notices)


def test_more_of_it_reaches_more(found):
    rungs = found.ladders[0].rungs
    assert [rung.factor for rung in rungs] == [0.1, 1, 2]
    assert sorted(rung.mean for rung in rungs) == [rung.mean for rung in rungs]
    assert sorted(rung.chance for rung in rungs) == [rung.chance for rung in rungs]
    assert rungs[0].time is None
    assert rungs[-1].time is not None
    assert rungs[-1].reach == 1


def test_the_factor_needed_lies_between_the_rungs_that_miss_and_meet_it(found):
    low, middle, high = found.ladders[0].needed
    assert 0.1 <= low <= middle <= high <= 2


def test_the_factor_needed_lies_where_the_logarithm_of_the_dose_does():
    """Of 21 draws each crosses the value at its own place between two rungs."""
    run = _Ladders.__new__(_Ladders)
    run.value, run.rises = 0.0, True
    factors = np.array([1.0, 10.0, 100.0])
    where = np.linspace(1.02, 1.98, 21)
    low, middle, high = run._needed(factors, np.log10(factors)[:, None] - where)
    assert (low, middle, high) == pytest.approx(tuple(10 ** where[[1, 10, 19]]))
    # What no rung reaches is beyond them all; what the lowest reaches is told as that.
    assert run._needed(factors, np.full((3, 21), -1.0)) == (np.inf,) * 3
    assert run._needed(factors, np.full((3, 21), 1.0)) == (1.0,) * 3


def test_the_time_is_that_from_which_half_stay_there():
    """Who is above a value at first and falls below it has not come to it."""
    run = _Ladders.__new__(_Ladders)
    run.value, run.years, run.rises = 10.0, 24.0, True
    falls = np.tile(np.linspace(12, 8, 24), (4, 1))
    assert run._time(falls) is None
    dips = np.full((4, 24), 12.0)
    dips[:, 5] = 9.0
    assert run._time(dips) == pytest.approx(7.0)
    assert run._time(falls[:, ::-1]) == pytest.approx(13.0)


def test_the_usual_ladder_climbs_in_half_decades():
    """Rounded to one digit, as doses are said."""
    assert [math.floor(10 * f + 0.5) / 10 for f in 10 ** np.arange(-1, 1.5, 0.5)] == [
        pytest.approx(f, abs=0.21) for f in LADDER
    ]
    assert list(LADDER) == sorted(LADDER)
    assert 1.0 in LADDER


def test_a_value_below_the_untreated_mean_is_to_be_fallen_to():
    fallen = dose(
        ["fazirsiran:200mg@75kg/12weeks"],
        value=2.0,
        years=1.0,
        people=6,
        uncertainty=0,
        factors=(1,),
    )
    assert not fallen.rises
    assert fallen.ladders[0].rungs[0].reach > 0.8
    assert fallen.ladders[0].needed is None
    assert any("better than 2 µM already" in one for one in fallen.notices)
    assert any("For a gain name a value above" in one for one in fallen.notices)


def test_uncertainty_is_of_the_therapy_not_of_the_untreated_course():
    hardly = dose([AUGMENTATION], value=11.0, years=0.5, people=6, uncertainty=40, factors=(1e-6,))
    low, high = hardly.ladders[0].rungs[0].uncertainty
    assert low == pytest.approx(hardly.untreated, rel=1e-3)
    assert high == pytest.approx(hardly.untreated, rel=1e-3)


def test_a_held_level_is_not_multiplied_with_the_cells():
    cells = "primary_hepatocytes@portal_vein[hla_mismatches=3]:1e9cells/once"
    found = dose(
        [f"{cells}+tacrolimus:6ng/mL/held", "tacrolimus:6ng/mL/held"],
        value=11.0, years=0.5, people=4, uncertainty=0, factors=(1, 10),
    )  # fmt: skip
    both, alone = found.ladders
    assert both.rungs[1].amounts == {"primary_hepatocytes/portal_vein": 1e10}
    assert [rung.factor for rung in alone.rungs] == [1.0]
    assert alone.as_stated
    assert not both.as_stated


def test_corrected_hepatocytes_are_told_with_the_value_that_they_bring():
    edited = dose(
        ["base_editor:60mg@75kg/once", AUGMENTATION],
        value=11.0, years=1.0, people=6, uncertainty=0, factors=(0.01, 0.1, 1),
    )  # fmt: skip
    genes, protein = edited.ladders
    shares = [rung.corrected for rung in genes.rungs]
    assert 0 < shares[0] < shares[1] < shares[2] < 100
    below, above = (next(r for r in rungs if (r.mean >= 11) == there)
                    for rungs, there in ((genes.rungs[::-1], False), (genes.rungs, True)))  # fmt: skip
    assert below.corrected < genes.corrected <= above.corrected
    assert protein.corrected is None
    assert all(rung.corrected == 0 for rung in protein.rungs)
    said = " ".join(lay_out_text(dose_document(edited, pictures=False)).split())
    assert f"about {genes.corrected:.2g} % of all hepatocytes are corrected" in said
    # The share itself is a goal as well.
    goal = dose(
        ["base_editor:60mg@75kg/once"], value=50.0, outcome="corrected_hepatocytes",
        years=1.0, people=6, uncertainty=0, factors=(0.01, 1),
    )  # fmt: skip
    first, second = goal.ladders[0].rungs
    assert (goal.untreated, first.reach, second.reach) == (0.0, 0.0, 1.0)
    assert second.mean == pytest.approx(second.corrected)


@pytest.mark.contract
def test_it_is_said_where_more_does_not_help(found):
    assert "more does not help" not in lay_out_text(dose_document(found))
    (ladder,) = found.ladders
    falling = tuple(replace(rung, mean=10.0 - rung.factor) for rung in ladder.rungs)
    worse = replace(found, ladders=(replace(ladder, rungs=falling),))
    assert "Beyond 0.1 times the stated doses the mean comes no nearer" in " ".join(
        lay_out_text(dose_document(worse)).split()
    )


@pytest.mark.contract
def test_what_is_not_known_is_null_in_plain_data(found):
    (ladder,) = found.to_dict()["ladders"]
    assert ladder["needed"] == list(found.ladders[0].needed)
    assert ladder["rests_on"] == found.ladders[0].shares.to_dict()
    without = replace(found.ladders[0], needed=None, shares=None)
    (ladder,) = replace(found, ladders=(without,)).to_dict()["ladders"]
    assert ladder["needed"] is ladder["rests_on"] is None
    beyond = replace(found.ladders[0], needed=(1.0, np.inf, np.inf))
    (ladder,) = replace(found, ladders=(beyond,)).to_dict()["ladders"]
    assert ladder["needed"] == [1.0, None, None]


@pytest.mark.contract
def test_the_answer_is_told_with_a_picture(found):
    assert "Needed of the stated doses" in lay_out_text(dose_document(found))
    assert lay_out_html(dose_document(found)).count("<svg") == 1


@pytest.mark.contract
@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({"therapies": []}, "no therapy is named"),
        ({"therapies": [AUGMENTATION, AUGMENTATION]}, "named twice"),
        ({"outcome": "exacerbations"}, "is an event and has no value"),
        ({"people": 1}, "1 person cannot be"),
        ({"years": 0}, "0 years cannot be"),
        ({"uncertainty": 1}, "1 draw cannot be"),
        ({"factors": (0.0,)}, "factors on the doses must lie above 0"),
        ({"factors": (1, 2, 1)}, "the factor 1 is listed twice"),
    ],
)
def test_what_cannot_be_is_one_sentence(options, sentence):
    with pytest.raises(AntitrypsimError, match=sentence):
        dose(**{"therapies": [AUGMENTATION], "value": 11.0, "people": 4, **options})


@pytest.mark.contract
@pytest.mark.parametrize("value", [1e300, -5])
def test_a_value_that_nobody_has_is_refused(value):
    with pytest.raises(InputError, match=r"nobody has 'serum_aat' of .*between 0 and 200"):
        dose("augmentation:60mg/kg/week", value=value)
