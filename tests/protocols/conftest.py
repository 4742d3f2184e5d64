from __future__ import annotations

from typing import Any

import pytest
from ruamel.yaml import YAML

BASE = """\
antitrypsim: 1
id: small
title: A small trial
question: Does it work?
context_of_use: A test.
role: demonstration
references:
  - {cite: Somebody 2020, identifier: NCT00000000}
population:
  genotype: {ZZ: 1.0}
  age: {mean: 54, sd: 8}
participants: 100
allocation: {active: 1, placebo: 1}
epochs:
  - {id: first, length: 12 months}
  - {id: second, length: 12 months}
arms:
  - id: active
    title: Active
    treatment:
      first:
        - product: augmentation
          route: intravenous
          dose: 60 mg/kg
          every: 1 week
  - id: placebo
    title: Placebo
visits:
  unit: months
  at:
    baseline: 0
    m12: 12
    m24: 24
assessments:
  - endpoint: density
    visits: all
  - endpoint: serum_aat
    visits: [baseline, m24]
  - endpoint: exacerbations
  - endpoint: death
dropout: {yearly: 0.1}
endpoints:
  primary:
    id: slope
    endpoint: density
    analysis: random-slope
    compare: [active, placebo]
  secondary:
    - id: survival
      endpoint: death
      analysis: log-rank
published:
  - endpoint: density
    measure: slope difference
    value: 0.74
    lower: 0.06
    unit: g/L/year
    fact: BIO-B27
"""


@pytest.fixture(scope="session")
def base() -> str:
    return BASE


@pytest.fixture
def plain() -> dict[str, Any]:
    return YAML(typ="safe", pure=True).load(BASE)
