"""What must hold of every therapy, dose by dose, in the whole model."""

from __future__ import annotations

from itertools import combinations, pairwise

import numpy as np
import pytest
import sympy

from antitrypsim.foundations.errors import ModelError
from antitrypsim.modelling.handles import Amount
from antitrypsim.organs.liver.module import NUMBER
from antitrypsim.organs.portal.module import LODGED, WITHHELD
from antitrypsim.simulation.given import InputRecord
from antitrypsim.simulation.regimen import Regimen, repeated
from antitrypsim.simulation.settings import TOLERANCE, Settings
from antitrypsim.simulation.simulate import simulate_all
from antitrypsim.therapies import build_model, therapy_modules

from .conftest import COARSE, SEED
from .quiet import YEAR, typical_people
from .quiet import run as run_quiet

pytestmark = pytest.mark.law


MODEL = build_model()
DOSES = [d.name for d in MODEL.doses]
AMOUNTS = {"mg/kg": 1.0, "mg": 200.0, "particle": 1e9, "cell": 2e8, "vg/kg": 1e13, "ng/mL": 8.0}
"""An amount for doses of which no largest one is on record."""
INTERACTIONS = {m.name for m in therapy_modules() if m.needs}
THERAPIES = {m.name for m in therapy_modules()} - INTERACTIONS
GRAFTS = ("primary_hepatocytes", "ipsc_hepatocytes", "liver_progenitors")
PORTAL = [d.name for d in MODEL.doses if LODGED in dict(d.jumps)]
EVENTS = [h.accumulator.name for h in MODEL.hazards]
STATES = [name for name in MODEL.state_names if name not in EVENTS]


def amount_of(name):
    line = MODEL.dose(name)
    return line.limit.value if line.limit is not None else AMOUNTS[line.unit]


def given(name, amount=None, *, every=90.0, until=365.0):
    """Return a regimen of one dose; a level is held, anything else is repeated."""
    line, amount = MODEL.dose(name), amount_of(name) if amount is None else amount
    if line.holds is None:
        return repeated(name, amount, every=every, until=until)
    return Regimen(name, inputs=(InputRecord(line.holds.name, (0.0, until), (amount, 0.0)),))


def said(name, value):
    """Return what is said of a product: an input that is kept."""
    return Regimen(name, inputs=(InputRecord(name, (0.0,), (float(value),)),))


def run(model, people, regimen, outputs, times, draws=None, **how):
    return simulate_all(
        model,
        people,
        regimen,
        outputs=outputs,
        times=times,
        draws=draws,
        settings=Settings(seed=SEED, **how),
    )


def scale_of(model, names):
    return np.array(
        [next(s.handle.scale for s in model.states if s.handle.name == n) for n in names]
    )


# 1 -- bounds --------------------------------------------------------------------------------------


@pytest.mark.parametrize("dose", DOSES)
def test_no_state_goes_negative_and_hepatocytes_fit_into_a_liver(model, people, dose):
    signed = [n for n in STATES if "airway_tone" in n]
    names = [n for n in STATES if n not in signed]
    shares = [n for n in names if n.startswith("liver.hepatocytes[")]
    outputs = [*names, "liver.occupancy"]
    times = [0.0, 0.5, 3.0, 30.0, 91.0, 300.0, 400.0, 800.0]
    result = run(model, people, given(dose), outputs, times)
    lowest = np.nanmin(result.values[:, 0, :, : len(names)], axis=(0, 1))
    below = lowest < -1e-6 * scale_of(model, names)
    assert not below.any(), dict(zip(np.array(names)[below], lowest[below], strict=True))
    for name in (*shares, "liver.occupancy"):
        assert np.nanmax(result[name]) <= 1.2, name


@pytest.mark.parametrize("dose", PORTAL)
def test_cells_given_and_cells_withheld_are_the_dose(dose):
    jumps = dict(MODEL.dose(dose).jumps)
    (amount,) = (s for s in jumps[WITHHELD].free_symbols if isinstance(s, Amount))
    line = MODEL.dose(dose)
    passed = sympy.Integer(1)
    for parameter in MODEL.parameters:
        if parameter.id == f"{line.module}.from_spleen" and line.route == "spleen":
            passed = next(s for s in jumps[LODGED].free_symbols if s.name == parameter.id)
    assert sympy.simplify(jumps[LODGED] / passed + jumps[WITHHELD] - amount / NUMBER) == 0


