"""What every analysis of a trial is: a name, a title and one way to run it."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, ClassVar, Literal

from antitrypsim.foundations.errors import InputError, nearest
from antitrypsim.statistics.analysis._settings import Options

if TYPE_CHECKING:
    import pandas as pd

    from antitrypsim.statistics.block import Block, Estimates

Scale = Literal["absolute", "ratio"]
Direction = Literal["higher", "lower"]
Kind = Literal["measurement", "count", "event"]
"""What an endpoint gives: a value at visits, a count of events, or the time to one event."""

COMMON_OPTIONS: Mapping[str, str] = MappingProxyType(
    {
        "arms": "The arm ids to analyse, in the order of the rows; by default every arm found.",
        "parameter": "The PARAMCD to analyse; needed only when the frame holds several.",
    }
)

STRATA_ARE_COVARIATES: Mapping[str, str] = MappingProxyType(
    {"strata": "the strata of such a model are covariates: name them there"}
)

LISTS = ("covariates", "strata", "visits")

CHANGED = "By {when}, {what} had changed by {each}{how}."
"""What is said of the arms by an analysis of change."""


@dataclass(frozen=True, slots=True)
class EstimateRow:
    """One number of a result.

    ``arm``: the arm id. ``contrast``: None for the arm itself, or the reference arm id when the row
    compares ``arm`` with it. ``visit``: the visit id, or None. ``n``: participants behind the
    number (both arms of a contrast; those at risk for survival). ``estimate``, ``lower``,
    ``upper``: in the unit of the analysed value, per ``unit_per`` if that is set; NaN where not
    estimable. ``se``: standard error of the estimate, and of its natural logarithm where ``scale``
    is ``ratio``. ``p``: two-sided p of no difference, None unless a contrast. ``scale``: a contrast
    is a difference (``absolute``) or a quotient (``ratio``). ``df``: degrees of freedom of the t
    distribution used, None where it is the normal. ``time``: days since randomisation, for survival
    at a time, else None.
    """

    arm: str
    contrast: str | None
    visit: str | None
    n: int
    estimate: float
    se: float
    lower: float
    upper: float
    p: float | None
    unit_per: str | None
    scale: Scale
    df: float | None = None
    time: float | None = None


@dataclass(frozen=True, slots=True)
class AnalysisResult:
    """The rows of an analysis, one sentence on what was done, and what to beware of."""

    rows: tuple[EstimateRow, ...]
    method: str
    warnings: tuple[str, ...] = ()

    def to_frame(self) -> pd.DataFrame:
        """Return one row a number, with the names of ``EstimateRow`` as columns."""
        import pandas as pd

        return pd.DataFrame([asdict(row) for row in self.rows])


@dataclass(frozen=True)
class Asked:
    """What is asked of sums: ``arms``, the reference first; ``days`` of the measured visits, ascending;
    ``levels`` of covariates that are groups; ``level`` of intervals.
    """

    arms: tuple[str, ...]
    days: Mapping[str, float]
    levels: Mapping[str, Sequence[str]]
    level: float

    @property
    def after(self) -> tuple[str, ...]:
        """The visits after the baseline."""
        from antitrypsim.statistics.block import baseline_at

        start = baseline_at(list(self.days.values()))
        return tuple(self.days) if start is None else tuple(self.days)[start + 1 :]


class Summed(ABC):
    """An analysis whose people come part by part."""

    @abstractmethod
    def add(self, frame: pd.DataFrame) -> None:
        """Count in a frame of some people, with all of their rows."""

    @abstractmethod
    def result(self) -> AnalysisResult:
        """Return the analysis of all; raise InputError or RunError in one sentence."""


class Analysis(ABC):
    """An analysis of a trial frame; subclasses set the class attributes and write ``compute``.

    ``name``: id used in protocol files. ``title``: for people; ``estimates``: what it tells, in a
    sentence. ``kinds``: the kinds of endpoint that it fits. ``at_visit``: whether it is of the change
    from baseline at one visit. ``least_people``: how many with values it needs in each arm.
    ``one_arm_option``: the option that it needs where one arm stands by itself. ``columns``: the columns that the
    frame must have besides USUBJID and ARM. ``bytes_each``: what it takes of a participant measured at five visits, where
    it needs everybody at once (``summed``); measured, and rounded up. ``keys``: the columns that fix the order in which rows
    are summed. ``options``: each own option by name, with one sentence that explains it.
    ``refuses``: options that others have and this one cannot have, each with the reason, said as
    what follows "because". A subclass writes ``_valid`` for values that options cannot have; it
    returns what they ask for, so that the same analysis is known in other words.

    Of its estimates: ``unit``: where it is not the endpoint's (``share``, ``days``, ``events``).
    ``per_year``: whether they are slopes. ``decides``: whether arms are compared with a reference, so
    that a trial can be judged by it. ``tells_values``: whether it tells the values of arms and compares
    their changes. ``within_people``: whether people are compared with themselves. ``alone``: whether
    one arm by itself can be judged by it. ``least_arms``, ``least_visits``: how many it needs.
    ``holds_baseline``: whether it adjusts for the baseline. ``quotient``: what their quotient is called. ``measures``: which published numbers they
    can stand beside.

    Of what reports say: ``told``: a sentence on the arms, with ``{when}``, ``{what}`` and ``{What}`` (the
    endpoint's title), ``{each}`` (the arms' estimates), ``{spared}`` (who is without the event) and
    ``{how}`` (model and adjustment in brackets). ``model``: the model in words. ``counted``: who a share
    is of; those spared where it is left out.
    """

    name: ClassVar[str]
    title: ClassVar[str]
    estimates: ClassVar[str]
    kinds: ClassVar[tuple[Kind, ...]]
    at_visit: ClassVar[bool] = False
    bytes_each: ClassVar[int] = 1_500
    least_people: ClassVar[int] = 1
    one_arm_option: ClassVar[str] = ""
    unit: ClassVar[str] = ""
    per_year: ClassVar[bool] = False
    decides: ClassVar[bool] = True
    tells_values: ClassVar[bool] = False
    within_people: ClassVar[bool] = False
    alone: ClassVar[bool] = False
    least_arms: ClassVar[int] = 1
    least_visits: ClassVar[int] = 1
    holds_baseline: ClassVar[bool] = False
    quotient: ClassVar[str] = "ratio"
    measures: ClassVar[tuple[str, ...]] = ()
    told: ClassVar[str] = "At {when}, mean {what} was {each}."
    model: ClassVar[str] = ""
    counted: ClassVar[str] = ""
    columns: ClassVar[tuple[str, ...]]
    keys: ClassVar[tuple[str, ...]]
    options: ClassVar[Mapping[str, str]] = MappingProxyType({})
    refuses: ClassVar[Mapping[str, str]] = MappingProxyType({})

    def ratio(self, options: Options) -> bool:
        """Return whether arms are compared by a quotient, so that 1 is no effect."""
        return False

    def better(self, endpoint: Direction, options: Options) -> Direction:
        """Return which way estimates point where people fare better, as the ``endpoint`` may not say."""
        return endpoint

    def named(self, options: Options, unit: str) -> str:
        """Return the title with what of its options tells one such analysis from another."""
        return self.title

    def check_options(self, options: Options) -> None:
        """Raise ``InputError`` for an own option that is unknown or a value that can never be.

        No data are needed, so that a plan can be refused before a trial is run; ``run`` and ``many``
        ask the same. ``options`` are those of ``self.options`` as ``many`` takes them, None standing
        for one that is left out; whether a visit or a covariate exists only the data can tell.
        """
        self._known(options, tuple(self.options))
        for name in LISTS:
            if options.get(name) is not None:
                _listed(name, options[name])
        self._valid(options)

    def _valid(self, options: Options) -> object:
        """Raise ``InputError`` for a value that a known option can never have.

        Returns what its own options ask for, with defaults filled in; None where they have none.
        """
        return None

    def meaning(self, options: Options) -> tuple[object, ...]:
        """Return what ``options`` ask for: equal where two plans ask the same in other words.

        A default counts as much written out as left out, and the order of names not at all. Raises
        as ``check_options``.
        """
        from antitrypsim.statistics.analysis import _columns

        self.check_options(options)
        lists = {name: tuple(options.get(name) or ()) for name in LISTS}
        lists["covariates"] = _columns.named(lists["covariates"], adjusted=self.holds_baseline)
        named = {name: frozenset(each) for name, each in lists.items()}
        own = self._valid(options)
        if own is None:
            others = {k: v for k, v in options.items() if k not in named and v is not None}
            return others, named
        return own, options.get("visit"), named

    def run(
        self, frame: pd.DataFrame, *, reference: str, level: float = 0.95, **options: Any
    ) -> AnalysisResult:
        """Analyse ``frame`` (tidy, ADaM column names), with every arm compared to ``reference``.

        ``level`` is that of the confidence intervals, between 0 and 1. Options are those of
        ``COMMON_OPTIONS`` and of ``self.options``. The result does not depend on the order of the
        rows. Raises ``InputError`` in one sentence for a missing column, an unknown option, arm or
        visit, an empty arm, too few participants, or a participant with two rows at one visit (of one day, where the
        analysis knows no visits); ``RunError`` when a fit does not converge.
        """
        from antitrypsim.statistics.analysis import _checks

        self._level(level)
        self._known(options, (*COMMON_OPTIONS, *self.options))
        self.check_options({k: v for k, v in options.items() if k not in COMMON_OPTIONS})
        _checks.columns(frame, ("USUBJID", "ARM", *self.columns))
        _checks.apart(options, {"USUBJID", "ARM", *self.columns})
        frame = _checks.identified(frame)
        frame = _checks.one_parameter(frame, options.pop("parameter", None))
        arms = _checks.arms(frame, reference, options.pop("arms", None))
        frame = frame[frame["ARM"].isin(arms)]
        _checks.one_arm_each(frame)
        _checks.numbers(frame, [key for key in self.keys if key != "AVISIT"])
        _checks.no_row_twice(frame, self.columns)
        # Sums of floats depend on their order, and the result must not depend on that of the rows.
        frame = frame.sort_values(["USUBJID", *self.keys], kind="stable", ignore_index=True)
        return self.compute(frame, arms, level, options)

    def many(self, block: Block, *, level: float = 0.95, **options: Any) -> Estimates:
        """Analyse every replicate of ``block`` at once, each arm against the first.

        Options are those of ``run``, but for ``COMMON_OPTIONS``. A replicate that cannot be
        analysed (an empty arm, no event) gives NaN and stops nothing. Raises ``InputError`` for an
        option, level or visit that cannot be, and where the analysis is not made for replicates.
        """
        self._level(level)
        self.check_options(options)
        return self.over(block, level, options)

    def summed(self, asked: Asked, options: Options) -> Summed | None:
        """Return what does the analysis on people who come part by part, in bounded memory.

        Options are those of ``run``, but for ``COMMON_OPTIONS``. None where it needs everybody at
        once. Its numbers are those of ``run`` but for rounding.
        """
        return None

    @property
    def replicated(self) -> bool:
        """Whether it can be done on many replicates at once, which designs need."""
        return type(self).over is not Analysis.over

    def over(self, block: Block, level: float, options: Options) -> Estimates:
        """Do the analysis on many replicates; options are known ones."""
        raise InputError(f"the analysis '{self.name}' is not made for many replicates")

    def _known(self, options: Options, known: tuple[str, ...]) -> None:
        for option in options:
            if option in known:
                continue
            if option in self.refuses:
                why = self.refuses[option]
                raise InputError(f"the analysis '{self.name}' takes no {option}, because {why}")
            there = f"; it has {', '.join(known)}" if known else ""
            hint = nearest(str(option), known) or there
            raise InputError(f"the analysis '{self.name}' has no option '{option}'{hint}")

    def _level(self, level: float) -> None:
        if not 0 < level < 1:
            raise InputError(f"the confidence level must lie between 0 and 1, not {level}")

    @abstractmethod
    def compute(
        self, frame: pd.DataFrame, arms: tuple[str, ...], level: float, options: Options
    ) -> AnalysisResult:
        """Do the analysis on a checked frame; ``arms`` holds the reference first."""


def _listed(option: str, value: object) -> None:
    """Raise ``InputError`` unless ``value`` is a list of names, each named once."""
    from antitrypsim.statistics.analysis import _checks

    found = _checks.names(value, option)
    for k, name in enumerate(found):
        if not name.strip():
            raise InputError(f"the option '{option}' holds an empty name")
        if name in found[:k]:
            raise InputError(f"the option '{option}' names '{name}' twice")
