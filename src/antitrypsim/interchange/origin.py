"""What SBML was made of, so that it can be made anew: therapies, person, regimen."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

import numpy as np

from antitrypsim.foundations.errors import InputError
from antitrypsim.foundations.plain import Plain, plain
from antitrypsim.modelling import Model
from antitrypsim.simulation.people import People
from antitrypsim.simulation.regimen import Regimen
from antitrypsim.therapies import build_model, therapy_modules
from antitrypsim.uncertainty.draws import ParameterSet

SPACE = "urn:antitrypsim:origin:1"
"""The namespace of the annotation that holds it."""


@dataclass(frozen=True, eq=False)
class Origin:
    """The model's therapies and hash, one person, what that person is given, and how long."""

    therapies: tuple[str, ...]
    model: str
    person: People
    regimen: Regimen
    years: float
    chance: bool
    draws: ParameterSet | None = None

    def to_dict(self) -> Plain:
        """Return plain data; ``from_dict`` reads it back."""
        return {
            "therapies": list(self.therapies),
            "model": self.model,
            "person": self.person.to_dict(),
            "regimen": self.regimen.to_dict(),
            "years": self.years,
            "chance": self.chance,
            "draws": None if self.draws is None else self.draws.to_dict(),
        }

    @classmethod
    def from_dict(cls, data: Any) -> Origin:
        """Rebuild it; raise InputError for anything else."""
        try:
            draws = data["draws"]
            person = {
                key: _without_none(value) if key == "courses" else value
                for key, value in data["person"].items()
            }
            return cls(
                tuple(str(name) for name in data["therapies"]),
                str(data["model"]),
                People.from_dict(person),
                Regimen.from_dict(data["regimen"]),
                float(data["years"]),
                bool(data["chance"]),
                None if draws is None else ParameterSet(draws["name"], draws["values"]),
            )
        except (KeyError, TypeError, ValueError, AttributeError) as problem:
            raise InputError(
                "the annotation that says what the model was made of is damaged; export it anew"
            ) from problem

    def text(self) -> str:
        """Return it as one line of JSON."""
        return json.dumps(plain(_lists(self.to_dict())), ensure_ascii=True, allow_nan=False)

    def built(self) -> Model:
        """Return the model; raise InputError where this version has another one."""
        model = build_model(therapies=self.therapies)
        if model.content_hash != self.model:
            raise InputError(
                f"the model in the file ({self.model[:12]}) is not the one that is installed "
                f"({model.content_hash[:12]}); export it anew with this version"
            )
        return model


def therapies_of(model: Model) -> tuple[str, ...] | None:
    """Return the therapies that the packaged model is built with, or None for any other model."""
    inside = {name for name, _ in model.modules}
    kept = tuple(m.name for m in therapy_modules() if not m.needs and m.name in inside)
    same = build_model(therapies=kept).content_hash == model.content_hash
    return kept if same else None


def _lists(data: Any) -> Any:
    """Return data with lists for arrays."""
    if isinstance(data, dict):
        return {key: _lists(value) for key, value in data.items()}
    if isinstance(data, list | tuple):
        return [_lists(value) for value in data]
    return data.tolist() if isinstance(data, np.ndarray) else data


def _without_none(courses: Any) -> Any:
    """Return courses with NaN for the times that are not used, which JSON cannot hold."""
    nan = float("nan")
    return {
        name: [[[nan if v is None else v for v in row] for row in rows] for rows in both]
        for name, both in courses.items()
    }
