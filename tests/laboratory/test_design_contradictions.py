"""What designs over RAPID may not say, each refused or told in a sentence before anybody lives."""

import pytest
from ruamel.yaml import YAML

from antitrypsim.cli.main import main
from antitrypsim.foundations.errors import InputError, ProtocolError
from antitrypsim.laboratory.before import check_before
from antitrypsim.laboratory.design_file.findings import changes, check_findings
from antitrypsim.laboratory.design_file.limits import LIMITS
from antitrypsim.laboratory.design_file.load import load_design
from antitrypsim.laboratory.designs import KINDS
from antitrypsim.protocols import dump_protocol, load_protocol

pytestmark = pytest.mark.contract


PLAIN = {
    "trial_design": 1, "id": "mine", "title": "Mine", "question": "Does it?", "protocol": "rapid",
    "participants": 60,
}  # fmt: skip
SLOPE = {"id": "slope", "endpoint": "density", "analysis": "random-slope"}
AT = {"id": "d", "endpoint": "density", "visit": "m24", "compare": ["active", "placebo"]}
COX = {"id": "death", "endpoint": "death", "analysis": "cox", "compare": ["active", "placebo"]}
ARM = {"arm": "active", "month": 0}
DOSES = {"id": "d", "endpoint": "desmosine", "analysis": "ancova", "visit": "d7",
         "compare": ["dose-2", "dose-4", "dose-8", "dose-16"]}  # fmt: skip
RESCUE = {"event": "rescue", "strategy": "treatment-policy", "yearly": 0.1}
ON = {"endpoint": "density", "per": -2, "ratio": 1.3}
FEV1 = {"endpoint": "fev1_percent"}

