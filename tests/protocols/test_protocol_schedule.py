"""What arms turn into: dose times, delayed starts, crossovers, sizes of arms."""

from __future__ import annotations

import math
from functools import cache
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from antitrypsim.foundations.errors import ProtocolError
from antitrypsim.protocols import Protocol, dump_protocol, read_protocol
from antitrypsim.protocols.delivery import Delivery
from antitrypsim.reports.people import delivery_words

pytestmark = pytest.mark.law


AAT = {"product": "augmentation", "route": "intravenous", "dose": "60 mg/kg"}
YEAR = 365.25


def delivery(**changes: Any) -> Delivery:
    return Delivery.model_validate({**AAT, **changes})


def test_weekly_doses_of_two_years(base: str) -> None:
    protocol = read_protocol(base)
    regimens = protocol.regimens()
    (record,) = regimens["active"].doses
    assert record.dose == "augmentation/intravenous"
    assert record.amount == 60
    assert record.times == tuple(7.0 * k for k in range(53))
    assert regimens["placebo"].doses == ()
    assert regimens["active"].name == "active"
    assert protocol.length_days == pytest.approx(2 * YEAR)
    assert protocol.visit_days() == {
        "baseline": 0, "m12": pytest.approx(YEAR), "m24": pytest.approx(2 * YEAR),
    }  # fmt: skip


def test_no_dose_on_the_end_of_the_epoch() -> None:
    assert delivery(every="1 week").times(364.0)[-1] == 357
    assert delivery(every="1 week").times(364.5)[-1] == 364
    # A twelfth of a year of rounding must not add a thirteenth month.
    assert len(delivery(every="1 month").times(12 * YEAR / 12)) == 12


def test_start_and_for() -> None:
    some = delivery(every="1 week", start="2 weeks", **{"for": "3 weeks"})
    assert some.times(364.0) == (14, 21, 28)


def test_loading_doses_then_an_interval() -> None:
    some = delivery(at=["0 weeks", "4 weeks", "16 weeks"], then_every="12 weeks")
    assert some.times(52 * 7.0) == (0, 28, 112, 196, 280)
    assert some.times(20 * 7.0) == (0, 28, 112)
    bounded = delivery(at=[0, "4 weeks"], then_every="4 weeks", **{"for": "12 weeks"})
    assert bounded.times(364.0) == (0, 28, 56)
    assert delivery(at=["3 days"]).times(364.0) == (3,)


def test_missed_doses_are_not_given() -> None:
    some = delivery(every="1 week", missed=["2 weeks", "21 days"], **{"for": "6 weeks"})
    assert some.times(364.0) == (0, 7, 28, 35)
    first = delivery(at=[0, "4 weeks"], then_every="4 weeks", missed=[0], **{"for": "12 weeks"})
    assert first.times(364.0) == (28, 56)
    # The rhythm goes on as if nothing had been missed.
    assert set(some.times(364.0)) < set(delivery(every="1 week").times(364.0))
    assert delivery_words(some).endswith("every week for 6 weeks, not at 2 weeks, 21 days")


def test_a_missed_dose_leaves_what_is_said_otherwise_the_same(base: str) -> None:
    missed = base.replace("every: 1 week", "every: 1 week\n          missed: [7 days]")
    found, before = read_protocol(missed), read_protocol(base)
    assert found.regimens()["active"].doses[0].times == (
        0.0, *before.regimens()["active"].doses[0].times[2:]
    )  # fmt: skip
    assert "missed" not in str(before.to_dict())
    assert read_protocol(dump_protocol(found)) == found


def test_units_are_converted_and_fixed_doses_shared_out(base: str) -> None:
    gram = read_protocol(base.replace("60 mg/kg", "0.06 g/kg")).regimens()["active"]
    assert gram.doses[0].amount == pytest.approx(60)
    fixed = base.replace("dose: 60 mg/kg", "dose: 4.5 g\n          per_weight: 75000 g")
    assert read_protocol(fixed).regimens()["active"].doses[0].amount == pytest.approx(60)


def test_delayed_start(base: str) -> None:
    late = base.replace("      first:\n        - product", "      second:\n        - product")
    (record,) = read_protocol(late).regimens()["active"].doses
    assert record.times[0] == pytest.approx(YEAR)
    assert record.times[-1] < 2 * YEAR
    assert len(record.times) == 53


def test_crossover(plain: dict[str, Any]) -> None:
    aat = {**AAT, "every": "1 week"}
    rna = {
        "product": "fazirsiran", "route": "subcutaneous", "dose": "2 mg/kg", "every": "12 weeks",
    }  # fmt: skip
    plain["arms"][0]["treatment"] = {"first": [aat], "second": [rna]}
    plain["arms"][1]["treatment"] = {"first": [rna], "second": [aat]}
    found = Protocol.from_dict(plain).regimens()
    for arm, order in (("active", ("aug", "faz")), ("placebo", ("faz", "aug"))):
        first, second = found[arm].doses
        assert (first.dose[:3], second.dose[:3]) == order
        assert max(first.times) < YEAR <= min(second.times)
    amounts = [{record.dose: record.amount for record in each.doses} for each in found.values()]
    assert amounts[0] == amounts[1]