# 2 -- the limit of portal pressure ----------------------------------------------------------------


@pytest.mark.parametrize("dose", PORTAL)
def test_an_infusion_stops_at_the_limit_of_portal_pressure(model, people, dose):
    outputs = ("portal.pressure", "portal.lodged", "portal.withheld", "liver.number")
    # As many cells as a liver has: more than fit into anybody.
    amount = 2e11
    result = run(model, people, given(dose, amount, every=400.0), outputs, [-1e-6, 1e-6])
    before, after = np.moveaxis(result["portal.pressure"][:, 0], -1, 0)
    limit = MODEL.parameter("portal.limit").value
    fit = before < limit
    assert fit.any()
    assert (after[fit] > before[fit]).all()
    assert (after[fit] <= limit + 1e-4).all()
    withheld = result["portal.withheld"][:, 0, 1]
    assert (withheld > 0).all()
    if MODEL.dose(dose).route == "portal_vein":
        # Of cells by the spleen a part lodges, so that these stop short of the limit.
        assert after[fit] == pytest.approx(limit, abs=1e-3)
        lodged = result["portal.lodged"][:, 0, 1]
        offered = amount / result["liver.number"][:, 0, 1]
        assert lodged + withheld == pytest.approx(offered, rel=1e-4)


def test_a_liver_above_the_limit_is_given_nothing(model):
    people = typical_people("ZZ")
    outputs = ["portal.lodged", "portal.withheld", "liver.number", "primary_hepatocytes.landed"]
    found = run_quiet(
        model, people, given("primary_hepatocytes/portal_vein", 1e9, every=400.0), outputs,
        [1e-6], portal__normal=13.0,
    )  # fmt: skip
    assert found["portal.lodged"][0, 0] == found["primary_hepatocytes.landed"][0, 0] == 0
    share = 1e9 / found["liver.number"][0, 0]
    assert found["portal.withheld"][0, 0] == pytest.approx(share)


# 3 -- zero is nothing -----------------------------------------------------------------------------


@pytest.mark.parametrize("dose", DOSES)
def test_a_zero_dose_reproduces_the_untreated_course(model, people, dose):
    times = [30.0, 365.0, 730.0]
    untreated = run(model, people, None, STATES, times).values
    zero = run(model, people, given(dose, 0.0, every=30.0), STATES, times).values
    # A procedure carries its risk whatever is given by it.
    left = ~np.isin(STATES, ["harms.procedure_risk"])
    size = scale_of(model, STATES) + np.abs(untreated)
    moved = np.nanmax(np.abs(zero - untreated) / size, axis=(0, 1, 2))
    assert (moved[left] <= 10 * TOLERANCE).all(), np.array(STATES)[moved > 10 * TOLERANCE]


# 4 -- what is stopped fades, what has engrafted stays ----------------------------------------------

FADING = {"msc", "exosomes", "augmentation", "aat_fc", "elastase_inhibitor", "silencing"}
FAST = (
    "circulation.serum_aat",
    "lung.lining_aat_total",
    "lung.free_elastase",
    "lung.macrophages",
    "lung.neutrophils",
    "immunity.il10",
    "immunity.tgfb",
    "immunity.crp",
    "immunity.oxidative_stress",
    "wellbeing.walk",
)


