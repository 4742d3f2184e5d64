"""Each way in which a model can be wrong is one sentence."""

import pytest
import sympy

from antitrypsim.evidence import Fixed
from antitrypsim.foundations.errors import ModelError
from antitrypsim.modelling import Dose, Factor, Family, Hazard, Instance, SumOver, Term, compose
from antitrypsim.modelling.handles import Indexed, Input, Param, Quantity, State
from antitrypsim.modelling.words import dose_amount

from .toys import CLOUD, FISH, INFLOW, KINDS, LOSS, RAIN, WATER, pond, sky

pytestmark = pytest.mark.contract


NOVEL = Quantity("sky.novel", "1", "novel")
OTHER = Quantity("sky.other", "1", "other")
STRAY = State("sky.stray", "1", "stray")
LITRES = Quantity("pond.loss", "L/day", "loss, in another unit")
CROWD = Family("crowd", Instance("one"))
HEADS = Indexed(CROWD, State, "sky.heads", "1", "heads")


def saying(**words):
    base = sky()
    return sky(
        *words.pop("effects", ()),
        changes={**base.changes, **words.pop("changes", {})},
        initial={**base.initial, **words.pop("initial", {})},
        **words,
    )


def dose(jumps, unit="g", limit=None):
    return (Dose("hail", "fall", unit, jumps, "hail", limit=limit),)


def most(unit):
    return Fixed("most", "sky", 3.0, unit, "the most", "assumed", (), "toy")


