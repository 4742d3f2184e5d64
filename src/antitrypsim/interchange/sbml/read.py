"""SBML that this package has written, read back as what it was made of."""

from __future__ import annotations

import json
import re
from pathlib import Path

from antitrypsim.foundations.errors import InputError
from antitrypsim.interchange.extras import needed
from antitrypsim.interchange.origin import SPACE, Origin
from antitrypsim.interchange.sbml.write import export_sbml
from antitrypsim.interchange.text import text_of

LARGEST = 50_000_000
"""Bytes of the largest SBML that is read."""


def read_sbml(file: Path) -> str:
    """Return the text of an SBML file; raise InputError, one sentence, for one that cannot be one."""
    text = text_of(file, LARGEST)
    if re.search(r"<!\s*(DOCTYPE|ENTITY)", text, re.IGNORECASE):
        raise InputError(
            "this declares a document type or entities, which SBML does not; leave them out",
            path=str(file),
        )
    libsbml = needed("libsbml", "sbml")
    document = libsbml.readSBMLFromString(text)
    errors = [
        document.getError(k)
        for k in range(document.getNumErrors())
        if document.getError(k).getSeverity() >= libsbml.LIBSBML_SEV_ERROR
    ]
    if errors or document.getModel() is None:
        said = " ".join(errors[0].getMessage().split())[:160] if errors else "it holds no model"
        line = errors[0].getLine() or None if errors else None
        raise InputError(f"this is not SBML: {said}", path=str(file), line=line)
    return text


def origin_of(text: str, place: str) -> Origin:
    """Return what SBML of ours was made of.

    Raises InputError, one sentence naming what, for a model that this package has not written, that
    another version has, or that was changed since: none of them is the model that is simulated here.
    """
    libsbml = needed("libsbml", "sbml")
    # The model lives as long as its document does.
    document = libsbml.readSBMLFromString(text)
    model = document.getModel()
    annotation = model.getAnnotation()
    found = None
    for k in range(annotation.getNumChildren() if annotation is not None else 0):
        child = annotation.getChild(k)
        if child.getURI() == SPACE and child.getNumChildren():
            found = child.getChild(0).getCharacters()
    if found is None:
        raise InputError(
            f"the model '{model.getId() or model.getName() or 'without a name'}' "
            f"({_inside(model)}) is not one that antitrypsim wrote; only its own can be imported",
            path=place,
        )
    try:
        origin = Origin.from_dict(json.loads(found))
        again = export_sbml(
            origin.built(), origin.person, origin.regimen,
            years=origin.years, chance=origin.chance, draws=origin.draws,
        )  # fmt: skip
    except (InputError, ValueError) as problem:
        said = problem.message if isinstance(problem, InputError) else "its annotation is damaged"
        raise InputError(said, path=place) from problem
    # Ends of lines may change on the way through mail or version control, and say nothing.
    if again.text != text.replace("\r\n", "\n"):
        raise InputError(
            "the SBML was changed since antitrypsim wrote it; what was changed would be lost here",
            path=place,
        )
    return origin


def _inside(model: object) -> str:
    """Name a few things of a model: its first species, or else its first parameters."""
    kinds = (("species", "getNumSpecies", "getSpecies"), ("parameters", "getNumParameters", "getParameter"))  # fmt: skip
    for word, count, get in kinds:
        number = getattr(model, count)()
        if number:
            names = ", ".join(getattr(model, get)(k).getId()[:40] for k in range(min(number, 3)))
            return f"{word} {names}{', ...' if number > 3 else ''}"
    return "empty"
