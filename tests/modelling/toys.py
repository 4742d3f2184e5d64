"""A toy model in two modules, small enough to check by hand."""

from antitrypsim.evidence import Parameter, Spread
from antitrypsim.modelling import (
    Dose,
    Family,
    Hazard,
    Indexed,
    Input,
    Instance,
    Module,
    Quantity,
    State,
    SumOver,
    dose_amount,
)
from antitrypsim.modelling.handles import Param


def parameter(module, name, value, unit="1", grade="assumed"):
    none = Spread("none", reason="toy")
    return Parameter(name, module, value, unit, f"the {name}", none, none, grade, ())


def handle(p):
    return Param(p.id, p.unit, p.meaning)


FLOW_OUT = parameter("pond", "flow_out", 0.5, "1/day", "measured")
GAIN = parameter("sky", "gain", 2.0, "1", "scaled")
RAIN = Input("person.rain", "g/day", "rain")
KINDS = Family("kinds", Instance("clear", share=1), Instance("muddy", share=2))
WATER = State("pond.water", "g", "water in the pond", scale=0.1)
FISH = Indexed(KINDS, State, "pond.fish", "1", "fish")
EATEN = Indexed(KINDS, Quantity, "pond.eaten", "1/day", "fish eaten per day")
ALL_FISH = Quantity("pond.all_fish", "1", "all fish")
INFLOW = Quantity("pond.inflow", "g/day", "water that comes in")
LOSS = Quantity("pond.loss", "1/day", "share of water that leaves per day")
CLOUD = State("sky.cloud", "1", "cloud")


def pond(**changes):
    said = {
        "name": "pond",
        "title": "a pond",
        "parameters": {"flow_out": FLOW_OUT},
        "families": (KINDS,),
        "inputs": (RAIN,),
        "changes": {WATER: INFLOW - LOSS * WATER, FISH: lambda m: -EATEN[m]},
        "initial": {WATER: 0, FISH: lambda m: m.share / m.share},
        "quantities": {
            INFLOW: RAIN,
            LOSS: handle(FLOW_OUT),
            EATEN: lambda m: handle(FLOW_OUT) * FISH[m],
            ALL_FISH: SumOver(KINDS, lambda m: FISH[m]),
        },
        "doses": (Dose("bucket", "pour", "g", {WATER: dose_amount("g")}, "a bucket"),),
        "hazards": (Hazard("flood", LOSS, "flood", jumps={WATER: -WATER}),),
    }
    return Module(**{**said, **changes})


def sky(*effects, **changes):
    said = {
        "name": "sky",
        "title": "a sky",
        "parameters": {"gain": GAIN},
        "changes": {CLOUD: -handle(FLOW_OUT) * CLOUD},
        "initial": {CLOUD: 0},
        "effects": effects,
    }
    return Module(**{**said, **changes})


def equation(model, name):
    """Return what a quantity equals, or the rate of a state."""
    for line in model.quantities:
        if line.handle.name == name:
            return line.expression
    return next(line.rate for line in model.states if line.handle.name == name)