@pytest.mark.parametrize("dose", [d for d in DOSES if MODEL.dose(d).module in FADING])
def test_after_the_last_dose_fast_quantities_return(model, dose):
    people = typical_people("ZZ", "MZ")
    module = MODEL.dose(dose).module
    own = [n for n in STATES if n.startswith((f"{module}.", "paracrine."))]
    times = [91.0, 4 * YEAR]
    # What a body has learnt of a drug, to answer or to bear it, stays.
    quiet = {"rejection__antibody_forming": 0.0, "aat_fc__antibody_forming": 0.0}
    quiet["aat_fc__tolerance"] = 1e9
    with_it = run_quiet(model, people, given(dose), [*FAST, *own], times, **quiet)
    without = run_quiet(model, people, None, [*FAST, *own], times, **quiet)
    moved = {n: np.abs(with_it[n] - without[n]) for n in (*FAST, *own)}
    assert max(m[:, 0].max() for m in moved.values()) > 1e-6
    # What elastin was lost or saved on treatment stays so, and calls for a few neutrophils more or less.
    for name in FAST:
        assert (moved[name][:, 1] <= 0.05 * np.abs(without[name][:, 1])).all(), name
    for name in own:
        assert (moved[name][:, 1] <= 1e-2 * scale_of(model, [name])).all(), name


STAYING = {
    "primary_hepatocytes/portal_vein": "primary_hepatocytes",
    "ipsc_hepatocytes/portal_vein": "ipsc_hepatocytes",
    "liver_progenitors/portal_vein": "liver_progenitors",
    "base_editor/intravenous": "edited",
    "nuclease_knockout/intravenous": "knocked_out",
}


@pytest.mark.parametrize("dose", STAYING)
def test_what_engrafts_or_is_edited_stays(model, dose):
    """Without late loss, rejection and antibodies, and though the giving has stopped."""
    lost = {f"{m}__late_loss": 0.0 for m in GRAFTS}
    lost |= {"rejection__killing": 0.0, "rejection__antibody_killing": 0.0}
    name = f"liver.hepatocytes[{STAYING[dose]}]"
    found = run_quiet(
        model, typical_people("ZZ"), given(dose, every=400.0), [name], [2 * YEAR, 6 * YEAR], **lost
    )[name][0]
    assert found[0] > 1e-5
    assert found[1] >= 0.999 * found[0]


@pytest.mark.parametrize("graft", GRAFTS)
@pytest.mark.parametrize("way", ["late_loss", "rejection"])
def test_late_loss_and_rejection_each_take_a_graft_away(model, graft, way):
    off = {f"{graft}__late_loss": 0.0} if way == "rejection" else {"rejection__killing": 0.0}
    off |= {"rejection__antibody_killing": 0.0, "liver__selection": 0.0}
    name = f"liver.hepatocytes[{graft}]"
    regimen = given(f"{graft}/portal_vein", every=400.0) + said(f"{graft}.foreign", 1)
    found = run_quiet(model, typical_people("ZZ"), regimen, [name], [1 * YEAR, 6 * YEAR], **off)[
        name
    ][0]
    assert found[1] < 0.5 * found[0]


# 5 -- how much serum AAT cells can make -----------------------------------------------------------


def serum_gain(model, regimen, days, genotype="ZZ", **values):
    people = typical_people(genotype)
    outputs = ["circulation.serum_aat", "circulation.plasma[M]", "circulation.plasma[Z]"]
    with_it = run_quiet(model, people, regimen, outputs, days, **values)
    without = run_quiet(model, people, None, outputs, days, **values)
    return {n: with_it[n][0] - without[n][0] for n in outputs}


@pytest.mark.regression
@pytest.mark.parametrize("route", ["intravenous", "hepatic_artery"])
def test_200_million_mesenchymal_cells_do_not_raise_serum_aat(model, route):
    """Less than 0.01 µM, though they are a donor's MM cells and secrete as hepatocytes do."""
    days = [0.5, 1.0, 2.0, 4.0, 8.0, 30.0]
    gain = serum_gain(model, given(f"msc/{route}", 2e8, every=400.0), days)
    assert np.abs(gain["circulation.serum_aat"]).max() < 0.01
    assert gain["circulation.serum_aat"].max() > 0


def graft_alone(graft):
    """Return the settings under which a quarter of the living cells stays, and nothing else."""
    return {
        f"{graft}__kept": 0.25,
        f"{graft}__maturation": 5.0,
        f"{graft}__late_loss": 0.0,
        f"{graft}__secretion": 1.0,
        "rejection__killing": 0.0,
        "rejection__antibody_killing": 0.0,
        "liver__selection": 0.0,
        "portal__limit": 100.0,
    }


