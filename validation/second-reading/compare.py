"""Hold the package against the second reading: the largest relative difference of every output.

People live from 18 to 78 years: typical men, never-smokers and smokers of a pack a day from 18, of
every genotype; women with second hits and courses of years that are not at nil; and men in whom the
severe exacerbations are those that the package met.
"""

from __future__ import annotations

import sys
from dataclasses import replace

import numpy as np
from organs import ALLELES, CIRRHOSIS, DAYS, EVENTS, WELL, Person, live

from antitrypsim.populations.people import Comorbid, Demographics, Smoked, make_people
from antitrypsim.simulation.people import InputCourse
from antitrypsim.simulation.settings import Settings
from antitrypsim.simulation.simulate import simulate_all
from antitrypsim.therapies import build_model
from antitrypsim.uncertainty.draws import ParameterSet

WANTED = 1e-3
AGES = np.arange(18.0, 78.5)
GENOTYPES = tuple(ALLELES)
SMOKES = {"never": 0.0, "current": 1.0}
WOMAN = Person(
    "", 0.0, male=0.0, height=1.62, weight=85.0, alcohol=1.0, metabolic=1.0, bronchiectasis=1.0,
    lung_course=0.5, airway_course=1.0, month=-0.7,
)  # fmt: skip
ENDS = {
    "events.mortality_50": EVENTS.mortality_50,
    "events.mortality_lung": EVENTS.mortality_lung,
    "cirrhosis.decompensation": CIRRHOSIS.decompensation,
    "cirrhosis.carcinoma": CIRRHOSIS.carcinoma,
}
# A clot of the portal vein comes by chance and is not read a second time.
NO_CLOT = {"harms.portal_thrombosis": 0.0}
NO_END = dict.fromkeys(ENDS, 0.0) | NO_CLOT
STILL = ParameterSet("nothing happens", {**NO_END, "events.exacerbation_rate": 0.0})
# Rates of events cannot be read where they are nil: ends of life are made so rare that none is met,
# and exacerbations leave nothing behind.
RARE = 1e-9
TRACELESS = ("exacerbation_inflammation", "exacerbation_airflow_loss", "exacerbation_recent")
HARMLESS = ParameterSet(
    "events leave nothing behind",
    {name: RARE * value for name, value in ENDS.items()}
    | {f"events.{name}": 0.0 for name in TRACELESS}
    | NO_CLOT,
)
OF_ENDS = (
    "events.death_other",
    "events.death_lung",
    "cirrhosis.decompensation_rate",
    "cirrhosis.carcinoma_rate",
)
OF_HARMLESS = ("events.exacerbation_rate", *OF_ENDS)
NO_DEATH = ParameterSet("nobody dies", NO_END)
RECENT = "wellbeing.recent_exacerbations"
OFTEN = np.arange(18.0, 78.0, 0.2 / DAYS)


def of_package(who: Person, smoke: str, names, draws, genotypes=GENOTYPES, ages=AGES) -> dict:
    """Return typical people's outputs by the package: a row for each genotype."""
    model, count = build_model(), len(genotypes)

    def all_of(value):
        return np.full(count, value)

    people = make_people(
        model,
        1,
        np.arange(count, dtype=np.int64),
        Demographics(
            age=all_of(who.start),
            male=all_of(who.male),
            height=all_of(who.height),
            weight=all_of(who.weight),
            alleles=np.array([ALLELES[genotype] for genotype in genotypes], float),
            smoked=Smoked(
                np.full(count, smoke, dtype=object),
                packs=all_of(who.packs),
                started=all_of(who.start),
                stopped=all_of(ages[-1] + 10),
            ),
            ill=Comorbid(all_of(who.alcohol), all_of(who.metabolic), all_of(who.bronchiectasis)),
        ),
        {"genotype": np.array(genotypes, dtype=object)},
        effects_of={},
        quiet=True,
    )
    steady = {
        f"person.{name}": InputCourse(
            np.full((count, 1), who.start * DAYS), np.full((count, 1), value)
        )
        for name, value in (
            ("lung_course", who.lung_course),
            ("airway_course", who.airway_course),
            ("airway_day", who.month),
        )
    }
    run = simulate_all(
        model,
        replace(people, courses={**people.courses, **steady}),
        None,
        times=DAYS * (ages - ages[0]),
        outputs=tuple(names),
        draws=draws,
        settings=Settings(threads=1, tolerance=1e-8),
    )
    return {name: run[name][:, 0] for name in names}


