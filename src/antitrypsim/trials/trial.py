"""A conducted trial, as it is analysed, reported and kept."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from antitrypsim.endpoints import endpoint
from antitrypsim.foundations.arrays import Floats, Labels
from antitrypsim.foundations.errors import InputError
from antitrypsim.foundations.plain import Plain
from antitrypsim.foundations.provenance import Provenance
from antitrypsim.populations.enrol import Cohort
from antitrypsim.protocols import Protocol
from antitrypsim.simulation.results import Results
from antitrypsim.trials.claim_result import ClaimResult
from antitrypsim.trials.plans import PlanResult
from antitrypsim.trials.uncertainty_result import TrialUncertainty

if TYPE_CHECKING:
    import pandas as pd


VISIT_COLUMNS = (
    "USUBJID", "ARM", "PARAMCD", "PARAM", "ENDPOINT", "AVISIT", "ADY", "AVAL", "BASE", "CHG", "TRUTH",
)  # fmt: skip
"""The columns of a trial's measurements: ADaM's of a BDS, the endpoint, and the value without noise."""


@dataclass(frozen=True, eq=False)
class Trial:
    """A conducted trial.

    ``participants`` is one row a person (ADSL columns), ``visits`` one row a measurement (BDS
    columns and TRUTH, the value without noise; BASE is the last value at day 0 or before, and BASE
    and CHG are NaN for what is first measured later), ``events`` one row an event. ``truth`` holds, by arm
    id, every participant's course under that arm, whichever arm they were in: the same person under
    every treatment. ``rows`` are the tidy results, ``plans`` each planned analysis with its sentence.
    ``claims`` is each claimed result of the protocol, worked backwards. ``uncertainty`` is what the
    unknowns do to the effects, None where nobody asked.
    """

    protocol: Protocol
    cohort: Cohort
    arms: Labels
    truth: Mapping[str, Results]
    participants: pd.DataFrame
    visits: pd.DataFrame
    events: pd.DataFrame
    plans: tuple[PlanResult, ...]
    rows: tuple[Plain, ...]
    provenance: Provenance
    claims: tuple[ClaimResult, ...] = ()
    uncertainty: TrialUncertainty | None = None

    def to_frame(self) -> pd.DataFrame:
        """Return the tidy results: arm, endpoint, visit, n, estimate, se, lower, upper, p."""
        import pandas as pd

        return pd.DataFrame(list(self.rows))

    def true_effect(self, endpoint_id: str, arm: str, reference: str) -> Floats:
        """Return each participant's own effect of ``arm`` over ``reference``.

        Shape (people, times), at the days of ``truth[arm].times``, in the endpoint's unit; NaN where the person is dead under either.
        Raises InputError for an endpoint that is not a measured value or an unknown arm.
        """
        what = endpoint(endpoint_id)
        if what.kind != "measurement":
            raise InputError(f"'{endpoint_id}' is an event and has no value at a visit")
        for name in (arm, reference):
            if name not in self.truth:
                raise InputError(f"no arm '{name}'; there are {', '.join(self.truth)}")
        difference = self.truth[arm][what.output] - self.truth[reference][what.output]
        return np.asarray(difference[:, 0] * what.factor)