@pytest.mark.regression
def test_ten_billion_hepatocytes_of_which_a_quarter_engrafts(model):
    graft = "primary_hepatocytes"
    regimen = given(f"{graft}/portal_vein", 1e10, every=400.0) + said(f"{graft}.viability", 1)
    gain = serum_gain(model, regimen, [300.0, 900.0], **graft_alone(graft))
    assert gain["circulation.serum_aat"] == pytest.approx([0.288, 0.288], abs=0.005)
    assert ((gain["circulation.serum_aat"] >= 0.2) & (gain["circulation.serum_aat"] <= 0.35)).all()
    # The liver has its number: these cells replace the host's, and with them some Z.
    assert (gain["circulation.plasma[Z]"] < 0).all()


# 6 -- corrected and uncorrected cells of the person's own -----------------------------------------


@pytest.mark.parametrize(("corrected", "raised", "not_raised"), [(0, "Z", "M"), (1, "M", "Z")])
def test_own_cells_make_what_their_alleles_say(model, corrected, raised, not_raised):
    graft = "ipsc_hepatocytes"
    regimen = given(f"{graft}/portal_vein", 1e10, every=400.0)
    regimen += said(f"{graft}.foreign", 0) + said(f"{graft}.corrected", corrected)
    # Before the liver has come back to its number: then ZZ cells have only replaced ZZ cells.
    gain = serum_gain(model, regimen, [20.0], **graft_alone(graft))
    assert gain[f"circulation.plasma[{raised}]"][0] > 0.01
    assert gain[f"circulation.plasma[{not_raised}]"][0] <= 1e-6


# rejection ----------------------------------------------------------------------------------------

CALM = {"rejection__antibody_forming": 0.0}


def kept(model, graft, *more, day=365.0, **values):
    """Return the graft's hepatocytes a year after one infusion."""
    regimen = given(f"{graft}/portal_vein", 1e9, every=400.0)
    name = f"liver.hepatocytes[{graft}]"
    people = typical_people("ZZ")
    whole = sum(more, regimen)
    return run_quiet(model, people, whole, [name], [day], **CALM, **values)[name][0, 0]


@pytest.mark.parametrize("graft", GRAFTS)
def test_more_mismatch_never_keeps_more_cells(model, graft):
    foreign = said(f"{graft}.foreign", 1)
    found = [kept(model, graft, foreign, said(f"{graft}.hla_mismatches", n)) for n in range(7)]
    assert all(later < earlier for earlier, later in pairwise(found)), found


@pytest.mark.parametrize("graft", GRAFTS)
def test_tacrolimus_keeps_more_cells(model, graft):
    foreign = said(f"{graft}.foreign", 1)
    found = [kept(model, graft, foreign, said("rejection.tacrolimus", n)) for n in (0, 3, 8)]
    assert found[0] < found[1] < found[2]


def test_own_cells_are_hardly_rejected(model):
    graft = "ipsc_hepatocytes"
    own, foreign = (kept(model, graft, said(f"{graft}.foreign", k)) for k in (0, 1))
    spared = kept(model, graft, said(f"{graft}.foreign", 0), rejection__killing=0.0)
    assert own >= 0.99 * spared
    assert foreign < 0.9 * own


def test_a_second_exposure_is_answered_faster(model):
    """Cells that are gone in days, so that only memory makes the two exposures differ."""
    twice = repeated("msc/intravenous", 2e8, at=[0.0, 300.0])
    days = [5.0, 299.0, 305.0]
    outputs = ["rejection.effector", "rejection.memory"]

    def rises(**values):
        found = run_quiet(model, typical_people("ZZ"), twice, outputs, days, **CALM, **values)
        first, between, second = found["rejection.effector"][0]
        return first, second - between

    first, second = rises()
    assert second > 1.02 * first
    first, second = rises(rejection__memory_gain=0.0)
    assert second == pytest.approx(first, rel=1e-3)


