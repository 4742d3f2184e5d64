import math
import os
import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from antitrypsim.foundations.errors import UnitError
from antitrypsim.foundations.units import (
    alike,
    base_units,
    convert,
    parse_days,
    parse_quantity,
    parse_unit,
)

pytestmark = pytest.mark.contract


ALIKE = [
    ("g/L", "mg/dL"),
    ("µM", "nM"),
    ("1/day", "1/year"),
    ("mg/kg", "g/kg"),
    ("mmHg", "kPa"),
    ("cells/kg", "cell/g"),
    ("percent", "1"),
]
UNLIKE = [("cells", "particles"), ("g/L", "µM"), ("points", "1"), ("vg/kg", "cells/kg")]
UNLIKE += [("particles", "mole"), ("points", "m")]
sizes = st.floats(1e-12, 1e12)


@pytest.mark.law
@given(sizes, st.sampled_from(ALIKE))
def test_there_and_back(value, pair):
    there = convert(value, *pair)
    assert convert(there, *reversed(pair)) == pytest.approx(value, rel=1e-12)


@pytest.mark.independent
def test_known_conversions():
    assert convert(1, "g/L", "mg/dL") == pytest.approx(100)
    assert convert(1, "1/day", "1/year") == pytest.approx(365.25)
    assert convert(760, "mmHg", "kPa") == pytest.approx(101.325)
    assert convert(50, "percent", "1") == pytest.approx(0.5)


@pytest.mark.parametrize(("one", "other"), UNLIKE)
def test_different_things_do_not_convert(one, other):
    with pytest.raises(UnitError, match="cannot be turned into"):
        convert(1, one, other)


@pytest.mark.parametrize(("one", "other"), ALIKE)
def test_base_units_say_what_is_interchangeable(one, other):
    assert base_units(one)[1] == base_units(other)[1]
    assert math.isclose(base_units(one)[0] / base_units(other)[0], convert(1, one, other))


def test_both_signs_of_micro_and_no_unit():
    assert base_units("µM") == base_units("μM")
    for none in ("", "1", "-", "fraction", "ratio"):
        assert base_units(none) == (1.0, ())


@pytest.mark.parametrize("text", ["furlongz", "10 mg/kg", "2 mg", "5", "* 10**8 cells", "m/0"])
def test_unknown_units(text):
    # A number inside a unit must not vanish: '10 mg/kg' is not 'mg/kg'.
    with pytest.raises(UnitError, match="unknown unit"):
        parse_unit(text)


@pytest.mark.parametrize(
    ("text", "number", "unit"),
    [
        ("60 mg/kg", 60, "mg/kg"),
        ("1e9 cells", 1e9, "cells"),
        ("2 000 mg", 2000, "mg"),
        ("2_000 mg", 2000, "mg"),
        ("-3.5 g/L", -3.5, "g/L"),
        ("7", 7, ""),
    ],
)
def test_quantities(text, number, unit):
    assert parse_quantity(text) == (number, unit)


def test_quantities_are_converted_to_what_is_expected():
    assert parse_quantity("0.06 g/kg", expected="mg/kg") == (pytest.approx(60), "mg/kg")
    assert parse_quantity(0.5, expected="1") == (0.5, "")
    assert parse_quantity(3) == (3.0, "")


@pytest.mark.parametrize(
    ("text", "expected", "sentence"),
    [
        ("lots", None, "not a number with a unit, for example '60 mg/kg'"),
        ("lots", "cells", "for example '60 cells'"),
        (60, "mg/kg", "60 has no unit; write for example '60 mg/kg'"),
        ("60", "mg/kg", "'60' has no unit"),
        ("60 cells", "mg/kg", "cannot be turned into"),
        ("60 mgg", None, "unknown unit 'mgg'"),
        ("5 10 mg/kg", "mg/kg", "unknown unit"),
    ],
)
def test_quantities_that_are_refused(text, expected, sentence):
    with pytest.raises(UnitError, match=sentence):
        parse_quantity(text, expected=expected)


@pytest.mark.parametrize(
    ("text", "days"),
    [
        ("1 day", 1),
        ("2 d", 2),
        ("1 week", 7),
        ("3 wk", 21),
        ("12 months", 365.25),
        ("1 month", 365.25 / 12),
        ("2 years", 730.5),
        ("2 y", 730.5),
        ("1 yr", 365.25),
        ("36 hours", 1.5),
        ("90 minutes", 1 / 16),
        ("-30 days", -30),
    ],
)
def test_days(text, days):
    assert parse_days(text) == pytest.approx(days, rel=1e-12)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        (3, "enrolment 3 has no unit; write for example '3 weeks'"),
        ("3", "enrolment '3' has no unit"),
        ("soon", "enrolment 'soon' is not a number with a unit"),
        ("3 wekes", "did you mean 'week'"),
        ("3 mg", "'mg' is not a unit of time"),
    ],
)
def test_days_that_are_refused(text, sentence):
    with pytest.raises(UnitError, match=sentence):
        parse_days(text, what="enrolment")


@pytest.mark.parametrize("plain", ["ppm", "%", "1", "percent"])
def test_a_dose_for_each_kilogram_is_no_plain_number(plain):
    assert not alike("mg/kg", plain)
    for one, other in (("mg/kg", plain), (plain, "mg/kg")):
        with pytest.raises(UnitError, match="cannot be turned into"):
            convert(1.0, one, other)
    assert alike("mg/kg", "g/kg")
    assert alike("mg/kg", "mg * kg ** -1")
    assert not alike("mg/kg", "mgg/kg")


_ANEW = """
import sys
from antitrypsim.foundations.units import base_units, convert, parse_quantity
print([base_units(t) for t in ("mg/kg", "µM", "1/day", "mmHg", "cells/kg")])
print(convert(1, "g/kg", "mg/kg"), parse_quantity("60 mg/kg"), "pint" in sys.modules)
"""


def test_units_are_remembered_on_disk_as_they_were_measured(tmp_path):
    def asked():
        found = subprocess.run(
            [sys.executable, "-X", "utf8", "-c", _ANEW], check=True, capture_output=True, text=True,
            encoding="utf-8", env={**os.environ, "ANTITRYPSIM_CACHE": str(tmp_path)},
        )  # fmt: skip
        return found.stdout.rsplit(" ", 1)

    (first, begun), (again, begun_again) = asked(), asked()
    assert first == again
    assert (begun.strip(), begun_again.strip()) == ("True", "False")
    (file,) = tmp_path.iterdir()
    file.write_bytes(file.read_bytes()[:-3])
    damaged, _ = asked()
    assert damaged == first


def test_a_cache_that_cannot_be_hides_no_unit(tmp_path):
    nowhere = tmp_path / "file"
    nowhere.write_text("", encoding="utf-8")
    found = subprocess.run(
        [sys.executable, "-X", "utf8", "-c", _ANEW], check=True, capture_output=True, text=True,
        encoding="utf-8", env={**os.environ, "ANTITRYPSIM_CACHE": str(nowhere)},
    )  # fmt: skip
    assert "1000" in found.stdout
