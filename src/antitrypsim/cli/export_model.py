"""The model, a person and a treatment for other tools: SBML, PEtab, OMEX."""

from __future__ import annotations

import math
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from antitrypsim.cli.console import Json, Quiet, Seed, check_outputs, computing
from antitrypsim.foundations.errors import InputError
from antitrypsim.foundations.seed import SEED

if TYPE_CHECKING:
    from antitrypsim.interchange.sbml.own import OwnModel
    from antitrypsim.interchange.who import Case

Protocol = Annotated[
    str | None,
    typer.Option("--protocol", help="A participant of this protocol, instead of a description."),
]
Arm = Annotated[
    str | None, typer.Option("--arm", help="Which arm of it; the first one if left out.")
]
Therapy = Annotated[
    str | None,
    typer.Option("--therapy", help="product:dose/interval, such as augmentation:60mg/kg/week."),
]
Years = Annotated[float, typer.Option("--years", help="Years after day 0 that are written.")]
Genotype = Annotated[
    str | None, typer.Option("--genotype", help="ZZ (if left out), SZ, MZ, MM and so on.")
]
Age = Annotated[float | None, typer.Option("--age", help="Years at day 0; 50 if left out.")]
Sex = Annotated[str | None, typer.Option("--sex", help="female (if left out) or male.")]
Smoking = Annotated[
    str | None, typer.Option("--smoking", help="never (if left out), ex or current.")
]
Person = Annotated[
    int, typer.Option("--person", min=1, max=10_000, help="Which of such people, from 1.")
]
Chance = Annotated[
    bool,
    typer.Option(
        "--chance", help="Exacerbations, deaths and so on too, when this person has them."
    ),
]


def _case(
    protocol: str | None, arm: str | None, therapy: str | None, years: float, genotype: str | None,
    age: float | None, sex: str | None, smoking: str | None, person: int, seed: int, quiet: bool,
) -> Case:  # fmt: skip
    from antitrypsim.documents.times import LONGEST_DAYS
    from antitrypsim.foundations.units import YEAR
    from antitrypsim.interchange.who import described, participant

    if protocol is not None and therapy is not None:
        raise InputError("--protocol and --therapy both say what is given; keep one of the two")
    if not 0 < years <= LONGEST_DAYS / YEAR:
        raise InputError(f"{years:g} years cannot be written; above 0 and up to 100 can")
    if protocol is None and arm is not None:
        raise InputError("--arm is of a protocol; name that with --protocol")
    if protocol is not None:
        for name, said in {
            "genotype": genotype,
            "age": age,
            "sex": sex,
            "smoking": smoking,
        }.items():
            if said is not None:
                raise InputError(
                    f"--{name} describes a person, and --protocol takes its participants as they are; keep one "
                    "of the two"
                )
    with computing(quiet, seed=seed, tolerance=1e-4, threads=2) as settings:
        if protocol is not None:
            return participant(protocol, arm, number=person, settings=settings)
        return described(
            therapy, years, genotype="ZZ" if genotype is None else genotype,
            age=50.0 if age is None else age, sex="female" if sex is None else sex,
            smoking="never" if smoking is None else smoking, number=person, settings=settings,
        )  # fmt: skip


def export_sbml(
    file: Annotated[str, typer.Argument(metavar="FILE", help="The SBML file to write.")],
    protocol: Protocol = None,
    arm: Arm = None,
    therapy: Therapy = None,
    years: Years = 10.0,
    chance: Chance = False,
    genotype: Genotype = None,
    age: Age = None,
    sex: Sex = None,
    smoking: Smoking = None,
    person: Person = 1,
    seed: Seed = SEED,
    quiet: Quiet = False,
) -> None:
    """Write the model with one person and a treatment as SBML level 3 version 2."""
    check_outputs([protocol], file=file)
    from antitrypsim.foundations.files import write_file
    from antitrypsim.interchange.extras import needed
    from antitrypsim.interchange.sbml import export_sbml as export

    needed("libsbml", "sbml")
    case = _case(protocol, arm, therapy, years, genotype, age, sex, smoking, person, seed, quiet)
    made = export(case.model, case.person, case.regimen, years=years, chance=chance)
    write_file(file, made.text)
    print(f"{made.loss.text()}\n\nDay 0 is time {made.day_0:.6f}, in days.\nWritten: {file}")


