"""One of something is told as one."""

from __future__ import annotations

import pytest

from antitrypsim.foundations.plural import so_many, verb, were

pytestmark = pytest.mark.contract


def test_one_is_one_and_many_are_many():
    assert [so_many(n, "design") for n in (0, 1, 2, 1200)] == [
        "0 designs", "1 design", "2 designs", "1,200 designs",
    ]  # fmt: skip
    assert [so_many(n, "person", "people") for n in (1, 3)] == ["1 person", "3 people"]
    assert [were(n) for n in (0, 1, 2)] == ["were", "was", "were"]


@pytest.mark.parametrize(("count", "said"), [(0, "are"), (1, "is"), (2, "are")])
def test_a_verb_fits_its_number(count, said):
    assert verb(count, "is", "are") == said
