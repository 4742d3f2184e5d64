"""Search of the design space, and its Pareto front.

Every combination is tried, and those are kept that no other beats in assurance, patients, time and cost.

Each candidate is written down as soon as it is known, so that a stopped search goes on where it was.
"""

from __future__ import annotations

import itertools
import json
import os
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple, TypeVar

import numpy as np

from antitrypsim.foundations.arrays import Reals, Wholes
from antitrypsim.foundations.errors import InputError
from antitrypsim.foundations.files import as_sentence
from antitrypsim.foundations.plain import Plain
from antitrypsim.foundations.provenance import content_hash
from antitrypsim.foundations.units import MONTH
from antitrypsim.laboratory.characteristics import Measured, characteristics, measured
from antitrypsim.laboratory.design_file.in_force import compared_arms
from antitrypsim.laboratory.design_file.rules import check_design
from antitrypsim.laboratory.design_simulation import DesignSimulation
from antitrypsim.laboratory.operating import operate
from antitrypsim.laboratory.replicates import Truth
from antitrypsim.protocols.protocol import Protocol
from antitrypsim.simulation.settings import DEFAULT, Settings

if TYPE_CHECKING:
    from antitrypsim.laboratory.design_file.trial_design import TrialDesign
    from antitrypsim.laboratory.library import Library
    from antitrypsim.laboratory.outcome import Outcome
    from antitrypsim.protocols.parts import EndpointPlan

MOST = 2000
"""The most combinations of one search."""

Axis = TypeVar("Axis")
_BEGINS = '{"search": "'


@dataclass(frozen=True)
class Candidate:
    """One design that was tried.

    ``said``: what it is, by axis. ``assurance``, ``power``, ``null``: claims over draws, at typical
    values, and where nothing works. ``false_claim``, ``missed_effect``: wrong conclusions over draws.
    ``patients``, ``screened``, ``months``, ``cost``: means. ``front``: no other is at least as good
    in assurance, patients, months and cost and better in one. ``by_draw``: right, false_claim, missed_effect and
    matters, each (draws,), the chances smoothed by ``claims_by_effect``.
    """

    said: Mapping[str, str]
    assurance: Measured
    power: Measured
    null: Measured
    false_claim: Measured
    missed_effect: Measured
    patients: float
    screened: float
    months: float
    cost: float
    by_draw: Mapping[str, list[float]]
    front: bool = False

    @property
    def name(self) -> str:
        """What it is, in words."""
        return ", ".join(f"{v}" if k != "participants" else f"{v} people"
                         for k, v in self.said.items())  # fmt: skip

    def to_dict(self) -> Plain:
        """Return plain data."""
        return asdict(self)

    @classmethod
    def from_dict(cls, data: Plain) -> Candidate:
        """Rebuild from ``to_dict``."""
        shares = ("assurance", "power", "null", "false_claim", "missed_effect")
        return cls(**{**data, **{k: Measured(**data[k]) for k in shares}})


def _tried(values: Iterable[Axis]) -> Sequence[Axis | None]:
    return list(values) or [None]


class _Combination(NamedTuple):
    """What is tried together, one value of each axis; None where an axis is not searched."""

    treatment: str | None
    population: str | None
    endpoint: EndpointPlan | None
    visits: str | None
    until: str | None
    participants: int | None

    def words(self) -> dict[str, str]:
        """Return it in words, by axis."""
        said = {**self._asdict(), "endpoint": self.endpoint.id if self.endpoint else None}
        return {axis: str(value) for axis, value in said.items() if value is not None}


def extended(design: TrialDesign, protocol: Protocol) -> Protocol:
    """Return the protocol with an arm for every treatment that is searched.

    Each replaces what the treated arm gets in the first epoch in which it is treated. Raises
    ProtocolError for a treatment that cannot be given.
    """
    if design.search is None or not design.search.treatments:
        return protocol
    treated = compared_arms(design, protocol)[0]
    data = protocol.to_dict()
    arm = next(a for a in data["arms"] if a["id"] == treated)
    epoch = next(iter(arm.get("treatment", {})), data["epochs"][0]["id"])
    for name, given in design.search.treatments.items():
        deliveries = [d.model_dump(mode="json", by_alias=True, exclude_none=True) for d in given]
        data["arms"].append({"id": name, "title": name, "treatment": {epoch: deliveries}})
        data["allocation"][name] = data["allocation"][treated]
    data["participants"] = max(data["participants"], len(data["arms"]))
    return Protocol.from_dict(data)


def candidates(design: TrialDesign, protocol: Protocol) -> list[tuple[dict[str, str], TrialDesign]]:
    """Return every combination that can be: what it is, and its design.

    Raises InputError for a search without any, or with more than ``MOST``.
    """
    tried = list(_combinations(design, protocol))
    found = [(words, one) for words, one, problem in tried if problem is None]
    if not found:
        raise InputError(f"no combination of the search can be: {tried[0][2]}", key="search")
    return found


