"""What is of another kind than the door asks for is one sentence that names it, before any work."""

import pytest

import antitrypsim as ats
from antitrypsim.cli.main import main
from antitrypsim.foundations.errors import Cancelled, InputError
from antitrypsim.populations.spec import AgeRange, Criterion

A = "augmentation:60mg/kg/week"
SMALL = {"people": 6, "uncertainty": 0}

pytestmark = pytest.mark.contract


@pytest.mark.parametrize(
    ("ask", "said"),
    [
        (lambda: ats.patient(age="50"), "'age' must be a number, not '50'"),
        (lambda: ats.patient(genotype=None), "'genotype' must be text"),
        (lambda: ats.patient(sex=1), "'sex' must be text"),
        (lambda: ats.patient(fev1="55"), "'fev1' must be a number"),
        (lambda: ats.patient(people="6"), "'people' must be a whole number"),
        (lambda: ats.patient(colour="red"), "nothing called 'colour' describes a person"),
        (lambda: ats.run("rapid", participants=6, uncertainty=1.5), "'uncertainty' must be a whole"),
        (lambda: ats.run(None), "'None' is no protocol"),
        (lambda: ats.run("rapid", settings={"seed": 1}), r"'settings' must be Settings\(...\)"),
        (lambda: ats.compare(A, settings={"seed": 1}), r"'settings' must be Settings\(...\)"),
        (lambda: ats.compare(A, people="6"), "'people' must be a whole number"),
        (lambda: ats.compare(A, years="1,2"), "'years' must be numbers"),
        (lambda: ats.compare(A, uncertainty=None), "'uncertainty' must be a whole number"),
        (lambda: ats.compare(A, population=5), "'5' is no protocol"),
        (lambda: ats.compare(A, without=5), "'without' must be a list of texts"),
        (lambda: ats.compare([1]), "'therapies' must be text, not '1'"),
        (lambda: ats.compare({1: A}), "'the name of a therapy' must be text"),
        (lambda: ats.compare({"": A}), "'the name of a therapy' must be text"),
        (lambda: ats.compare({"a": A, "a + b": A}), "cannot be the name of a therapy"),
        (lambda: ats.compare({"No treatment": A}), "cannot be the name of a therapy"),
        (lambda: ats.request_from({"request": "patient", "height": 1.1 * 1.5}), "four decimals or fewer"),
        (lambda: ats.compare(A, title=5), "'title' must be text"),
        (lambda: ats.dose(A, value="11"), "'value' must be a number"),
        (lambda: ats.dose(5, value=11), "'therapies' must be a list of texts"),
        (lambda: ats.dose(A, value=11, factors="1,10"), "'factors' must be numbers"),
        (lambda: ats.power(None), "'None' is no design"),
        (lambda: ats.power("rapid", sizes="20"), "'sizes' must be a list"),
        (lambda: ats.power("rapid", sizes=["20"]), "'sizes' must be a whole number"),
        (lambda: ats.power("rapid", wanted="0.9"), "'wanted' must be a number"),
        (lambda: ats.power("rapid", replicates=1.5), "'replicates' must be a whole number"),
        (lambda: ats.design(None), "'None' is no design"),
        (lambda: ats.design("rapid", people="20"), "'people' must be a whole number"),
        (lambda: ats.validate(only=5), "'only' must be a list of texts"),
        (lambda: ats.validate(people="20"), "'people' must be a whole number"),
        (lambda: ats.validate(only="TGT-2"), "target 'TGT-2' is unknown"),
        (lambda: ats.explain(5), "'module' must be text"),
        (lambda: ats.look_up(5), "'words' must be a list of texts"),
        (lambda: ats.look_up([5]), "'words' must be text"),
        (lambda: ats.request_from(None), "a request says {'request': ...}"),
        (lambda: ats.request_from({}), "a request says {'request': ...}"),
        (lambda: ats.request_from({"request": "run", "protocol": "rapid", "participants": True}),
         "'participants': 'True' is not a whole number"),
        (lambda: ats.request_from({"request": "compare", "therapies": [A, A]}), "named twice"),
        (lambda: ats.Population(found_by={"lung": 1.0}), "it is called 'ascertainment' now"),
        (lambda: ats.Population(smokin={"never": 1.0}), "no key 'smokin'; did you mean 'smoking'"),
        (lambda: ats.Population(age={"mean": 50, "sd": "q"}), "^'age.sd': 'q' is not a number"),
        (lambda: ats.Population(smoking={"never": 0.9}), "^smoking: the shares add up to 0.9"),
        (lambda: AgeRange(mean=50, sd=8, least=18), "no key 'least'"),
        (lambda: Criterion(quantity="fev2", min=1), "did you mean 'fev1'"),
        (lambda: ats.Protocol(antitrypsim=1, titel="x"), "no key 'titel'; did you mean 'title'"),
        (lambda: ats.Settings(tolerance="1e-4"), "'tolerance' must be a number"),
        (lambda: ats.Settings(tolerance=float("inf")), "a tolerance of inf cannot be"),
        (lambda: ats.Settings(threads=10**9), "1000000000 threads cannot be"),
        (lambda: ats.Settings(cancel=True), "'cancel' must be a function"),
        (lambda: ats.Settings(progress="x"), "'progress' must be a function"),
    ],
)  # fmt: skip
def test_another_kind_is_refused_before_the_work(ask, said, monkeypatch):
    def work(*_):
        raise AssertionError("somebody lives")

    monkeypatch.setattr("antitrypsim.simulation.simulate._kernel", work)
    with pytest.raises(InputError, match=said):
        ask()


