"""What is given together, and what a protocol is told about it."""

from itertools import permutations

import pytest

from antitrypsim.experiments.compare import compare
from antitrypsim.experiments.dose_finding import dose
from antitrypsim.foundations.errors import InputError, ProtocolError
from antitrypsim.protocols import (
    check_protocol,
    dump_protocol,
    load_protocol,
    read_protocol,
    result_warnings,
)
from antitrypsim.protocols.amounts import excess
from antitrypsim.protocols.protocol import Protocol
from antitrypsim.protocols.therapytext import parse_therapy
from antitrypsim.therapies import build_model

pytestmark = pytest.mark.regression


AAT = {"product": "augmentation", "route": "intravenous", "dose": "60 mg/kg", "every": "1 week"}
MSC = {"product": "msc", "route": "intravenous", "dose": "2e8 cells", "at": ["0 weeks"]}
TACROLIMUS = {"product": "tacrolimus", "route": "oral", "dose": "6 ng/mL", "held": True}
TROUGH = "rejection.tacrolimus"


def given(*lines, arms=1):
    """RAPID with these lines in its treated arm."""
    plain = load_protocol("rapid").to_dict()
    (epoch,) = [each["id"] for each in plain["epochs"]]
    for arm in plain["arms"][:arms]:
        arm["treatment"] = {epoch: list(lines)} if lines else {}
    return Protocol.from_dict(plain)


def course(*lines):
    arm = given(*lines).arms[0].id
    return given(*lines).regimens()[arm].held(0.0, TROUGH)


def warnings(protocol):
    return [each.message for each in check_protocol(protocol) if each.level == "warning"]


@pytest.mark.law
def test_held_lines_of_a_file_add_up_in_any_order():
    late = {**TACROLIMUS, "start": "12 weeks", "for": "92 weeks"}
    early = {**TACROLIMUS, "dose": "10 ng/mL", "for": "12 weeks"}
    for lines in permutations((late, early)):
        assert course(*lines) == ((0.0, 10.0), (84.0, 6.0), (728.0, 0.0))
    long = {**TACROLIMUS, "dose": "8 ng/mL", "for": "24 weeks"}
    short = {**TACROLIMUS, "dose": "4 ng/mL", "start": "8 weeks", "for": "8 weeks"}
    for lines in permutations((long, short)):
        assert [value for _, value in course(*lines)] == [8, 12, 8, 0]


def test_the_same_line_again_is_told_with_the_sum():
    protocol = given(*[AAT] * 20)
    told = (
        "augmentation/intravenous, 60 mg/kg, is the same line 20 times, and all of them are given: "
        "1200 mg/kg in all, beside 180 mg/kg, the largest dose on record (BIO-B06)"
    )
    assert told in warnings(protocol)
    assert f"{told}." in result_warnings(protocol)
    assert any("1200 mg/kg is above the largest dose" in each for each in result_warnings(protocol))
    twice = given(TACROLIMUS, TACROLIMUS)
    assert any("the same line twice" in e and "12 ng/mL in all" in e for e in warnings(twice))
    assert result_warnings(load_protocol("rapid")) == ()


def test_two_lines_at_one_time_are_told_with_the_sum():
    protocol = given(AAT, {**AAT, "dose": "140 mg/kg", "every": "2 weeks"})
    assert any("doses add up: 200 mg/kg in all, beside 180" in e for e in warnings(protocol))


def test_a_dose_split_over_lines_meets_the_limit():
    half = {**AAT, "dose": "1000 mg/kg"}
    with pytest.raises(ProtocolError) as caught:
        given(half, {**half, "every": "2 weeks"})
    assert "within a day adds up to 2000 mg/kg, 11.1 times the largest" in str(caught.value)
    assert "arms[0].treatment" in str(caught.value)
    for many in (2, 31):
        with pytest.raises(ProtocolError, match=f"the same line stands there {many} times"):
            given(*[{**AAT, "dose": "1000 mg/kg"}] * many)
    # A day apart they are two doses.
    assert given(half, {**half, "start": "3 days"})


def test_a_dose_split_with_a_plus_meets_the_limit():
    with pytest.raises(InputError, match="within a day adds up to 2000 mg/kg"):
        parse_therapy("augmentation:1000mg/kg/week + augmentation:1000mg/kg/2weeks", 1)


@pytest.mark.parametrize(
    "text",
    [
        "tacrolimus:1e300ng/mL/held",
        "tacrolimus:800µg/mL/held",
        "nuclease_knockout:1e300mg/kg/once",
        "gene_added_hsc:1e300cells/once",
        "exosomes@intravenous:1e300particles/week",
        "secretion_gene:1e300vg/kg/once",
    ],
)
def test_without_a_record_there_is_a_limit_too(text):
    with pytest.raises(InputError, match="more than a body would hold"):
        parse_therapy(text, 1)


