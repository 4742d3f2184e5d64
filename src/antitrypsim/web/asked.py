"""What the page was asked, held against everything that can be known before the work."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from antitrypsim.calibration.posterior.knowledge import ASKED_PRIOR
from antitrypsim.documents.faults import unknown
from antitrypsim.foundations.errors import InputError
from antitrypsim.populations.persontext import PERSON
from antitrypsim.runs.requests import Request, request_from, requests
from antitrypsim.web.drafts import OWN, as_file
from antitrypsim.web.rooms import rooms, units_of

MOST_THERAPIES = 4
LONGEST = 2_000
_PATHS = ("visits", "posterior")
_FILES = ("protocol", "design", "population")


def asked(data: Mapping[str, Any], own: Mapping[str, Any] | None = None) -> Request:
    """Return the request that the page was told, held against everything known before the work.

    ``own`` is the data of a protocol of one's own, which the request calls ``OWN``. Raises
    InputError, with the key of the field where it is one field's. A page reads no file: all other
    protocols, designs and people are bundled ones.
    """
    from antitrypsim.laboratory.design_file.load import bundled_designs
    from antitrypsim.protocols import bundled_protocols

    kinds = {room.asks for room in rooms().values()}
    kind = data.get("request")
    if isinstance(kind, str) and kind in requests() and kind not in kinds:
        raise InputError(unknown("request", kind, sorted(kinds)), key="request")
    for key, value in data.items():
        if len(str(value)) > LONGEST:
            raise InputError(f"more than {LONGEST:,} letters are no answer to this", key=key)
    request = request_from({key: _in_own_unit(key, value) for key, value in data.items()})
    for key in _FILES:
        value = getattr(request, key, None)
        if key == "population" and str(value).startswith(PERSON):
            continue
        mine = own is not None and value == OWN
        known = bundled_protocols() | (bundled_designs() if key == "design" else {})
        if value is not None and not mine and value not in known:
            raise InputError(unknown("protocol", str(value), known), key=key)
    for key in _PATHS:
        if getattr(request, key, None) not in (None, ASKED_PRIOR):
            raise InputError("a page reads no file; ask this on the command line", key=key)
    for name in getattr(request, "without", ()):
        if name not in _switches():
            raise InputError(unknown("mechanism", name, sorted(_switches())), key="without")
    if own is None:
        _BEFORE[request.command](request)
        return request
    with as_file(own) as file:
        _BEFORE[request.command](placed(request, file))
    return request


def placed(request: Request, file: Path) -> Request:
    """Return a request that reads its own protocol where it lies."""
    mine = [key for key in _FILES if getattr(request, key, None) == OWN]
    return request.model_copy(update=dict.fromkeys(mine, str(file)))


@cache
def _switches() -> frozenset[str]:
    from antitrypsim.organs import organ_modules
    from antitrypsim.therapies import therapy_modules

    modules = (*organ_modules(), *therapy_modules())
    named = {effect.mechanism for module in modules for effect in module.effects}
    return frozenset({module.name for module in modules} | named - {""})


def _in_own_unit(key: str, value: Any) -> Any:
    """Return '80 mg/dL' as a number in the field's own unit; what is no such text stays as it is."""
    if not isinstance(value, str):
        return value
    number, _, unit = value.strip().partition(" ")
    factor = units_of(key).get(unit.strip())
    try:
        return value if factor is None else round(float(number) * factor, 4)
    except ValueError:
        return number


def _patient(request: Any) -> None:
    from antitrypsim.experiments.patient import check_patient

    request.asks(check_patient)


def _compare(request: Any) -> None:
    from antitrypsim.experiments.compare import check_comparison
    from antitrypsim.experiments.population import whose
    from antitrypsim.protocols.therapytext import each_once, parse_therapy

    if len(request.therapies) > MOST_THERAPIES:
        raise InputError(
            f"{len(request.therapies)} therapies do not stand beside each other; up to "
            f"{MOST_THERAPIES} do", key="therapies",
        )  # fmt: skip
    check_comparison(request.therapies, request.people, request.years, request.uncertainty)
    years = max(request.years, default=1.0)
    whose(request.population, years)
    each_once({name: parse_therapy(text, years) for name, text in request.therapies.items()})


def _run(request: Any) -> None:
    from antitrypsim.experiments.trial_uncertainty import check_drawn, check_draws
    from antitrypsim.protocols import load_protocol
    from antitrypsim.trials.conduct import check_participants

    plan = load_protocol(request.protocol)
    count = request.participants
    check_participants(plan, plan.participants if count is None else count)
    if request.uncertainty:
        check_draws(request.uncertainty)
        check_drawn(plan)


def _power(request: Any) -> None:
    from antitrypsim.laboratory.questions import changed_design

    said = {
        name: getattr(request, name)
        for name in (
            "replicates",
            "people",
            "draws",
            "looks",
            "bounds",
            "futility",
            "per_month",
            "relevant",
        )
    }
    changed_design(
        request.design, target_power=request.wanted, sizes=request.sizes or None, **said
    )  # fmt: skip


_BEFORE = {
    "patient": _patient, "compare": _compare, "run": _run, "power": _power,
    "evidence": lambda request: None,
}  # fmt: skip
