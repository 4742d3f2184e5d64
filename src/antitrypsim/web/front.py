"""Every design that was asked about, as power against participants; a point leads to its answer."""

from __future__ import annotations

import json
from math import hypot
from typing import Any

from antitrypsim.web.beside import APART
from antitrypsim.web.jobs import DATA, Jobs
from antitrypsim.web.shapes import Front, Mark, Point

MOST = 60
"""So many answers, the newest, are looked at."""

_MARKS = 5
_ROOM = 1.06


def front(jobs: Jobs) -> Front:
    """Return the power of each design at each size that was asked about, the newest answers first.

    A design is at the front where no other of the same protocol or design file has more power with as many or fewer participants by
    more than ``APART`` Monte Carlo errors of the difference. Positions are shares of the axes.
    """
    from matplotlib.ticker import MaxNLocator

    found: list[tuple[str, dict[str, Any], int, dict[str, float]]] = []
    for job in jobs.all():
        if job.state != "done" or job.question.request.get("request") != "power":
            continue
        data = json.loads(jobs.file(job.id, DATA).read_text(encoding="utf-8"))
        sizes = zip(data["sizes"], data["power"], strict=True)
        found += [(job.id, job.question.request, size, power) for size, power in sizes]
        if len({each[0] for each in found}) >= MOST:
            break
    if not found:
        return Front(across=(), marks=(), points=())
    widest = max(size for _, _, size, _ in found) * _ROOM
    across = [v for v in MaxNLocator(_MARKS, integer=True).tick_values(0, widest) if 0 <= v <= widest]  # fmt: skip
    return Front(
        across=tuple(Mark(at=round(v / widest, 4), text=f"{v:,.0f}") for v in across),
        marks=tuple(Mark(at=k / 4, text=f"{25 * k} %") for k in range(5)),
        points=tuple(
            Point(
                job=id, at=round(size / widest, 4), value=round(power["value"], 4),
                low=round(max(0.0, power["value"] - power["error"]), 4),
                high=round(min(1.0, power["value"] + power["error"]), 4),
                front=not any(
                    _above(other, (size, power))
                    for _, said, *other in found
                    if said["design"] == asked["design"]
                ),
                words=f"{_named(asked)}: {size:,} participants, power {100 * power['value']:.1f} ± {100 * power['error']:.1f} %",
            )
            for id, asked, size, power in found
        ),
    )  # fmt: skip


def _above(other: Any, one: tuple[int, dict[str, float]]) -> bool:
    """Whether another design has clearly more power with no more participants."""
    size, power = other
    apart = APART * hypot(power["error"], one[1]["error"])
    return bool(size <= one[0] and power["value"] - one[1]["value"] > apart)


def _named(request: dict[str, Any]) -> str:
    looks = ", ".join(f"{share:g}" for share in request.get("looks", ()))
    return f"{request['design']}{f' with looks at {looks}' if looks else ''}"
