import numpy as np
import pytest

from antitrypsim.experiments.compare import compare
from antitrypsim.experiments.comparison_file import load_comparison
from antitrypsim.foundations.errors import InputError, ProtocolError
from antitrypsim.reports import compare_html, compare_text
from antitrypsim.therapies import build_model
from antitrypsim.trials.harms import harm_events

pytestmark = pytest.mark.law


SILENCING = "fazirsiran:200mg@75kg/12weeks"
AUGMENTATION = "augmentation@intravenous:60mg/kg/week"


@pytest.fixture(scope="module")
def found():
    return compare(
        {"silencing": SILENCING, "augmentation": AUGMENTATION},
        people=12,
        years=(1.0, 2.0),
        uncertainty=40,
    )


def test_the_interval_of_an_event_is_of_the_effect_beside_it():
    """Monthly cells give most people fever: draws of its own prior, which move its rate by a half, must say so too."""
    found = compare(
        "msc@intravenous:2e8cells/month", people=40, years=1.0, uncertainty=8, posterior="prior"
    )
    fever = found.of("msc@intravenous:2e8cells/month", "fever", 1.0)
    assert fever.effect > 20
    low, high = fever.uncertainty
    assert 0.3 * fever.effect < low <= high < 2 * fever.effect


def test_the_effect_that_is_told_is_the_median_over_the_draws(found):
    """Typical values may lie beside what all that is known together leaves; what is told does not."""
    drawn = [e for e in found.effects if e.uncertainty is not None]
    assert any(not e.uncertainty[0] <= e.effect <= e.uncertainty[1] for e in drawn)
    assert all(e.uncertainty[0] <= e.told <= e.uncertainty[1] for e in drawn)
    plain = compare("fazirsiran:200mg@75kg/12weeks", people=4, years=1.0, uncertainty=0)
    assert all(e.told == e.effect and e.middle is None for e in plain.effects)


@pytest.mark.contract
def test_two_therapies_are_also_given_together(found):
    assert found.therapies == ("silencing", "augmentation", "silencing + augmentation")


def test_silencing_heals_the_liver_and_augmentation_fills_serum(found):
    for year in (1.0, 2.0):
        assert found.of("silencing", "polymer", year).effect < 0
        assert found.of("silencing", "serum_aat", year).effect < 0
        assert found.of("augmentation", "serum_aat", year).effect > 5
        both = found.of("silencing + augmentation", "polymer", year).effect
        assert both == pytest.approx(found.of("silencing", "polymer", year).effect, abs=0.01)


def test_every_effect_has_two_spreads_and_events_one(found):
    for effect in found.effects:
        assert effect.uncertainty is not None
        assert effect.uncertainty[0] <= effect.uncertainty[1]
        assert (effect.people is None) == (effect.unit == "per 100 person-years")


def test_the_same_seed_gives_the_same_numbers(found):
    again = compare(
        {"silencing": SILENCING}, people=12, years=(1.0, 2.0), uncertainty=40, combine=False
    )
    assert again.therapies == ("silencing",)
    one, other = (c.of("silencing", "serum_aat", 2.0) for c in (found, again))
    # The model is smaller without augmentation, so that steps differ within tolerance.
    assert one.effect == pytest.approx(other.effect, rel=1e-3)


def test_a_dose_of_nothing_has_no_effect():
    nothing = compare(
        ["augmentation@intravenous:0mg/kg/week"], people=4, years=(1.0,), uncertainty=0
    )
    for effect in nothing.effects:
        assert effect.effect == pytest.approx(0, abs=1e-3)
        assert effect.uncertainty is None


@pytest.mark.contract
def test_the_report_says_what_decides_and_draws_pictures(found):
    text, page = compare_text(found), compare_html(found)
    assert "What decides its effect on" in text
    assert "from uncertainty" in text
    # One for each group of outcomes, and one of the published model of density.
    assert page.count("<svg") == 5
    assert "http://" not in page.replace("http://www.w3.org", "")


@pytest.mark.contract
@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({"therapies": []}, "nothing to compare; name a therapy"),
        ({"therapies": [f"augmentation@intravenous:{k}mg/kg/week" for k in range(1, 42)]}, "41 therapies"),
        ({"therapies": [SILENCING, SILENCING]}, "named twice"),
        ({"people": 1}, "1 person cannot be"),
        ({"uncertainty": 1}, "1 draw cannot be"),
        ({"years": (0.0,)}, "years must lie above 0"),
        ({"years": (2.0, 1.0)}, "years must rise"),
        ({"without": ["il-100"]}, "did you mean 'il-10'"),
    ],
)  # fmt: skip
def test_what_cannot_be_is_one_sentence(options, sentence):
    from antitrypsim.foundations.errors import AntitrypsimError

    with pytest.raises(AntitrypsimError, match=sentence):
        compare(**{"therapies": [SILENCING], "people": 4, "years": (1.0,), **options})


@pytest.mark.contract
def test_an_effect_that_was_not_compared_is_refused(found):
    with pytest.raises(InputError, match="was not compared"):
        found.of("silencing", "serum_aat", 7.0)


@pytest.mark.contract
def test_a_comparison_file(tmp_path):
    file = tmp_path / "question.yaml"
    file.write_text(
        "compare: 1\ntitle: A question\nyears: [1]\npeople: 8\nuncertainty: 0\n"
        f"therapies:\n  silencing: {SILENCING}\n"
    )
    asked = load_comparison(file)
    assert asked.therapies == {"silencing": SILENCING}
    assert asked.years == (1.0,)


@pytest.mark.contract
@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("compare: 2\ntherapies: {a: x}\n", "reads version 1 of the format, not 2"),
        ("compare: 1\n", "'therapies' is missing"),
        ("compare: 1\ntherapy: {a: x}\ntherapies: {a: x}\n", "no key 'therapy'"),
    ],
)
def test_a_faulty_comparison_file_is_one_sentence(tmp_path, text, sentence):
    file = tmp_path / "question.yaml"
    file.write_text(text)
    with pytest.raises(ProtocolError, match=sentence) as problem:
        load_comparison(file)
    assert str(file) in str(problem.value)


def test_people_spread_holds_most_of_the_mean(found):
    effect = found.of("augmentation", "serum_aat", 2.0)
    low, high = effect.people
    assert low <= effect.effect <= high
    assert np.isfinite(effect.without)


@pytest.mark.contract
def test_one_therapy_is_named_once_however_it_is_written():
    again = "augmentation@intravenous:60mg/kg/7days"
    with pytest.raises(InputError, match="are the same therapy; name each once"):
        compare([AUGMENTATION, again], people=2, uncertainty=0)


@pytest.mark.contract
def test_one_text_is_one_therapy():
    with pytest.raises(InputError, match="1 person cannot be"):
        compare(AUGMENTATION, people=1)


def test_every_harm_that_a_therapy_can_do_is_compared():
    drug = "aat_fc@intravenous:60mg/kg/month"
    found = compare(drug, people=4, years=1.0, uncertainty=0)
    harms = {e.outcome for e in found.effects if e.group == "harms"}
    assert "drug_antibodies" in harms
    assert harms == set(harm_events(build_model(therapies=("aat_fc",))))
