"""What several threads ask for and is computed once."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from threading import RLock
from typing import TypeVar

Value = TypeVar("Value")


class Once:
    """Values by key, each computed by whoever asks first while the others wait.

    A shared object must not be filled by threads side by side: they would compute the same again,
    and one could read what another has half written.
    """

    def __init__(self) -> None:
        self._lock = RLock()
        self._held: dict[Hashable, object] = {}

    def get(self, key: Hashable, make: Callable[[], Value]) -> Value:
        """Return what ``make`` gave when the key was first asked for."""
        with self._lock:
            if key not in self._held:
                self._held[key] = make()
            return self._held[key]  # type: ignore[return-value]
