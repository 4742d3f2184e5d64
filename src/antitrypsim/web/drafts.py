"""A protocol that somebody writes in a form: its text, what is wrong or doubtful, when doses fall.

A draft is the plain data of a protocol file, valid or not. It is part of a question, so that a link
holds it; ``OWN`` is what the request calls it and what its file is called when it is saved.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from antitrypsim.foundations.errors import InputError
from antitrypsim.foundations.plain import Plain
from antitrypsim.foundations.units import YEAR
from antitrypsim.web.formshapes import (
    Analysed,
    Detail,
    Drafted,
    Grouping,
    Lane,
    Measured,
    Moment,
    Product,
    Route,
    Therapy,
    TherapyTold,
    Vocabulary,
)
from antitrypsim.web.shapes import Problem, Remark

if TYPE_CHECKING:
    from antitrypsim.protocols import Protocol
    from antitrypsim.protocols.delivery import AnyDose, Delivery

OWN = "my-trial.yaml"
MOST_PARTS = 200
"""Arms, epochs, visits and endpoints that a page takes; more would keep others waiting while they are checked."""
MOST_TICKS = 400
"""So many doses of a line are drawn one by one."""

_TITLE = "My trial"
_NOTHING: Mapping[str, Any] = {
    "antitrypsim": 1, "id": "my-trial", "title": _TITLE,
    "question": "Does the therapy do more than placebo?",
    "context_of_use": "To plan a trial; not to choose a therapy for a person.",
    "role": "prediction",
    "population": {
        "genotype": {"ZZ": 1.0}, "age": {"mean": 52, "sd": 9, "min": 18, "max": 70},
        "smoking": {"never": 0.2, "ex": 0.8}, "ascertainment": {"lung": 0.9, "family": 0.1},
    },
    "participants": 60, "allocation": {"active": 1, "placebo": 1},
    "epochs": [{"id": "treatment", "length": "104 weeks"}],
    "arms": [{"id": "active", "title": "Active"}, {"id": "placebo", "title": "Placebo"}],
    "visits": [
        {"id": "baseline", "time": "0 weeks"}, {"id": "w52", "time": "52 weeks"},
        {"id": "w104", "time": "104 weeks"},
    ],
    "assessments": [{"endpoint": "density", "visits": "all"}],
    "dropout": {"yearly": 0.0},
    "endpoints": {
        "primary": {"id": "primary", "endpoint": "density", "analysis": "random-slope",
                    "compare": ["active", "placebo"]},
    },
}  # fmt: skip
"""Two arms, of which none is given anything yet: whoever writes a trial begins here."""


def as_yaml(data: Plain) -> str:
    """Return plain data as YAML text."""
    from io import StringIO

    from ruamel.yaml import YAML

    writer: Any = YAML(typ="safe", pure=True)
    writer.default_flow_style = False
    writer.sort_base_mapping_type_on_output = False
    writer.allow_unicode = True
    writer.width = 100
    text = StringIO()
    writer.dump(data, text)
    return text.getvalue()


def draft_text(data: Mapping[str, Any]) -> str:
    """Return a draft as the text of a protocol file; raise InputError for one that is too deep or too long."""
    for key in ("arms", "epochs", "visits", "assessments"):
        said = data.get(key)
        if isinstance(said, list | dict) and len(said) > MOST_PARTS:
            raise InputError(
                f"{len(said):,} {key} are no protocol; up to {MOST_PARTS} can be", key=key
            )
    try:
        return as_yaml(dict(data))
    except RecursionError as problem:
        raise InputError("parts are nested too deeply for a protocol", key="protocol") from problem


def draft_from(text: str) -> dict[str, Any]:
    """Return the draft that a protocol file's text says, or that of a bundled protocol's id.

    Raises ProtocolError for text that is none; what the protocol says is not checked.
    """
    from antitrypsim.documents.yamltext import YamlText
    from antitrypsim.protocols import bundled_protocols
    from antitrypsim.protocols.load import protocol_source

    if text in bundled_protocols():
        text = protocol_source(text)
    found = _as_json(YamlText(text, None).data)
    visits = found.get("visits")
    if isinstance(visits, dict) and isinstance(visits.get("at"), dict):
        unit = visits.get("unit")
        found["visits"] = [{"id": id, "time": f"{at} {unit}"} for id, at in visits["at"].items()]
    return found


def _as_json(value: Any) -> Any:
    """Return what YAML said as JSON can say it: names as text, and dates and the like as they read."""
    if isinstance(value, dict):
        return {str(key): _as_json(each) for key, each in value.items()}
    if isinstance(value, list | tuple | set):
        return [_as_json(each) for each in value]
    return value if value is None or isinstance(value, str | int | float) else str(value)


@contextmanager
def as_file(data: Mapping[str, Any]) -> Iterator[Path]:
    """Lay a draft down as a file while it is looked at."""
    from tempfile import TemporaryDirectory

    with TemporaryDirectory() as folder:
        file = Path(folder) / OWN
        file.write_text(draft_text(data), encoding="utf-8")
        yield file


def drafted(data: Mapping[str, Any]) -> Drafted:
    """Return a draft's text, and what is wrong with it or what a protocol check finds."""
    from antitrypsim.protocols import check_protocol
    from antitrypsim.protocols.load import read_protocol

    text = draft_text(data)
    try:
        protocol = read_protocol(text)
    except InputError as problem:
        said = Problem(sentence=problem.message, key=problem.key, code=problem.code)
        return Drafted(data=dict(data), text=text, problem=said)
    return Drafted(
        data=dict(data), text=text,
        remarks=tuple(
            Remark(level=one.level, key=one.key, sentence=one.message)
            for one in check_protocol(protocol)
        ),
        lanes=tuple(_lanes(protocol)), length=protocol.length_days, visits=protocol.visit_days(),
        epochs=dict(protocol.epoch_days()),
    )  # fmt: skip