def dates(recent: np.ndarray) -> list[float]:
    """Return ages at exacerbations, from how many are remembered every fifth of a day."""
    faded = np.exp(-WELL.memory * DAYS * np.diff(OFTEN))
    new = recent[1:] - recent[:-1] * faded
    at = np.flatnonzero(new > 1e-3)
    if np.any(new[at] > 1.0 + 1e-6):
        raise ValueError("two exacerbations within a fifth of a day cannot be told apart")
    return list(OFTEN[at + 1] + np.log(new[at]) / (WELL.memory * DAYS))


def apart(ours: np.ndarray, theirs: np.ndarray) -> np.ndarray:
    """Return relative differences; below a millionth of what is usual there is none."""
    scale = np.maximum(np.abs(ours), np.abs(theirs))
    difference = np.abs(ours - theirs) / np.maximum(scale, 1e-12 + 1e-6 * np.max(scale))
    return np.nan_to_num(difference, nan=np.inf)


def of_kind(like: Person) -> dict[str, list[tuple[float, str]]]:
    found: dict[str, list[tuple[float, str]]] = {}
    for smoke, packs in SMOKES.items():
        who = replace(like, packs=packs)
        read = [live(replace(who, genotype=genotype), AGES) for genotype in GENOTYPES]
        names = [name for name in read[0] if name not in OF_HARMLESS]
        run = of_package(who, smoke, names, STILL) | of_package(who, smoke, OF_HARMLESS, HARMLESS)
        run |= {name: run[name] / RARE for name in OF_ENDS}
        for name, rows in run.items():
            for genotype, ours, theirs in zip(GENOTYPES, read, rows, strict=True):
                differences = apart(ours[name], theirs)
                at = int(np.argmax(differences))
                where = f"{genotype}, {smoke}, at {AGES[at]:.0f}"
                found.setdefault(name, []).append((float(differences[at]), where))
    return found


def of_ill(like: Person) -> dict[str, list[tuple[float, str]]]:
    found: dict[str, list[tuple[float, str]]] = {}
    for genotype, smoke in (("ZZ", "never"), ("SZ", "current"), ("ZZ", "current")):
        who = replace(like, genotype=genotype, packs=SMOKES[smoke])
        names = [name for name in live(who, AGES[:2]) if name not in OF_ENDS]
        run = of_package(who, smoke, [*names, RECENT], NO_DEATH, (genotype,), OFTEN)
        when = dates(run[RECENT][0])
        ours = live(who, OFTEN, when)
        for name in names:
            differences = apart(ours[name], run[name][0])
            at = int(np.argmax(differences))
            where = f"{genotype}, {smoke}, {len(when)} exacerbations, at {OFTEN[at]:.2f}"
            found.setdefault(name, []).append((float(differences[at]), where))
    return found


def main() -> int:
    columns = {
        "typical men": of_kind(Person("", 0.0)),
        "women with second hits": of_kind(WOMAN),
        "men with exacerbations": of_ill(Person("", 0.0)),
    }
    print("| output | " + " | ".join(columns) + " |\n|---" + "|---" * len(columns) + "|")
    missed = []
    for name in sorted(columns["typical men"]):
        cells = []
        for column in columns.values():
            difference, where = max(column.get(name, [(-1.0, "")]))
            cells.append(f"{difference:.1e} ({where})" if where else "")
            if not difference <= WANTED:
                missed.append(name)
        print(f"| {name} | " + " | ".join(cells) + " |")
    print("\nApart by more than", WANTED, "in:", ", ".join(dict.fromkeys(missed)) or "none")
    return bool(missed)


if __name__ == "__main__":
    sys.exit(main())
