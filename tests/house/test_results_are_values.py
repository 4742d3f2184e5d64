"""Results, settings and questions are values: what was computed cannot be changed afterwards."""

import dataclasses
import importlib
import pkgutil

import pytest

import antitrypsim

pytestmark = pytest.mark.contract

ROOMS = ("experiments", "foundations", "laboratory", "simulation", "trials", "uncertainty")
GROWING = {"Places", "_Run"}
"""What is filled step by step, inside one question."""


def written_down():
    """Yield every class of these rooms that can be told as plain data."""
    for room in ROOMS:
        package = importlib.import_module(f"antitrypsim.{room}")
        for module in pkgutil.walk_packages(package.__path__, f"antitrypsim.{room}."):
            for one in vars(importlib.import_module(module.name)).values():
                if isinstance(one, type) and dataclasses.is_dataclass(one):
                    yield one


def test_results_cannot_be_changed():
    found = {one for one in written_down() if hasattr(one, "to_dict")}
    assert len(found) > 15
    assert {one.__name__ for one in found if not one.__dataclass_params__.frozen} - GROWING == set()
    assert antitrypsim.Settings in set(written_down())
