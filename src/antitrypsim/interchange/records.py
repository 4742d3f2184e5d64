"""Dosing records in files: others' read as regimens, a protocol's arms written."""

from __future__ import annotations

import io
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from antitrypsim.foundations.cells import check_cells
from antitrypsim.foundations.errors import InputError, nearest, reason_of, shown
from antitrypsim.foundations.plural import so_many
from antitrypsim.interchange.amounts import in_unit, unit_of, weighed
from antitrypsim.interchange.loss import LossReport
from antitrypsim.interchange.synthetic import SYNTHETIC
from antitrypsim.protocols import load_protocol
from antitrypsim.protocols.amounts import excess, impossible
from antitrypsim.protocols.delivery import known_doses
from antitrypsim.protocols.persons import check_weights, own_regimens
from antitrypsim.simulation.records import RUN_IN
from antitrypsim.simulation.regimen import Regimen, regimens_from_frame, regimens_to_frame

if TYPE_CHECKING:
    import pandas as pd

MARK = "#"
"""Begins a line that is no record, as IGNORE=# of NONMEM has it."""

MOST_BYTES = 2**27
HOURS = 24.0
_TIMES, _PER_TIME = ("TIME", "II", "DUR", "TINF", "UNTIL"), ("RATE",)


@dataclass(frozen=True)
class DosingRecords:
    """What a file of records says: ``regimens`` by id, in the order of the file, and what was lost."""

    regimens: Mapping[Hashable, Regimen]
    report: LossReport

    def to_csv(self) -> str:
        """Return them as records in days, a row a dose; reading it gives the same regimens."""
        return csv_of(self.regimens)


def import_records(
    file: str | Path,
    *,
    doses: Mapping[str, str] | None = None,
    ignore: Sequence[str] = (),
    hours: bool = False,
    weight: str | None = None,
    run_in: float = RUN_IN,
) -> DosingRecords:
    """Return the regimens that a CSV file of dosing records says, one a person.

    ``doses`` says what the numbers or words of CMT stand for, as 'product/route', and the unit of their amounts where
    that is not the product's: 'augmentation/intravenous:mg'. ``ignore`` names
    columns that are passed over; with ``hours`` times are hours and rates per hour, in days without.
    ``weight`` names the column of body weight: how it changes from a person's first row on is carried.
    ``run_in``: days of dosing before a steady state. Columns as in
    ``docs/reference/dosing-records.md``. Raises InputError, with file, row and column, for what cannot be given as it
    is written, and for a dose that no therapy has.
    """
    table, remarks = _read(Path(file))
    try:
        table = table.rename(columns={c: str(c).strip().upper() for c in table.columns})
        passed = _passed(table, ignore)
        _name_doses(table, doses or {})
        if hours:
            _in_days(table)
        if weight is not None:
            table = weighed(table, weight.strip().upper())
        found = regimens_from_frame(table, Path(file).stem, ignore=passed, run_in=run_in)
        for regimen in found.values():
            _known(regimen)
    except InputError as problem:
        problem.path = problem.path or str(file)
        raise
    return DosingRecords(found, _report(found, table, passed, remarks, hours=hours, weight=weight))


def export_records(protocol: str | Path, arm: str | None = None) -> DosingRecords:
    """Return what each arm of a protocol is given, or one of them, as records by arm id.

    Raises ProtocolError for a protocol that cannot be read, InputError for an arm that it lacks.
    """
    plan = load_protocol(protocol)
    regimens = plan.regimens()
    if arm is not None and arm not in regimens:
        known = tuple(regimens)
        hint = nearest(arm, known) or f"; there is {', '.join(known)}"
        raise InputError(f"no arm '{shown(arm)}'{hint}")
    chosen: dict[Hashable, Regimen] = {
        id: each for id, each in regimens.items() if arm in (None, id)
    }
    for each in plan.arms:
        if each.id in chosen and plan.by_person(each.id):
            own = own_regimens(each, regimens[each.id])
            chosen |= {f"{each.id}-{number}": regimen for number, regimen in own.items()}
    rows = {id: sum(len(d.times) for d in each.doses) for id, each in chosen.items()}
    extended = [
        f"{id}: levels that are held and details of products, in rows of EVID 2 with LEVEL, UNTIL, SETTING"
        for id, each in chosen.items()
        if each.levels or each.inputs
    ]
    report = LossReport(
        tuple(f"{id}: {so_many(n, 'dose')}" for id, n in rows.items()),
        tuple(extended),
        (
            "visits, measurements, eligibility and analyses: records hold what is given",
            "numbers of compartments: CMT is the product and its route",
        ),
    )
    return DosingRecords(chosen, report)


def csv_of(regimens: Mapping[Hashable, Regimen]) -> str:
    """Return regimens by id as the text of a CSV file, every number with all of its digits."""
    stream = io.StringIO()
    stream.write(f"{MARK} {SYNTHETIC}\n")
    regimens_to_frame(regimens).to_csv(stream, index=False, lineterminator="\n", na_rep=".")
    return stream.getvalue()


