"""Models for tests of the engine, drawn directly: no units, no modules, no evidence."""

from __future__ import annotations

import numpy as np
import sympy

from antitrypsim.engine.kernel import Batch
from antitrypsim.evidence import Parameter, Spread
from antitrypsim.modelling.handles import AGE, Covariate, Input, Param, Quantity, State
from antitrypsim.modelling.model import DoseLine, HazardLine, Model, QuantityLine, StateLine
from antitrypsim.modelling.words import dose_amount, hill

AMOUNT = dose_amount("1")
NONE = Spread("none", reason="a test")


class Sketch:
    """Collects lines and makes a model of them."""

    def __init__(self) -> None:
        self.states: dict[str, list] = {}
        self.quantities: list[QuantityLine] = []
        self.doses: list[DoseLine] = []
        self.hazards: list[HazardLine] = []
        self.inputs: list[Input] = []
        self.covariates: list[Covariate] = []
        self.parameters: list[Parameter] = []

    def param(self, name: str, value: float) -> Param:
        self.parameters.append(
            Parameter(name, "t", float(value), "1", name, NONE, NONE, "assumed", ())
        )
        return Param(f"t.{name}", "1", name)

    def covariate(self, name: str) -> Covariate:
        self.covariates.append(Covariate(f"t.{name}", "1", name))
        return self.covariates[-1]

    def input(self, name: str) -> Input:
        self.inputs.append(Input(f"t.{name}", "1", name))
        return self.inputs[-1]

    def state(self, name: str, initial=0.0, scale: float = 1.0) -> State:
        handle = State(f"t.{name}", "1", name, scale=scale)
        self.states[handle.name] = [handle, sympy.Integer(0), sympy.sympify(initial)]
        return handle

    def rate(self, state: State, rate) -> None:
        self.states[state.name][1] = sympy.sympify(rate)

    def quantity(self, name: str, expression) -> Quantity:
        handle = Quantity(f"t.{name}", "1", name)
        self.quantities.append(QuantityLine(handle, sympy.sympify(expression), "t"))
        return handle

    def dose(self, name: str, jumps: dict) -> None:
        pairs = tuple((s, sympy.sympify(e)) for s, e in jumps.items())
        self.doses.append(DoseLine(name, name, "iv", "1", pairs, "t", name, None, ""))

    def hazard(self, name: str, rate, jumps: dict | None = None, *, ends: bool = False) -> State:
        accumulator = self.state(f"{name}_hazard")
        self.rate(accumulator, rate)
        pairs = tuple((s, sympy.sympify(e)) for s, e in (jumps or {}).items())
        self.hazards.append(
            HazardLine(name, sympy.sympify(rate), accumulator, pairs, ends, "t", name)
        )
        return accumulator

    def model(self) -> Model:
        return Model(
            modules=(("t", "test"),),
            states=tuple(StateLine(h, r, i, "t") for h, r, i in self.states.values()),
            quantities=tuple(self.quantities),
            doses=tuple(self.doses),
            hazards=tuple(self.hazards),
            inputs=tuple(self.inputs),
            covariates=tuple(self.covariates),
            parameters=tuple(self.parameters),
            effects=(),
        )


def typical(model: Model, rows: int, spread: float = 0.0, seed: int = 0) -> np.ndarray:
    """Constants of ``rows`` patients: typical values times lognormal noise."""
    values = np.array([p.value for p in model.parameters] + [1.0] * len(model.covariates))
    noise = np.random.default_rng(seed).normal(0, 1, (rows, len(values)))
    return values * np.exp(spread * noise)


