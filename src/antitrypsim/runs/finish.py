"""From lived parts to the answer: arms, tables, analyses, sums and, last, the manifest."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from antitrypsim.endpoints import endpoint
from antitrypsim.foundations.arrays import Floats, Labels
from antitrypsim.foundations.files import hash_of, sealed, write_file
from antitrypsim.foundations.hashtree import Node, joined, root
from antitrypsim.foundations.parquet import parquet
from antitrypsim.foundations.plain import Plain, json_text, plain
from antitrypsim.foundations.provenance import SCHEMA_VERSION, versions
from antitrypsim.runs.large_result import MANIFEST, RESULTS, SUMMARY
from antitrypsim.runs.ledger import LINES, Ledger, Part, part_of
from antitrypsim.runs.parquet import typed
from antitrypsim.runs.plan import KIND, PROTOCOL, REQUEST, LargePlan
from antitrypsim.simulation.settings import Settings
from antitrypsim.statistics.analysis import ANALYSES
from antitrypsim.statistics.exact import Quantiles
from antitrypsim.trials.part import part_tables, strata_columns
from antitrypsim.trials.plans import PlanResult, analyse_parts, columns_named, plan_rows, read_of
from antitrypsim.trials.randomisation import allocated
from antitrypsim.trials.summary import SPREAD, Cell, Sums

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa
    import pyarrow.compute as pc

    from antitrypsim.protocols.parts import EndpointPlan
    from antitrypsim.trials.plans import Frames

_TABLES = ("participants", "visits", "events")
_MEASURED = ("USUBJID", "ARM", "PARAMCD", "ENDPOINT", "AVISIT", "ADY", "AVAL", "BASE", "CHG")
_SUMMED = {
    "participants": ("USUBJID", "ARM", "EOSDY", "EOSSTT"),
    "visits": ("USUBJID", "ENDPOINT", "AVISIT", "ARM", "AVAL"),
    "events": ("USUBJID", "ARM", "EVENT"),
}
_WORDS = ("ENDPOINT", "AVISIT", "ARM")
MOST_JOINED = 50_000
"""Up to so many participants every analysis is of the joined table; beyond, of sums where these do."""
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
    named = np.array([arm.id for arm in plan.protocol.arms], dtype=object)
    sums = Sums(plan.protocol)
    parts = ledger.of("lives")
    for k, part in enumerate(parts):
        settings.check()
        own = named[arms[part.first : part.first + part.count]]
        _tabulate(plan, ledger, part, own, check)
        sums.add(
            *(_read(ledger, name, part.first, _SUMMED[name], coded=_WORDS) for name in _TABLES)
        )
        settings.tell("tables", k + 1, len(parts))
    plans = _analyses(plan, ledger, settings)
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
    write_file(folder / SUMMARY, json_text(sums.to_dict(_quantiles(ledger, sums, settings))))
    # The lines in order, each once, whatever happened on the way.
    ledger.forget(())
    write_file(folder / MANIFEST, _manifest(plan, folder, ledger))


def _arms(plan: LargePlan, ledger: Ledger) -> NDArray[np.int8]:
    """Return the number of each participant's arm."""
    import pyarrow as pa

    columns = strata_columns(plan.protocol)
    words: dict[str, dict[str, int]] = {factor: {} for factor in columns}
    found = {factor: np.empty(plan.participants, dtype=np.int16) for factor in columns}
    for part in ledger.of("lives") if columns else ():
        table = _table(ledger, part, list(columns.values()))
        for factor, name in columns.items():
            each = pa.compute.dictionary_encode(table.column(name).combine_chunks())
            known = words[factor]
            own = [known.setdefault(str(word), len(known)) for word in each.dictionary.to_pylist()]
            codes = np.asarray(each.indices)
            found[factor][part.first : part.first + part.count] = np.array(own, np.int16)[codes]
    # Levels in the order of their words, whichever came first.
    for factor, known in words.items():
        order = np.empty(len(known), dtype=np.int16)
        order[[known[word] for word in sorted(known)]] = np.arange(len(known))
        found[factor] = order[found[factor]]
    return allocated(plan.protocol, found, plan.participants, plan.seed)


