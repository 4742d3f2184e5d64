"""Reading parameter files, and every way in which one can be wrong."""

import pytest

from antitrypsim.evidence import Parameter, Registry, Spread, load_parameters, load_registry
from antitrypsim.foundations.errors import EvidenceError

pytestmark = pytest.mark.contract


GOOD = """\
# how AAT leaves the plasma

[elimination]
value = 0.28
unit = "1/day"
meaning = "fraction of plasma AAT removed per day"
between_patients = { distribution = "lognormal", cv = 0.2 }
uncertainty = { distribution = "lognormal", cv = 0.1 }
grade = "measured"
rests_on = ["BIO-A19"]
targets = []
correlated_with = { synthesis = 0.5, "lung.leak" = -0.25 }

[synthesis]
value = 1
unit = "g/day"
meaning = "AAT made per day"
between_patients = { distribution = "normal", sd = 0.1 }
uncertainty = { distribution = "none", reason = "definition" }
grade = "fitted"
rests_on = ["BIO-A26", "BIO-A26"]
targets = ["TGT-01"]
note = "scaled to the modern standard"

[recovery]
value = 0.5
unit = "1"
meaning = "share that recovers"
between_patients = { distribution = "none" }
uncertainty = { distribution = "logitnormal", sd = 0.8 }
grade = "assumed"
rests_on = []
note = "nothing is published"
"""


def load(tmp_path, text, **options):
    path = tmp_path / "parameters.toml"
    path.write_text(text, encoding="utf-8")
    return load_parameters(path, "circulation", **options)


def test_a_file_becomes_parameters(tmp_path):
    parameters = load(tmp_path, GOOD)
    assert list(parameters) == ["elimination", "synthesis", "recovery"]
    assert parameters["elimination"] == Parameter(
        name="elimination",
        module="circulation",
        value=0.28,
        unit="1/day",
        meaning="fraction of plasma AAT removed per day",
        between_patients=Spread("lognormal", cv=0.2),
        uncertainty=Spread("lognormal", cv=0.1),
        grade="measured",
        rests_on=("BIO-A19",),
        targets=(),
        correlated_with=(("circulation.synthesis", 0.5), ("lung.leak", -0.25)),
        note="",
    )
    assert parameters["elimination"].id == "circulation.elimination"


def test_whole_numbers_become_real_and_ids_stand_once(tmp_path):
    synthesis = load(tmp_path, GOOD)["synthesis"]
    assert isinstance(synthesis.value, float)
    assert synthesis.rests_on == ("BIO-A26",)
    assert synthesis.targets == ("TGT-01",)
    assert synthesis.uncertainty == Spread("none", reason="definition")


def test_a_parameter_of_the_own_module_may_be_named_in_full(tmp_path):
    text = GOOD.replace("{ synthesis = 0.5,", '{ "circulation.synthesis" = 0.5,')
    assert load(tmp_path, text) == load(tmp_path, GOOD)


def test_both_sides_may_state_the_same_correlation(tmp_path):
    text = GOOD.replace(
        'note = "scaled to the modern standard"', "correlated_with = { elimination = 0.5 }"
    )
    assert load(tmp_path, text)["synthesis"].correlated_with == (("circulation.elimination", 0.5),)


def test_an_empty_file_has_no_parameters(tmp_path):
    assert load(tmp_path, "") == {}


def test_another_registry_may_be_given(tmp_path):
    with pytest.raises(EvidenceError, match="no fact 'BIO-A19'"):
        load(tmp_path, GOOD, registry=Registry({}, {}))
    assert load(tmp_path, GOOD, registry=load_registry()) == load(tmp_path, GOOD)


