"""The untreated organs once more, written from their pages and parameters alone.

Nothing here imports the package. A typical person: every parameter stands at its value.
"""

from __future__ import annotations

import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace

import numpy as np
from scipy.integrate import solve_ivp

ORGANS = Path(__file__).parents[2] / "src" / "antitrypsim" / "organs"
DAYS = 365.25
KINDS = ("M", "Z", "S")
ALLELES = {  # of M, Z, S
    "MM": (2, 0, 0),
    "MS": (1, 0, 1),
    "SS": (0, 0, 2),
    "MZ": (1, 1, 0),
    "SZ": (0, 1, 1),
    "ZZ": (0, 2, 0),
    "Z0": (0, 1, 0),
    "null": (0, 0, 0),
}


def values_of(organ: str) -> SimpleNamespace:
    """Return every parameter of an organ at its value."""
    tables = tomllib.loads((ORGANS / organ / "parameters.toml").read_text(encoding="utf-8"))
    tables |= tables.pop("fixed", {})
    return SimpleNamespace(**{name: table["value"] for name, table in tables.items()})


BLOOD = values_of("circulation")
LIVER = values_of("liver")
LUNG = values_of("lung")
IMMUNITY = values_of("immunity")
EVENTS = values_of("events")
WELL = values_of("wellbeing")
CIRRHOSIS = values_of("cirrhosis")
PORTAL = values_of("portal")


@dataclass(frozen=True)
class Person:
    """A typical person, from the start of adult life on; courses of years stay as they are."""

    genotype: str
    packs: float
    male: float = 1.0
    height: float = 1.75
    weight: float = 77.0
    alcohol: float = 0.0
    metabolic: float = 0.0
    bronchiectasis: float = 0.0
    lung_course: float = 0.0
    airway_course: float = 0.0
    month: float = 0.0
    start: float = LUNG.adult_age

    @property
    def alleles(self) -> dict[str, int]:
        return dict(zip(KINDS, ALLELES[self.genotype], strict=True))

    def smokes(self, age):
        """Return packs a day: they begin just after the start."""
        return self.packs * (np.asarray(age) > self.start)


def soft(x, width):
    """Return x above zero and nothing below, the corner rounded."""
    return width * np.logaddexp(0.0, x / width)


def years(spread, course):
    """Return what good and bad years make of a rate."""
    return np.exp(spread * course - spread**2 / 2)


def bent(x, last, sharpness):
    """Return a straight line that bends to its last value."""
    return x / (1 + (np.maximum(x, 0) / last) ** sharpness) ** (1 / sharpness)


# What moves, with its value at the start.
STATES = {
    "soluble": 0.0, "polymer": 0.0, "cells": 1.0, "stellate": 0.0, "collagen": 1.0,
    "plasma_M": 0.0, "plasma_Z": 0.0, "plasma_S": 0.0,
    "tissue_M": 0.0, "tissue_Z": 0.0, "tissue_S": 0.0,
    "neutrophils": 1.0, "macrophages": 1.0, "elastin": 1.0, "airways_open": 1.0, "desmosine": LUNG.desmosine_rest, "tone": 0.0,
    "inflammation": 0.0, "crp": IMMUNITY.crp_rest, "il10": 1.0, "tgfb": 1.0, "oxidants": 1.0,
    "fatigue": 0.0, "strength": 1.0, "recent": 0.0,
}  # fmt: skip


def acute_phase(s):
    p = IMMUNITY
    return 1 + (p.acute_phase_max - 1) * s.crp / (p.acute_phase_half + s.crp)


