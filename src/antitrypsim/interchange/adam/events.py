"""ADTTE, the counts and ADAE: what happened to participants, and when."""

from __future__ import annotations

from collections.abc import Iterator

from antitrypsim.endpoints import ENDPOINTS, Endpoint
from antitrypsim.interchange.adam.measurements import BASIC
from antitrypsim.interchange.adam.spec import (
    Column,
    Dataset,
    Variable,
    ascii_of,
    dataset,
)
from antitrypsim.interchange.adam.subjects import STUDY_DAY, Conducted, about, study_day
from antitrypsim.interchange.synthetic import SYNTHETIC
from antitrypsim.simulation.event_times import COMPOSITES
from antitrypsim.trials.harms import event_titles
from antitrypsim.trials.plans import analysis_frame

_KEYS = ("STUDYID", "USUBJID", "PARAMCD")
_NO_EVENT = "END OF STUDY"


def asked_for(run: Conducted, kind: str) -> Iterator[Endpoint]:
    """Yield the endpoints of a kind that the protocol watches or is judged by, and death of any cause."""
    plan = run.protocol
    named = {each.endpoint for each in plan.assessments} | {e.endpoint for e in plan.endpoints.all}
    for what in ENDPOINTS.values():
        if what.kind == kind and (what.id in named or what.output == "death"):
            yield what


def adtte(run: Conducted) -> Dataset | None:
    """Return the times to events: days, not rounded, of the first one or of the end of the study."""
    columns = _stacked(run, "event")
    if columns is None:
        return None
    return dataset(
        "ADTTE",
        f"{SYNTHETIC}: ADTTE",
        BASIC,
        "One record per subject and parameter",
        _KEYS,
        columns,
    )


def adcount(run: Conducted) -> Dataset | None:
    """Return the counts of events with the years at risk; None where the protocol counts nothing."""
    columns = _stacked(run, "count")
    if columns is None:
        return None
    return dataset(
        "ADCOUNT", f"{SYNTHETIC}: ADCOUNT", BASIC, "One record per subject and parameter", _KEYS,
        columns,
    )  # fmt: skip


def _stacked(run: Conducted, kind: str) -> list[Column] | None:
    """Return the columns of every endpoint of a kind, one below the other."""
    import pandas as pd

    parts = []
    for what in asked_for(run, kind):
        part = analysis_frame(what, run.participants, run.visits, run.events)
        told = {"PARAMCD": what.paramcd, "PARAM": ascii_of(what.title)}
        parts.append(part.assign(**told))
    if not parts:
        return None
    rows = pd.concat(parts, ignore_index=True)
    columns: list[Column] = [
        *about(run, rows["USUBJID"]),
        (Variable("PARAMCD", "Parameter Code", listed=True), rows["PARAMCD"]),
        (Variable("PARAM", "Parameter", listed=True), rows["PARAM"]),
    ]
    if kind == "count":
        columns += [
            (Variable("AVAL", "Analysis Value", "float", "the number of events"), rows["COUNT"]),
            (Variable("COUNT", "Number of Events", "integer"), rows["COUNT"]),
            (Variable("EXPOSURE", "Years at Risk", "float"), rows["EXPOSURE"]),
        ]
        return columns
    status = rows["USUBJID"].map(run.participants.set_index("USUBJID")["EOSSTT"])
    ended = [
        ascii_of(param).upper() if censored == 0 else f"{_NO_EVENT}: {end}"
        for param, censored, end in zip(rows["PARAM"], rows["CNSR"], status, strict=True)
    ]
    columns += [
        (Variable("AVAL", "Days to Event or Censoring", "float",
                  "days from randomisation, not rounded"), rows["AVAL"]),
        (Variable("CNSR", "Censor", "integer", "0 event, 1 censored"), rows["CNSR"]),
        (Variable("ADY", "Analysis Relative Day", "integer", STUDY_DAY), study_day(rows["AVAL"])),
        (Variable("EVNTDESC", "Event or Censoring Description", listed=True), ended),
    ]  # fmt: skip
    return columns


def adae(run: Conducted) -> Dataset | None:
    """Return adverse events, those of the disease too; None where there is none.

    Deaths stand in ADSL and ADTTE, and composites are no events of their own.
    """
    deaths = run.events["EVENT"].str.startswith("death")
    rows = run.events[~deaths & ~run.events["EVENT"].isin(list(COMPOSITES))]
    if not len(rows):
        return None
    titles = event_titles()
    names = [ascii_of(titles.get(e, e.replace("_", " ").capitalize())) for e in rows["EVENT"]]
    number = rows.groupby("USUBJID", sort=False).cumcount() + 1
    columns: list[Column] = [
        *about(run, rows["USUBJID"]),
        (Variable("AESEQ", "Sequence Number", "integer"), number),
        (Variable("AETERM", "Reported Term for the Adverse Event", listed=True), names),
        (Variable("AEPROC", "Event Process of the Model", listed=True), rows["EVENT"]),
        (Variable("ASTDY", "Analysis Start Relative Day", "integer", STUDY_DAY),
         study_day(rows["ADY"])),
        (Variable("ASTTIME", "Days to Start, Not Rounded", "float"), rows["ADY"]),
        (Variable("TRTEMFL", "Treatment Emergent Analysis Flag", listed=True,
                  how="Y: every event that is kept began after randomisation"), ["Y"] * len(rows)),
    ]  # fmt: skip
    return dataset(
        "ADAE", f"{SYNTHETIC}: ADAE", "OCCURRENCE DATA STRUCTURE", "One record per subject and event",
        ("STUDYID", "USUBJID", "AESEQ"), columns,
    )  # fmt: skip