BROKEN = {
    "unknown key": ('unit = "1/day"', 'unti = "1/day"', "unti", 5, "did you mean 'unit'?"),
    "odd key": ('unit = "1/day"', 'zzz = "1/day"', "zzz", 5, "the keys are value, unit,"),
    "missing field": ('unit = "1/day"\n', "", "", 3, "'unit' is missing"),
    "text for number": ("value = 0.28", 'value = "0.28"', "value", 4, "without quotes"),
    "truth for number": ("value = 0.28", "value = true", "value", 4, "is not a number"),
    "infinite": ("value = 0.28", "value = inf", "value", 4, "must be a finite number"),
    "number for text": ('unit = "1/day"', "unit = 1", "unit", 5, "write it between quotes"),
    "empty text": ('unit = "1/day"', 'unit = " "', "unit", 5, "it must say something"),
    "grade": ('grade = "measured"', 'grade = "mesured"', "grade", 9, "did you mean 'measured'?"),
    "odd grade": ('grade = "measured"', 'grade = "zzz"', "grade", 9, "use one of these: measured"),
    "unknown fact": (
        '["BIO-A19"]',
        '["BIO-A119"]',
        "rests_on",
        10,
        "no fact 'BIO-A119'; did you mean 'BIO-",
    ),
    "one id": ('["BIO-A19"]', '"BIO-A19"', "rests_on", 10, "is not a list of ids"),
    "no fact": ('["BIO-A19"]', "[]", "rests_on", 10, "or grade it 'assumed'"),
    "target not fitted": ("targets = []", 'targets = ["TGT-01"]', "targets", 11, "has no targets"),
    "fitted without target": ('targets = ["TGT-01"]', "targets = []", "targets", 22, "must name"),
    "unknown target": (
        'targets = ["TGT-01"]',
        'targets = ["TGT-91"]',
        "targets",
        22,
        "no target 'TGT-91'; did you mean 'TGT-",
    ),
    "no reason": (
        'note = "nothing is published"',
        "",
        "rests_on",
        32,
        "needs a note that gives the reason",
    ),
    "unknown distribution": (
        'uncertainty = { distribution = "lognormal"',
        'uncertainty = { distribution = "lognornal"',
        "uncertainty",
        8,
        "did you mean 'lognormal'?",
    ),
    "negative cv": ("cv = 0.1", "cv = -0.1", "uncertainty", 8, "it must be zero or more"),
    "zero cv": ("cv = 0.1", "cv = 0", "uncertainty", 8, "needs cv above zero"),
    "no cv": (", cv = 0.1", "", "uncertainty", 8, "needs cv above zero"),
    "text cv": ("cv = 0.1", 'cv = "0.1"', "uncertainty", 8, "is not a number"),
    "unknown spread key": ("cv = 0.1", "vc = 0.1", "uncertainty", 8, "no key 'vc'; did you mean"),
    "no distribution": (
        '{ distribution = "lognormal", cv = 0.1 }',
        "{ cv = 0.1 }",
        "uncertainty",
        8,
        "'distribution' is missing",
    ),
    "spread is a number": (
        '{ distribution = "lognormal", cv = 0.1 }',
        "0.1",
        "uncertainty",
        8,
        "is not a spread",
    ),
    "other size": ("cv = 0.1", "sd = 0.1", "uncertainty", 8, "give its cv"),
    "lognormal below zero": ("value = 0.28", "value = -2", "uncertainty", 8, "above zero"),
    "fraction above one": ("value = 0.5", "value = 1.5", "uncertainty", 30, "between 0 and 1"),
    "uncertainty none": (', reason = "definition"', "", "uncertainty", 19, "needs a reason"),
    "correlation": ("synthesis = 0.5", "synthesis = 1.5", "correlated_with", 12, "from -1 to 1"),
    "partner": ("{ synthesis", "{ sinthesis", "correlated_with", 12, "did you mean 'synthesis'?"),
    "odd partner": ("{ synthesis", "{ zzz", "correlated_with", 12, "write 'module.name'"),
    "itself": ("{ synthesis", "{ elimination", "correlated_with", 12, "always itself"),
    "no quotes": ('"lung.leak" = -0.25', "lung.leak = -0.25", "correlated_with", 12, "quotes"),
    "correlation is a list": (
        '{ synthesis = 0.5, "lung.leak" = -0.25 }',
        '["synthesis"]',
        "correlated_with",
        12,
        "is not a table",
    ),
    "fixed partner": ("{ synthesis", "{ recovery", "correlated_with", 12, "give it a spread"),
    "fixed itself": (
        'note = "nothing is published"',
        'note = "none"\ncorrelated_with = { synthesis = 0.1 }',
        "correlated_with",
        34,
        "'recovery' does not differ between patients",
    ),
    "two correlations": (
        'note = "scaled to the modern standard"',
        "correlated_with = { elimination = 0.4 }",
        "correlated_with",
        12,
        "says another correlation",
    ),
}