WRONG = {
    "of an instance, without a family": (
        lambda: [pond(), saying(quantities={NOVEL: lambda fish: fish.appetite})],
        "a function of an instance stands where no family is",
    ),
    "module twice": (lambda: [pond(), pond()], "two modules are called 'pond'"),
    "said twice": (
        lambda: [pond(), saying(quantities={LOSS: LOSS})],
        "'pond.loss' is said by 'pond' and by 'sky'",
    ),
    "said twice, in another unit": (
        lambda: [pond(), saying(quantities={LITRES: 0})],
        "'pond.loss' is said by 'pond' and by 'sky'",
    ),
    "initial twice": (
        lambda: [pond(), saying(initial={WATER: 0})],
        "two modules say the initial value of 'pond.water'",
    ),
    "dose twice": (
        lambda: [pond(), saying(doses=pond().doses)],
        "two modules say the dose 'bucket/pour'",
    ),
    "hazard twice": (
        lambda: [pond(), saying(hazards=pond().hazards)],
        "two modules say the hazard 'flood'",
    ),
    "unknown target": (
        lambda: [pond(), sky(Term(Quantity("pond.inflw", "g/day", ""), 0, ""))],
        "acts on 'pond.inflw', which no module has; did you mean 'pond.inflow'",
    ),
    "unknown instance": (
        lambda: [pond(), sky(Factor(FISH["mudy"], 2, ""))],
        r"'pond.fish\[mudy\]', which no module has; did you mean 'pond.fish\[muddy\]'",
    ),
    "target in another unit": (
        lambda: [pond(), sky(Term(LITRES, 0, ""))],
        "it is in '1/day', not in 'L/day'",
    ),
    "unit of a term": (
        lambda: [pond(), sky(Term(INFLOW, WATER, ""))],
        "the term .* is in .* the others are in",
    ),
    "unit of a factor": (lambda: [pond(), sky(Factor(INFLOW, WATER, ""))], "'pond.inflow'"),
    "unit of an initial value": (
        lambda: [pond(initial={WATER: 1, FISH: 1})],
        "'initial pond.water': the expression is in",
    ),
    "rough rate": (
        lambda: [pond(), saying(changes={CLOUD: -sympy.Abs(CLOUD)})],
        "'sky.cloud': a rate must be smooth",
    ),
    "rough quantity": (
        lambda: [pond(), saying(quantities={NOVEL: sympy.Piecewise((1, CLOUD > 0), (0, True))})],
        "'sky.novel': a quantity must be smooth",
    ),
    "circle": (
        lambda: [pond(), saying(quantities={NOVEL: OTHER, OTHER: 2 * NOVEL})],
        "go in a circle: sky.novel -> sky.other -> sky.novel",
    ),
    "no initial value": (
        lambda: [pond(), saying(changes={STRAY: 0})],
        "the state 'sky.stray' has no initial value",
    ),
    "initial value of nothing": (
        lambda: [pond(), saying(initial={STRAY: 0})],
        "'sky.stray' has an initial value and no module says its change",
    ),
    "rate of a quantity": (
        lambda: [pond(), saying(changes={NOVEL: 0}, initial={NOVEL: 0})],
        "'sky.novel' has a rate and is not a state",
    ),
    "state among the quantities": (
        lambda: [pond(), saying(quantities={STRAY: 0})],
        "'sky.stray' stands among the quantities and is none",
    ),
    "undeclared input": (
        lambda: [pond(), saying(quantities={NOVEL: Input("person.wind", "1", "wind")})],
        "the input 'person.wind' is used and no module declares it",
    ),
    "bare symbol": (
        lambda: [pond(), saying(quantities={NOVEL: sympy.Symbol("x")})],
        "'x' is a bare symbol",
    ),
    "bare symbol in a condition": (
        lambda: [
            pond(),
            saying(
                doses=dose({WATER: sympy.Piecewise((dose_amount("g"), sympy.Symbol("x") > 0))}),
            ),
        ],
        "'x' is a bare symbol",
    ),
    "unknown parameter": (
        lambda: [pond(), saying(quantities={NOVEL: Param("sky.gian", "1", "")})],
        "the parameter 'sky.gian' is in no parameters.toml; did you mean 'sky.gain'",
    ),
    "unknown quantity": (
        lambda: [pond(), saying(quantities={NOVEL: OTHER})],
        "the quantity 'sky.other' is used and no module says it",
    ),
    "unknown quantity in a dose": (
        lambda: [pond(), saying(doses=dose({WATER: dose_amount("g") * OTHER}))],
        "the quantity 'sky.other' is used and no module says it",
    ),
    "unknown state": (
        lambda: [pond(), saying(quantities={NOVEL: STRAY})],
        "the state 'sky.stray' is used and no module says its change",
    ),
    "instance twice": (
        lambda: [pond(), saying(instances={KINDS: (Instance("muddy", share=1),)})],
        "two instances of 'kinds' are called 'muddy'",
    ),
    "instance of an absent family": (
        lambda: [pond(), saying(instances={CROWD: (Instance("two"),)})],
        "module 'sky' adds to 'crowd', which is absent",
    ),
    "absent family": (
        lambda: [pond(), saying(changes={HEADS: 0})],
        "the family 'crowd' is used and no module brings it",
    ),
    "sum over an absent family": (
        lambda: [pond(), saying(quantities={NOVEL: SumOver(CROWD, lambda m: HEADS[m])})],
        "the family 'crowd' is used and no module brings it",
    ),
    "dose into a quantity": (
        lambda: [pond(), saying(doses=dose({INFLOW: dose_amount("g/day")}, "g/day"))],
        "the dose 'hail/fall' moves 'pond.inflow', which is no state",
    ),
    "dose into nothing": (
        lambda: [pond(), saying(doses=dose({STRAY: dose_amount("1")}, "1"))],
        "the dose 'hail/fall' moves 'sky.stray', which is no state",
    ),
    "unit of a dose": (
        lambda: [pond(), saying(doses=dose({WATER: dose_amount("L")}, "L"))],
        "'dose hail/fall into pond.water'",
    ),
    "a dose that reads another amount": (
        lambda: [pond(), saying(doses=dose({WATER: dose_amount("g")}, "mg"))],
        "the dose 'hail/fall' is given in 'mg' and reads an amount in 'g'",
    ),
    "a limit in another unit": (
        lambda: [pond(), saying(doses=dose({WATER: dose_amount("g")}, limit=most("mg")))],
        "the dose 'hail/fall' is given in 'g' and its limit 'sky.most' is in 'mg'",
    ),
    "a bare limit": (
        lambda: [pond(), saying(doses=dose({WATER: dose_amount("g")}, limit=3.0))],
        "the limit of the dose 'hail/fall' is the bare number 3.0; put it into parameters.toml",
    ),
    "an amount in a rate": (
        lambda: [pond(), saying(quantities={NOVEL: dose_amount("1")})],
        "the amount of a dose stands outside",
    ),
    "hazard jump into a quantity": (
        lambda: [pond(), saying(hazards=(Hazard("hail", LOSS, "hail", {INFLOW: RAIN}),))],
        "the hazard 'hail' moves 'pond.inflow', which is no state",
    ),
    "hazard jump into nothing": (
        lambda: [pond(), saying(hazards=(Hazard("hail", LOSS, "hail", {STRAY: 1}),))],
        "the hazard 'hail' moves 'sky.stray', which is no state",
    ),
    "unit of a hazard's jump": (
        lambda: [pond(), saying(hazards=(Hazard("hail", LOSS, "hail", {WATER: 1}),))],
        "'hail into pond.water'",
    ),
    "unit of a hazard's rate": (
        lambda: [pond(), saying(hazards=(Hazard("hail", WATER, "hail"),))],
        "'rate of sky.hail_hazard'",
    ),
    "a function that no kernel has": (
        lambda: [pond(), saying(quantities={NOVEL: sympy.sin(CLOUD)})],
        "uses 'sin', which no kernel has",
    ),
}


@pytest.mark.parametrize("case", WRONG)
def test_a_wrong_model_is_told(case):
    modules, sentence = WRONG[case]
    with pytest.raises(ModelError, match=sentence):
        compose(modules())


def test_the_toys_themselves_compose():
    assert compose([pond(), saying()]).state_names


def test_unknown_names_are_told_with_the_nearest():
    with pytest.raises(
        ModelError, match="no module or mechanism 'sku' to switch off; did you mean"
    ):
        compose([pond(), sky()], without=["sku"])
    with pytest.raises(ModelError, match=r"no parameter 'pond.flow_ot' to replace; did you mean"):
        compose([pond()], parameters={"pond.flow_ot": 1})
    with pytest.raises(ModelError, match=r"no parameter 'flow'"):
        compose([pond()]).parameter("flow")
    with pytest.raises(ModelError, match="no dose 'bucket/por'; did you mean 'bucket/pour'"):
        compose([pond()]).dose("bucket/por")