def export_petab(
    folder: Annotated[str, typer.Argument(metavar="FOLDER", help="A new folder for the files.")],
    data: Annotated[
        str, typer.Option("--data", help="Measurements: a CSV file of output, day, value and sd.")
    ],
    estimate: Annotated[
        list[str], typer.Option("--estimate", help="A parameter to estimate; repeatable.")
    ],
    version: Annotated[int, typer.Option("--petab", help="Version of PEtab, 1 or 2.")] = 2,
    protocol: Protocol = None,
    arm: Arm = None,
    therapy: Therapy = None,
    years: Years = 10.0,
    genotype: Genotype = None,
    age: Age = None,
    sex: Sex = None,
    smoking: Smoking = None,
    person: Person = 1,
    seed: Seed = SEED,
    quiet: Quiet = False,
) -> None:
    """Write a parameter estimation problem on one person as PEtab."""
    from antitrypsim.foundations.files import beside, put, put_text
    from antitrypsim.interchange.extras import needed
    from antitrypsim.interchange.petab.write import export_petab as export
    from antitrypsim.interchange.petab.write import read_data

    target = Path(folder)
    if target.exists() and (not target.is_dir() or any(target.iterdir())):
        raise InputError("this is there already; name a new folder", path=folder)
    needed("libsbml", "petab")
    measured = read_data(data)
    case = _case(protocol, arm, therapy, years, genotype, age, sex, smoking, person, seed, quiet)
    made = export(
        case.model, case.person, case.regimen, data=measured, estimate=estimate, version=version
    )
    with beside(target) as place:
        for name, text in made.files.items():
            put_text(place / name, text)
        put(place, target)
    print(f"{made.loss.text()}\n\nWritten: {folder}, {len(made.files)} files")


def export_omex(
    file: Annotated[str, typer.Argument(metavar="FILE", help="The archive to write.")],
    output: Annotated[
        list[str], typer.Option("--output", help="A state or quantity to report; repeatable.")
    ],
    protocol: Protocol = None,
    arm: Arm = None,
    therapy: Therapy = None,
    years: Years = 10.0,
    genotype: Genotype = None,
    age: Age = None,
    sex: Sex = None,
    smoking: Smoking = None,
    person: Person = 1,
    seed: Seed = SEED,
    quiet: Quiet = False,
) -> None:
    """Write a COMBINE archive: SBML, a SED-ML task, and the numbers that it gives here."""
    check_outputs([protocol], file=file)
    from antitrypsim.foundations.files import write_bytes
    from antitrypsim.interchange.extras import needed
    from antitrypsim.interchange.omex import export_omex as export

    needed("libsbml", "sbml")
    case = _case(protocol, arm, therapy, years, genotype, age, sex, smoking, person, seed, quiet)
    made = export(case.model, case.person, case.regimen, outputs=output, years=years)
    write_bytes(file, made.data)
    print(f"{made.loss.text()}\n\nWritten: {file}")


def import_petab(
    file: Annotated[str, typer.Argument(metavar="FILE", help="The YAML file of the problem.")],
    json: Json = None,
) -> None:
    """Read a PEtab problem on a model that was exported from here, and say how likely its data are."""
    check_outputs([file], json=json)
    from antitrypsim.foundations.files import write_file
    from antitrypsim.foundations.plain import json_text
    from antitrypsim.interchange.petab.own import import_petab as read

    found = read(file)
    told = found.to_dict()
    if json is not None:
        write_file(json, json_text(told))
    print(found.loss.text())
    print("\nParameters:")
    for p in told["parameters"]:
        print(f"  {p['name']}: {p['nominal']:g}, {p['lower']:g} to {p['upper']:g}")
    print("\nMeasurements:")
    for m in told["measurements"]:
        print(f"  {m['output']}, day {m['day']:g}: {m['value']:g}, simulated {m['simulated']:g}")
    print(f"\nLog-likelihood {found.objective().llh:.6f}, chi squared {told['chi2']:.6f}.")
    if not math.isfinite(told["llh"]):
        print(
            "Beware: no such measurement can be: a noise is not above 0, or a logarithm is taken of what has none."
        )


Records = Annotated[
    str | None,
    typer.Option("--out", metavar="FILE", help="Write what the person is given as dosing records."),
]


def import_sbml(
    file: Annotated[str, typer.Argument(metavar="FILE", help="An SBML file of ours.")],
    out: Records = None,
) -> None:
    """Read SBML that was exported from here: whose life it is and what they are given.

    A model of others is refused by its name, and so is one of ours that was changed.
    """
    check_outputs([file], out=out)
    from antitrypsim.interchange.sbml.own import import_sbml as read

    found = read(file)
    _records(found, out)
    print(found.loss.text() + (f"\n\nWritten: {out}" if out else ""))


def import_omex(
    file: Annotated[str, typer.Argument(metavar="FILE", help="A COMBINE archive of ours.")],
    out: Records = None,
) -> None:
    """Read a COMBINE archive that was exported from here, and simulate its task again.

    A model of others is refused by its name, and so are a task or a report that were changed.
    """
    check_outputs([file], out=out)
    from antitrypsim.interchange.omex.own import import_omex as read

    found = read(file)
    _records(found.model, out)
    print(found.loss.text() + (f"\n\nWritten: {out}" if out else ""))


def _records(found: OwnModel, out: str | None) -> None:
    from antitrypsim.foundations.files import write_file
    from antitrypsim.interchange.records import csv_of

    if out is not None:
        write_file(out, csv_of(found.regimens))
