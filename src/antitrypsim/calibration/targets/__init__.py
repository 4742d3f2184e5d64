"""Targets: one file for each part of the body they speak of. ``STUDIES`` maps ids to studies."""

import importlib
import pkgutil

from antitrypsim.calibration.target import Study


def studies() -> dict[str, Study]:
    """Return every target's study by id, in the order of the ids."""
    found: dict[str, Study] = {}
    for info in pkgutil.iter_modules(__path__):
        found |= importlib.import_module(f"{__name__}.{info.name}").STUDIES
    return dict(sorted(found.items()))
