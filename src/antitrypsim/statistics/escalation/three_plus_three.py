"""The 3+3 design.

Cohorts of three; one toxicity in three asks for three more.
Lin and Shih 2001, Biostatistics 2:203.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from antitrypsim.foundations.errors import InputError
from antitrypsim.statistics.escalation.base import Escalated, EscalationState, Stopped

COHORT = 3
MOST = 2 * COHORT
TOLERATED = 1
"""The most people with a toxicity, of three or of six, at a dose that is not too toxic."""


def escalate(toxic: ArrayLike, *, cohort: int = COHORT, start: int = 0) -> Escalated:
    """Escalate by the 3+3 rule in every replicate; the selected dose is the maximum tolerated one.

    ``toxic`` (R, n, D), bool: whether the k-th person to enter would have a dose-limiting toxicity
    under each of D ascending doses. ``start``: the index of the first dose. Three people enter at a
    time. With none of three harmed the next get the dose above; with one of three, three more get
    the same dose; with at most one of six, the dose above. With two or more harmed the dose and all
    above are closed, and three more get the dose below, unless six had it. The maximum tolerated
    dose is the highest with at most one of six harmed, so a dose with none of three harmed, under a
    closed dose or at the top, gets three more. No dose is selected where the lowest is too toxic,
    or where fewer than three people are left before the rule is done (``Stopped.FULL``); 6 D people
    are always enough. Rules of this kind, with descent, are described by Lin and Shih 2001,
    Biostatistics 2:203. Raises ``InputError``.
    """
    if cohort != COHORT:
        raise InputError(f"the 3+3 rule enters three people at a time, not {cohort}")
    course = EscalationState(toxic, cohort, start)
    # The lowest dose known to be too toxic, D while none is.
    closed = np.full(len(course.at), course.doses)
    while course.open.size and course.entered + COHORT <= course.people:
        course.enter(COHORT)
        rows = course.open
        dose = course.at[rows]
        bad = course.harmed[rows, dose] > TOLERATED
        closed[rows[bad]] = dose[bad]
        full = course.given[rows, dose] == MOST
        good = (course.harmed[rows, dose] == 0) | full
        rise = ~bad & good & (dose + 1 < closed[rows])
        course.at[rows] = dose - bad + rise
        below = course.given[rows, np.maximum(dose - 1, 0)] == MOST
        found = np.where(bad, (dose > 0) & below, full & ~rise)
        lost = bad & (dose == 0)
        course.stop(lost, Stopped.TOXIC)
        found = found[~lost]
        course.stop(found, Stopped.FOUND, course.at[course.open[found]])
    return course.result()
