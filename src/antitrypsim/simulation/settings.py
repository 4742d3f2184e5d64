"""How a question is computed, apart from what is asked: seed, error, threads, progress, a way to stop."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from antitrypsim.foundations.arguments import number, whole
from antitrypsim.foundations.errors import Cancelled, InputError, shown
from antitrypsim.foundations.seed import SEED

TOLERANCE = 1e-4
LOOSEST = 0.01
CHUNK = 4096
MOST_THREADS = 256

Progress = Callable[[str, int, int], None]
"""Is told a stage, how much of it is done, and of how much."""


@dataclass(frozen=True)
class Settings:
    """How something is computed.

    ``seed`` keys every random stream where people are made; who is there already has a seed of their
    own, and None takes that. ``tolerance`` is the error allowed per step of a course, relative to
    each state's size and scale. With ``meet_anew`` people are met anew and not drawn from the library of
    lives. ``threads`` and ``chunk`` (people times draws at once) change no
    result. ``progress(stage, done, total)`` is called now and then; ``cancel()`` true raises
    Cancelled at the next chunk. Raises InputError for what cannot be.
    """

    seed: int | None = None
    tolerance: float = TOLERANCE
    threads: int = 2
    chunk: int = CHUNK
    progress: Progress | None = None
    cancel: Callable[[], bool] | None = None
    meet_anew: bool = False

    def __post_init__(self) -> None:
        if self.seed is not None:
            whole(self.seed, "seed")
        if whole(self.threads, "threads", 1) > MOST_THREADS:
            raise InputError(f"{self.threads} threads cannot be; up to {MOST_THREADS} can")
        whole(self.chunk, "chunk", 1)
        if not 0 < number(self.tolerance, "tolerance") <= LOOSEST:
            raise InputError(
                f"a tolerance of {self.tolerance:g} cannot be; it must be above 0 and up to {LOOSEST:g}"
            )
        for name in ("progress", "cancel"):
            if not (getattr(self, name) is None or callable(getattr(self, name))):
                raise InputError(f"'{name}' must be a function, or left out")

    @property
    def key(self) -> int:
        """The seed by which people and draws are made."""
        return SEED if self.seed is None else self.seed

    def tell(self, stage: str, done: int, total: int) -> None:
        """Report progress."""
        if self.progress is not None:
            self.progress(stage, done, total)

    def check(self) -> None:
        """Raise Cancelled where the caller wants it to stop."""
        if self.cancel is not None and self.cancel():
            raise Cancelled("the run was stopped")

    def during(self, stage: str) -> Settings:
        """Return the same, with every progress from below told as that of ``stage``."""
        tell = self.progress
        if tell is None:
            return self
        return replace(self, progress=lambda _, done, total: tell(stage, done, total))

    def silent(self) -> Settings:
        """Return the same without progress, for a part of a stage."""
        return replace(self, progress=None)


DEFAULT = Settings()


def how(settings: Settings) -> Settings:
    """Return the settings; raise InputError for anything else."""
    if not isinstance(settings, Settings):
        raise InputError(f"'settings' must be Settings(...), not '{shown(settings)}'")
    return settings
