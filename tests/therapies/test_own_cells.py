"""A person's own cells raise no donor-specific antibodies, and meet none (behaviour 17)."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from antitrypsim.organs.rejection.module import ANTIBODY_KILLING, ANTIBODY_RATE, HLA_SEEN
from antitrypsim.simulation.given import InputRecord
from antitrypsim.simulation.regimen import Regimen, repeated
from antitrypsim.therapies import build_model

from .quiet import run, typical_people

pytestmark = pytest.mark.law

MODEL = build_model()
FOREIGN = [i.name for i in MODEL.inputs if i.name.endswith(".foreign")]
# A donor's organ is nobody's own.
FOREIGN += ["liver_transplantation.graft", "lung_transplantation.graft"]
OWN = [
    d.name
    for d in MODEL.doses
    if d.module == "editing"
    or "autologous" in dict(getattr(d.attributes.get("source"), "words", {}))
]
GRAFT = "ipsc_hepatocytes"


def own(expression):
    """Return the expression with every product made of the person's own cells."""
    return expression.subs({s: 0 for s in expression.free_symbols if s.name in FOREIGN})


def expressions():
    found = {s.handle: s.rate for s in MODEL.states}
    return found | {q.handle: q.expression for q in MODEL.quantities}


def test_the_therapies_with_own_cells_are_found():
    products = {name.partition("/")[0] for name in OWN}
    assert products >= {
        "msc", "ipsc_hepatocytes", "gene_added_hsc", "base_editor", "nuclease_knockout",
        "airway_basal_progenitors",
    }  # fmt: skip


def test_own_cells_show_no_foreign_hla_whatever_the_state():
    assert own(expressions()[HLA_SEEN]) == 0


def test_no_own_cell_dies_of_antibodies_whatever_the_state():
    read = {
        handle
        for handle, expression in expressions().items()
        if ANTIBODY_KILLING in expression.free_symbols
    }
    assert read
    for handle in read:
        assert ANTIBODY_KILLING not in own(expressions()[handle]).free_symbols, handle


@settings(deadline=None, max_examples=12)
@given(st.sampled_from(OWN), st.floats(0.1, 3.0), st.integers(1, 4), st.floats(0, 400))
def test_no_dose_of_own_cells_raises_antibodies(dose, times_usual, often, more_foreign):
    line = MODEL.dose(dose)
    usual = line.limit.value if line.limit is not None else {"mg/kg": 1.0}.get(line.unit, 2e8)
    regimen = repeated(dose, times_usual * usual, at=[30.0 * k for k in range(often)])
    if f"{line.module}.foreign" in FOREIGN:
        regimen += Regimen("own", inputs=(InputRecord(f"{line.module}.foreign", (0.0,), (0.0,)),))
    found = run(
        MODEL, typical_people("ZZ"), regimen,
        ("rejection.antibody_rate", "rejection.antibody", "rejection.hla_seen"), [1.0, 40.0, 200.0],
        rejection__antibody_forming=1.0 + more_foreign,
    )  # fmt: skip
    assert all(np.all(values == 0) for values in found.values())


def test_matched_cells_of_a_donor_meet_t_cells_and_no_antibodies():
    model = build_model(therapies=[GRAFT])
    days, names = [5.0], ("rejection.antibody_rate", "rejection.seen")

    def seen(mismatches):
        said = {f"{GRAFT}.foreign": 1.0, f"{GRAFT}.hla_mismatches": mismatches}
        regimen = repeated(f"{GRAFT}/portal_vein", 1e9, at=[0.0]) + Regimen(
            "a donor's", inputs=tuple(InputRecord(k, (0.0,), (v,)) for k, v in said.items())
        )
        off = {"rejection__antibody_forming": 1e-6}
        found = run(model, typical_people("ZZ"), regimen, names, days, **off)
        return [float(found[name][0, 0]) for name in names]

    antibodies, noticed = zip(*(seen(float(n)) for n in (0, 1, 3, 6)), strict=True)
    assert antibodies[0] == 0
    assert noticed[0] > 0
    assert sorted(set(antibodies)) == list(antibodies)
    assert sorted(set(noticed)) == list(noticed)
    assert ANTIBODY_RATE.name in names