def liver(s, person: Person, age) -> SimpleNamespace:
    p, of = LIVER, person.alleles
    acute = acute_phase(s)
    output = p.allele_output * acute
    sharp = p.ceiling_sharpness
    export = p.export_Z * s.soluble / (1 + (s.soluble / p.export_ceiling) ** sharp) ** (1 / sharp)
    partners = (p.partner_M * of["M"] + p.partner_S * of["S"]) * acute
    polymerised = p.polymerisation * s.soluble * (s.soluble + partners) / p.reference_soluble
    stress = s.polymer**2 / (s.polymer**2 + p.stress_half**2)
    made = {
        "M": of["M"] * output * s.cells,
        "Z": export * s.cells,
        "S": of["S"] * output * p.secreted_share_S * s.cells,
    }
    extra = p.selection * stress
    replaceable = 1 / np.sqrt(1 + (extra / p.replacement_most) ** 2)
    births = p.turnover + extra * replaceable + p.regrowth * (1 - s.cells)
    deaths = p.turnover + p.selection * stress * replaceable
    bmi = person.weight / person.height**2
    hits = np.exp(
        p.hit_male * (person.male - p.usual_male)
        + p.hit_weight * (bmi / p.reference_bmi - 1)
        + p.hit_alcohol * person.alcohol
        + p.hit_metabolic * person.metabolic
        + p.hit_age * (age - p.reference_age)
    )
    injury = hits * (p.injury_stress * s.cells * stress + p.injury_other)
    severity = p.stage_of_collagen * np.log(s.collagen)
    return SimpleNamespace(
        made=made,
        stress=s.cells * stress,
        severity=severity,
        reserve=s.cells / (1 + ((s.collagen - 1) / p.reserve_half) ** 2),
        rates={
            "soluble": of["Z"] * output - export - polymerised - p.degradation_Z * s.soluble,
            "polymer": polymerised - p.polymer_clearance * s.polymer,
            "cells": s.cells * (births - deaths),
            "stellate": p.stellate_on * injury * s.tgfb * (1 - s.stellate)
            - p.stellate_off * s.stellate,
            "collagen": p.collagen_turnover * (1 + p.collagen_gain * s.stellate - s.collagen),
        },
    )


def circulation(s, made) -> dict:
    p = BLOOD
    removal = {"M": 1.0, "Z": p.elimination_ratio_Z, "S": p.elimination_ratio_S}
    rates = {}
    for kind in KINDS:
        plasma, tissue = getattr(s, f"plasma_{kind}"), getattr(s, f"tissue_{kind}")
        exchange = p.tissue_return * (p.tissue_ratio * plasma - tissue)
        rates[f"plasma_{kind}"] = made[kind] - p.elimination * removal[kind] * plasma - exchange
        rates[f"tissue_{kind}"] = exchange
    return rates


def predicted(volume: str, person: Person, age) -> float:
    sex = "male" if person.male else "female"
    constant, height, slope = (
        getattr(LUNG, f"predicted_{volume}_{sex}_{what}") for what in ("constant", "height", "age")
    )
    return constant + height * person.height + slope * age


