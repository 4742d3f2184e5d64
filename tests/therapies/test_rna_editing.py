"""RNA editing: message is turned, not genes; it comes with the doses and goes after them."""

import itertools

import numpy as np
import pytest

from antitrypsim.modelling import compose
from antitrypsim.organs import organ_modules
from antitrypsim.organs.liver.module import M_OF_Z, MADE_Z, MESSAGE_Z
from antitrypsim.simulation.regimen import repeated
from antitrypsim.therapies import build_model, refusals
from antitrypsim.therapies.rna_editing.module import MODULE

from .quiet import YEAR, run, typical_people

pytestmark = pytest.mark.law

GALNAC, LIPID = "galnac_rna_editor/subcutaneous", "lipid_rna_editor/intravenous"
MODEL = build_model(therapies=["rna_editing", "editing", "silencing"])
PEOPLE = typical_people("ZZ", "MZ", "MM", "null")
SERUM, M, Z = "circulation.serum_aat", "circulation.plasma[M]", "circulation.plasma[Z]"
EDITED, POLYMER = "rna_editing.edited", "liver.polymer_total"
COURSE = [0.0, 14.0, 28.0, 42.0, 56.0, 70.0]
ALL = {"rna_editing__editable": 1.0, "rna_editing__output": 1.0}


def course(dose, amount):
    return repeated(dose, amount, at=COURSE)


@pytest.mark.parametrize("dose", [GALNAC, LIPID])
def test_a_dose_of_nothing_is_nothing_and_more_is_not_less(dose):
    names, days = (Z, M, EDITED, POLYMER), [1.0, 40.0, 80.0, YEAR]
    none = run(MODEL, PEOPLE, None, names, days)
    lowered = [run(MODEL, PEOPLE, course(dose, x), names, days) for x in (0.0, 0.3, 1.0, 3.0)]
    for name in names:
        assert lowered[0][name] == pytest.approx(none[name], rel=1e-4, abs=1e-9), name
    for less, more in itertools.pairwise(lowered):
        assert np.all(more[EDITED][:, :3] > less[EDITED][:, :3])
        assert np.all(more[Z][:2, 1:3] < less[Z][:2, 1:3])
        assert np.all(more[M][:2, 1:3] > less[M][:2, 1:3])
        assert np.all(more[POLYMER][:2, 1:] < less[POLYMER][:2, 1:])


@pytest.mark.parametrize("dose", [GALNAC, LIPID])
def test_who_has_no_z_message_has_nothing_to_edit(dose):
    names = (SERUM, M, Z, "liver.hepatocytes[host]", "lung.density", "liver.stiffness")
    days = [10.0, 60.0, YEAR]
    treated, plain = (run(MODEL, PEOPLE, given, names, days) for given in (course(dose, 3.0), None))
    for name in names:
        assert treated[name][2:] == pytest.approx(plain[name][2:], rel=1e-4, abs=1e-9), name


def test_message_is_shared_out_between_z_and_m_in_every_hepatocyte():
    """Also in edited cells, which have Z alleles left; donors' have none."""
    labels = ("host", "edited")
    names = [f"{what.name}[{k}]" for what in (MESSAGE_Z, MADE_Z, M_OF_Z) for k in labels]
    given = course(GALNAC, 2.0) + repeated("base_editor/intravenous", 0.1, at=[0.0])
    days = [10.0, 50.0]
    with_it = run(MODEL, PEOPLE, given, [*names, EDITED], days, rna_editing__output=1.0)
    for k in labels:
        message, z = (with_it[f"{what.name}[{k}]"] for what in (MESSAGE_Z, MADE_Z))
        assert z == pytest.approx((1 - with_it[EDITED]) * message, rel=1e-9)
    message, z, m = (with_it[f"{what.name}[host]"][0] for what in (MESSAGE_Z, MADE_Z, M_OF_Z))
    assert z + m == pytest.approx(message, rel=1e-9)
    assert np.all(m > 0.3 * message)


def test_all_message_edited_as_good_as_m_makes_a_zz_serum_that_of_mm():
    found = run(MODEL, PEOPLE, course(GALNAC, 1e4), (SERUM, Z), [100.0], **ALL)
    serum = found[SERUM][:, 0]
    assert serum[0] == pytest.approx(serum[2], rel=0.02)
    assert serum[1] == pytest.approx(serum[2], rel=0.02)
    assert serum[3] == 0
    assert np.all(found[Z] < 0.1)


@pytest.mark.parametrize("dose", [GALNAC, LIPID])
def test_it_is_reversible_and_base_editing_is_not(dose):
    names = (M, Z, "liver.corrected_share")
    days = [60.0, 2.5 * YEAR, 3 * YEAR]
    rna = run(MODEL, PEOPLE, course(dose, 2.7), names, days)
    gene = run(MODEL, PEOPLE, repeated("base_editor/intravenous", 0.8, at=[0.0]), names, days)
    plain = run(MODEL, PEOPLE, None, names, days)
    assert rna[M][0, 0] > 1
    assert rna[M][0, 1] < 1e-3
    assert rna[Z][0, 1:] == pytest.approx(plain[Z][0, 1:], rel=0.01)
    assert np.all(rna["liver.corrected_share"] == 0)
    assert gene[M][0, 2] >= gene[M][0, 1] >= gene[M][0, 0] > 5
    assert gene["liver.corrected_share"][0, 2] > 0.5


def test_it_gives_m_where_silencing_gives_none():
    names, days = (SERUM, M, Z), [84.0]
    silent, edited, both = (
        {name: found[0, 0] for name, found in run(MODEL, PEOPLE, given, names, days).items()}
        for given in (
            repeated("fazirsiran/subcutaneous", 2.67, at=[0.0, 28.0]),
            course(GALNAC, 2.67),
            repeated("fazirsiran/subcutaneous", 2.67, at=[0.0, 28.0]) + course(GALNAC, 2.67),
        )
    )
    assert silent[M] == 0 < both[M] < edited[M]
    assert both[Z] < min(silent[Z], edited[Z])
    assert edited[SERUM] > 3 * silent[SERUM]


def test_only_particles_bring_fever_and_enzymes():
    names = ("harms.fever_caused", "liver.alt", "harms.liver_injury_caused")
    lipid, galnac = (
        run(MODEL, PEOPLE, course(d, 1.0), names, [-1.0, 0.01]) for d in (LIPID, GALNAC)
    )
    for name in names:
        assert np.all(lipid[name][:, 1] > lipid[name][:, 0]), name
        assert galnac[name][:, 1] == pytest.approx(galnac[name][:, 0], abs=1e-3), name


def test_without_message_correction_nothing_is_edited():
    off = compose([*organ_modules(), MODULE], without=["message correction"])
    names, days = (SERUM, M, POLYMER), [30.0, YEAR]
    found, plain = (run(off, PEOPLE, given, names, days) for given in (course(GALNAC, 3.0), None))
    for name in names:
        assert found[name] == pytest.approx(plain[name], rel=1e-4, abs=1e-9)


@pytest.mark.contract
@pytest.mark.parametrize("product", ["galnac_rna_editor", "lipid_rna_editor"])
@pytest.mark.parametrize("route", ["inhaled", "oral", "portal_vein", "lymph_node"])
def test_other_routes_are_refused_with_a_reason(product, route):
    assert refusals()[f"{product}/{route}"]
