"""Libraries that come with an extra, and one sentence where they are not there."""

from __future__ import annotations

from importlib import import_module
from typing import Any

from antitrypsim.foundations.errors import InputError


def needed(library: str, extra: str) -> Any:
    """Return a library; raise InputError, with the line that installs it, where it is missing."""
    try:
        return import_module(library)
    except ImportError:
        raise InputError(
            f"this needs the extra '{extra}': pip install \"antitrypsim[{extra}]\""
        ) from None