def lung(s, person: Person, age) -> SimpleNamespace:
    """Return what the lung is and how it moves at an age in years."""
    p, packs = LUNG, person.smokes(age)
    activity = {"M": 1.0, "Z": BLOOD.activity_Z, "S": BLOOD.activity_S}
    speed = {"M": 1.0, "Z": BLOOD.rate_Z, "S": BLOOD.rate_S}
    lining = {kind: p.lining_ratio * getattr(s, f"plasma_{kind}") for kind in KINDS}
    inhibition = sum(p.association * activity[k] * speed[k] * lining[k] for k in KINDS)
    inhibition = inhibition / (1 + p.oxidation * (s.oxidants - 1))
    released = s.neutrophils + p.macrophage_release * (s.macrophages - 1)
    elastase = released * np.exp(-inhibition * p.near_delay)
    footprint = p.footprint_scale * elastase * np.exp(-inhibition * (p.far_delay - p.near_delay))

    kept = s.elastin / np.exp(-p.healthy_elastolysis * DAYS * (age - p.adult_age))
    patency = p.patency_floor + (1 - p.patency_floor) * s.airways_open
    steep = p.chemokine_steepness
    chemokines = elastase**steep / (elastase**steep + p.chemokine_half**steep)
    drive = (
        p.polymer_follows_serum * s.plasma_Z / p.reference_serum_Z
        + (1 - p.polymer_follows_serum) * person.alleles["Z"] / 2
    )
    polymer = (
        p.polymer_offset * p.near_delay * p.association * p.lining_ratio
        * BLOOD.activity_Z * BLOOD.rate_Z * p.reference_serum_Z * drive
    )  # fmt: skip
    calming = s.il10**-IMMUNITY.calming
    drawn = years(p.lung_years_spread, person.lung_course) * calming * (1 + polymer) * (
        1 + p.chemokine_recruitment * chemokines
        + p.damage_recruitment * soft(1 - kept, p.loss_corner) + p.airway_recruitment * (1 - patency)
        + p.smoking_recruitment * packs + p.acute_recruitment * s.inflammation
    )  # fmt: skip
    attracted = drawn / (1 + (drawn - 1) / p.neutrophils_most)
    strained = 1 + p.strain * (1 - kept) ** 2
    loss = (p.elastin_ageing + p.elastin_attack * elastase * strained) * s.elastin

    burden = p.airway_elastase * (elastase - p.healthy_free_elastase)
    burden = burden + (1 - p.airway_elastase) * (s.neutrophils - p.healthy_neutrophils)
    excess = soft(burden - p.burden_harmless, p.burden_corner)
    excess = excess / (1 + excess / p.burden_most)
    smoke = p.airway_smoking * packs * (1 + p.smoking_sensitivity * elastase)
    harm = years(p.airway_years_spread, person.airway_course) * (p.airway_attack * excess + smoke)
    harm = harm * (1 + p.airway_progression * (1 - s.airways_open))
    narrowing = harm / (1 + harm / p.airway_loss_most)

    held = p.ageing_start + soft(age - p.ageing_start, p.ageing_onset)
    norm = predicted("fev1", person, held)
    young = predicted("fev1", person, p.ageing_start)
    healthy = young - p.ageing_share * (young - norm)
    fev1 = healthy * p.fev1_spread * (1 - p.recoil_share * (1 - kept) ** 2) * patency
    fev1 = fev1 * np.exp(p.tone_spread * s.tone)
    share = fev1 / norm
    kco = p.kco_young * (p.kco_floor + (1 - p.kco_floor) * s.elastin**p.kco_exponent)
    impairment = 1 - (share + kco / p.kco_young) / 2
    return SimpleNamespace(
        capacity_total=sum(activity[k] * lining[k] for k in KINDS) + p.other_inhibitors,
        inhibition=inhibition,
        free_elastase=elastase,
        footprint=footprint,
        patency=patency,
        density=p.density_tissue
        + (p.density_young - p.density_tissue) * s.elastin
        + p.density_smoking * packs,
        fev1=fev1,
        share=share,
        fev1_fvc=predicted("fev1", person, held)
        / predicted("fvc", person, held)
        * np.exp((1 - p.fvc_exponent) * (np.log(share) - soft(np.log(share), p.corner))),
        kco=kco,
        saturation=p.saturation_full - p.saturation_fall * soft(impairment, p.corner) ** 2,
        polymer_drive=drive,
        rates={
            "neutrophils": p.neutrophil_turnover * (attracted - s.neutrophils),
            "macrophages": p.macrophage_turnover
            * (
                1
                + p.macrophage_neutrophil * (s.neutrophils - 1)
                + p.macrophage_smoking * packs
                - s.macrophages
            ),
            "tone": p.tone_turnover * (person.month - s.tone),
            "elastin": -loss,
            "airways_open": -narrowing * s.airways_open ** (1 + p.airway_resistance),
            "desmosine": p.desmosine_turnover
            * (p.desmosine_rest + p.desmosine_yield * DAYS * loss - s.desmosine),
        },
    )


def immunity(s, packs) -> dict:
    p, beyond = IMMUNITY, s.neutrophils - 1
    il10 = 1 + p.il10_response * s.inflammation + LUNG.il10_neutrophils * beyond
    oxidants = (
        1
        + p.oxidant_smoking * packs
        + p.oxidant_inflammation * s.inflammation
        + LUNG.oxidant_neutrophils * beyond
    )
    return {
        "inflammation": -p.inflammation_decay * s.inflammation,
        "crp": p.crp_turnover * (p.crp_rest * (1 + p.crp_gain * s.inflammation) - s.crp),
        "il10": p.cytokine_turnover * (il10 - s.il10),
        "tgfb": p.cytokine_turnover * (1 + p.tgfb_response * s.inflammation - s.tgfb),
        "oxidants": p.oxidant_turnover * (oxidants - s.oxidants),
    }