def test_one_mechanism_may_be_said_without_a_list():
    found = ats.compare(A, years=1, without="il-10", **SMALL)
    assert found.provenance.switched_off == ("il-10",)
    assert found.years == (1.0,)


@pytest.mark.parametrize(
    "ask",
    [
        lambda how: ats.run("rapid", participants=6, settings=how),
        lambda how: ats.compare(A, settings=how, **SMALL),
        lambda how: ats.patient(people=6, settings=how),
        lambda how: ats.dose(A, value=11, settings=how, **SMALL),
        lambda how: ats.power("rapid", people=24, draws=0, replicates=20, settings=how),
        lambda how: ats.design("rapid", people=24, draws=0, replicates=20, settings=how),
        lambda how: ats.validate(people=20, only="TGT-02", settings=how),
    ],
    ids=["run", "compare", "patient", "dose", "power", "design", "validate"],
)
def test_every_long_question_can_be_stopped(ask):
    with pytest.raises(Cancelled):
        ask(ats.Settings(seed=97, cancel=lambda: True))


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["patient", "--people", "6", "--people=7"], "--people is given twice"),
        (["compare", "--therapy", A, "--json", "a", "--json", "b"], "--json is given twice"),
        (["patient", "--plot", "--no-plot"], "--plot is given twice"),
        (["compare", ""], "the comparison file has no name"),
        (["power", "rapid", "--sizes", "20,20"], "twice"),
        (["compare", "--therapy", "x: "], "'x: ' names no therapy"),
        (["compare", "--therapy", f"a + b: {A}"], "cannot be the name of a therapy"),
        (["run", "rapid", "--out", "here", "--json", "here"], "--json lies in the run folder"),
        (["validate", "--people", "0"], "20 or more can be"),
    ],
)
def test_what_would_be_lost_is_refused(words, said, capsys, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert main([*words, "--quiet"]) == 2
    assert said in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


def test_a_mechanism_that_is_said_twice_is_said_once():
    found = ats.compare(A, years=1, without=["il-10", "il-10"], **SMALL)
    assert found.provenance.switched_off == ("il-10",)


def test_a_blank_behind_a_colon_is_no_name():
    asked = ats.request_from({"request": "compare", "therapies": ["augmentation: 60mg/kg/week"]})
    assert asked.as_command() == f"antitrypsim compare --therapy {A}"


def test_words_that_look_like_options_are_none():
    asked = ats.request_from({"request": "evidence", "words": ["--all"]})
    assert asked.as_command() == "antitrypsim evidence -- --all"
