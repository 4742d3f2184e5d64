"""What an answer takes for known: which posterior its draws are from, or that nothing is drawn."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from antitrypsim.calibration.posterior.knowledge import Knowledge

if TYPE_CHECKING:
    from antitrypsim.modelling import Model
    from antitrypsim.runs.requests import Request

_TYPICAL = (
    "Best single values: nothing is drawn of what nobody knows, so how sure this is does not show. Draws "
    "would be from {}."
)
_BEFORE = "As known before the published targets."
_AFTER = "As known after the published targets: what agrees with them is drawn."

_COUNTS = ("uncertainty", "draws")
"""What a request calls its number of draws of what is unknown."""


def known_by(request: Request, own: Path | None = None) -> str:
    """Return the sentence of what a question takes for known; ``own`` is where its own protocol lies.

    A question that draws nothing has typical values; which draws there would be stands there too. Before the
    product's own sentences stands in short whether it is what is known before or after the targets.
    Raises InputError as ``Knowledge.read`` and for a therapy or protocol that cannot be.
    """
    known = Knowledge.read(getattr(request, "posterior", None))
    count = next((n for name in _COUNTS if (n := getattr(request, name, None))), 0)
    if not count:
        return _TYPICAL.format(known.name)
    if known.posterior is None:
        return f"{_BEFORE} {known.why}"
    model = _model(request, own)
    fits = known.fitting(model).posterior is not None
    return " ".join((_AFTER if fits else _BEFORE, *known.said(model, count)))


def _model(request: Any, own: Path | None) -> Model:
    """Return the model that a question is answered in."""
    from antitrypsim.laboratory.questions import changed_design
    from antitrypsim.protocols import load_protocol
    from antitrypsim.therapies import build_model, therapies_in

    if request.command == "power":
        used = changed_design(own or request.design)[1].therapies()
    elif request.command == "run":
        used = load_protocol(own or request.protocol).therapies()
    else:
        used = therapies_in(_given(request))
    return build_model(therapies=used, without=getattr(request, "without", ()))


def _given(request: Any) -> Iterator[str]:
    from antitrypsim.protocols.therapytext import parse_therapy, past_therapy

    if request.command == "patient":
        yield from past_therapy(request.past, request.age).names
        if request.therapy:
            yield from parse_therapy(request.therapy, request.years).names
    else:
        for text in request.therapies.values():
            yield from parse_therapy(text, max(request.years)).names