def _tabulate(
    plan: LargePlan, ledger: Ledger, part: Part, arms: Labels, check: Callable[[Part], None]
) -> None:
    if all(ledger.get(name, part.first) for name in _TABLES):
        return
    made = part_tables(plan.protocol, _table(ledger, part), arms, plan.seed)
    for name in _TABLES:
        if ledger.get(name, part.first) is None:
            table = typed(getattr(made, name))
            data = parquet(table)
            line = part_of(name, part.first, part.count, data, rows=table.num_rows)
            check(line)
            ledger.add(line, data)


def _analyses(plan: LargePlan, ledger: Ledger, settings: Settings) -> list[PlanResult]:
    """Return every planned analysis, each from the rows that it needs and no others."""
    found = []
    plans = list(plan.protocol.endpoints.all)
    for k, each in enumerate(plans):
        found.append(
            analyse_parts(
                plan.protocol, each, partial(_parts_of, plan, each, ledger, settings),
                primary=k == 0, summed=plan.participants > MOST_JOINED,
            )
        )  # fmt: skip
        settings.tell("analysing", k + 1, len(plans))
    return found


def _parts_of(
    plan: LargePlan, each: EndpointPlan, ledger: Ledger, settings: Settings
) -> Iterator[Frames]:
    """Return of each part the participants, visits and events that an analysis reads."""
    import pyarrow.compute as pc

    what = endpoint(each.endpoint)
    rows = _rows_of(each)
    of = pc.field("EVENT") == what.output
    # A body mass index is made of two of them.
    named = [*columns_named(each), "WEIGHT", "HEIGHT"]
    for part in ledger.of("participants"):
        settings.check()
        yield (
            _read(ledger, "participants", part.first, [*_OF_ALL, *named]),
            _read(ledger, "visits", part.first, _MEASURED, rows),
            _read(ledger, "events", part.first, ("USUBJID", "EVENT", "ADY"), of),
        )


def _read(
    ledger: Ledger,
    name: str,
    first: int,
    columns: Iterable[str],
    rows: pc.Expression | None = None,
    *,
    coded: Iterable[str] = (),
) -> pd.DataFrame:
    """Return the columns that there are of a part, words that are ``coded`` as categories."""
    part = ledger.get(name, first)
    assert part is not None
    table = _table(ledger, part, columns, rows)
    frame: pd.DataFrame = table.to_pandas(
        categories=[each for each in coded if each in table.column_names]
    )
    return frame


def _table(
    ledger: Ledger,
    part: Part,
    columns: Iterable[str] | None = None,
    rows: pc.Expression | None = None,
) -> pa.Table:
    """Return a part, or the columns that there are of it, from bytes that are those that were written."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    data = pa.BufferReader(ledger.data(part))
    if columns is not None:
        there = pq.read_schema(data).names
        columns = [each for each in dict.fromkeys(columns) if each in there]
        data.seek(0)
    return pq.read_table(data, columns=columns, filters=rows, partitioning=None)


def _rows_of(plan: EndpointPlan) -> pc.Expression:
    """Return which measurements an analysis reads: those of its visit alone where it knows no others."""
    import pyarrow.compute as pc

    wanted = pc.field("ENDPOINT") == plan.endpoint
    how = ANALYSES[plan.analysis]
    if plan.visit is not None and how.at_visit and "ADY" not in how.columns:
        wanted &= pc.field("AVISIT") == plan.visit
    for id in read_of(plan):
        wanted |= (pc.field("ENDPOINT") == id) & (pc.field("ADY") == 0)
    return wanted


def _quantiles(ledger: Ledger, sums: Sums, settings: Settings) -> Iterator[tuple[Cell, Floats]]:
    """Return the spread of what was measured; passes over the parts take the place of memory."""
    found = {cell: Quantiles(SPREAD, count) for cell, count in sums.counts().items()}
    while any(each.wanting for each in found.values()):
        for part in ledger.of("visits"):
            settings.check()
            frame = _read(ledger, "visits", part.first, (*_WORDS, "AVAL"), coded=_WORDS)
            for (id, visit, arm), values in frame.groupby(list(_WORDS), observed=True)["AVAL"]:
                found[str(id), str(visit), str(arm)].add(values.to_numpy())
        for each in found.values():
            each.step()
    for cell, each in found.items():
        yield cell, each.values()


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