def impossible(design: TrialDesign, protocol: Protocol) -> dict[str, int]:
    """Return why combinations of a search cannot be, and how many for each reason."""
    reasons = [problem for *_, problem in _combinations(design, protocol) if problem is not None]
    return dict(Counter(reasons))


def _combinations(
    design: TrialDesign, protocol: Protocol
) -> Iterator[tuple[dict[str, str], TrialDesign, str | None]]:
    """Yield every combination, its design, and why it cannot be."""
    search = design.search
    assert search is not None
    arms = compared_arms(design, protocol)
    axes = (
        _tried(search.treatments),
        _tried(search.populations),
        _tried(search.endpoints),
        _tried(search.visits),
        _tried(search.until),
        _tried(search.participants),
    )
    total = int(np.prod([len(values) for values in axes]))
    if total > MOST:
        raise InputError(f"the search has {total:,} combinations; up to {MOST:,} can be tried")
    for values in itertools.product(*axes):
        said = _Combination(*values)
        change: dict[str, object] = {"search": None}
        plan = said.endpoint or design.primary or protocol.endpoints.primary
        if said.treatment:
            change["allocation"] = design.allocation.model_copy(
                update={"ratio": _ratio(design, protocol, arms, said.treatment)}
            )
            plan = plan.model_copy(update={"compare": (said.treatment, *arms[1:])})
        change["primary"] = plan
        if said.population:
            change["screening"] = (*design.screening, *search.populations[said.population])
        if said.visits:
            change["visits"] = search.visits[said.visits]
        if said.until:
            change["until"] = said.until
        if said.participants:
            change["participants"] = said.participants
        one = design.model_copy(update=change)
        try:
            check_design(one, protocol)
        except InputError as problem:
            yield said.words(), one, problem.message
        else:
            yield said.words(), one, None


def _ratio(
    design: TrialDesign, protocol: Protocol, arms: tuple[str, ...], treatment: str
) -> dict[str, int]:
    parts = design.allocation.ratio or protocol.allocation
    return {treatment: parts[arms[0]], **{arm: parts[arm] for arm in arms[1:]}}


def search(
    design: TrialDesign,
    protocol: Protocol,
    library: Library,
    *,
    file: str | Path | None = None,
    settings: Settings = DEFAULT,
) -> tuple[Candidate, ...]:
    """Try every combination; ``file`` keeps what is known, line by line, and is gone on with.

    ``protocol`` and ``library`` are those of ``extended``. Raises InputError for a file of another
    search, RunError for a full disk.
    """
    tried = candidates(design, protocol)
    key = content_hash([design.content_hash, protocol.content_hash, library.provenance.to_dict()])
    known = _read(Path(file), key) if file is not None else {}
    out = []
    for k, (said, one) in enumerate(tried):
        settings.tell("searching", k, len(tried))
        name = content_hash(said)
        if name not in known:
            known[name] = judge(one, protocol, library, said, settings.silent())
            if file is not None:
                _add(Path(file), key, name, known[name])
        out.append(known[name])
    settings.tell("searching", len(tried), len(tried))
    return _with_front(out)


def judge(
    design: TrialDesign, protocol: Protocol, library: Library, said: Mapping[str, str],
    settings: Settings = DEFAULT,
) -> Candidate:  # fmt: skip
    """Return what one design does, with its cost."""
    lab = DesignSimulation(design, protocol, library)
    typical = operate(lab, Truth(), settings=settings)
    null = operate(lab, Truth(null=True), settings=settings)
    uncertain = Truth(uncertain=library.drawn is not None)
    drawn = operate(lab, uncertain, settings=settings)
    group = drawn.draw if uncertain.uncertain else None
    told = characteristics(lab, drawn, uncertain)
    known = np.isfinite(drawn.trues).all()
    matters = (
        lab.matters(drawn.trues).any(axis=1).astype(float) if known else np.full(len(drawn), np.nan)
    )
    chance = claims_by_effect(lab, drawn)
    smooth = {
        "right": chance * matters, "false_claim": chance * (1 - matters),
        "missed_effect": (1 - chance) * matters, "matters": matters,
    }  # fmt: skip
    patients, months = float(drawn.enrolled.mean()), float(drawn.days.mean() / MONTH)
    screened = float(drawn.screened.mean())
    return Candidate(
        said=dict(said), assurance=measured(drawn.win, group), power=measured(typical.win),
        null=measured(null.win), false_claim=told.false_claim, missed_effect=told.missed_effect, patients=patients, screened=screened,
        months=months, cost=cost(lab, patients, screened, months),
        by_draw={k: _by_draw(v, drawn.draw) for k, v in smooth.items()},
    )  # fmt: skip


