"""A protocol to a USDM file and back: what the standard says, and our extensions for the rest."""

from __future__ import annotations

import json
from collections.abc import Collection
from pathlib import Path
from typing import Any

from antitrypsim.foundations.errors import InputError, ProtocolError, shown
from antitrypsim.interchange.loss import LossReport
from antitrypsim.interchange.usdm.build import build
from antitrypsim.interchange.usdm.codes import Numbers
from antitrypsim.interchange.usdm.draft import Draft
from antitrypsim.interchange.usdm.extensions import apply, attach, extended
from antitrypsim.interchange.usdm.file import read_study, study_of
from antitrypsim.interchange.usdm.model import StudyDesign, StudyVersion, Wrapper
from antitrypsim.interchange.usdm.read import read
from antitrypsim.protocols import Protocol
from antitrypsim.protocols.document import ProtocolDocument
from antitrypsim.protocols.load import protocol_of

_FIXED = "antitrypsim"


def export_usdm(
    protocol: str | Path | Protocol, *, extensions: bool = True
) -> tuple[str, LossReport]:
    """Return a protocol as USDM v4 JSON text, and what was carried, extended and left out.

    ``protocol`` is a bundled one, a file, or a Protocol. With ``extensions`` the text read by
    ``import_usdm`` is an equal protocol; without them what is lost is what the report leaves out.
    Raises InputError for a protocol that cannot be read. Source: CDISC USDM v4.0.0.
    """
    chosen = protocol_of(protocol)
    numbers = Numbers()
    wrapper = build(chosen, numbers)
    reading = read(wrapper)
    dump: Any = {"mode": "json", "by_alias": True, "exclude_none": True}
    said = chosen.model_dump(exclude_defaults=True, **dump)
    paths = attach(said, reading.data, chosen.to_dict(), reading.homes, numbers)
    if not extensions:
        wrapper = build(chosen, Numbers())
    carried = tuple(key for key in said if key in reading.data and key != _FIXED)
    without = tuple(
        f"{path}: {'USDM says it in other words' if spelled else 'USDM has no attribute for it'}"
        for path, spelled in paths.items()
    )
    report = LossReport(
        carried=carried,
        extended=tuple(paths) if extensions else (),
        left_out=() if extensions else without,
    )
    return text_of(wrapper), report


def text_of(wrapper: Wrapper) -> str:
    """Return a study as JSON text; absent values are left out."""
    data = wrapper.model_dump(mode="json", by_alias=True, exclude_none=True)
    return json.dumps(data, ensure_ascii=False, indent=1, allow_nan=False) + "\n"


def import_usdm(source: str | Path) -> Draft:
    """Return the protocol draft that a USDM v4 JSON file says, gaps as questions.

    Raises InputError, one sentence with the file and the place in it, for a file that cannot be read,
    ids that are not unique, references in a circle and times that are none. Source: CDISC USDM v4.0.0.
    """
    return _at(str(source), read_study(source))


def draft_of(text: str, path: str | None = None) -> Draft:
    """Return the draft of USDM JSON text; ``path`` is what errors call it. Raises as ``import_usdm``."""
    return _at(path, study_of(text, path))


def _at(path: str | None, wrapper: Wrapper) -> Draft:
    try:
        return _draft(wrapper)
    except InputError as problem:
        if path is not None and problem.path is None:
            problem.path = path
        raise


def _draft(wrapper: Wrapper) -> Draft:
    reading = read(wrapper)
    carried = tuple(key for key in reading.data if key != _FIXED)
    own = extended(reading.homes)
    before = json.dumps(reading.data)
    stale = apply(reading.data, reading.homes)
    for line in stale:
        reading.pass_over(line)
    data = reading.data
    if own:
        # What extensions answer is no question.
        reading.questions = {}
    questions = [*reading.questions, *_gaps(data, own, reading.questions)]
    if not questions:
        try:
            Protocol.from_dict(data)
        except ProtocolError as problem:
            questions.append((problem.key or "", problem.message))
    version = wrapper.study.versions[0]
    found = json.loads(before)
    extra = tuple(key for key in data if key not in found)
    loss = LossReport(carried=carried, extended=extra, left_out=tuple(reading.left_out))
    return Draft(data, tuple(questions), counts_of(version, version.study_designs[0]), loss)


def _gaps(
    data: dict[str, Any], own: bool, questions: Collection[tuple[str, str]]
) -> list[tuple[str, str]]:
    """Return a question for each key of a protocol that is neither said nor asked for yet."""
    found = []
    for key, info in ProtocolDocument.keys().items():
        if key in data:
            continue
        if info.is_required() and all(asked != key for asked, _ in questions):
            found.append((key, f"it is not in the file: {info.description}?"))
        elif key == "dropout" and not own:
            found.append((key, "who leaves the trial? nobody, where nothing is said"))
    if own:
        return found
    people = data.get("population", {})
    for key, question in (
        ("genotype", "of which genotypes are the people? all are ZZ, where nothing is said"),
        ("smoking", "how many never smoked, and how many did? usual shares, where nothing is said"),
        ("ascertainment", "how were they found? usual shares, where nothing is said"),
    ):
        if key not in people:
            found.append((f"population.{key}", question))
    for key in ("mean", "sd"):
        if key not in people.get("age", {}):
            found.append((f"population.age.{key}", f"what is the {key} of their ages, in years?"))
    plans = data.get("endpoints", {})
    first = plans.get("primary")
    named = [("endpoints.primary", first)] if first else []
    named += [(f"endpoints.secondary[{k}]", p) for k, p in enumerate(plans.get("secondary", []))]
    for key, plan in named:
        if "analysis" not in plan:
            found.append(
                (
                    f"{key}.analysis",
                    f"how is '{shown(plan['id'])}' analysed? such as ancova, and at which visit",
                )
            )
    return found


def counts_of(version: StudyVersion, design: StudyDesign) -> dict[str, int]:
    """Return how many of each kind the file has: arms, epochs, encounters, timings and so on."""
    lines = design.schedule_timelines
    return {
        "arms": len(design.arms),
        "epochs": len(design.epochs),
        "encounters": len(design.encounters),
        "activities": len(design.activities),
        "timelines": len(lines),
        "timings": sum(len(line.timings) for line in lines),
        "objectives": len(design.objectives),
        "endpoints": sum(len(one.endpoints) for one in design.objectives),
        "interventions": len(version.study_interventions),
        "administrations": sum(len(one.administrations) for one in version.study_interventions),
        "criteria": len(design.eligibility_criteria),
    }