REFUSED = {
    "two people": (
        {"library": {"people": 2, "draws": 0}},
        "'library.people': 2 cannot be; 20 to 1,000,000 people can: trials of fewer tell of these few",
    ),
    "a harm that matters": (
        {"relevant": -1},
        "'relevant': -1 g/L per year is no benefit in 'density'; an effect that matters lies above 0",
    ),
    "a rate that rises": (
        {"relevant": 1.2, "primary": {"id": "e", "endpoint": "exacerbations", "analysis": "negative-binomial",
                                      "compare": ["active", "placebo"]}},
        "'relevant': 1.2 ratio is no benefit in 'exacerbations'; an effect that matters lies below 1",
    ),
    "a share above 1": (
        {"relevant": 30, "primary": {**AT, "analysis": "responder", "options": {"change": 1}}},
        "'relevant': 30 is no share",
    ),
    "beyond any instrument": (
        {"relevant": 1e9}, "'relevant': 1,000,000,000 cannot be; -10,000 to 10,000 in the unit of",
    ),
    "no level": ({"alpha": 1e-12}, "'alpha': 1e-12 cannot be; 1e-06 to 0.5 can: nobody tests"),
    "a change over no time": (
        {"screening": [{"endpoint": "fev1", "change_over": "0 weeks", "max": -1}]},
        "'screening[0].change_over': nothing changes in no time",
    ),
    "before birth": (
        {"screening": [{"endpoint": "fev1", "change_over": "60 years", "max": -1}]},
        "up to 10 years before randomisation can",
    ),
    "a run-in of no time": (
        {"design": {"kind": "run-in", "length": "0 days", "max": -1}},
        "'design.length': nothing changes in no time",
    ),
    "criteria that exclude each other": (
        {"screening": [{**FEV1, "min": 60}, {**FEV1, "max": 50}]},
        "the criteria exclude each other: 'fev1_percent' cannot be at least 60 and at most 50",
    ),
    "a population that nobody is of": (
        {"screening": [{**FEV1, "min": 60}], "search": {"populations": {"few": [{**FEV1, "max": 50}]}}},
        "'search.populations.few': the criteria exclude each other",
    ),
    "more than there is": (
        {"screening": [{"endpoint": "spo2", "min": 101}]}, "'spo2' is never above 100",
    ),
    "more than anybody has": (
        {"screening": [{**FEV1, "min": 500}]}, "'fev1_percent' is never above 200",
    ),
    "a share meant as percent": (
        {"screening": [{**FEV1, "min": 0.3, "max": 0.7}]}, "write 'min: 30, max: 70'",
    ),
    "an unknown way": (
        {"screening": [{"only": {"ascertainment": ["foo"]}}]},
        "no ascertainment 'foo'; use one of these: screening, family, lung, liver",
    ),
    "a way that nobody is found by": (
        {"screening": [{"only": {"ascertainment": ["screening"]}}]},
        "nobody has the ascertainment screening: by the protocol and the other criteria it is family, lung",
    ),
    "an empty list": (
        {"screening": [{"only": {"ascertainment": []}}]}, "the list is empty, so nobody is taken",
    ),
    "one id for two endpoints": (
        {"search": {"endpoints": [SLOPE, SLOPE]}}, "'search.endpoints': 'slope' is listed twice",
    ),
    "one analysis under two ids": (
        {"search": {"endpoints": [
            {**AT, "analysis": "t-test"},
            {**AT, "id": "again", "analysis": "t-test", "options": {"variance": "unequal"}},
        ]}},
        "'search.endpoints': 'again' is the same analysis as 'd'; delete one",
    ),
    "responders who fare worse": (
        {"primary": {**AT, "endpoint": "sgrq", "analysis": "responder", "options": {"change": -4}}},
        "'primary.options': less of 'sgrq' is better, so say whom it counts",
    ),
    "responders who fare worse, to try": (
        {"search": {"endpoints": [
            {**AT, "endpoint": "sgrq", "analysis": "responder", "options": {"change": -4}}]}},
        "'search.endpoints.options': less of 'sgrq' is better",
    ),
    "a response that nobody can have": (
        {"primary": {**AT, "endpoint": "sgrq", "analysis": "responder",
                     "options": {"change": -400, "direction": "at most"}}},
        "'primary.options.change': a change of -400 cannot be",
    ),
    "a size twice": ({"sizes": [60, 80, 60]}, "'sizes': '60' is listed twice"),
    "a searched size twice": (
        {"search": {"participants": [60, 60]}}, "'search.participants': '60' is listed twice",
    ),
    "an arm twice": (
        {"design": {"kind": "platform", "arms": [ARM, {**ARM, "month": 3}], "per_arm": 20}},
        "'design.arms': 'active' is listed twice",
    ),
    "62 billion months": (
        {"accrual": {"per_month": 1e-9}},
        "1e-09 cannot be; 0.01 to 10,000 participants a month can: nobody would live to see the end",
    ),
    "an endless ramp": (
        {"accrual": {"ramp_months": 1e9}}, "1,000,000,000 cannot be; 0 to 120 months can",
    ),
    "an arm after a lifetime": (
        {"design": {"kind": "platform", "arms": [{**ARM, "month": 1000}], "per_arm": 20}},
        "'design.arms[0].month': 1,000 cannot be; 0 to 240 months can",
    ),
    "a drift": (
        {"design": {"kind": "platform", "arms": [ARM], "per_arm": 20, "drift": 1e9}},
        "'design.drift': 1,000,000,000 cannot be",
    ),
    "a dependence without bound": (
        {"leaving": {"depends_on": {**ON, "ratio": 1e300}}},
        "'leaving.depends_on.ratio': 1e+300 cannot be; 0.01 to 100 times can",
    ),
    "a composite without bound": (
        {"intercurrent": [{**RESCUE, "strategy": "composite", "value": 1e300}]},
        "'intercurrent[0].value': 1e+300 cannot be",
    ),
    "leaving by what nobody saw": (
        {"leaving": {"depends_on": {**ON, "endpoint": "stiffness"}}},
        "'stiffness' is measured at fewer than two visits of the protocol",
    ),
    "more sites than people": (
        {"accrual": {"sites": 100}}, "100 sites for 60 participants: most would have nobody",
    ),
    "a block that is never filled": (
        {"allocation": {"ratio": {"active": 1, "placebo": 1}, "block": 1000}},
        "a block of 1,000 is never filled by 60 participants",
    ),
    "a block that cannot hold the ratio": (
        {"allocation": {"ratio": {"active": 2, "placebo": 1}, "block": 4}},
        "a block of 4 cannot hold the ratio 2 to 1; a multiple of 3 can",
    ),
    "strata of chance": (
        {"allocation": {"method": "simple", "within": ["site"]}}, "simple allocation knows no strata",
    ),
    "a block of chance": (
        {"allocation": {"method": "simple", "block": 4}}, "'block' belongs to the method 'blocks'",
    ),
    "a chance of blocks": (
        {"allocation": {"chance": 0.9}}, "'chance' belongs to the method 'minimised', not 'blocks'",
    ),
    "nobody in an arm": (
        {"allocation": {"ratio": {"active": 1_000_000, "placebo": 1}}},
        "60 participants in the ratio 1,000,000 to 1 leave nobody for the arm 'placebo'",
    ),
    "to where one is": (
        {"intercurrent": [{**RESCUE, "arms": ["active"], "then": "active"}]},
        "sends people of the arm 'active' to the arm in which they are",
    ),
    "signs of worth": (
        {"worth": {"right_claim": -5, "wrong_claim": 5, "missed": 5}},
        "'worth.right_claim': a right claim worth -5 would make no trial the best",
    ),
    "a rewarded miss": (
        {"worth": {"right_claim": 5, "missed": 5}},
        "'worth.missed': 5 would reward a wrong conclusion; write a loss below 0, or 0",
    ),
    "a negative effect to show": (
        {"design": {"kind": "sample-size-reestimation", "assumed": -0.5}},
        "'design.assumed': -0.5 g/L per year is no benefit in 'density'",
    ),
    "ten million": (
        {"participants": 10_000_000},
        "'participants': 10,000,000 cannot be; 2 to 100,000 participants can: more do not fit into memory",
    ),
    "beyond 64 bits": ({"participants": 2**63}, "'participants': 9.22e+18 cannot be"),
    "sizes of ten million": ({"sizes": [10_000_000]}, "'sizes[0]': 10,000,000 cannot be"),
    "an arm of ten million": (
        {"design": {"kind": "platform", "arms": [ARM], "per_arm": 10_000_000}},
        "'design.per_arm': 10,000,000 cannot be",
    ),
    "a file that no disk has": ({"protocol": "x" * 300}, "no protocol 'xxxxx"),
    "a cost without bound": (
        {"costs": {"fixed": 1e300}}, "'costs.fixed': 1e+300 cannot be; -1e+12 to 1e+12 of the currency",
    ),
    "an unknown option": (
        {"primary": {**AT, "analysis": "mmrm", "options": {"covarianse": "ar1"}}},
        "'primary.options': the analysis 'mmrm' has no option 'covarianse'; did you mean 'covariance'?",
    ),
    "an unknown option of a searched endpoint": (
        {"search": {"endpoints": [{**AT, "analysis": "bayesian", "options": {"priors": 1}}]}},
        "'search.endpoints.options': the analysis 'bayesian' has no option 'priors'",
    ),
    "an option that cannot be": (
        {"primary": {**AT, "analysis": "mmrm", "options": {"df": "many"}}}, "'primary.options': ",
    ),
    "an unknown covariate": (
        {"primary": {**AT, "analysis": "ancova", "covariates": ["height ", "sex"]}}, "no covariate 'height '",
    ),
    "covariates where there are none": (
        {"primary": {**AT, "analysis": "t-test", "covariates": ["sex"]}}, "'t-test'",
    ),
    "covariates twice": (
        {"primary": {**AT, "analysis": "ancova", "covariates": ["sex", "sex"]}}, "'sex' is listed twice",
    ),
    "covariates in two places": (
        {"primary": {**AT, "analysis": "ancova", "covariates": ["sex"], "options": {"covariates": ["AGE"]}}},
        "'covariates' stands beside 'options', not in it",
    ),
    "a baseline of deaths": (
        {"primary": {**COX, "covariates": ["baseline"]}}, "'baseline' belongs to the analyses of change",
    ),
    "one site": (
        {"primary": {**AT, "analysis": "ancova", "covariates": ["site"]}},
        "everybody is at one site, so 'site' tells nobody apart",
    ),
    "two visits of a slope": (
        {"visits": ["baseline", "m24"]}, "the analysis 'random-slope' needs 3 visits or more, and 2 are kept",
    ),
    "an unknown toxicity": (
        {"protocol": "vesicles-escalation", "primary": DOSES,
         "design": {"kind": "dose-escalation", "toxicity": ["feever"]}},
        "'design.toxicity': no event of the model 'feever'; did you mean 'fever'?",
    ),
    "two at a time": (
        {"protocol": "vesicles-escalation", "primary": DOSES,
         "design": {"kind": "dose-escalation", "toxicity": ["fever"], "cohort": 2}},
        "'design.cohort': the 3+3 rule enters 3 people at a time, not 2",
    ),
    "looks that lie together": (
        {"design": {"kind": "group-sequential", "looks": [0.5, 0.5000001, 1]}}, "'design': the looks must be",
    ),
    "no graph": (
        {"protocol": "vesicles-escalation", "participants": 30,
         "primary": {"id": "d", "endpoint": "desmosine", "analysis": "ancova", "visit": "d7",
                     "compare": ["dose-16", "dose-4", "dose-2"]},
         "design": {"kind": "multi-arm", "multiplicity": "graphical", "weights": [0.9, 0.9],
                    "transitions": [[0, 1], [1, 0]]}},
        "'design': the weights of a graph must not be negative, nor above 1 in all",
    ),
    "strata of a number": ({"primary": {**COX, "strata": ["age"]}}, "'age' is a number and makes no groups"),
}  # fmt: skip