def test_washout_between(plain: dict[str, Any]) -> None:
    plain["epochs"].insert(1, {"id": "washout", "length": "3 months"})
    plain["arms"][0]["treatment"]["second"] = [{**AAT, "every": "1 week"}]
    first, second = Protocol.from_dict(plain).regimens()["active"].doses
    assert second.times[0] == pytest.approx(1.25 * YEAR)
    assert first.times[-1] < YEAR


@given(
    length=st.floats(0.5, 4000), every=st.floats(0.25, 500), start=st.floats(0, 1),
)  # fmt: skip
def test_number_of_doses_and_none_after_the_end(length: float, every: float, start: float) -> None:
    some = delivery(every=f"{every!r} days", start=f"{start * length * 0.99!r} days")
    times = some.times(length)
    begin = start * length * 0.99
    assert times[0] == pytest.approx(begin)
    assert all(time < length for time in times)
    exact = (length - begin) / every
    assert len(times) in {math.ceil(exact), math.ceil(exact - 1e-9)}
    assert times[-1] + every >= length - 1e-6 * every


@given(
    weeks=st.lists(st.integers(0, 80), min_size=1, max_size=6, unique=True),
    then=st.integers(1, 30), length=st.integers(81, 300),
)  # fmt: skip
def test_stated_times_come_first(weeks: list[int], then: int, length: int) -> None:
    weeks = sorted(weeks)
    some = delivery(at=[f"{week} weeks" for week in weeks], then_every=f"{then} weeks")
    times = some.times(length * 7.0)
    assert times[: len(weeks)] == tuple(7.0 * week for week in weeks)
    assert len(times) == len(weeks) + max(0, -(-(length - weeks[-1]) // then) - 1)
    assert list(times) == sorted(set(times))
    assert times[-1] < length * 7


@cache
def small(base: str) -> Protocol:
    return read_protocol(base)


@given(
    participants=st.integers(4, 100_000),
    ratio=st.lists(st.integers(1, 9), min_size=2, max_size=2),
)
def test_arm_sizes_follow_the_ratio(base: str, participants: int, ratio: list[int]) -> None:
    protocol = small(base).model_copy(
        update={
            "participants": max(participants, sum(ratio)),
            "allocation": {"active": ratio[0], "placebo": ratio[1]},
        }
    )
    sizes = protocol.arm_sizes()
    assert sum(sizes.values()) == protocol.participants
    share = protocol.participants * ratio[0] / sum(ratio)
    assert abs(sizes["active"] - share) < 1


def test_numbers_per_arm_are_taken_as_they_are(base: str) -> None:
    text = base.replace("{active: 1, placebo: 1}", "{active: 53, placebo: 47}")
    assert read_protocol(text).arm_sizes() == {"active": 53, "placebo": 47}


def test_dropout_by_arm(base: str) -> None:
    text = base.replace("{yearly: 0.1}", "{yearly: 0.1, by_arm: {placebo: 0.2}}")
    protocol = read_protocol(text)
    assert (protocol.dropout_of("active"), protocol.dropout_of("placebo")) == (0.1, 0.2)


@pytest.mark.contract
def test_regimen_of_a_model_without_the_dose_is_a_sentence(base: str) -> None:
    class Bare:
        doses = ()

    with pytest.raises(ProtocolError, match="no product 'augmentation'"):
        read_protocol(base).regimens(Bare())  # type: ignore[arg-type]


@pytest.mark.contract
def test_a_therapy_from_elsewhere_is_known_through_the_model(base: str) -> None:
    from antitrypsim.evidence import Fixed
    from antitrypsim.modelling import Dose

    most = Fixed("most", "cells", 1e10, "cells", "largest dose", "measured", ("CELL-C13",))

    class Other:
        doses = (Dose("cells", "portal vein", "cells", {}, "hepatocytes", most),)

    text = (
        base.replace("product: augmentation", "product: cells")
        .replace("route: intravenous", "route: portal vein")
        .replace("dose: 60 mg/kg", "dose: 200e6 cells")
    )
    with pytest.raises(ProtocolError, match="no product 'cells'"):
        read_protocol(text)
    protocol = read_protocol(text, model=Other())  # type: ignore[arg-type]
    (record,) = protocol.regimens(Other())["active"].doses  # type: ignore[arg-type]
    assert (record.dose, record.amount) == ("cells/portal vein", 200e6)
    with pytest.raises(ProtocolError, match="is dosed in cells, and '60 mg/kg' is not"):
        read_protocol(text.replace("200e6 cells", "60 mg/kg"), model=Other())  # type: ignore[arg-type]
