"""ADSL: one row a participant, and what other data sets take over from it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Protocol

from antitrypsim.foundations.errors import InputError
from antitrypsim.interchange.adam.spec import Column, Dataset, Variable, dataset
from antitrypsim.interchange.synthetic import SYNTHETIC

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd
    from numpy.typing import NDArray

    from antitrypsim.protocols import Protocol as TrialProtocol

_SEX = {"female": "F", "male": "M"}
_OWN = (
    (Variable("GENOTYPE", "SERPINA1 Genotype", listed=True), "GENOTYPE"),
    (Variable("SMOKING", "Smoking", listed=True), "SMOKING"),
    (Variable("ASCERT", "How the Deficiency Was Found", listed=True), "ASCERT"),
    (Variable("AIRFLOW", "Class of FEV1 at Enrolment", listed=True), "AIRFLOW"),
    (Variable("SITEID", "Study Site Identifier", listed=True), "SITEID"),
    (Variable("WEIGHT", "Weight at Baseline (kg)", "float"), "WEIGHT"),
    (Variable("HEIGHT", "Height at Baseline (m)", "float"), "HEIGHT"),
    (Variable("ALCOHOL", "Harmful Drinking (1 Yes, 0 No)", "float"), "ALCOHOL"),
    (Variable("METABOL", "Metabolic Liver Disease (1 Yes, 0 No)", "float"), "METABOLIC"),
    (Variable("BRONCHIE", "Bronchiectasis (1 Yes, 0 No)", "float"), "BRONCHIECTASIS"),
)
_KNOWN = {
    "USUBJID",
    "ARM",
    "AGE",
    "SEX",
    "EOSDY",
    "EOSSTT",
    "DTHDY",
    *(column for _, column in _OWN),
}
STUDY_DAY = "the whole day that holds the time, day 1 the day of randomisation; there is no day 0"


class Conducted(Protocol):
    """A trial that was conducted: a ``Trial`` is, and a run folder that was read back."""

    @property
    def protocol(self) -> TrialProtocol:
        """The protocol as run."""

    @property
    def participants(self) -> pd.DataFrame:
        """One row a participant."""

    @property
    def visits(self) -> pd.DataFrame:
        """One row a measurement."""

    @property
    def events(self) -> pd.DataFrame:
        """One row an event."""


def study_day(time: Any) -> NDArray[np.float64]:
    """Return the study day of times in days since randomisation: 1 for [0, 1), -1 for [-1, 0)."""
    import numpy as np

    times = np.asarray(time, dtype=np.float64)
    return np.floor(times) + (times >= 0)


def left_behind(run: Conducted) -> tuple[str, ...]:
    """Return the columns of participants for which ADSL has no variable."""
    return tuple(name for name in run.participants.columns if name not in _KNOWN)


def adsl(run: Conducted) -> Dataset:
    """Return ADSL; raise InputError where a participant stands in it twice."""
    people = run.participants
    twice = people.loc[people["USUBJID"].duplicated(), "USUBJID"]
    if len(twice):
        raise InputError(f"the participant '{twice.iloc[0]}' stands in the run twice", key="ADSL")
    n = len(people)
    dead = people["EOSSTT"] == "DIED"
    columns: list[Column] = [
        *about(run, people["USUBJID"]),
        (Variable("SUBJID", "Subject Identifier for the Study"),
         [each.rpartition("-")[2] for each in people["USUBJID"]]),
        (Variable("TRT01P", "Planned Treatment for Period 01", listed=True), people["ARM"]),
        (Variable("TRT01A", "Actual Treatment for Period 01", listed=True), people["ARM"]),
        (Variable("AGEU", "Age Units", listed=True), ["YEARS"] * n),
        *((v, people[c]) for v, c in _OWN if c in people),
        (Variable("ITTFL", "Intent-To-Treat Population Flag", listed=True), ["Y"] * n),
        (Variable("RANDFL", "Randomized Population Flag", listed=True), ["Y"] * n),
        (Variable("EOSSTT", "End of Study Status", listed=True), people["EOSSTT"]),
        (Variable("EOSDY", "Study Day of End of Study", "integer", STUDY_DAY),
         study_day(people["EOSDY"])),
        (Variable("EOSTIME", "Days to End of Study, Not Rounded", "float"), people["EOSDY"]),
        (Variable("DTHFL", "Subject Death Flag", listed=True), ["Y" if d else "" for d in dead]),
        (Variable("DTHDY", "Study Day of Death", "integer", STUDY_DAY), study_day(people["DTHDY"])),
        (Variable("DTHCAUS", "Cause of Death", listed=True), _cause(run)),
        (Variable("DATAORIG", "Origin of the Data", listed=True), [SYNTHETIC] * n),
    ]  # fmt: skip
    return dataset(
        "ADSL", f"{SYNTHETIC}: ADSL", "SUBJECT LEVEL ANALYSIS DATASET", "One record per subject",
        ("STUDYID", "USUBJID"), columns,
    )  # fmt: skip


def about(run: Conducted, ids: Sequence[str] | pd.Series) -> list[Column]:
    """Return what begins every data set, for the participants ``ids``: who, which arm, age and sex."""
    people = run.participants.set_index("USUBJID")
    arms = {arm.id: k + 1 for k, arm in enumerate(run.protocol.arms)}
    own = people.loc[list(ids)]
    return [
        (Variable("STUDYID", "Study Identifier", listed=True), [study_id(run)] * len(own)),
        (Variable("USUBJID", "Unique Subject Identifier"), list(ids)),
        (Variable("ARM", "Arm", listed=True), own["ARM"].tolist()),
        (Variable("TRTP", "Planned Treatment", listed=True), own["ARM"].tolist()),
        (Variable("TRTPN", "Planned Treatment (N)", "integer"), [arms[a] for a in own["ARM"]]),
        (Variable("AGE", "Age", "float"), own["AGE"].tolist()),
        (Variable("SEX", "Sex", listed=True), [_SEX[each] for each in own["SEX"]]),
    ]


def study_id(run: Conducted) -> str:
    """Return the id of the study: that of the protocol in capitals."""
    return run.protocol.id.upper()


def _cause(run: Conducted) -> list[str]:
    """Return the process that each participant died of, '' where none of them did."""
    deaths = run.events[run.events["EVENT"].str.startswith("death_")]
    known = dict(zip(deaths["USUBJID"], deaths["EVENT"].str.removeprefix("death_"), strict=True))
    died = run.participants["EOSSTT"] == "DIED"
    ids = run.participants["USUBJID"]
    return [known.get(id, "") if d else "" for id, d in zip(ids, died, strict=True)]
