import copy
import itertools
import json
import pickle

import pytest
import sympy

from antitrypsim.modelling import Dose, Factor, Instance, SumOver, Term, compose, dose_amount
from antitrypsim.modelling.handles import AGE, Constant, Covariate, Param, Quantity, State

from .toys import (
    ALL_FISH,
    CLOUD,
    EATEN,
    FISH,
    FLOW_OUT,
    GAIN,
    INFLOW,
    KINDS,
    LOSS,
    RAIN,
    WATER,
    equation,
    handle,
    pond,
    sky,
)

pytestmark = pytest.mark.law


_gain = handle(GAIN)


def third():
    return sky(Term(INFLOW, 3 * RAIN, "a third"), name="third", changes={}, initial={})


def test_the_order_of_modules_changes_nothing():
    modules = [pond(), sky(Factor(INFLOW, 1 + _gain * CLOUD, "rain comes from clouds")), third()]
    found = [compose(order) for order in itertools.permutations(modules)]
    assert len({m.content_hash for m in found}) == 1
    assert len({m.state_names for m in found}) == 1
    assert len({m.quantity_names for m in found}) == 1


def test_the_order_of_the_real_modules_changes_nothing():
    from antitrypsim.organs import organ_modules
    from antitrypsim.therapies import build_model, therapy_modules

    modules = [*organ_modules(), *therapy_modules()]
    assert compose(reversed(modules)).content_hash == build_model().content_hash


def test_effects_are_base_and_terms_times_factors():
    rest = Quantity("pond.inflow", "g/day", "")
    model = compose(
        [
            pond(),
            sky(
                Factor(INFLOW, 1 + CLOUD, "more"),
                Term(INFLOW, 2 * RAIN, "also"),
                Factor(INFLOW, _gain, "stronger"),
                Term(WATER, -rest / 10, "spray"),
            ),
            third(),
        ]
    )
    expected = (RAIN + 2 * RAIN + 3 * RAIN) * (1 + CLOUD) * _gain
    assert sympy.simplify(equation(model, "pond.inflow") - expected) == 0
    rate = INFLOW - LOSS * WATER - INFLOW / 10
    assert sympy.simplify(equation(model, "pond.water") - rate) == 0


def test_a_factor_may_take_one_instance_or_all():
    one = compose([pond(), sky(Factor(EATEN["muddy"], 3, "muddy"))])
    both = compose([pond(), sky(Factor(EATEN, lambda m: 3 * m.share, "all"))])
    plain = compose([pond()])

    def times(model, kind):
        name = f"pond.eaten[{kind}]"
        return sympy.simplify(equation(model, name) / equation(plain, name))

    assert (times(one, "clear"), times(one, "muddy")) == (1, 3)
    assert (times(both, "clear"), times(both, "muddy")) == (3, 6)


def test_an_instance_from_another_module_gets_every_equation():
    added = sky(Factor(EATEN, 2, "heron"), instances={KINDS: (Instance("new", share=1),)})
    model = compose([pond(), added])
    assert {"pond.fish[new]", "pond.fish[clear]"} <= set(model.state_names)
    assert equation(model, "pond.eaten[new]") == 2 * handle(FLOW_OUT) * FISH["new"]
    total = FISH["clear"] + FISH["muddy"] + FISH["new"]
    assert equation(model, "pond.all_fish") == total
    assert "pond.fish[new]" not in compose([pond(), sky()]).state_names


def test_without_a_module_its_effects_are_gone():
    effects = (Term(INFLOW, RAIN, "a"), Factor(EATEN, 2, "b"))
    whole = compose([pond(), sky(*effects)])
    off = compose([pond(), sky(*effects)], without=["sky"])
    never = compose([pond(), sky()])
    assert off.content_hash == never.content_hash != whole.content_hash
    for line in never.quantities:
        assert equation(off, line.handle.name) == line.expression


def test_parameters_can_be_replaced():
    model = compose([pond()], parameters={"pond.flow_out": 0.75})
    assert model.parameter("pond.flow_out").value == 0.75
    assert model.content_hash != compose([pond()]).content_hash


