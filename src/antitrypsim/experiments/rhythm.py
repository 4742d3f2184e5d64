"""When a true course is read off, and how events on it are counted: one rule for every command.

What accumulates (lung density, stiffness, polymer) is read on the day that is asked for. Serum is
drawn before a dose. What rises and falls with the doses (free elastase, FEV1 under cells) is averaged
over one round of them up to that day, so that neither peaks nor troughs are picked. The rhythm is that
of the therapy itself: what it is compared with does not move its answer. Of several therapies given
together the longest round counts. Each endpoint's file says which of the three it is.

Values are those of the model, and no instrument's: they are not cut to what one can show. Only
measurements are (``protocols.assessments``).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from antitrypsim.endpoints import Endpoint
    from antitrypsim.simulation.regimen import Regimen

_READINGS = 24
_GOLDEN = (5**0.5 - 1) / 2

Floats = NDArray[np.float64]
Reading = tuple[str, tuple[float, ...]]
"""An endpoint's id, and the days over which it is averaged."""


def reading_days(what: Endpoint, regimen: Regimen, day: float) -> tuple[float, ...]:
    """Return the days, rising, over which an endpoint is averaged to be told at ``day``.

    Of a regimen whose doses do not go on at that day, and of one without any, it is the day itself.
    """
    rounds = _rounds(regimen, day)
    if not rounds or what.read == "on the day":
        return (day,)
    if what.read == "before a dose":
        return (_before_a_dose(rounds),)
    *shorter, window = sorted(gap for _, gap in rounds)
    if window > day:
        return (day,)
    k = np.arange(_READINGS)
    parts = (k + 0.5) / _READINGS * window
    if shorter:
        # Even steps may meet a shorter rhythm at one and the same phase; so each is moved within it.
        parts = np.sort((parts + shorter[-1] * ((_GOLDEN * k) % 1.0)) % window)
    return tuple(float(d) for d in day - window + parts)


def _rounds(regimen: Regimen, day: float) -> list[tuple[Floats, float]]:
    """Return the days of the doses up to a day and the last interval, of each line that goes on."""
    found = []
    for record in regimen.doses:
        times = np.unique(record.times)
        times = times[times <= day]
        if times.size > 1 and day - times[-1] <= times[-1] - times[-2]:
            found.append((times, float(times[-1] - times[-2])))
    return found


def _before_a_dose(rounds: list[tuple[Floats, float]]) -> float:
    """Return the last dose before which every line has gone furthest through its own interval."""

    def gone(at: float) -> float:
        # What is given on the day itself is given after the reading.
        since = [(at - times[times < at - 1e-6].max(initial=-np.inf), gap) for times, gap in rounds]
        return float(sum(min(1.0, days / gap) for days, gap in since))

    return max((float(times[-1]) for times, _ in rounds), key=lambda at: (round(gone(at), 6), at))