@pytest.mark.parametrize("case", BROKEN)
def test_a_broken_rule_names_path_line_and_key(tmp_path, case):
    old, new, key, line, message = BROKEN[case]
    assert old in GOOD
    with pytest.raises(EvidenceError) as caught:
        load(tmp_path, GOOD.replace(old, new, 1))
    error = caught.value
    assert message in error.message
    assert error.path == str(tmp_path / "parameters.toml")
    assert error.line == line
    if key:
        assert error.key is not None
        assert error.key.endswith(f".{key}")
    assert "\n" not in str(error)


def test_a_name_that_mathematics_cannot_use(tmp_path):
    with pytest.raises(EvidenceError, match="letters, digits and underscores") as caught:
        load(tmp_path, GOOD.replace("[elimination]", "[elimination-rate]"))
    assert caught.value.line == 3


def test_a_value_outside_a_table(tmp_path):
    with pytest.raises(EvidenceError, match="put it under a"):
        load(tmp_path, "value = 1\n" + GOOD)


def test_text_that_is_not_toml(tmp_path):
    with pytest.raises(EvidenceError, match="not valid TOML") as caught:
        load(tmp_path, '[a]\nvalue = 1\nunit = "\n')
    assert caught.value.line == 3


def test_an_absent_file(tmp_path):
    with pytest.raises(EvidenceError, match="the file cannot be read"):
        load_parameters(tmp_path / "none.toml", "circulation")


def test_a_nested_table_header_is_found_too(tmp_path):
    text = GOOD.replace('uncertainty = { distribution = "lognormal", cv = 0.1 }\n', "").replace(
        "\n[synthesis]",
        '\n[elimination.uncertainty]\ndistribution = "lognormal"\ncv = -1\n\n[synthesis]',
    )
    with pytest.raises(EvidenceError, match="zero or more") as caught:
        load(tmp_path, text)
    assert caught.value.line == 3


def test_a_fitted_value_may_say_what_was_known_before_any_target(tmp_path):
    text = GOOD.replace(
        'note = "scaled to the modern standard"', 'prior = { distribution = "lognormal", cv = 0.8 }'
    )
    assert load(tmp_path, text)["synthesis"].prior == Spread("lognormal", cv=0.8)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        (
            'note = "nothing is published"',
            'note = "x"\nprior = { distribution = "logitnormal", sd = 1.0 }',
            r"\(assumed\) was not chosen with targets",
        ),
        (
            'note = "scaled to the modern standard"',
            'prior = { distribution = "none", reason = "x" }',
            "a prior has a spread",
        ),
        (
            'note = "scaled to the modern standard"',
            'prior = { distribution = "lognormal" }',
            "needs cv above zero",
        ),
        (
            'uncertainty = { distribution = "none", reason = "definition" }',
            'uncertainty = { distribution = "normal", sd = 0.3 }\n'
            'prior = { distribution = "lognormal", cv = 0.01 }',
            r"known better \(CV 1 %\) than after",
        ),
    ],
)
def test_priors_that_cannot_be_are_refused(tmp_path, old, new, said):
    with pytest.raises(EvidenceError, match=said):
        load(tmp_path, GOOD.replace(old, new))
