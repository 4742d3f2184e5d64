"""The questions that are asked of a design file: its power, and everything about it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from antitrypsim.calibration.posterior.knowledge import Knowledge
from antitrypsim.foundations.arguments import listed, number, whole
from antitrypsim.foundations.errors import InputError, shown
from antitrypsim.foundations.plain import Plain
from antitrypsim.foundations.provenance import content_hash
from antitrypsim.laboratory.appraisal import Appraisal, appraise, laboratory
from antitrypsim.laboratory.design_file.load import load_design
from antitrypsim.laboratory.design_file.rules import check_design
from antitrypsim.laboratory.designs.group_sequential import checked_part, with_looks
from antitrypsim.laboratory.power import PowerCurve, power_curve
from antitrypsim.simulation.settings import DEFAULT, Settings, how

if TYPE_CHECKING:
    from antitrypsim.laboratory.design_file.trial_design import TrialDesign
    from antitrypsim.laboratory.design_simulation import DesignSimulation
    from antitrypsim.protocols import Protocol


@dataclass(frozen=True, eq=False)
class Power:
    """A design's power curve, and the laboratory that it was drawn in."""

    lab: DesignSimulation
    curve: PowerCurve

    def to_dict(self) -> Plain:
        """Return plain data."""
        return {"design": self.lab.design.id, **self.curve.to_dict()}

    @property
    def content_hash(self) -> str:
        """Hash of everything that the curve says."""
        return content_hash(self.to_dict())


def power(
    file: str | Path,
    *,
    wanted: float | None = None,
    sizes: Sequence[int] = (),
    replicates: int | None = None,
    people: int | None = None,
    draws: int | None = None,
    looks: Sequence[float] = (),
    bounds: str | None = None,
    futility: float | None = None,
    per_month: float | None = None,
    relevant: float | None = None,
    posterior: str | Path | None = None,
    settings: Settings = DEFAULT,
) -> Power:
    """Return the power of a design file, a bundled design or a protocol, by its size.

    What is given replaces what the file says: the power that is ``wanted``, the ``sizes`` looked
    at, the number of trials drawn, of library people, of draws of what is unknown, the seed of the
    settings, at which shares of the participants it ``looks``, how its ``bounds`` spend the type I error, below which
    conditional power it is given up for ``futility``, and how many participants are found ``per_month``, and the smallest effect that is ``relevant``. ``posterior`` is the file from which draws come. Raises InputError for what cannot be, before anybody lives.
    """
    how(settings)
    known = Knowledge.read(posterior)
    looked = tuple(whole(n, "sizes", 1) for n in listed(sizes, "sizes")) or None
    design, protocol = changed_design(
        file, target_power=wanted, sizes=looked, replicates=replicates,
        people=people, draws=draws, looks=looks, bounds=bounds, futility=futility,
        per_month=per_month, relevant=relevant, seed=settings.seed,
    )  # fmt: skip
    lab, _ = laboratory(design, protocol, settings, known)
    return Power(lab, power_curve(lab, settings=settings))


def judge_design(
    file: str | Path,
    *,
    replicates: int | None = None,
    people: int | None = None,
    draws: int | None = None,
    posterior: str | Path | None = None,
    keep: str | Path | None = None,
    settings: Settings = DEFAULT,
) -> Appraisal:
    """Return everything about a design file, a bundled design or a protocol.

    What is given replaces what the file says, as in ``power``; ``keep`` is the file in which a
    search is written down and gone on with.
    """
    how(settings)
    known = Knowledge.read(posterior)
    design, protocol = changed_design(
        file, replicates=replicates, people=people, draws=draws, seed=settings.seed
    )
    return appraise(design, protocol, keep=keep, known=known, settings=settings)


def changed_design(
    file: str | Path,
    *,
    target_power: float | None = None,
    sizes: tuple[int, ...] | None = None,
    replicates: int | None = None,
    people: int | None = None,
    draws: int | None = None,
    looks: Sequence[float] = (),
    bounds: str | None = None,
    futility: float | None = None,
    per_month: float | None = None,
    relevant: float | None = None,
    seed: int | None = None,
) -> tuple[TrialDesign, Protocol]:
    """Return a design with what the caller changes (None: nothing), and its protocol.

    Raises InputError for a design that cannot be so.
    """
    if not isinstance(file, str | Path):
        raise InputError(
            f"'{shown(file)}' is no design; name a file, a bundled design or a protocol"
        )
    design, protocol = load_design(file)
    for name, count in (("replicates", replicates), ("people", people), ("draws", draws)):
        if count is not None:
            whole(count, name)
    if target_power is not None and not 0 < number(target_power, "wanted") < 1:
        raise InputError(f"a power of {target_power:g} cannot be; between 0 and 1 can")
    changes = _given(target_power=target_power, sizes=sizes, replicates=replicates, seed=seed)
    if library := _given(people=people, draws=draws):
        size = design.library.model_copy(update=library)
        if people is not None and size.per_draw > size.people:
            size = size.model_copy(update={"per_draw": size.people})
        changes["library"] = size
    if per_month is not None:
        pace = design.accrual.model_dump() | {"per_month": number(per_month, "per_month")}
        changes["accrual"] = checked_part(type(design.accrual), pace, "per_month")
    if relevant is not None:
        changes["relevant"] = number(relevant, "relevant")
    if kind := with_looks(design, looks, bounds, futility):
        changes["design"] = kind
    design = design.model_copy(update=changes)
    check_design(design, protocol)
    return design, protocol


def _given(**changes: object) -> dict[str, object]:
    return {name: value for name, value in changes.items() if value is not None}