# combinations -------------------------------------------------------------------------------------


def home(symbol):
    return symbol.name.partition(".")[0]


@pytest.mark.contract
@pytest.mark.parametrize("therapy", sorted(THERAPIES))
def test_a_therapy_names_no_other_therapy(therapy):
    """Two therapies meet in the organs' states alone, unless an interaction folder says more."""
    others = THERAPIES - {therapy}
    for effect in MODEL.effects:
        if effect.module == therapy:
            assert home(effect.target) not in others, effect
            assert not {home(s) for s in effect.expression.free_symbols} & others, effect
    own = [(s.handle, s.rate) for s in MODEL.states if s.module == therapy]
    own += [(q.handle, q.expression) for q in MODEL.quantities if q.module == therapy]
    acting = {e.module for e in MODEL.effects if home(e.target) == therapy} - {therapy}
    assert acting <= INTERACTIONS
    for handle, expression in own:
        assert not {home(s) for s in expression.free_symbols} & others, handle
    for line in MODEL.doses:
        if line.module == therapy:
            moved = {s for state, jump in line.jumps for s in {state, *jump.free_symbols}}
            assert not {home(s) for s in moved} & others, line.name


ONE_OF_EACH = {
    name: next((d.name for d in MODEL.doses if d.module == name and d.usual), None)
    or next(d.name for d in MODEL.doses if d.module == name)
    for name in sorted(THERAPIES)
}
FINITE = (
    "circulation.serum_aat", "lung.free_elastase", "lung.density", "lung.fev1", "wellbeing.sgrq",
    "liver.polymer_total", "liver.stiffness", "liver.occupancy", "portal.pressure",
    "rejection.effector",
)  # fmt: skip


@pytest.mark.parametrize(
    "pair",
    [*((a,) for a in ONE_OF_EACH.values()), *combinations(ONE_OF_EACH.values(), 2)],
    ids=" + ".join,
)
def test_every_therapy_runs_with_every_other(model, two, pair):
    regimen = sum(
        (given(d, every=30.0, until=90.0) for d in pair[1:]), given(pair[0], every=30.0, until=90.0)
    )
    result = run(model, two, regimen, FINITE, [0.0, 1.0, 45.0, 120.0], tolerance=COARSE)
    assert (result.status == 0).all()
    assert np.isfinite(result.values).all()


# mechanisms ---------------------------------------------------------------------------------------


def equations(model):
    found = {s.handle.name: s.rate for s in model.states}
    return found | {q.handle.name: q.expression for q in model.quantities}


@pytest.mark.parametrize("mechanism", MODEL.mechanisms)
def test_a_mechanism_can_be_switched_off_alone(mechanism):
    whole, less = equations(MODEL), equations(build_model(without=[mechanism]))
    assert whole.keys() == less.keys()
    changed = {name for name in whole if whole[name] != less[name]}
    assert changed == {e.target.name for e in MODEL.mechanisms[mechanism]}


@pytest.mark.contract
def test_an_unknown_mechanism_is_told_with_the_nearest():
    with pytest.raises(
        ModelError, match="no module or mechanism 'il10' to switch off; did you mean"
    ):
        build_model(without=["il10"])
    with pytest.raises(ModelError, match="did you mean 'cell signalling'"):
        build_model(without=["cell signaling"])


def test_regrowth_of_alveoli_is_off_by_default(model):
    regrowth = MODEL.parameter("paracrine.regrowth")
    assert regrowth.value == 0
    assert regrowth.uncertainty.distribution == regrowth.between_patients.distribution == "none"
    people, names = typical_people("ZZ"), ["lung.elastin"]
    regimen = given("msc/intravenous", 2e8)
    alone = {f"paracrine__{k}": 0.0 for k in ("lung_translation", "crp", "tgfb", "exacerbations")}
    off, on = (
        run_quiet(model, people, regimen, names, [0.0, 365.0], paracrine__regrowth=k, **alone)[
            names[0]
        ][0]
        for k in (0.0, 1e-4)
    )
    assert off[1] <= off[0]
    assert on[1] > off[1]
