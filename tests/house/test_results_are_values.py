"""Results, settings and questions are values: what was computed cannot be changed afterwards."""

import dataclasses
import importlib
import pkgutil

import pytest

import antitrypsim

pytestmark = pytest.mark.contract

ROOMS = ("experiments", "foundations", "laboratory", "simulation", "trials", "uncertainty")
GROWING = {"_Run"}
"""What is filled step by step, inside one question."""


def data_classes():
    """Yield every class of these rooms that only holds what it is given."""
    for room in ROOMS:
        package = importlib.import_module(f"antitrypsim.{room}")
        for module in pkgutil.walk_packages(package.__path__, f"antitrypsim.{room}."):
            for one in vars(importlib.import_module(module.name)).values():
                if isinstance(one, type) and dataclasses.is_dataclass(one):
                    yield one


def test_results_cannot_be_changed():
    found = set(data_classes())
    assert {antitrypsim.Settings, antitrypsim.Trial} <= found
    assert {one.__name__ for one in found if not one.__dataclass_params__.frozen} == GROWING