def standin() -> Model:
    """Thirty-odd states: weekly products, cytokines of hours, liver and lung of years."""
    s = Sketch()
    p = s.param
    weight = s.covariate("weight")
    smoking, infusion = s.input("smoking"), s.input("infusion")
    year = 365.25

    # Two therapeutic proteins and a vesicle product: central, peripheral, target.
    protein = s.state("protein", scale=1.0)
    tissue = s.state("tissue", scale=1.0)
    ke, k12, k21 = p("ke", 0.15), p("k12", 0.6), p("k21", 0.5)
    s.rate(protein, infusion - ke * protein - k12 * protein + k21 * tissue)
    s.rate(tissue, k12 * protein - k21 * tissue)
    vesicle = s.state("vesicle", scale=0.5)
    vesicle_lung = s.state("vesicle_lung", scale=0.1)
    vesicle_liver = s.state("vesicle_liver", scale=0.1)
    uptake = p("uptake", 8.0)
    s.rate(vesicle, -uptake * vesicle / (1 + vesicle / p("uptake_half", 2.0)))
    s.rate(vesicle_lung, 0.2 * uptake * vesicle - p("lung_loss", 0.7) * vesicle_lung)
    s.rate(vesicle_liver, 0.6 * uptake * vesicle - p("liver_loss", 1.1) * vesicle_liver)
    message = s.state("message", scale=0.1)
    product = s.state("product", scale=0.1)
    s.rate(message, -p("message_loss", 1.7) * message)
    s.rate(product, p("translate", 2.0) * message - p("product_loss", 0.25) * product)

    # Liver: polymer, injury, three kinds of hepatocyte, fibrosis.
    kinds = {"zz": (0.0, 0.9), "edited": (0.35, 0.02), "donor": (1.0, 0.0)}
    cells = {
        k: s.state(f"cells_{k}", v, 0.1)
        for k, v in (("zz", 0.98), ("edited", 0.0), ("donor", 0.02))
    }
    polymer = {k: s.state(f"polymer_{k}", load, 0.1) for k, (_, load) in kinds.items()}
    fibrosis = s.state("fibrosis", 0.05, 0.1)
    occupancy = s.quantity("occupancy", sum(cells.values()))
    stress = {
        k: s.quantity(
            f"stress_{k}", hill(polymer[k], p(f"stress_half_{k}", 1.0), p(f"stress_n_{k}", 2.4))
        )
        for k in kinds
    }
    growth, death, edit = p("growth", 0.02), p("death", 0.004), p("editing", 0.02)
    for k, (good, _) in kinds.items():
        editing = edit * vesicle_liver * cells["zz"]
        sign = {"zz": -1, "edited": 1, "donor": 0}[k]
        s.rate(
            cells[k],
            growth * cells[k] * (1 - occupancy)
            - death * (1 + 4 * stress[k]) * cells[k]
            + sign * editing,
        )
        s.rate(
            polymer[k],
            p(f"make_{k}", 0.02) * (1 - good)
            - p(f"clear_{k}", 0.015) * polymer[k] / (0.5 + polymer[k]),
        )
    injury = s.quantity("injury", sum(stress[k] * cells[k] for k in kinds))
    s.rate(fibrosis, 0.0008 * injury * (1 - fibrosis) - 0.0004 * fibrosis * sympy.sqrt(fibrosis))
    secretion = s.quantity(
        "secretion",
        (cells["zz"] * 0.15 + cells["edited"] * 0.6 + cells["donor"]) * (1 - fibrosis) + product,
    )
    own = s.state("own", 5.0, 1.0)
    own_tissue = s.state("own_tissue", 4.0, 1.0)
    s.rate(
        own,
        p("secrete", 9.0) * secretion * (weight) ** p("allometry", -0.25)
        - 0.17 * own
        - 0.5 * own
        + 0.45 * own_tissue,
    )
    s.rate(own_tissue, 0.5 * own - 0.45 * own_tissue)

    # Immunity: cytokines of hours, tolerance of weeks.
    il6, tnf, il8 = (s.state(n, v, 0.1) for n, v in (("il6", 0.3), ("tnf", 0.2), ("il8", 0.2)))
    neutrophils, lung_neutrophils = (
        s.state("neutrophils", 1.0),
        s.state("lung_neutrophils", 1.0, 0.5),
    )
    antibody = s.state("antibody", 0.01, 0.1)
    danger = s.quantity("danger", 0.3 * vesicle + 0.8 * message + 0.5 * injury + 0.2 * smoking)
    inhibition = s.quantity(
        "inhibition", 1 / (1 + (own + protein + tissue) / p("inhibit_half", 12.0))
    )
    s.rate(tnf, p("tnf_make", 12.0) * (danger + 0.05) * inhibition - p("tnf_loss", 16.0) * tnf)
    s.rate(
        il6,
        p("il6_make", 5.0) * hill(tnf, p("il6_half", 0.4), p("il6_n", 1.7))
        + 0.5
        - p("il6_loss", 7.0) * il6,
    )
    s.rate(
        il8, p("il8_make", 6.0) * tnf / (1 + il6) + 0.4 * smoking + 0.3 - p("il8_loss", 9.0) * il8
    )
    s.rate(antibody, 0.02 * protein * hill(il6, 0.6, 3) - 0.01 * antibody)
    s.rate(neutrophils, p("marrow", 1.3) * (1 + il6) - 1.4 * neutrophils)
    s.rate(lung_neutrophils, 2.0 * neutrophils * il8 - 0.9 * lung_neutrophils)

    # Lung: elastase burden, elastin, tissue, repair.
    free = s.quantity(
        "free_elastase", lung_neutrophils / (0.4 + own_tissue + tissue + 0.8 * vesicle_lung)
    )
    elastin, alveoli, mucus = (
        s.state("elastin", 1.0),
        s.state("alveoli", 1.0),
        s.state("mucus", 0.2, 0.1),
    )
    fev, score = s.state("fev", 0.8), s.state("score", 40.0, 10.0)
    ageing = s.quantity("ageing", sympy.exp(p("age_slope", 0.03) * (AGE / year - 50)))
    s.rate(elastin, 2e-4 * (1 - elastin) - p("digest", 1.2e-4) * free * elastin * ageing)
    s.rate(
        alveoli, -p("loss", 8e-5) * (1 + 2 * free) * alveoli + 5e-5 * vesicle_lung * (1 - alveoli)
    )
    s.rate(mucus, 0.4 * il8 + 0.1 * smoking - 0.5 * mucus)
    s.rate(fev, 0.3 * (alveoli * elastin ** p("recoil", 0.6) / (1 + 0.5 * mucus) - fev))
    s.rate(score, 0.05 * (80 * sympy.tanh(1.2 * (1 - fev)) - score))
    burden = s.state("burden", 0.0, 10.0)
    s.rate(burden, free)
    rate = s.quantity(
        "exacerbation", p("exacerbate", 1.0 / year) * sympy.exp(1.5 * (0.8 - fev)) * (1 + il8)
    )
    s.hazard("exacerbation", rate, {alveoli: -0.01 * alveoli, tnf: 0.8, mucus: 0.3})
    s.hazard(
        "death",
        p("mortality", 0.004 / year) * ageing * (1 + 6 * (1 - fev)) * (1 + fibrosis),
        ends=True,
    )

    s.dose("protein", {protein: AMOUNT / weight, il6: 0.02 * AMOUNT * antibody})
    arrives = sympy.Piecewise((AMOUNT * (1 - fibrosis), fibrosis < 0.6), (0.4 * AMOUNT, True))
    s.dose("vesicle", {vesicle: arrives, tnf: 0.1 * AMOUNT})
    s.dose("message", {message: sympy.Min(AMOUNT, 2.0) * sympy.exp(-antibody)})
    return s.model()


