"""From lived parts to the answer: arms, tables, analyses, sums and, last, the manifest."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from antitrypsim.endpoints import endpoint
from antitrypsim.foundations.arrays import Floats, Labels
from antitrypsim.foundations.files import hash_of, sealed, write_file
from antitrypsim.foundations.hashtree import Node, joined, root
from antitrypsim.foundations.parquet import parquet
from antitrypsim.foundations.plain import Plain, json_text, plain
from antitrypsim.foundations.provenance import SCHEMA_VERSION, versions
from antitrypsim.protocols.plannable import COVARIATES
from antitrypsim.runs.large_result import MANIFEST, RESULTS, SUMMARY, open_table
from antitrypsim.runs.ledger import LINES, Ledger, Part, part_of
from antitrypsim.runs.parquet import typed
from antitrypsim.runs.plan import KIND, PROTOCOL, REQUEST, LargePlan
from antitrypsim.simulation.settings import Settings
from antitrypsim.statistics.analysis import ANALYSES
from antitrypsim.trials.part import part_tables, strata_columns
from antitrypsim.trials.plans import PlanResult, analyse_plan, plan_rows
from antitrypsim.trials.randomisation import allocate
from antitrypsim.trials.summary import Cell, Sums, cells, spread

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow.compute as pc

    from antitrypsim.protocols.parts import EndpointPlan

_TABLES = ("participants", "visits", "events")
_MEASURED = ("USUBJID", "ARM", "PARAMCD", "ENDPOINT", "AVISIT", "ADY", "AVAL", "BASE", "CHG")
_OF_ALL = ("USUBJID", "ARM", "EOSDY", "EOSSTT")


def finish(
    plan: LargePlan,
    folder: Path,
    ledger: Ledger,
    settings: Settings,
    check: Callable[[Part], None],
) -> None:
    """Write the tables of every part, the results and the manifest; ``check`` sees each part made."""
    arms = _arms(plan, ledger)
    sums = Sums(plan.protocol)
    parts = ledger.of("lives")
    for k, part in enumerate(parts):
        settings.check()
        _tabulate(plan, ledger, part, arms[part.first : part.first + part.count], check)
        sums.add(*(_frame(ledger, name, part.first) for name in _TABLES))
        settings.tell("tables", k + 1, len(parts))
    plans = _analyses(plan, folder, settings)
    about = {
        "protocol": plan.protocol.id,
        "role": plan.protocol.role,
        "notice": " ".join(plan.protocol.notices),
    }
    rows = [
        {**{key: plain(value) for key, value in row.items()}, **about}
        for row in (*plan_rows(plans), *sums.mean_rows())
    ]
    write_file(folder / RESULTS, json_text(rows))
    write_file(folder / SUMMARY, json_text(sums.to_dict(_quantiles(plan, folder, settings))))
    # The lines in order, each once, whatever happened on the way.
    ledger.forget(())
    write_file(folder / MANIFEST, _manifest(plan, folder, ledger))


def _arms(plan: LargePlan, ledger: Ledger) -> Labels:
    import pyarrow.parquet as pq

    columns = strata_columns(plan.protocol)
    strata: dict[str, list[Labels]] = {factor: [] for factor in columns}
    for part in ledger.of("lives") if columns else ():
        table = pq.read_table(ledger.path(part), columns=list(columns.values()))
        for factor, name in columns.items():
            strata[factor].append(np.array(table.column(name).to_pylist(), dtype=object))
    labels = {factor: np.concatenate(each) for factor, each in strata.items()}
    return allocate(plan.protocol, labels, plan.participants, plan.seed)


def _tabulate(
    plan: LargePlan, ledger: Ledger, part: Part, arms: Labels, check: Callable[[Part], None]
) -> None:
    import pyarrow.parquet as pq

    if all(ledger.get(name, part.first) for name in _TABLES):
        return
    made = part_tables(plan.protocol, pq.read_table(ledger.path(part)), arms, plan.seed)
    for name in _TABLES:
        if ledger.get(name, part.first) is None:
            table = typed(getattr(made, name))
            data = parquet(table)
            line = part_of(name, part.first, part.count, data, rows=table.num_rows)
            check(line)
            ledger.add(line, data)


def _frame(ledger: Ledger, name: str, first: int) -> pd.DataFrame:
    import pyarrow.parquet as pq

    part = ledger.get(name, first)
    assert part is not None
    words = {"visits": ["USUBJID", "ENDPOINT", "AVISIT", "ARM", "AVAL"]}.get(name)
    frame: pd.DataFrame = pq.read_table(ledger.path(part), columns=words).to_pandas()
    return frame


def _analyses(plan: LargePlan, folder: Path, settings: Settings) -> list[PlanResult]:
    """Return every planned analysis, each from the rows that it needs and no others."""
    import pyarrow.compute as pc

    found = []
    plans = list(plan.protocol.endpoints.all)
    there = open_table(folder, "participants").schema.names
    for k, each in enumerate(plans):
        settings.check()
        what = endpoint(each.endpoint)
        visits = open_table(folder, "visits").to_table(
            filter=_rows_of(each),
            columns=list(_MEASURED),
        )
        events = open_table(folder, "events").to_table(
            filter=pc.field("EVENT") == what.output, columns=["USUBJID", "EVENT", "ADY"]
        )
        named = [COVARIATES[w] for w in (*each.covariates, *each.strata) if w in COVARIATES]
        own = [name for name in dict.fromkeys(named) if name in there]
        people = open_table(folder, "participants").to_table(columns=[*_OF_ALL, *own])
        frames = (people.to_pandas(), visits.to_pandas(), events.to_pandas())
        found.append(analyse_plan(plan.protocol, each, *frames, primary=k == 0))
        settings.tell("analysing", k + 1, len(plans))
    return found


def _rows_of(plan: EndpointPlan) -> pc.Expression:
    """Return which measurements an analysis reads: those of its visit alone where it knows no others."""
    import pyarrow.compute as pc

    wanted = pc.field("ENDPOINT") == plan.endpoint
    how = ANALYSES[plan.analysis]
    if plan.visit is not None and how.at_visit and "ADY" not in how.columns:
        wanted &= pc.field("AVISIT") == plan.visit
    if "fev1" in (*plan.covariates, *plan.strata):
        wanted |= (pc.field("ENDPOINT") == "fev1") & (pc.field("ADY") == 0)
    return wanted


def _quantiles(plan: LargePlan, folder: Path, settings: Settings) -> Iterator[tuple[Cell, Floats]]:
    """Return the spread of what was measured, one endpoint in memory at a time."""
    import pyarrow.compute as pc

    visits = open_table(folder, "visits")
    for id, mine in groupby(cells(plan.protocol), key=lambda cell: cell[0]):
        settings.check()
        columns = ["AVISIT", "ARM", "AVAL"]
        table = visits.to_table(filter=pc.field("ENDPOINT") == id, columns=columns)
        for cell in mine:
            here = pc.and_(pc.equal(table["AVISIT"], cell[1]), pc.equal(table["ARM"], cell[2]))
            yield cell, spread(table["AVAL"].filter(here).to_numpy())


def _manifest(plan: LargePlan, folder: Path, ledger: Ledger) -> str:
    lives = ledger.of("lives")
    nodes: tuple[Node, ...] = ()
    for part in lives:
        nodes = joined((*nodes, *part.tree))
    named = [one for part in lives for one in part.told["failed"]]
    return sealed(
        {
            "schema": SCHEMA_VERSION,
            "kind": KIND,
            "notices": list(plan.protocol.notices),
            "protocol": {"id": plan.protocol.id, "role": plan.protocol.role},
            "identity": plan.identity(),
            "content": root(nodes, plan.participants),
            "enrolled": _enrolled(lives),
            "failed": {
                "people": len(named),
                "left out": "of every table but lives, in all arms",
                "named": [dict(sorted(one.items())) for one in named],
            },
            "rows": {name: sum(part.told["rows"] for part in ledger.of(name)) for name in _TABLES},
            "versions": versions(),
            "files": {
                name: hash_of(folder / name)
                for name in (PROTOCOL, REQUEST, LINES, RESULTS, SUMMARY)
            },
        }
    )


def _enrolled(lives: list[Part]) -> Plain:
    total: dict[str, dict[str, int]] = {"left": {}, "failing": {}}
    for part in lives:
        for each, found in total.items():
            for reason, count in part.told["enrolled"][each].items():
                found[reason] = found.get(reason, 0) + count
    # Lines that were read back have their keys in order, and those just written in another.
    reasons = {each: dict(sorted(found.items())) for each, found in total.items()}
    told = [part.told["enrolled"] for part in lives]
    drawn = [each for each in told if "lives" in each]
    if drawn:
        reasons |= {"lives": drawn[0]["lives"], "anew": sum(each["anew"] for each in drawn)}
    return {"met": sum(each["met"] for each in told), **reasons}