@pytest.mark.parametrize(
    ("text", "too_much"),
    [
        ("exosomes@inhaled:1e10particles/day", "exosomes@inhaled:2e13particles/day"),
        (
            "ipsc_hepatocytes@portal_vein:5e10cells/once",
            "ipsc_hepatocytes@portal_vein:4e11cells/once",
        ),
        ("msc@hepatic_artery:1e9cells/once", "msc@hepatic_artery:4e11cells/once"),
    ],
)
def test_cells_and_vesicles_are_refused_only_where_they_cannot_be_given(text, too_much):
    (dose,) = parse_therapy(text, 1).doses
    line = build_model().dose(dose.dose)
    assert "above the largest dose on record" in excess(dose.amount, line)
    with pytest.raises(InputError, match="more than can be given at once"):
        parse_therapy(too_much, 1)


@pytest.mark.parametrize(
    ("text", "too_much"),
    [
        ("tacrolimus:15ng/mL/held", "tacrolimus:800ng/mL/held"),
        ("lipid_rna_editor:2mg/kg/2weeks", "lipid_rna_editor:500mg/kg/2weeks"),
        ("nuclease_knockout:2mg/kg/once", "nuclease_knockout:50mg/kg/once"),
    ],
)
def test_without_a_record_a_slip_of_the_exponent_is_refused(text, too_much):
    parse_therapy(text, 1)
    with pytest.raises(InputError, match="more than can be given at once"):
        parse_therapy(too_much, 1)


def test_a_level_without_a_record_is_told():
    found = [each.message for each in check_protocol(given(TACROLIMUS))]
    assert "no level of tacrolimus/oral is on record" in found


def test_a_detail_said_twice_is_refused():
    for text in ("viability=.5,viability=.6", "viability=.5,viability=.5"):
        with pytest.raises(InputError, match="'viability' is said twice, and one hides the other"):
            parse_therapy(f"msc@intravenous[{text}]:2e8cells/once", 1)


def test_factors_of_reach_meet_the_limit_before_anybody_is_met():
    with pytest.raises(InputError, match=r"1e\+300 times 'augmentation.*more than a body"):
        dose(["augmentation:60mg/kg/week"], value=11.0, factors=(1, 1e300))


def test_half_a_mismatch_is_refused():
    for text in ("2.5", "0.006"):
        with pytest.raises(InputError, match=f"'{text}' cannot be; .* is a whole number"):
            parse_therapy(f"msc@intravenous[hla_mismatches={text}]:2e8cells/once", 1)
    with pytest.raises(ProtocolError, match="whole number from 0 to 6"):
        given({**MSC, "details": {"hla_mismatches": 0.5}})
    assert parse_therapy("msc@intravenous[hla_mismatches=2]:2e8cells/once", 1)


def test_a_trial_that_treats_nobody_is_told():
    nobody = "nobody is given anything in this trial"
    assert f"{nobody}: arms differ by chance alone" in warnings(given())
    watched = check_protocol(load_protocol("natural-history"))
    assert [each.level for each in watched if each.message == nobody] == ["note"]


def test_two_products_of_a_kind_are_not_joined():
    own = "msc@intravenous[source=autologous]:2e8cells/once"
    donor = "msc@intravenous:2e8cells/once"
    for text in (f"{own}+{donor}", f"{donor}+{own}"):
        with pytest.raises(InputError, match="a person is given one product of a kind"):
            parse_therapy(text, 1)
    found = compare([own, donor], years=(0.1,), people=2, uncertainty=0)
    assert found.therapies == (own, donor)
    assert any("one product of a kind, and is left out" in each for each in found.warnings)


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        (
            ({**AAT, "dose": "60 ppm"},),
            "dosed in mg/kg, and '60 ppm' is not; write for example '60 mg",
        ),
        (
            ({**MSC, "dose": "60 mg/kg"},),
            "dosed in cells, and '60 mg/kg' is not; write for example '7e8 c",
        ),
        (({**MSC, "dose": "200"},), "'200' has no unit; write for example '7e8 cells'"),
        (({**MSC, "dose": 200},), "'200' has no unit; write for example '7e8 cells'"),
        (({**MSC, "dose": "lots"},), "for example '60 mg/kg' or '2e8 cells'"),
        (({**AAT, "dose": "4 g", "per_weight": "75"},), "write for example '75 kg'"),
    ],
)
def test_hints_are_in_the_unit_of_the_product(lines, said):
    with pytest.raises(ProtocolError) as caught:
        given(*lines)
    assert said in str(caught.value)


def test_a_plus_in_a_number_joins_nothing():
    (record,) = parse_therapy("msc@intravenous:2e+8cells/once", 1).doses
    assert record.amount == 2e8
    both = parse_therapy("msc@intravenous:2E+8 cells/once+augmentation:6e+1mg/kg/week", 1)
    assert [record.amount for record in both.doses] == [2e8, 60]


def test_a_file_of_the_smallest_kind_is_read_again():
    protocol = given(AAT, TACROLIMUS)
    assert read_protocol(dump_protocol(protocol)) == protocol
