"""What is unknown as scores, and factors on how far people differ."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from antitrypsim.calibration.posterior import numbers
from antitrypsim.evidence import Parameter, Spread
from antitrypsim.foundations.errors import ModelError
from antitrypsim.populations.enrol import enrol
from antitrypsim.populations.spec import Population
from antitrypsim.simulation.simulate import simulate_all
from antitrypsim.therapies import build_model
from antitrypsim.uncertainty.draws import Draws, ParameterSet, draw_uncertainty, typical
from antitrypsim.uncertainty.unknowns import (
    Unknown,
    Widening,
    parameter_set,
    prior_of,
    put_in,
    unknowns_of,
)

pytestmark = pytest.mark.law

NONE = Spread("none", reason="definition")


def parameter(
    grade="fitted", uncertainty=None, prior=None, between=NONE, value=0.5, name="p", targets=()
):
    return Parameter(
        name, "m", value, "1", "a number", between, uncertainty or Spread("lognormal", cv=0.2), grade, (),
        targets=targets, prior=prior,
    )  # fmt: skip


@pytest.fixture(scope="module")
def model():
    return build_model(therapies=())


@given(
    st.sampled_from(
        [Spread("lognormal", cv=0.4), Spread("normal", sd=0.3), Spread("logitnormal", sd=0.7)]
    ),
    st.floats(1.0, 3.0),
    st.floats(-3.0, 3.0),
)
def test_a_widened_prior_is_the_same_one_with_larger_scores(spread, factor, z):
    wide, source = prior_of(parameter(uncertainty=spread), Widening(factor, 0.0))
    assert source == "widened"
    np.testing.assert_allclose(
        wide.transform(0.5, np.array(z)), spread.transform(0.5, np.array(factor * z)), rtol=1e-9
    )


def test_only_a_fitted_value_is_widened_and_a_prior_of_its_own_comes_first():
    own = Spread("lognormal", cv=1.0)
    rule, narrow = Widening(2.0, 0.1), Spread("lognormal", cv=0.2)
    assert prior_of(parameter(prior=own), rule) == (own, "own prior")
    assert prior_of(parameter("measured"), rule) == (narrow, "uncertainty")
    assert prior_of(parameter(), None) == (narrow, "uncertainty")
    assert prior_of(parameter(uncertainty=NONE), rule)[0] == NONE


def test_what_was_fitted_only_to_targets_that_are_no_data_keeps_its_uncertainty():
    narrow, one = Spread("lognormal", cv=0.2), parameter(targets=("TGT-02",))
    assert prior_of(one, Widening(2.0, 0.1, frozenset(one.targets)))[1] == "widened"
    assert prior_of(one, Widening(2.0, 0.1, frozenset({"TGT-00"}))) == (narrow, "uncertainty")


def test_the_species_factor_is_as_its_bound_on_all_that_is_unknown_left_it():
    known = {
        u.id: u
        for u in unknowns_of((build_model(therapies=("msc",)),), widening=numbers.widening())
    }
    found = known["paracrine.lung_translation"]
    assert (found.source, found.prior.sd) == ("uncertainty", 0.11)
    assert known["circulation.elimination"].source in ("widened", "own prior")


def test_a_narrow_lognormal_prior_is_widened_to_the_least():
    known = parameter(uncertainty=Spread("lognormal", cv=0.03))
    assert prior_of(known, Widening(2.0, 0.2))[0] == Spread("lognormal", cv=0.2)


def test_every_uncertain_value_and_every_difference_between_people_is_an_unknown(model):
    found = unknowns_of((model, model), spread=Spread("lognormal", cv=0.3))
    values = [u for u in found if u.part == "value"]
    assert len(values) == sum(p.uncertainty.distribution != "none" for p in model.parameters)
    varying = sum(p.between_patients.distribution != "none" for p in model.parameters)
    assert len(found) - len(values) == varying > 50
    assert len({u.id for u in found}) == len(found)
    assert unknowns_of((model,)) == tuple(values)


def test_two_parameters_of_one_name_are_refused(model):
    class Other:
        parameters = (model.parameters[0].__class__(
            *[getattr(parameter(), n) for n in ("name", "module")], 0.7, "1", "x", NONE, NONE, "assumed", ()
        ),)  # fmt: skip

    class One:
        parameters = (parameter(),)

    with pytest.raises(ModelError, match=r"another parameter 'm\.p'"):
        unknowns_of((One, Other))


def test_scores_of_nought_are_the_typical_values(model):
    found = unknowns_of((model,), spread=Spread("lognormal", cv=0.3))
    one = parameter_set(found, np.zeros(len(found)))
    drawn = typical(model, one)
    np.testing.assert_allclose(drawn.values, typical(model).values, rtol=1e-12)
    np.testing.assert_array_equal(drawn.spreads, 1.0)


def test_scores_put_into_draws_are_what_a_parameter_set_of_each_row_is(model):
    found = unknowns_of((model,), spread=Spread("lognormal", cv=0.3))
    scores = np.random.default_rng(1).normal(size=(3, len(found)))
    drawn = put_in(draw_uncertainty(model, 3), found, scores)
    for k in range(3):
        row = typical(model, parameter_set(found, scores[k]))
        np.testing.assert_allclose(drawn.values[k], row.values[0], rtol=1e-12)
        np.testing.assert_allclose(drawn.spreads[k], row.spreads[0], rtol=1e-12)


def test_unknowns_that_a_model_lacks_play_no_part(model):
    other = Unknown("cure.dose", "value", 1.0, Spread("normal", sd=1.0), "assumed", "a dose")
    draws = typical(model)
    assert put_in(draws, [other], np.ones((1, 1))).content_hash == draws.content_hash
    some = ParameterSet("x", {"cure.dose": 1.0, "lung.stretch": 2.0}, {"cure.dose": 2.0})
    assert some.within(model).spreads == {}
    assert "cure.dose" not in some.within(model).values


def test_a_factor_on_a_spread_stretches_people_and_keeps_the_middle(model):
    people = enrol(model, Population(), 60).people
    every = model.parameter_names
    lives = {
        factor: simulate_all(
            model, people, times=(0.0,), outputs=("circulation.serum_aat",),
            draws=ParameterSet("x", {}, dict.fromkeys(every, factor)),
        )["circulation.serum_aat"][:, 0, 0]
        for factor in (0.5, 1.0, 1.5)
    }  # fmt: skip
    # Who died before day 0 has no number.
    narrow, as_it_is, wide = (np.nanstd(np.log(lives[f])) for f in (0.5, 1.0, 1.5))
    assert narrow < as_it_is < wide
    plain = simulate_all(model, people, times=(0.0,), outputs=("circulation.serum_aat",))[
        "circulation.serum_aat"
    ][:, 0, 0]
    np.testing.assert_array_equal(lives[1.0], plain)


def test_hashes_know_spreads_and_do_not_change_without(model):
    assert (
        ParameterSet("x", {"a": 1.0}).content_hash == ParameterSet("y", {"a": 1.0}, {}).content_hash
    )
    assert ParameterSet("x").content_hash != ParameterSet("x", {}, {"a": 2.0}).content_hash
    one = typical(model)
    other = Draws(one.names, one.values, np.full_like(one.values, 1.1))
    assert one.content_hash != other.content_hash
    assert other.take(slice(0, 1)).spreads is not None


def test_a_spread_of_a_parameter_that_is_not_there_is_refused(model):
    with pytest.raises(ModelError, match=r"no parameter 'lung\.nothing'"):
        ParameterSet("x", {}, {"lung.nothing": 2.0}).check(model)