def claims_by_effect(lab: DesignSimulation, found: Outcome) -> Reals:
    """Return each trial's chance of claiming a benefit by the true effect of its draw, (R,).

    A few trials a draw are a coin or two; what they have in common is that the chance rises with the
    true effect. A probit line in it is what a normal test has; where there is no true effect, or
    all or none claim, the outcomes stand as they are.
    """
    won = found.win.astype(float)
    true = lab.sign * found.true
    if not np.isfinite(true).all() or np.ptp(true) < 1e-12 or won.min() == won.max():
        return won
    from statsmodels.genmod.families import Binomial
    from statsmodels.genmod.families.links import Probit
    from statsmodels.genmod.generalized_linear_model import GLM

    z = (true - true.mean()) / true.std()
    with np.errstate(all="ignore"):
        fit = GLM(won, np.column_stack([np.ones_like(z), z]), family=Binomial(Probit())).fit()
    return np.asarray(fit.fittedvalues)


def cost(lab: DesignSimulation, patients: float, screened: float, months: float) -> float:
    """Return the cost of a trial by the numbers that the file states."""
    said = lab.design.costs
    parts = lab.design.allocation.ratio or lab.protocol.allocation
    whole = sum(parts[a] for a in lab.arms)
    treatment = sum(said.treatment.get(a, 0.0) * parts[a] / whole for a in lab.arms)
    visits = max(1, len(lab.visits))
    each = said.per_participant + said.per_visit * visits + treatment
    return said.fixed + each * patients + said.screened * screened + said.per_month * months


def gains(design: TrialDesign, found: Sequence[Candidate]) -> tuple[list[str], Reals]:
    """Return the names and gains (designs, draws) of candidates and of doing no trial at all."""
    worth = design.worth
    assert worth is not None
    names, rows = [], []
    for one in found:
        by = {k: np.array(v) for k, v in one.by_draw.items()}
        rows.append(
            worth.right_claim * by["right"] + worth.wrong_claim * by["false_claim"]
            + worth.missed * by["missed_effect"] - one.cost
        )  # fmt: skip
        names.append(one.name)
    rows.append(worth.missed * np.array(found[0].by_draw["matters"]))
    return [*names, "no trial"], np.array(rows)


def _by_draw(values: Reals, draw: Wholes) -> list[float]:
    size = np.bincount(draw)
    return [float(x) for x in np.bincount(draw, weights=values) / np.maximum(size, 1)]


def _with_front(found: Sequence[Candidate]) -> tuple[Candidate, ...]:
    from dataclasses import replace

    points = np.array([[-c.assurance.value, c.patients, c.months, c.cost] for c in found])
    out = []
    for k, one in enumerate(found):
        as_good = (points <= points[k] + 1e-12).all(axis=1)
        better = (points < points[k] - 1e-12).any(axis=1)
        out.append(replace(one, front=not (as_good & better).any()))
    return tuple(out)


def _read(file: Path, key: str) -> dict[str, Candidate]:
    if not file.exists():
        return {}
    found = {}
    try:
        lines = file.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as problem:
        raise InputError("the file of the search cannot be read", path=str(file)) from problem
    for line in lines:
        try:
            said = json.loads(line)
            own, name = said["search"], said["name"]
            seal = said.pop("seal", None)
            damaged = seal is not None and seal != content_hash(said)
        except (ValueError, KeyError, TypeError):
            if not (line.startswith(_BEGINS) or _BEGINS.startswith(line)):
                raise InputError("this is no file of a search; name another --keep",
                                 path=str(file)) from None  # fmt: skip
            # A line that was being written when the search was stopped.
            continue
        if own != key:
            raise InputError(
                "the file belongs to another search, or to an earlier version of this one; name "
                "another --keep", path=str(file),
            )  # fmt: skip
        if damaged:
            # It is tried again, and written down once more.
            continue
        found[name] = Candidate.from_dict(said["candidate"])
    return found


def _add(file: Path, key: str, name: str, one: Candidate) -> None:
    said = json.loads(json.dumps({"search": key, "name": name, "candidate": one.to_dict()}))
    line = json.dumps({**said, "seal": content_hash(said)})
    try:
        # A line cut short by an interruption must not swallow this one.
        with file.open("a+b") as stream:
            size = stream.seek(0, os.SEEK_END)
            stream.seek(max(0, size - 1))
            broken = stream.read() not in (b"", b"\n")
            stream.write((("\n" if broken else "") + line + "\n").encode())
            stream.flush()
            os.fsync(stream.fileno())
    except OSError as problem:
        raise as_sentence(problem, file) from problem
