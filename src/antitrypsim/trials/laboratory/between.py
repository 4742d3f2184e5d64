"""Intercurrent events: when they come, and what each estimand strategy makes of values after them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from antitrypsim.protocols.conducting import Intercurrent
    from antitrypsim.trials.laboratory.sampler import Drawn

YEAR = 365.25


@dataclass(frozen=True, eq=False)
class Between:
    """An event: its day (R, n), infinity for none, and whether it would come under any arm."""

    said: Intercurrent
    day: NDArray[Any]
    ever: NDArray[np.bool_]

    def first(self, places: int) -> Between:
        """Return the first places only."""
        return replace(self, day=self.day[:, :places], ever=self.ever[:, :places])


def event_days(drawn: Drawn, said: Intercurrent, u: NDArray[Any]) -> Between:
    """Return when an event comes, with uniforms ``u`` (R, n, days), one for each interval.

    The same uniforms serve every arm, so that who would have the event under which is known.
    """
    sampler = drawn.sampler
    library = sampler.library
    end = sampler.end
    if said.event == "death":
        own = drawn.death
        ever = np.zeros(drawn.shape, dtype=bool)
        for arm in sampler.compared:
            under = drawn.lived if drawn.truth.null else library.arms.index(arm)
            other = sampler.courses(drawn.truth).death[drawn.draw[:, None], under, drawn.person]
            ever |= other <= end
        return Between(said, own, ever | (own <= end))
    own = _days(drawn, said, u, drawn.lived, drawn.arm)
    ever = own <= end
    if said.strategy == "principal-stratum":
        for arm in sampler.compared:
            other = np.full_like(drawn.arm, library.arms.index(arm))
            lived = drawn.lived if drawn.truth.null else other
            ever |= _days(drawn, said, u, lived, other) <= end
    return Between(said, own, ever)


def _days(
    drawn: Drawn, said: Intercurrent, u: NDArray[Any], lived: NDArray[Any], arm: NDArray[Any]
) -> NDArray[Any]:
    sampler = drawn.sampler
    library = sampler.library
    # Where nothing works everybody is as in the reference arm, and has its events.
    where = lived if drawn.truth.null else arm
    concerned = np.array([not said.arms or name in said.arms for name in library.arms])[where]
    rate = -np.log1p(-said.yearly) / YEAR
    if said.when is None:
        day = -np.log(np.maximum(u[:, :, 0], 1e-12)) / rate
        return np.where(concerned, day, np.inf)
    visits = [d for d in library.days if d >= 0]
    columns = [library.column(d) for d in visits]
    course = sampler.gathered(
        drawn.truth, said.when.endpoint, drawn.draw, lived, drawn.person, columns
    )
    day = np.full(drawn.shape, np.inf)
    for k in range(len(visits) - 1):
        value = course[:, :, k]
        can = value < said.when.below if said.when.below is not None else value > said.when.above
        wait = -np.log(np.maximum(u[:, :, k], 1e-12)) / rate
        comes = concerned & can & np.isinf(day) & (wait < visits[k + 1] - visits[k])
        day = np.where(comes, visits[k] + wait, day)
    return day


def settle(drawn: Drawn, id: str, true: NDArray[Any], days: list[float]) -> NDArray[Any]:
    """Return true values (R, n, V) as each strategy leaves them; NaN where none is to be read.

    Treatment policy with ``then``: from the event on people change as they would under that arm.
    Hypothetical: values after the event are missing. While on treatment: the last value before it
    stands. Composite and principal stratum are settled where values are read and arms are formed.
    """
    when = np.array(days)
    for one in drawn.between:
        after = when > one.day[:, :, None]
        if not after.any() or one.said.event == "death":
            continue
        if one.said.strategy == "hypothetical":
            true = np.where(after, np.float32(np.nan), true)
        elif one.said.strategy == "while-on-treatment" and drawn.sampler.sloping:
            # A slope while on treatment rests on the readings while on treatment.
            true = np.where(after, np.float32(np.nan), true)
        elif one.said.strategy == "while-on-treatment":
            true = true.copy()
            for k in range(1, len(days)):
                true[:, :, k] = np.where(after[:, :, k], true[:, :, k - 1], true[:, :, k])
        elif one.said.strategy == "treatment-policy" and one.said.then is not None:
            library = drawn.sampler.library
            other = np.full_like(drawn.arm, library.arms.index(one.said.then))
            if drawn.truth.null:
                other = drawn.lived
            columns = [library.column(d) for d in days]
            under = drawn.sampler.gathered(
                drawn.truth, id, drawn.draw, other, drawn.person, columns
            )
            before = np.argmax(after, axis=2) - 1
            before = np.where(after.any(axis=2), np.maximum(before, 0), len(days) - 1)
            here = np.take_along_axis(true, before[:, :, None], axis=2)
            there = np.take_along_axis(under, before[:, :, None], axis=2)
            true = np.where(after, here + under - there, true)
    return true
