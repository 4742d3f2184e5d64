from __future__ import annotations

import pytest

from antitrypsim.engine.compile import compile_model
from tests.engine.sketch import standin


@pytest.fixture(scope="session")
def model():
    return standin()


@pytest.fixture(scope="session")
def kernel(model):
    return compile_model(model, backend="llvm")


@pytest.fixture(scope="session")
def portable(model):
    return compile_model(model, backend="portable")
