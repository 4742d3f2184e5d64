"""Targets: the published numbers, what was measured for each, and a file of studies for each part of the body."""

import importlib
import pkgutil

from antitrypsim.calibration.measured import measured
from antitrypsim.calibration.target import Study, published_targets
from antitrypsim.foundations.errors import EvidenceError, nearest


def studies() -> dict[str, Study]:
    """Return every target's study by id, in the order of the ids: whatever a file here defines.

    Raises:
        EvidenceError: a study or a row of what was measured stands alone, or two studies are of one target.
    """
    found: dict[str, Study] = {}
    for info in sorted(pkgutil.iter_modules(__path__), key=lambda each: each.name):
        file = importlib.import_module(f"{__name__}.{info.name}")
        for one in vars(file).values():
            if isinstance(one, Study):
                if found.get(one.target, one) is not one:
                    raise EvidenceError(f"two studies are of the target '{one.target}'; keep one")
                found[one.target] = one
    for id in sorted({*found, *measured()}):
        if id not in published_targets():
            hint = nearest(id, [*published_targets()])
            raise EvidenceError(f"a study is of '{id}', which targets.csv does not have{hint}")
        if id not in measured():
            raise EvidenceError(f"the study of '{id}' has no row in measured.csv; write one")
        if id not in found:
            raise EvidenceError(
                f"there are rows of measured.csv for '{id}' and no study; write one"
            )
    return dict(sorted(found.items()))
