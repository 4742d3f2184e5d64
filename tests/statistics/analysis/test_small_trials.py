"""What analyses say of small trials is what was found in them."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from antitrypsim.statistics.analysis import cox, negative_binomial, rmst

pytestmark = pytest.mark.contract

FOUND = Path(__file__).parents[3] / "validation" / "laboratory" / "small-counts.txt"
LINE = re.compile(r"(?P<what>\D+?), (?P<label>.+?)\s{2,}(?P<rate>[\d.]+) ± [\d.]+ % (?P<off>\*?)")


def lines(name: str) -> list[tuple[int, int, float, bool]]:
    """Return people, events (0 of counts), percent rejected and whether that is off nominal."""
    found = []
    for line in FOUND.read_text(encoding="utf-8").splitlines():
        told = LINE.match(line)
        if told is None or not told["what"].startswith(name):
            continue
        numbers = told["label"].split(", ")
        events = int(numbers[1].split()[0]) if "events" in told["label"] else 0
        people = int(numbers[0] if events else numbers[-1])
        found.append((people, events, float(told["rate"]), bool(told["off"])))
    return found


def between(rates: list[float]) -> str:
    """Return '3 to 6 %' of some rates."""
    low, high = (int(rate + 0.5) for rate in (min(rates), max(rates)))
    return f"{low} to {high} %"


def test_cox_is_called_conservative_where_it_was():
    found = lines("cox")
    assert len(found) == 20
    few = [(rate, off) for _, events, rate, off in found if events < cox.FEW]
    more = [rate for _, events, rate, _ in found if events >= cox.FEW]
    assert all(off and rate < 5 for rate, off in few)
    assert {events for _, events, *_ in found if events < cox.FEW} == {4, 7, 8}
    assert min(events for _, events, *_ in found if events >= cox.FEW) == cox.FEW
    assert f"{between([rate for rate, _ in few])} of trials with 4 to 8 events" in cox.CONSERVATIVE
    assert f"{between(more)} of those with {cox.FEW} or more" in cox.CONSERVATIVE


@pytest.mark.parametrize(("program", "name"), [(rmst, "rmst"), (negative_binomial, "negative-bin")])
def test_a_liberal_test_says_how_liberal_it_was(program, name):
    found = lines(name)
    assert len(found) == 5 * (2 if name == "rmst" else 4)
    rates = {
        few: [rate for people, _, rate, _ in found if people in few] for few in ((12, 20), (40, 60))
    }
    assert f"rejected {between(rates[12, 20])} of trials of 12 to 20 people" in program.LIBERAL
    assert f"{between(rates[40, 60])} of those of 40 to 60" in program.LIBERAL