def written(tmp_path, change):
    file = tmp_path / "mine.yaml"
    with file.open("w") as stream:
        YAML(typ="safe").dump({**PLAIN, **change}, stream)
    return file


@pytest.mark.parametrize("name", REFUSED)
def test_it_is_refused_before_anybody_lives(name, tmp_path, monkeypatch, capsys):
    change, sentence = REFUSED[name]
    file = written(tmp_path, change)
    with pytest.raises(InputError) as problem:
        check_before(*load_design(file))
    assert sentence in str(problem.value)
    assert "\n" not in str(problem.value)

    def none(*_, **__):
        raise AssertionError("somebody was asked to live")

    monkeypatch.setattr("antitrypsim.laboratory.appraisal.open_library", none)
    # Each command asks the same check first, so that all of them are tried with one design in five.
    every = (["power"], ["design"], ["design", "--check"])
    for command in every if list(REFUSED).index(name) % 5 == 0 else every[:1]:
        assert main([*command, str(file), *(["--quiet"])]) == 2
        out, err = capsys.readouterr()
        assert (out, err.count("\n")) == ("", 1)
        assert " ".join(sentence.split()) in " ".join(err.split())


TOLD = {
    "strata of one kind": (
        {"allocation": {"within": ["genotype"]}}, "everybody is ZZ, so 'genotype' makes no strata",
    ),
    "three on placebo": (
        {"allocation": {"ratio": {"active": 20, "placebo": 1}}, "accrual": {"sites": 10}},
        "people are expected in the arm 'placebo' in the end, and the analysis needs 2 in each",
    ),
    "few people": ({"library": {"people": 60, "draws": 0}},
                   "each trial of 60 participants is drawn, with replacement, from 60 virtual people: one "
                   "person comes into many trials, and may come into one of them more than once; so power "
                   "is that in these 60, and others would move it by more than the error that is told; let "
                   "200 or more live"),
    "a small level": ({"alpha": 1e-5}, "a type I error of 1e-05 is far below"),
    "the reverse": (
        {"primary": {**SLOPE, "compare": ["placebo", "active"]}},
        "this asks whether 'placebo', which is given nothing, is better than 'active'",
    ),
    "screening by what is never measured": (
        {"screening": [{"endpoint": "stiffness", "max": 8}]},
        "'stiffness' is measured at screening alone",
    ),
    "leaving by what is never measured": (
        {"leaving": {"depends_on": {**ON, "endpoint": "stiffness", "seen": False}}},
        "'stiffness' is never measured in this trial: people leave by its true value",
    ),
    "beyond eligibility": (
        {"screening": [{**FEV1, "min": 75}]},
        "people are enrolled with 'fev1_percent' up to 70, so only the noise",
    ),
    "an event that does nothing": (
        {"intercurrent": [RESCUE]}, "the event 'rescue' changes nothing",
    ),
    "an event in every arm": (
        {"intercurrent": [{**RESCUE, "then": "active"}]}, "to people of 'active' it does nothing",
    ),
    "a failure that cannot be read": (
        {"intercurrent": [{**RESCUE, "strategy": "composite", "value": -5}]},
        "no instrument shows -5 g/L",
    ),
    "a trial of decades": (
        {"accrual": {"per_month": 0.02}}, "60 people at 0.02 a month take about 250 years to come",
    ),
    "a rule of its own": (
        {"design": {"kind": "platform", "arms": [ARM], "per_arm": 20},
         "allocation": {"ratio": {"active": 2, "placebo": 1}}},
        "a design 'platform' gives arms by its own rule",
    ),
    "nobody is randomised": (
        {"design": {"kind": "single-arm"}, "allocation": {"within": ["sex"]},
         "primary": {**AT, "analysis": "t-test", "compare": ["active"]}},
        "nobody is randomised in a design 'single-arm', so this does nothing",
    ),
    "an event of an escalation": (
        {"protocol": "vesicles-escalation", "primary": DOSES, "intercurrent": [RESCUE],
         "design": {"kind": "dose-escalation", "toxicity": ["fever"]}},
        "an escalation counts toxicity alone, so these events do nothing",
    ),
    "dropout of an arm that nobody compares": (
        {"protocol": "vesicles-escalation", "leaving": {"by_arm": {"dose-16": 0.1}},
         "primary": {**DOSES, "compare": ["dose-8", "dose-2"]}},
        "the arm 'dose-16' is not among those compared",
    ),
    "costs of an arm that nobody compares": (
        {"protocol": "vesicles-escalation", "costs": {"treatment": {"dose-4": 10}},
         "primary": {**DOSES, "compare": ["dose-8", "dose-2"]}},
        "the arm 'dose-4' is not among those compared",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", TOLD)
def test_it_is_told_before_anybody_lives(name, tmp_path, capsys):
    change, sentence = TOLD[name]
    file = written(tmp_path, change)
    found = check_findings(*load_design(file))
    assert [f for f in found if sentence in f.message]
    assert main(["design", str(file), "--check"]) == 0
    assert sentence in " ".join(capsys.readouterr().out.split())


def test_nothing_is_told_of_a_plain_design(tmp_path, capsys):
    assert check_findings(*load_design(written(tmp_path, {}))) == ()
    assert main(["design", "rapid", "--check"]) == 0
    out = capsys.readouterr().out
    assert "It can be drawn: parallel, 180 participants (active, placebo)" in out
    assert "Look at" not in out
    assert "changes in the protocol" not in out


def test_two_comparisons_say_what_a_claim_is(tmp_path):
    protocol = load_protocol("rapid").to_dict()
    more = {**protocol["arms"][0], "id": "more", "title": "More"}
    protocol = load_protocol("rapid").from_dict({
        **protocol, "arms": [more, *protocol["arms"]], "published": [],
        "allocation": {"more": 1, "active": 1, "placebo": 1},
    })  # fmt: skip
    (tmp_path / "three.yaml").write_text(dump_protocol(protocol))
    primary = {**SLOPE, "compare": ["more", "active", "placebo"]}
    said = {"protocol": "three.yaml", "primary": primary}
    (found,) = check_findings(*load_design(written(tmp_path, said)))
    assert (
        "2 comparisons, each tested at 0.05: a claim is a benefit in any of them" in found.message
    )
    assert "up to 5 %" in found.message
    said["design"] = {"kind": "multi-arm"}
    assert check_findings(*load_design(written(tmp_path, said))) == ()


def test_a_design_falls_back_on_its_protocol_and_says_what_it_changes(tmp_path):
    from antitrypsim.laboratory.design_file.in_force import alpha_of, ratio_of, strata_of

    own = load_protocol("rapid").to_dict()
    own |= {"id": "own", "stratify_by": ["smoking"], "published": [],
            "endpoints": {**own["endpoints"], "alpha": 0.01},
            "allocation": {"active": 2, "placebo": 1}}  # fmt: skip
    (tmp_path / "own.yaml").write_text(dump_protocol(load_protocol("rapid").from_dict(own)))
    plain = {"protocol": "own.yaml", "participants": 180}
    arms = ("active", "placebo")
    design, protocol = load_design(written(tmp_path, plain))
    assert alpha_of(design, protocol) == 0.01
    assert strata_of(design, protocol) == ("smoking",)
    assert ratio_of(design, protocol, arms) == (2, 1)
    assert changes(design, protocol) == ()
    other = {
        **plain, "alpha": 0.05, "allocation": {"within": [], "ratio": {"active": 1, "placebo": 1}},
        "leaving": {"by_arm": {"placebo": 0.2}},
    }  # fmt: skip
    design, protocol = load_design(written(tmp_path, other))
    assert alpha_of(design, protocol) == 0.05
    assert strata_of(design, protocol) == ()
    told = {c.key: (c.protocol, c.design) for c in changes(design, protocol)}
    assert told == {
        "two-sided type I error": ("0.01", "0.05"),
        "allocation": ("2 to 1 (active to placebo)", "1 to 1 (active to placebo)"),
        "strata": ("smoking", "none"),
        "leaving a year, placebo": ("8 %", "20 %"),
    }
    simple = {**plain, "allocation": {"method": "simple"}}
    assert strata_of(*load_design(written(tmp_path, simple))) == ()


def test_combinations_that_cannot_be_are_counted(tmp_path, capsys):
    change = {
        "primary": {**AT, "analysis": "ancova"},
        "search": {"until": ["m12", "m24"], "participants": [40, 60]},
    }
    assert main(["design", str(written(tmp_path, change)), "--check"]) == 0
    out = " ".join(capsys.readouterr().out.split())
    assert (
        "The search tries 2 designs. 2 more cannot be: the visit 'm24' is not among those kept."
        in out
    )


def test_one_design_is_told_as_one(tmp_path, capsys):
    file = written(tmp_path, {"search": {"participants": [60]}})
    assert main(["design", str(file), "--check"]) == 0
    assert "The search tries 1 design.\n" in capsys.readouterr().out


def test_limits_are_on_the_page():
    from pathlib import Path

    page = Path(__file__).parents[2] / "docs" / "reference" / "design.md"
    text = page.read_text(encoding="utf-8")
    own = {f"design.{key}": one for kind in KINDS.values() for key, one in kind.limits.items()}
    for key, limit in {**LIMITS, **own}.items():
        assert f"`{key.replace('[]', '').replace('.*', '')}`" in text, key
        assert limit.words() in text, key


@pytest.mark.parametrize("command", [["protocol", "check"], ["run"]])
def test_a_design_where_a_protocol_is_asked_names_the_command(command, tmp_path, capsys):
    file = written(tmp_path, {})
    assert main([*command, str(file)]) == 2
    err = " ".join(capsys.readouterr().err.split())
    assert "this is a trial design, not a protocol; 'antitrypsim design' takes it" in err
    with pytest.raises(ProtocolError):
        load_protocol(file)


def test_an_effect_that_is_none_is_refused_with_its_line(tmp_path):
    file = written(tmp_path, {"relevant": -1})
    with pytest.raises(ProtocolError) as caught:
        load_design(file)
    assert (caught.value.path, caught.value.key) == (str(file), "relevant")
    assert caught.value.line is not None