def therapy(asked: Therapy) -> TherapyTold:
    """Return a therapy as the text that a question holds, in words and as lines that a form shows."""
    from pydantic import ValidationError

    from antitrypsim.protocols.delivery import Delivery, known_doses
    from antitrypsim.protocols.therapytext import parse_therapy, parts_of
    from antitrypsim.protocols.therapywords import therapy_words

    text = asked.text if asked.lines is None else " + ".join(map(_therapy_text, asked.lines))
    lines: tuple[dict[str, Any], ...] = asked.lines or ()
    try:
        if asked.lines is None and text.strip():
            lines = tuple(_line(part, known_doses()) for part in parts_of(text))
        if text.strip():
            parse_therapy(text, asked.years)
        length = asked.years * YEAR
        lanes = tuple(
            _lane("", "", k, Delivery.model_validate(line), length) for k, line in enumerate(lines)
        )
    except InputError as problem:
        said = Problem(sentence=problem.message, key=problem.key, code=problem.code)
        return TherapyTold(text=text, words="", lines=lines, problem=said)
    except ValidationError as problem:
        said = Problem(sentence=str(problem.errors()[0]["msg"]))
        return TherapyTold(text=text, words="", lines=lines, problem=said)
    return TherapyTold(
        text=text, words=therapy_words(text) if text.strip() else "", lines=lines, lanes=lanes
    )


def _therapy_text(line: Mapping[str, Any]) -> str:
    """Return a line of treatment as the command line says it; ``_line`` reads it back."""
    from antitrypsim.protocols.therapytext import HELD, Written

    return Written(
        str(line.get("product", "")), str(line.get("route", "")), line.get("details") or {},
        str(line.get("dose", "")), str(line.get("per_weight") or ""),
        HELD if line.get("held") else line.get("every") or None,
    ).text  # fmt: skip


def _lanes(protocol: Protocol) -> Iterator[Lane]:
    """Yield when each line of each arm is given, in days of its epoch."""
    for arm in protocol.arms:
        for epoch, (start, end) in protocol.epoch_days().items():
            for k, line in enumerate(arm.treatment.get(epoch, ())):
                yield _lane(arm.id, epoch, k, line, end - start)


def _lane(arm: str, epoch: str, k: int, line: Delivery, length: float) -> Lane:
    times = line.times(length)
    return Lane(
        arm=arm, epoch=epoch, line=k, held=line.held, first=times[0] if times else 0.0,
        last=times[-1] if times else 0.0, doses=0 if line.held else len(times),
        moments=() if line.held or len(times) > MOST_TICKS else tuple(
            Moment(day=day, said=_said(day, line)) for day in times
        ),
        missed=tuple(line.missed or ()),
    )  # fmt: skip


def _said(day: float, line: Delivery) -> str:
    """Return a day as a protocol's file says it, in the unit of the line's own interval."""
    from antitrypsim.foundations.units import parse_days

    unit = (line.every or line.then_every or (line.at or ("0 days",))[-1]).split()[-1].rstrip("s")
    return f"{day / parse_days(f'1 {unit}'):.10g} {unit}s"


