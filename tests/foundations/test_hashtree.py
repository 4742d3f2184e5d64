"""One hash of a row of items, however the row is cut."""

import hashlib
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from antitrypsim.foundations.errors import InputError
from antitrypsim.foundations.hashtree import joined, nodes_of, root

pytestmark = pytest.mark.law

ITEMS = st.lists(st.binary(max_size=4), min_size=1, max_size=70)


def leaves(items):
    return [hashlib.sha256(item).digest() for item in items]


def cut(row, places):
    edges = sorted({0, len(row), *(p % (len(row) + 1) for p in places)})
    return [(a, row[a:b]) for a, b in pairwise(edges)]


@given(ITEMS, st.lists(st.integers(0, 200), max_size=6), st.randoms())
def test_the_cut_and_the_order_of_parts_change_nothing(items, places, chance):
    row = leaves(items)
    parts = [nodes_of(part, first) for first, part in cut(row, places)]
    chance.shuffle(parts)
    found = root([node for part in parts for node in part], len(row))
    assert found == root(nodes_of(row, 0), len(row))


@given(ITEMS, st.integers(0, 69))
def test_one_changed_item_changes_the_hash(items, at):
    row = leaves(items)
    other = list(row)
    at %= len(row)
    other[at] = hashlib.sha256(other[at]).digest()
    assert root(nodes_of(row, 0), len(row)) != root(nodes_of(other, 0), len(row))


def test_a_longer_row_has_another_hash():
    row = leaves([b"a", b"b", b"a", b"b"])
    assert len({root(nodes_of(row[:n], 0), n) for n in range(1, 5)}) == 4


def test_a_part_keeps_few_nodes():
    assert len(nodes_of(leaves([b"x"] * 4096), 0)) == 1
    assert len(nodes_of(leaves([b"x"] * 4095), 1)) <= 24


def test_parts_that_are_missing_or_overlap_are_refused():
    row = leaves([b"a", b"b", b"c"])
    with pytest.raises(InputError, match="hold 2 of 3 items"):
        root(nodes_of(row[:2], 0), 3)
    with pytest.raises(InputError, match="do not follow each other at item 1"):
        root((*nodes_of(row[:1], 0), *nodes_of(row[2:], 2)), 3)
    with pytest.raises(InputError, match="do not follow"):
        root(joined((*nodes_of(row, 0), *nodes_of(row[1:2], 1))), 4)