def wellbeing(s, person: Person, age, air, reserve) -> SimpleNamespace:
    p = WELL
    missed = soft(1 - air.share, p.corner)
    crp = np.log10(1 + s.crp / p.crp_unit)
    logit = p.sgrq_rest + p.sgrq_person + p.sgrq_airflow * missed
    logit = logit + p.sgrq_transfer * (1 - air.kco / LUNG.kco_young)
    logit = logit + p.sgrq_exacerbations * np.log(1 + s.recent)
    logit = logit + p.sgrq_age * (age - p.reference_age)
    sgrq = p.sgrq_range / (1 + np.exp(-logit))
    tired = p.fatigue_airflow * missed + p.fatigue_inflammation * crp
    tired = tired + p.fatigue_liver * (1 - reserve)
    strong = 1 - p.muscle_airflow * missed - p.muscle_inflammation * s.inflammation
    walk = p.walk_healthy - p.walk_age * (age - p.reference_age) - p.walk_airflow * missed
    return SimpleNamespace(
        sgrq=sgrq,
        walk=walk * s.strength,
        utility=p.utility_rest
        - p.utility_sgrq * sgrq
        - p.utility_sgrq_squared * sgrq**2
        + p.utility_male * person.male,
        rates={
            "recent": -p.memory * s.recent,
            "fatigue": p.fatigue_turnover * (tired - s.fatigue),
            "strength": p.muscle_turnover * (strong - s.strength),
        },
    )


def exacerbation_rate(s, air, person: Person, packs):
    p = EVENTS
    made = person.alleles["M"] + person.alleles["S"]
    drive = p.exacerbation_rate * (1 + p.exacerbation_genotype * (1 - made / 2))
    drive = drive * np.exp(
        p.exacerbation_smoking * packs + p.exacerbation_bronchiectasis * person.bronchiectasis
    )
    drive = drive * (1 + p.exacerbation_airflow * soft(1 - air.share, WELL.corner))
    drive = drive * (1 + s.recent) ** p.exacerbation_recent
    return drive / (1 + drive / p.exacerbation_most)


def deaths_and_ends(organ, air, person: Person, age, packs) -> dict:
    """Return rates a day of death and of the ends of a cirrhosis."""
    p, c = EVENTS, CIRRHOSIS
    beyond = organ.severity - c.stage_cirrhosis
    cirrhotic = 1 / (1 + np.exp(-c.steepness * beyond))
    other = p.mortality_growth * (age - p.reference_age)
    other = other + p.mortality_male * person.male + p.mortality_smoking * packs
    growth = c.carcinoma_age * (age - c.reference_age) + c.carcinoma_male * person.male
    a_year = {
        "events.death_other": p.mortality_50 * np.exp(other),
        "events.death_lung": p.mortality_lung * np.exp(-p.mortality_lung_steepness * air.share**2),
        "cirrhosis.decompensation_rate": c.decompensation
        * cirrhotic
        * np.exp(c.decompensation_growth * beyond),
        "cirrhosis.carcinoma_rate": c.carcinoma * cirrhotic * np.exp(growth),
    }
    return {name: rate / DAYS for name, rate in a_year.items()}


def rates_of(state, person: Person, age) -> np.ndarray:
    s = SimpleNamespace(**dict(zip(STATES, state, strict=True)))
    organ, air = liver(s, person, age), lung(s, person, age)
    well = wellbeing(s, person, age, air, organ.reserve)
    rates = circulation(s, organ.made) | organ.rates | air.rates | well.rates
    rates |= immunity(s, person.smokes(age))
    return np.array([rates[name] for name in STATES])


def after_exacerbation(state: np.ndarray) -> np.ndarray:
    s = dict(zip(STATES, state, strict=True))
    s["inflammation"] += EVENTS.exacerbation_inflammation
    s["airways_open"] *= 1 - EVENTS.exacerbation_airflow_loss
    s["recent"] += 1
    return np.array(list(s.values()))


