"""Intercurrent events: when they come, who changes arms, and what each estimand strategy makes of it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from antitrypsim.foundations.arrays import Mask, Reals, Wholes
from antitrypsim.foundations.errors import InputError
from antitrypsim.foundations.units import YEAR
from antitrypsim.laboratory.replicates import Between, Replicates, Switch
from antitrypsim.laboratory.switching import followed, true_values

if TYPE_CHECKING:
    from antitrypsim.laboratory.design_file.conducting import Intercurrent, When


def placed(drawn: Replicates, arm: Wholes) -> Replicates:
    """Return trials with people in these library arms (R, n): what they live, and when they die.

    Whoever an event with ``then`` makes change arms lives so from its day on; of several such events
    the first decides. Where nothing works there is nothing to change.
    """
    sampler = drawn.sampler
    reference = sampler.library.arms.index(sampler.reference)
    lived = np.full_like(arm, reference) if drawn.truth.null else arm
    death = sampler.courses(drawn.truth).death[drawn.draw[:, None], lived, drawn.person]
    drawn = replace(drawn, arm=arm, lived=lived, death=death, switch=None)
    events = [said for said in sampler.design.intercurrent if said.then is not None]
    if drawn.truth.null or not events:
        return drawn
    day = np.full(drawn.shape, np.inf)
    change = np.full(drawn.shape, -1, dtype=np.int8)
    known = {(c.before, c.after): k for k, c in enumerate(sampler.library.changes)}
    for said in events:
        when = _days(drawn, said, _chances(drawn, said))
        first = np.isfinite(when) & (when < day)
        for place in np.unique(arm[first]):
            name, then = sampler.library.arms[place], str(said.then)
            if name not in sampler.compared:
                # People beside the trial, who were never in it.
                continue
            if name != then and (name, then) not in known:
                raise InputError(
                    f"the library keeps nobody who changes from '{name}' to '{then}'; "
                    "open it with the changes that the design can bring"
                )
            here = first & (arm == place)
            day[here] = when[here]
            change[here] = known.get((name, then), -1)
    return followed(drawn, Switch(day, change))


def event_days(drawn: Replicates, said: Intercurrent) -> Between:
    """Return when an event comes, and to whom it would under any of the compared arms.

    The same chances serve every arm, so that who would have the event under which is known.
    """
    sampler = drawn.sampler
    own = _comes(drawn, said)
    ever = own <= sampler.end
    if said.strategy == "principal-stratum":
        for arm in sampler.compared:
            other = placed(drawn, np.full_like(drawn.arm, sampler.library.arms.index(arm)))
            ever |= _comes(other, said) <= sampler.end
    return Between(said, own, ever)


def _comes(drawn: Replicates, said: Intercurrent) -> Reals:
    return drawn.death if said.event == "death" else _days(drawn, said, _chances(drawn, said))


def _chances(drawn: Replicates, said: Intercurrent) -> Reals:
    """Return uniforms (R, n, days), one for each interval between days of the library."""
    sampler = drawn.sampler
    return sampler.stream(drawn.chunk, f"between {said.event}").random(
        (*drawn.shape, len(sampler.library.days)), dtype=np.float32
    )


def _days(drawn: Replicates, said: Intercurrent, u: Reals) -> Reals:
    sampler = drawn.sampler
    library = sampler.library
    # Where nothing works everybody is as in the reference arm, and has its events.
    where = drawn.lived if drawn.truth.null else drawn.arm
    concerned = np.array([not said.arms or name in said.arms for name in library.arms])[where]
    rate = -np.log1p(-said.yearly) / YEAR
    if said.when is None:
        day = -np.log(np.maximum(u[:, :, 0], 1e-12)) / rate
        return np.where(concerned, day, np.inf)
    visits = [d for d in library.days if d >= 0]
    columns = [library.column(d) for d in visits]
    course = true_values(drawn, said.when.endpoint, columns)
    day = np.full(drawn.shape, np.inf)
    for k in range(len(visits) - 1):
        value = course[:, :, k]
        can = _holds(said.when, value)
        wait = -np.log(np.maximum(u[:, :, k], 1e-12)) / rate
        comes = concerned & can & np.isinf(day) & (wait < visits[k + 1] - visits[k])
        day = np.where(comes, visits[k] + wait, day)
    return day


def _holds(when: When, value: Reals) -> Mask:
    if when.below is not None:
        return value < when.below
    assert when.above is not None
    return value > when.above


def settle(drawn: Replicates, true: Reals, days: list[float]) -> Reals:
    """Return true values (R, n, V) as each strategy leaves them; NaN where none is to be read.

    Hypothetical: values after the event are missing. While on treatment: the last value before it
    stands. Treatment policy leaves them, and whom it makes change arms lives so (``placed``).
    Composite and principal stratum are settled where values are read and arms are formed.
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
    return true
