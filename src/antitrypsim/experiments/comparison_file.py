"""The comparison file: which therapies the same virtual people are given, and how far it looks."""

from __future__ import annotations

from pathlib import Path

from pydantic import Field, field_validator

from antitrypsim.documents.faults import Part, fault
from antitrypsim.documents.loading import load
from antitrypsim.protocols.parts import Title, Words

VERSION = 1


class Compared(Part):
    """Therapies by name, each as text such as 'augmentation:60mg/kg/week', and whom they are for."""

    therapies: dict[str, Words] = Field(
        min_length=1,
        description="by name, the therapy as text",
        json_schema_extra={"option": "therapy"},
    )
    title: Title = Field(default="Comparison of therapies", description="what is asked")
    population: Words = Field(
        default="natural-history",
        description="the protocol, bundled or a file, whose people take part, or a person like whom they are, such as 'person:age=48,sex=male'",
    )
    people: int = Field(default=100, strict=True, description="how many people")
    years: tuple[float, ...] = Field(
        default=(1.0, 2.0, 5.0, 10.0), description="the years at which effects are read"
    )
    uncertainty: int = Field(
        default=200, strict=True, description="draws from what is unknown; 0 for none"
    )
    combine: bool = Field(
        default=True, description="give up to three therapies in every combination too"
    )
    without: tuple[Words, ...] = Field(
        default=(),
        description="mechanisms that are switched off",
        json_schema_extra={"option": "without"},
    )
    posterior: Words | None = Field(
        default=None,
        description="the posterior's file, from which draws come, or 'prior'; the packaged one if left out",
    )


class ComparisonFile(Compared):
    """A comparison as a file says it."""

    compare: int = Field(strict=True, description="version of this file format, 1")

    @field_validator("compare")
    @classmethod
    def _readable_version(cls, version: int) -> int:
        if version != VERSION:
            raise fault(f"this software reads version {VERSION} of the format, not {version}")
        return version


def load_comparison(path: str | Path) -> ComparisonFile:
    """Return the comparison that a YAML file says.

    Raises ProtocolError, one sentence with file, line and key, for what cannot be read.
    """
    return load(ComparisonFile, Path(path), "compare")