def course(person: Person, ages: np.ndarray, exacerbations: Sequence[float]) -> np.ndarray:
    """Return every state at ages in years: a life in stretches between exacerbations (ages too)."""
    state, begin, parts = np.array(list(STATES.values())), person.start, []
    for end in [*exacerbations, np.inf]:
        inside = ages[(ages >= begin) & (ages < end)]
        until = min(end, ages[-1])
        stretch = solve_ivp(
            lambda t, y: rates_of(y, person, person.start + t / DAYS),
            ((begin - person.start) * DAYS, (until - person.start) * DAYS),
            state,
            t_eval=(np.union1d(inside, until) - person.start) * DAYS,
            method="LSODA",
            rtol=1e-8,
            atol=1e-10,
        )
        parts.append(stretch.y[:, : inside.size])
        state, begin = after_exacerbation(stretch.y[:, -1]), end
    return np.concatenate(parts, axis=1)


def live(person: Person, ages: np.ndarray, exacerbations: Sequence[float] = ()) -> dict:
    """Return every output of a person at ages in years."""
    s = SimpleNamespace(**dict(zip(STATES, course(person, ages, exacerbations), strict=True)))
    organ, air, packs = liver(s, person, ages), lung(s, person, ages), person.smokes(ages)
    well = wellbeing(s, person, ages, air, organ.reserve)
    p = LIVER
    number = p.number * (person.weight / p.reference_weight) ** p.weight_exponent

    def enzyme(name):
        of = dict.fromkeys(("normal", "gain", "fibrosis", "alcohol"), 0.0)
        of |= {what: getattr(p, f"{name}_{what}", 0.0) for what in of}
        rise = of["gain"] * organ.stress + of["fibrosis"] * organ.severity
        return of["normal"] * (1 + rise + of["alcohol"] * person.alcohol)

    return deaths_and_ends(organ, air, person, ages, packs) | {
        "circulation.serum_aat": s.plasma_M + s.plasma_Z + s.plasma_S,
        "circulation.functional_aat": s.plasma_M
        + BLOOD.activity_Z * s.plasma_Z
        + BLOOD.activity_S * s.plasma_S,
        "circulation.acute_phase": acute_phase(s),
        "lung.capacity_total": air.capacity_total,
        "lung.inhibition": air.inhibition,
        "lung.free_elastase": air.free_elastase,
        "lung.neutrophils": s.neutrophils,
        "lung.macrophages": s.macrophages,
        "lung.elastin": s.elastin,
        "lung.density": air.density,
        "lung.airway_patency": air.patency,
        "lung.fev1": air.fev1,
        "lung.fev1_fvc": air.fev1_fvc,
        "lung.kco": air.kco,
        "lung.saturation": air.saturation,
        "lung.desmosine": s.desmosine,
        "lung.urinary_desmosine": LUNG.desmosine_urine * s.desmosine / LUNG.desmosine_rest,
        "lung.footprint": air.footprint,
        "immunity.crp": s.crp,
        "immunity.il10": s.il10,
        "immunity.tgfb": s.tgfb,
        "immunity.oxidative_stress": s.oxidants,
        "liver.stiffness": p.stiffness_normal * s.collagen**p.stiffness_exponent,
        "liver.fibrosis_stage": bent(organ.severity, p.last_metavir, p.scale_sharpness),
        "liver.ishak_stage": bent(
            p.ishak_of_metavir * organ.severity, p.last_ishak, p.scale_sharpness
        ),
        "liver.globule_score": p.last_globules * s.polymer / (s.polymer + p.globules_half),
        "liver.alt": enzyme("alt"),
        "liver.ast": enzyme("ast"),
        "liver.ggt": enzyme("ggt"),
        "liver.polymer_total": s.polymer * s.cells,
        "liver.number": np.full(ages.size, number),
        "liver.occupancy": s.cells,
        "liver.reserve": organ.reserve,
        "liver.albumin": p.albumin_normal * organ.reserve**p.albumin_exponent,
        "portal.pressure": PORTAL.normal + PORTAL.fibrosis * (s.collagen - 1),
        "wellbeing.fatigue": s.fatigue,
        "wellbeing.strength": s.strength,
        "wellbeing.sgrq": well.sgrq,
        "wellbeing.walk": well.walk,
        "wellbeing.utility": well.utility,
        "events.exacerbation_rate": exacerbation_rate(s, air, person, packs),
    }