def weekly(model: Model, rows: int, years: float = 10.0, seed: int = 1, **options) -> Batch:
    """Weekly doses at times of each patient's own, inputs that switch, visits, thresholds."""
    rng = np.random.default_rng(seed)
    start = rng.uniform(40, 60, rows) * 365.25
    end = start + years * 365.25
    inputs = len(model.inputs)
    times, codes, values, samples = [], [], [], []
    for r in range(rows):
        given = np.arange(start[r] + rng.uniform(0, 7), end[r], 7.0)
        given = np.sort(given + rng.uniform(-0.7, 0.7, len(given)))
        given = given[(given > start[r]) & (given < end[r])]
        what = (
            np.full(len(given), rng.integers(0, 3))
            if rng.random() < 0.8
            else rng.integers(0, 3, len(given))
        )
        amount = rng.uniform(0.5, 2.0) * np.ones(len(given))
        switch = np.sort(rng.uniform(start[r], end[r], 4))
        which = rng.integers(0, inputs, 4)
        t = np.concatenate([given, switch])
        order = np.argsort(t, kind="stable")
        times.append(t[order])
        codes.append(np.concatenate([what, -1 - which])[order])
        values.append(np.concatenate([amount, rng.integers(0, 2, 4)])[order])
        samples.append(np.linspace(start[r], end[r], 41))
    lengths = [len(t) for t in times]
    thresholds = rng.exponential(1, (rows, len(model.hazards), 200))
    return Batch(
        constants=options.pop("constants", typical(model, rows, 0.1, seed)),
        start=start,
        end=end,
        event_offsets=np.concatenate([[0], np.cumsum(lengths)]),
        event_times=np.concatenate(times),
        event_codes=np.concatenate(codes).astype(np.int32),
        event_values=np.concatenate(values),
        sample_offsets=np.arange(rows + 1) * 41,
        sample_times=np.concatenate(samples),
        thresholds=options.pop("thresholds", thresholds),
        **options,
    )
