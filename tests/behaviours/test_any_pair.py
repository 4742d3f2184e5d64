"""Any therapies together, by any route, at any dose up to the largest on record: a body stays physical, and no worse known."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from antitrypsim.foundations.errors import InputError
from antitrypsim.populations.spec import GENOTYPES
from antitrypsim.protocols.therapytext import parse_therapy
from antitrypsim.simulation.simulate import simulate_all
from antitrypsim.therapies import build_model
from antitrypsim.uncertainty.draws import ParameterSet
from tests.therapies.quiet import QUIET, YEAR, typical_people

pytestmark = pytest.mark.law

MODEL = build_model()
DOSES = {dose.name: dose for dose in MODEL.doses}
# Where no dose is on record, about what was tried or is given to others.
TRIED = {"mg/kg": 1.0, "ng/mL": 12.0, "cell": 1e9, "particle": 1e10, "vg/kg": 6e12, "organ": 1.0}
WORD = {"cell": "cells", "particle": "particles"}
PHYSICAL = {
    "circulation.serum_aat": (0, 200), "lung.density": (15, 125), "lung.fev1_share": (0.02, 1.6),
    "lung.neutrophils": (0, 40), "liver.fibrosis_stage": (0, 4), "liver.stiffness": (2, 75),
    "liver.occupancy": (0.5, 1.2), "portal.pressure": (0, 60), "wellbeing.sgrq": (0, 100),
    "wellbeing.walk": (0, 900), "liver.alt": (0, 100),
}  # fmt: skip
STATES = [state.handle.name for state in MODEL.states]
ROUNDING = 1e-5


@st.composite
def given_of(draw, name):
    """Return one therapy's text: a product by a route, who it is from, how much, how often."""
    dose = DOSES[name]
    most = dose.limit.value if dose.limit is not None else TRIED[dose.unit]
    share = 1.0 if dose.unit == "organ" else draw(st.floats(0.1, 1.0))
    details = []
    if "source" in dose.attributes:
        # Each product has those sources that exist of it, in words.
        source = draw(st.sampled_from(sorted(dose.attributes["source"].words)))
        details.append(f"source={source}")
        if source == "allogeneic" and "hla_mismatches" in dose.attributes:
            details.append(f"hla_mismatches={draw(st.integers(0, 6))}")
        if source == "autologous" and "corrected" in dose.attributes:
            details.append(f"corrected={draw(st.sampled_from([0, 1]))}")
    said = f"[{','.join(details)}]" if details else ""
    often = "held" if dose.holds is not None else "once"
    if often == "once" and dose.unit != "organ":
        often = draw(st.sampled_from(["once", "week", "4weeks", "6months"]))
    amount = f"{share * most:.4g}{WORD.get(dose.unit, dose.unit)}"
    return f"{dose.product}@{dose.route}{said}:{amount}/{often}"


@st.composite
def pairs(draw):
    names = draw(st.lists(st.sampled_from(sorted(DOSES)), min_size=1, max_size=3, unique=True))
    return "+".join(draw(given_of(name)) for name in names)


@settings(deadline=None, max_examples=60)
@given(text=pairs(), age=st.floats(18, 95), smoking=st.sampled_from([0.0, 1.0]))
def test_a_body_stays_physical_under_any_therapies_together(text, age, smoking):
    try:
        regimen = parse_therapy(text, 3, model=MODEL)
    except InputError as error:
        # One person gets one product of a kind.
        if "one product of a kind" not in str(error):
            raise
        return
    people = typical_people(*GENOTYPES, age=age)
    people.covariates["person.smoking"] = np.full(len(people.ids), smoking)
    found = simulate_all(
        MODEL, people, regimen, times=[1.0, 30.0, 364.0, 2 * YEAR], outputs=[*PHYSICAL, *STATES],
        draws=ParameterSet("quiet", QUIET),
    )  # fmt: skip
    assert np.all(found.status <= 1), text
    for name, (low, high) in PHYSICAL.items():
        assert np.all(np.isfinite(found[name][..., 0])), (name, text)
        seen = found[name][np.isfinite(found[name])]
        assert np.all((seen >= low - ROUNDING) & (seen <= high)), (name, seen.min(), seen.max())
    for name in STATES:
        seen = found[name][np.isfinite(found[name])]
        assert np.all(seen >= -ROUNDING * max(1.0, np.abs(seen).max(initial=0))), name