def _read(file: Path) -> tuple[pd.DataFrame, int]:
    """Return the cells of a file as text, and how many remarks stood before the names of columns."""
    import pandas as pd

    try:
        if file.stat().st_size > MOST_BYTES:
            raise InputError(
                f"the file has more than {MOST_BYTES // 2**20} MB, which is too much at once",
                path=str(file),
            )
        lines = file.read_text(encoding="utf-8-sig").splitlines()
    except OSError as problem:
        raise InputError(
            f"the file cannot be read: {reason_of(problem)}", path=str(file)
        ) from problem
    except UnicodeDecodeError as problem:
        raise InputError("the text is not UTF-8; save it as UTF-8", path=str(file)) from problem
    remarks = 0
    while remarks < len(lines) and (not lines[remarks].strip() or lines[remarks].startswith(MARK)):
        remarks += 1
    try:
        check_cells(lines[remarks:], before=remarks)
    except InputError as problem:
        problem.path = str(file)
        raise
    try:
        return pd.read_csv(
            io.StringIO("\n".join(lines[remarks:])), dtype=str, skipinitialspace=True,
            keep_default_na=False,
        ), remarks  # fmt: skip
    except Exception as problem:
        # pandas has dozens of errors for what is no table.
        first = str(problem).splitlines()[0] if str(problem) else type(problem).__name__
        raise InputError(f"this is no table: {first}", path=str(file)) from problem


def _passed(table: pd.DataFrame, ignore: Sequence[str]) -> tuple[str, ...]:
    names = tuple(dict.fromkeys(name.strip().upper() for name in ignore))
    for name in names:
        if name not in table.columns:
            raise InputError(
                f"there is no column '{shown(name)}' to ignore{nearest(name, tuple(table.columns))}"
            )
    return names


def _name_doses(table: pd.DataFrame, doses: Mapping[str, str]) -> None:
    """Put 'product/route' where CMT has what stands for it."""
    if not doses or "CMT" not in table.columns:
        return
    cells = table["CMT"].str.strip()
    for code, said in doses.items():
        rows = cells == code
        if not rows.any():
            raise InputError(f"no row has '{shown(code)}', which is said to be {said}", key="CMT")
        name, _, unit = (word.strip() for word in said.partition(":"))
        table.loc[rows, "CMT"] = name
        if unit:
            in_unit(table, rows, name, unit)


def _in_days(table: pd.DataFrame) -> None:
    for name in (*_TIMES, *_PER_TIME):
        if name in table.columns:
            per = name in _PER_TIME
            table[name] = table[name].map(lambda cell, per=per: _converted(cell, per))


def _converted(cell: str, per_time: bool) -> str | float:
    """Return hours as days; what is no number is left for the reader of records to refuse."""
    try:
        number = float(cell)
    except ValueError:
        return cell
    if not per_time:
        return number / HOURS
    # Below 0 a rate is no rate but a code.
    return number * HOURS if number > 0 else number


def _known(regimen: Regimen) -> None:
    known = known_doses()
    check_weights(regimen)
    for record in regimen.doses:
        if record.dose not in known:
            say = f"; say what it is: {shown(record.dose)}=augmentation/intravenous, or another"
            hint = nearest(record.dose, tuple(known)) or say
            raise InputError(f"no dose '{shown(record.dose)}'{hint}", key="CMT")
    for name, amount in regimen.within_a_day.items():
        if said := impossible(amount, known[name]):
            whole = known[name].unit.removesuffix("/kg")
            hint = (
                f"; if amounts are in {whole}, say so: {name}:{whole}"
                if whole != known[name].unit
                else ""
            )
            raise InputError(
                f"what is given of {name} within a day adds up to {said}{hint}", key="AMT"
            )


def _report(
    found: Mapping[Hashable, Regimen],
    table: pd.DataFrame,
    passed: Sequence[str],
    remarks: int,
    *,
    hours: bool,
    weight: str | None,
) -> LossReport:
    given = sum(len(d.times) for each in found.values() for d in each.doses)
    known = known_doses()
    names = sorted({(d.dose, d.by_weight) for each in found.values() for d in each.doses})
    carried = [
        f"{so_many(len(found), 'person', 'people')}, {so_many(given, 'dose')} in all",
        *(f"{name}, amounts in {unit_of(known[name].unit, power)}" for name, power in names),
    ]
    most = [each.within_a_day for each in found.values()]
    for name in sorted({name for each in most for name in each}):
        if said := excess(max(each.get(name, 0.0) for each in most), known[name]):
            carried.append(f"beware, {name}: {said}")
    if hours:
        carried.append("times in hours, taken as days of 24")
    left = [f"{name}: ignored, as asked" for name in passed]
    if weight is not None:
        carried.append(
            f"{weight.upper()}: how body weight changes, as a share of each person's first"
        )
        left.append(
            f"{weight.upper()}: the weight itself, which is that of whoever is given the records"
        )
    if "DV" in table.columns and (~table["DV"].str.strip().isin(("", ".", "NA"))).any():
        left.append("DV: what was measured is no part of a regimen")
    if remarks:
        left.append(f"{so_many(remarks, 'line')} before the names of the columns")
    return LossReport(tuple(carried), (), tuple(left))
