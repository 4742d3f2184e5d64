"""What single participants of an arm are given otherwise than planned: doses missed, a stop, weight, a table of their own."""

from __future__ import annotations

import io
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import replace
from functools import lru_cache
from itertools import pairwise
from typing import TYPE_CHECKING, Annotated, Protocol, Self

from pydantic import Field, model_validator

from antitrypsim.documents.faults import Part, fault
from antitrypsim.documents.times import Duration, days, passes
from antitrypsim.foundations.cells import check_cells
from antitrypsim.foundations.errors import InputError, shown
from antitrypsim.populations.possible import HEAVIEST, LIGHTEST
from antitrypsim.protocols.delivery import known_doses

if TYPE_CHECKING:
    from antitrypsim.simulation.regimen import Regimen

_SAME = 1e-6
"""Days within which two times are one: a tenth of a second."""

LARGEST = 5_000_000
"""Characters of the longest table of records in a protocol."""

Number = Annotated[int, Field(strict=True, ge=1)]
Share = Annotated[float, Field(strict=True, gt=0)]


class PersonPlan(Part):
    """What some participants of an arm are given otherwise; times count from randomisation."""

    participants: tuple[Number, ...] = Field(
        min_length=1, description="who, by their numbers in the trial from 1, such as [3, 17]"
    )
    missed: tuple[Duration, ...] | None = Field(
        default=None, description="doses that they are not given, by their times: [8 weeks]"
    )
    stopped: Duration | None = Field(
        default=None, description="from when on they are given nothing any more, such as '26 weeks'"
    )
    weight: dict[Duration, Share] | None = Field(
        default=None,
        description="from when on they weigh what share of their weight at randomisation: {26 weeks: 0.9}",
    )

    @model_validator(mode="after")
    def _says_something(self) -> Self:
        if self.missed is None and self.stopped is None and not self.weight:
            raise fault("nothing is said of them; write 'missed', 'stopped' or 'weight'")
        twice = [n for n in self.participants if self.participants.count(n) > 1]
        if twice:
            raise fault(f"participant {twice[0]} is listed twice; list each once", "participants")
        return self

    def changed(self, plan: Regimen) -> Regimen:
        """Return what these people are given of a plan; raise a fault for a missed dose that it does not have."""
        from antitrypsim.modelling.weights import RELATIVE_WEIGHT
        from antitrypsim.simulation.given import InputRecord
        from antitrypsim.simulation.regimen import Regimen
        from antitrypsim.simulation.switch import switched

        given = plan
        for k, text in enumerate(self.missed or ()):
            given = _without(given, text, k)
        if self.stopped is not None:
            stop = days(self.stopped)
            last = max((t for d in given.doses for t in d.times), default=stop)
            goes_on = last >= stop or any(level.end > stop for level in given.levels)
            if not goes_on:
                raise fault(
                    f"nothing is given from '{self.stopped}' on, so nothing stops then", "stopped"
                )
            given = replace(switched(given, Regimen(), stop), name=plan.name)
        if self.weight:
            course = sorted((days(text), share) for text, share in self.weight.items())
            for (one, _), (other, _) in pairwise(course):
                if other - one < _SAME:
                    raise fault(f"two weights are said from day {other:g} on; keep one", "weight")
            times, shares = zip(*course, strict=True)
            given = replace(
                given, inputs=(*given.inputs, InputRecord(RELATIVE_WEIGHT, times, shares))
            )
        return given


class Planned(Protocol):
    """An arm, as far as it says what is given: a ``parts.Arm`` is."""

    @property
    def treatment(self) -> Mapping[str, object]:
        """What is planned, by epoch."""

    @property
    def persons(self) -> tuple[PersonPlan, ...] | None:
        """Who is given otherwise."""

    @property
    def records(self) -> str | None:
        """A table of dosing records of single participants."""


def _without(given: Regimen, text: str, k: int) -> Regimen:
    gap = days(text)
    kept = [
        replace(d, times=tuple(t for t in d.times if abs(t - gap) > _SAME)) for d in given.doses
    ]
    if sum(len(d.times) for d in kept) == sum(len(d.times) for d in given.doses):
        times = sorted({t for d in given.doses for t in d.times}, key=lambda t: abs(t - gap))
        near = f"; the nearest is on day {times[0]:g}" if times else ""
        raise fault(f"no dose falls at '{text}', so none is missed there{near}", "missed", k)
    return replace(given, doses=tuple(d for d in kept if d.times))


