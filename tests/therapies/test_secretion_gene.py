"""A gene for M protein in muscle: a slow start, a slow loss, and a body that takes it once."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from antitrypsim.modelling import compose
from antitrypsim.organs import organ_modules
from antitrypsim.simulation.given import InputRecord
from antitrypsim.simulation.regimen import Regimen, repeated
from antitrypsim.therapies import build_model, refusals
from antitrypsim.therapies.secretion_gene.module import MODULE

from .quiet import TOLERANCE, YEAR, run, typical_people

pytestmark = pytest.mark.law


GENE = "secretion_gene/intramuscular"
MODEL = build_model(therapies=["secretion_gene"])
ZZ = typical_people("ZZ")
EVERYBODY = typical_people("ZZ", "MM")
M, Z, SERUM = "circulation.plasma[M]", "circulation.plasma[Z]", "circulation.serum_aat"
OWN = [s for s in MODEL.state_names if s.startswith("secretion_gene.")]
ENTERED, EXPRESSING = "secretion_gene.entered", "secretion_gene.expressing"
RESPONSE, ANTIBODIES = "secretion_gene.response", "secretion_gene.antibodies"
AMOUNT = 5e12


def test_a_dose_of_nothing_leaves_the_untreated_course():
    plain = compose(organ_modules())
    names = (SERUM, "liver.liver_Z", "lung.fev1")
    days = [-1.0, 1.0, YEAR, 5 * YEAR]
    bare = run(plain, EVERYBODY, None, names, days)
    for regimen in (None, repeated(GENE, 0.0, at=[0.0, 90.0])):
        found = run(MODEL, EVERYBODY, regimen, names, days)
        for name in names:
            assert found[name] == pytest.approx(bare[name], rel=100 * TOLERANCE), name


def test_m_rises_over_weeks_and_is_lost_over_years():
    days = [0.0, 3.0, 10.0, 40.0, 80.0, YEAR, 5 * YEAR, 20 * YEAR]
    m = run(MODEL, ZZ, repeated(GENE, AMOUNT, at=[0.0]), (M,), days)[M][0]
    assert m[0] == pytest.approx(0, abs=1e-12)
    assert np.all(np.diff(m[:5]) > 0)
    assert np.all(np.diff(m[4:]) < 0)
    assert m[1] < 0.2 * m[4]
    assert m[6] > 0.5 * m[5]
    assert m[7] < 0.4 * m[5]


def test_at_the_end_what_is_secreted_is_what_is_eliminated():
    names = (M, EXPRESSING, "circulation.entry[M]")
    lasting = {"secretion_gene__loss": 1e-12, "secretion_gene__clearing": 1e-12}
    dose = repeated(GENE, AMOUNT, at=[0.0])
    found = run(MODEL, ZZ, dose, names, [3 * YEAR], **lasting)
    m, working, entry = (found[n][0, 0] for n in names)
    assert working == pytest.approx(AMOUNT / (AMOUNT + 5e13), rel=1e-4)
    assert entry == pytest.approx(1.0 * working, rel=1e-6)
    elimination = next(p for p in MODEL.parameters if p.id == "circulation.elimination").value
    assert m == pytest.approx(entry / elimination, rel=1e-3)


def test_the_liver_is_left_as_it_was():
    names = ("liver.liver_Z", "liver.hepatocytes[host]", Z)
    days = [30.0, YEAR]
    treated = run(MODEL, ZZ, repeated(GENE, AMOUNT, at=[0.0]), names, days)
    plain = run(MODEL, ZZ, None, names, days)
    for name in names:
        # What M does in the lung calms the acute phase a little, and the liver hears that.
        assert treated[name] == pytest.approx(plain[name], rel=0.01), name


@settings(max_examples=15)
@given(first=st.floats(0, 1e15), second=st.floats(0, 1e15), gap=st.floats(0, 400))
def test_shares_stay_shares(first, second, gap):
    doses = repeated(GENE, first, at=[0.0]) + repeated(GENE, second, at=[gap, gap + 1])
    days = np.linspace(0, 800, 41)
    found = run(MODEL, ZZ, doses, [*OWN, M], days)
    for name in OWN:
        assert found[name].min() >= -1e-9, name
        assert found[name].max() <= 1 + 1e-9, name
    assert (found[ENTERED] + found[EXPRESSING]).max() <= 1 + 1e-9
    assert found[M].min() >= -1e-9


def entered(*doses):
    whole = sum(doses[1:], doses[0])
    found = run(MODEL, ZZ, whole, (ENTERED,), [0.0, 1e-6])
    return found[ENTERED][0, 1]


def test_a_larger_dose_does_more_and_saturates():
    found = [entered(repeated(GENE, a, at=[0.0])) for a in (1e12, 2e12, 1e14, 1e16)]
    assert found[1] == pytest.approx(2 * found[0], rel=0.03)
    assert 0.6 < found[2] < 0.7
    assert 0.99 < found[3] < 1


def test_a_dose_split_at_one_moment_is_one_dose():
    one = entered(repeated(GENE, 2e12, at=[0.0]))
    two = entered(repeated(GENE, 1e12, at=[0.0]), repeated(GENE, 1e12, at=[0.0]))
    assert two == pytest.approx(one, rel=0.01)
    assert two >= one


def test_a_second_dose_meets_antibodies():
    once, again, unseen = (
        run(MODEL, ZZ, repeated(GENE, AMOUNT, at=at), (EXPRESSING,), [2 * YEAR], **values)
        for at, values in (
            ([0.0], {}),
            ([0.0, YEAR], {}),
            ([0.0, YEAR], {"secretion_gene__blocked": 0.0}),
        )
    )
    one, two, free = (f[EXPRESSING][0, 0] for f in (once, again, unseen))
    assert 1.5 * one < free
    assert one < two < 1.15 * one


def test_the_response_costs_expression_and_tacrolimus_spares_some():
    dose = repeated(GENE, AMOUNT, at=[0.0])
    held = Regimen("held", inputs=(InputRecord("rejection.tacrolimus", (-1.0,), (8.0,)),))
    names, days = (EXPRESSING, RESPONSE, ANTIBODIES), [200.0]
    plain, spared = run(MODEL, ZZ, dose, names, days), run(MODEL, ZZ, dose + held, names, days)
    none = run(MODEL, ZZ, dose, names, days, secretion_gene__clearing=0.0)
    a, b, c = (f[EXPRESSING][0, 0] for f in (plain, spared, none))
    assert a < b < c
    assert 0.6 < a / c < 0.9
    assert plain[RESPONSE][0, 0] < 0.01
    assert plain[ANTIBODIES][0, 0] > 0.8


def test_it_has_its_harms():
    names = ("harms.fever_caused", "harms.tumour_caused")
    found = run(MODEL, ZZ, repeated(GENE, AMOUNT, at=[0.0]), names, [-1.0, 1.0, YEAR])
    fever, tumour = (found[n][0] for n in names)
    assert fever[0] == tumour[0] == 0
    assert fever[1] > fever[2] > 0
    assert tumour[2] > tumour[1] > 0


def test_without_its_mechanism_nothing_enters_plasma():
    off = compose([*organ_modules(), MODULE], without=["gene secretion"])
    found = run(off, ZZ, repeated(GENE, AMOUNT, at=[0.0]), (M, EXPRESSING), [90.0])
    assert found[M] == pytest.approx(0, abs=1e-12)
    assert found[EXPRESSING][0, 0] > 0.01


@pytest.mark.contract
@pytest.mark.parametrize("route", ["inhaled", "intravenous", "oral", "subcutaneous"])
def test_other_routes_are_refused_with_a_reason(route):
    assert "use intramuscular" in refusals()[f"secretion_gene/{route}"]