def test_the_hash_follows_equations_and_values():
    base = compose([pond()])
    again = compose([pond()])
    assert base.content_hash == again.content_hash
    dose = Dose("bucket", "pour", "g", {WATER: 2 * dose_amount("g")}, "two buckets")
    others = [
        compose([pond(initial={WATER: WATER - WATER, FISH: 2})]),
        compose([pond(changes={WATER: INFLOW, FISH: lambda m: -EATEN[m]})]),
        compose([pond(hazards=())]),
        compose([pond(doses=(dose,))]),
        compose([pond()], parameters={"pond.flow_out": 0.5 + 1e-12}),
    ]
    assert len({m.content_hash for m in [base, *others]}) == 6


def test_constants_become_numbers_once_the_units_are_checked():
    litre = Constant("pond.litre", "g/day", "a litre a day", value=1000.0)
    model = compose([pond(), sky(Term(INFLOW, litre, "tap"))])
    assert equation(model, "pond.inflow") == RAIN + 1000.0


def test_a_sum_runs_over_instances_that_others_add():
    effect = Term(LOSS, SumOver(KINDS, lambda m: handle(FLOW_OUT) * FISH[m]), "drink")
    added = sky(effect, instances={KINDS: (Instance("new", share=1),)})
    assert equation(compose([pond(), added]), "pond.loss").has(FISH["new"])


@pytest.mark.contract
@pytest.mark.parametrize(
    "one",
    [
        WATER,
        FISH["clear"],
        LOSS,
        RAIN,
        AGE,
        handle(GAIN),
        dose_amount("mg/kg"),
        Covariate("person.size", "m", "size"),
        Constant("c", "1", "c", value=3.0),
    ],
    ids=lambda one: one.name,
)
@pytest.mark.parametrize("copied", [lambda x: pickle.loads(pickle.dumps(x)), copy.deepcopy])
def test_handles_survive_copies(one, copied):
    again = copied(one)
    assert again == one
    assert type(again) is type(one)
    for attribute in ("name", "unit", "meaning", "scale", "value"):
        assert getattr(again, attribute, None) == getattr(one, attribute, None)


@pytest.mark.contract
def test_handles_of_one_name_and_two_units_stay_apart():
    # SymPy caches products by what its symbols compare: an amount in cells must not come back
    # from the cache as an amount in mg/kg.
    for unit in ("mg/kg", "cells"):
        product = dose_amount(unit) * WATER
        assert [s.unit for s in product.free_symbols if s != WATER] == [unit]
    assert State("a.x", "g", "") != Quantity("a.x", "g", "") != Param("a.x", "g", "")


@pytest.mark.contract
def test_a_model_survives_a_pickle():
    model = compose([pond(), sky(Factor(INFLOW, 1 + CLOUD, "more"))])
    assert pickle.loads(pickle.dumps(model)).content_hash == model.content_hash


@pytest.mark.contract
def test_to_dict_is_plain():
    model = compose([pond(), sky(Factor(INFLOW, 1 + CLOUD, "more"))])
    data = json.loads(json.dumps(model.to_dict()))
    assert data["kind"] == "model"
    assert [s["name"] for s in data["states"]] == list(model.state_names)
    assert {k: v[0] for k, v in data["parameters"].items()} == {
        "pond.flow_out": 0.5,
        "sky.gain": 2.0,
    }
    assert data["doses"] == [
        {"name": "bucket/pour", "unit": "g", "jumps": {"pond.water": "amount"}}
    ]


@pytest.mark.contract
def test_quantities_stand_in_an_order_that_can_be_evaluated():
    from antitrypsim.therapies import build_model

    for model in (compose([pond()]), build_model()):
        seen = set()
        for line in model.quantities:
            needed = {s for s in line.expression.free_symbols if isinstance(s, Quantity)}
            assert needed <= seen
            seen.add(line.handle)


@pytest.mark.contract
def test_names_units_and_meanings():
    model = compose([pond()])
    assert model.units["pond.water"] == "g"
    assert model.meanings["pond.fish[muddy]"] == "fish (muddy)"
    assert ALL_FISH.name in model.quantity_names
    assert model.dose("bucket/pour").unit == "g"