@lru_cache(maxsize=64)
def table_of(text: str) -> Mapping[int, Regimen]:
    """Return regimens by the number of a participant, as a table of dosing records says them.

    Comma-separated, with the columns of ``docs/reference/dosing-records.md``; ID is the number of a participant,
    TIME counts from randomisation. Raises a fault for what is no such table.
    """
    import pandas as pd

    from antitrypsim.simulation.regimen import regimens_from_frame

    if len(text) > LARGEST:
        raise fault(f"the table has more than {LARGEST:,} characters")
    lines = [line.partition("#")[0] for line in text.splitlines()]
    lines = [line for line in lines if line.strip()]
    try:
        check_cells(lines)
    except InputError as problem:
        raise fault(
            f"{problem.key}: {problem.message}" if problem.key else problem.message
        ) from problem
    try:
        frame = pd.read_csv(
            io.StringIO("\n".join(lines)), dtype=str, skipinitialspace=True, keep_default_na=False
        )
    except Exception as problem:
        # pandas has dozens of errors for what is no table.
        raise fault(f"this is no table: {str(problem).splitlines()[0]}") from problem
    if "ID" not in [str(column).strip().upper() for column in frame.columns]:
        raise fault("a table by person needs the column ID, the number of a participant")
    try:
        found = regimens_from_frame(frame)
    except InputError as problem:
        raise fault(
            f"{problem.key}: {problem.message}" if problem.key else problem.message
        ) from problem
    return {_number(id): regimen for id, regimen in found.items()}


def _number(id: Hashable) -> int:
    text = str(id).strip()
    if not (text.isascii() and text.isdecimal()) or int(text) < 1:
        raise fault(f"ID: '{shown(text)}' is not the number of a participant, 1 or more")
    return int(text)


def own_regimens(arm: Planned, plan: Regimen) -> dict[int, Regimen]:
    """Return what those of an arm are given who are not given the plan, by their number from 1.

    Raises a fault, placed in the arm, for what cannot be given so.
    """
    found = {
        number: replace(own, name=plan.name) for number, own in table_of(arm.records or "").items()
    } if arm.records is not None else {}  # fmt: skip
    for entry in arm.persons or ():
        for number in entry.participants:
            found[number] = entry.changed(found.get(number, plan))
    return found


def check_weights(regimen: Regimen) -> None:
    """Raise InputError for a change of body weight that no adult can live through, such as 90 for 0.9."""
    from antitrypsim.modelling.weights import RELATIVE_WEIGHT

    most = HEAVIEST / LIGHTEST
    for day, share in regimen.courses.get(RELATIVE_WEIGHT, ()):
        if not 1 / most <= share <= most:
            raise InputError(
                f"from day {day:g} on {share:g} times the body weight at day 0 cannot be; 90 % is 0.9"
            )


def _check_table(text: str, participants: int, length: float, known: Sequence[str]) -> None:
    """Raise the fault of a table that gives what the trial has not, to whom it has not, or after its end."""
    from antitrypsim.modelling.weights import RELATIVE_WEIGHT

    doses = [dose for name, dose in known_doses().items() if name in known]
    inputs = {a.input.name for dose in doses for a in dose.attributes.values()}
    inputs |= {dose.holds.name for dose in doses if dose.holds is not None} | {RELATIVE_WEIGHT}
    for number, own in table_of(text).items():
        if number > participants:
            raise fault(
                f"ID: there is no participant {number}; {participants} take part", "records"
            )
        absent = [dose.dose for dose in own.doses if dose.dose not in known]
        if absent:
            raise fault(
                f"CMT: '{shown(absent[0])}' is given in no arm's treatment; there is {', '.join(known)}",
                "records",
            )  # fmt: skip
        said = [*own.courses, *(level.input for level in own.levels)]
        for name in said:
            if name not in inputs:
                raise fault(
                    f"CMT: '{shown(name)}' is no input of what the trial gives; there is "
                    f"{', '.join(sorted(inputs))}",
                    "records",
                )
        times = [t for dose in own.doses for t in dose.times]
        times += [t for course in own.courses.values() for t, _ in course]
        times += [level.start for level in own.levels]
        if times and passes(max(times), length):
            raise fault(
                f"TIME: day {max(times):g} of participant {number} is after the end of the trial, day {length:g}",
                "records",
            )


def check_persons(
    arm: Planned, plan: Regimen, participants: int, length: float, known: Sequence[str]
) -> None:
    """Raise the fault of people who are not in the trial, or of what they cannot be given.

    ``plan`` is what the arm is given, ``known`` the doses of the trial.
    """
    if (arm.persons or arm.records is not None) and not arm.treatment:
        raise fault("'treatment' says what is planned, and this arm has none", "treatment")
    told: dict[int, int] = {}
    for k, entry in enumerate(arm.persons or ()):
        for number in entry.participants:
            if number > participants:
                raise fault(
                    f"there is no participant {number}; {participants} take part",
                    "persons",
                    k,
                    "participants",
                )
            if number in told:
                raise fault(
                    f"participant {number} stands in an entry before", "persons", k, "participants"
                )
            told[number] = k
        for text in (
            *(entry.missed or ()),
            *((entry.stopped,) if entry.stopped else ()),
            *(entry.weight or ()),
        ):
            if passes(days(text), length):
                raise fault(f"'{text}' is after the end of the trial", "persons", k)
    if arm.records is not None:
        _check_table(arm.records, participants, length, known)
    for number, own in own_regimens(arm, plan).items():
        try:
            check_weights(own)
        except InputError as problem:
            raise fault(f"participant {number}: {problem.message}") from problem