@cache
def vocabulary() -> Vocabulary:
    """Return the words of which a protocol is made, each with what a form shows of it."""
    from typing import get_args

    from antitrypsim.endpoints import ENDPOINTS
    from antitrypsim.foundations.units import parse_days
    from antitrypsim.populations.spec import ELIGIBILITY, GENOTYPES, Ascertainment, Smoking
    from antitrypsim.statistics.analysis import ANALYSES

    return Vocabulary(
        endpoints=tuple(
            Measured(id=one.id, title=one.title, unit=one.unit, event=one.kind != "measurement")
            for one in sorted(ENDPOINTS.values(), key=lambda one: one.title)
        ),
        analyses=tuple(
            Analysed(id=name, title=one.title, kinds=tuple(one.kinds), at_visit=one.at_visit)
            for name, one in ANALYSES.items()
        ),
        kinds={one.id: one.kind for one in ENDPOINTS.values()},
        quantities={name: unit for name, (_, unit, _) in ELIGIBILITY.items()},
        products=_products(), genotypes=tuple(GENOTYPES), smoking=get_args(Smoking),
        ascertainment=get_args(Ascertainment), groupings=tuple(_groupings()),
        days={unit: parse_days(f"1 {unit}") for unit in ("day", "week", "month", "year")},
        nothing=dict(_NOTHING), own=OWN,
    )  # fmt: skip


def _groupings() -> Iterator[Grouping]:
    from antitrypsim.endpoints import ENDPOINTS
    from antitrypsim.protocols.plannable import BANDED, BODY, STRATA

    for word in STRATA:
        what = ENDPOINTS.get(word)
        unit = BODY.get(word, "" if what is None else what.unit)
        title = word.replace("_", " ") if what is None else f"{what.title} on day 0"
        yield Grouping(word=word, title=title, unit=unit, banded=word in BANDED)


def _products() -> tuple[Product, ...]:
    from antitrypsim.protocols.delivery import known_doses
    from antitrypsim.protocols.therapywords import amount_words, product_words
    from antitrypsim.therapies import refusals

    found: dict[str, list[Route]] = {}
    details: dict[str, dict[str, Detail]] = {}
    known = known_doses()
    for dose in sorted(known.values(), key=lambda one: (one.product, not one.usual)):
        record = "" if dose.limit is None else (
            f"up to {amount_words(dose.limit.value, dose.unit)} on record ({dose.limit.source})"
        )  # fmt: skip
        found.setdefault(dose.product, []).append(
            Route(route=dose.route, title=product_words(dose.route), unit=dose.unit,
                  held=dose.holds is not None, record=record, why="", usual=_usual(dose, known))
        )  # fmt: skip
        for name, one in dose.attributes.items():
            details.setdefault(dose.product, {})[name] = Detail(
                name=name, meaning=one.meaning, words=tuple(one.words), needed=one.needed,
                low=one.low, high=one.high,
            )  # fmt: skip
    for name, why in refusals().items():
        product, _, route = name.partition("/")
        if product in found:
            found[product].append(
                Route(route=route, title=product_words(route), unit="", held=False, record="",
                      why=why, usual=())
            )  # fmt: skip
    return tuple(
        Product(product=product, title=product_words(product), routes=tuple(routes),
                details=tuple(details.get(product, {}).values()))
        for product, routes in sorted(found.items())
    )  # fmt: skip


def _usual(dose: AnyDose, known: Mapping[str, AnyDose]) -> tuple[dict[str, Any], ...]:
    """Return lines of treatment: the product's example, if by another route; one unit once if none."""
    from antitrypsim.protocols.therapytext import parts_of

    kin = [one for one in known.values() if (one.product, one.unit) == (dose.product, dose.unit)]
    example = dose.example or next((one.example for one in kin if one.example), "")
    if not example:
        once = {"held": True} if dose.holds is not None else {"at": ["0 weeks"]}
        return ({"product": dose.product, "route": dose.route, "dose": f"1 {dose.unit}", **once},)
    first, *others = (_line(part, known) for part in parts_of(example))
    return ({**first, "route": dose.route}, *others)


def _line(part: str, known: Mapping[str, AnyDose]) -> dict[str, Any]:
    """Return one therapy's text as a line of treatment."""
    from antitrypsim.protocols.therapytext import HELD, written

    said = written(part)
    routes = [one for one in known.values() if one.product == said.product]
    routes.sort(key=lambda one: (not one.usual, one.route))
    usual = routes[0].route if routes else ""
    line: dict[str, Any] = {
        "product": said.product,
        "route": said.route or usual,
        "dose": said.dose,
    }
    if said.per_weight:
        line["per_weight"] = said.per_weight
    if said.interval is None:
        line["at"] = ["0 weeks"]
    elif said.interval == HELD:
        line["held"] = True
    else:
        line["every"] = said.interval
    return line | ({"details": dict(said.details)} if said.details else {})
