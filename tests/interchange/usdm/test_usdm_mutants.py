"""Any study that is wrong somewhere gives a draft or one sentence, and never anything else."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from antitrypsim.foundations.errors import InputError
from antitrypsim.interchange.usdm import draft_of, export_usdm
from tests.interchange.usdm.made import study

pytestmark = pytest.mark.law

BASES = (json.dumps(study()), export_usdm("silencing")[0])
VALUES = (
    None, 0, -1, 1.5, 1e308, "", "x", "P1D", "E1", "A1", [], {}, [None], {"a": 1}, True, "\x1b\n# : -",
    "P999999999999Y", "every 0 days", "at 0 days", "9" * 50,
)  # fmt: skip


def places(node, path=()):
    """List the paths of everything below a node."""
    pairs = (
        node.items()
        if isinstance(node, dict)
        else enumerate(node)
        if isinstance(node, list)
        else ()
    )
    return [found for key, value in pairs for found in ((*path, key), *places(value, (*path, key)))]


PLACES = tuple(places(json.loads(base)) for base in BASES)


@st.composite
def studies(draw):
    k = draw(st.integers(0, len(BASES) - 1))
    data = json.loads(BASES[k])
    for *above, last in draw(st.lists(st.sampled_from(PLACES[k]), min_size=1, max_size=4)):
        node = data
        try:
            for key in above:
                node = node[key]
            if draw(st.booleans()):
                node[last] = draw(st.sampled_from(VALUES))
            else:
                del node[last]
        except (KeyError, IndexError, TypeError):
            # What an earlier change took away.
            continue
    return json.dumps(data)


@given(text=studies())
@settings(max_examples=60, deadline=None)
def test_a_wrong_study_is_a_draft_or_a_sentence(text):
    told, draft = "", None
    try:
        draft = draft_of(text)
    except InputError as problem:
        told = str(problem)
    assert "\n" not in told
    assert "pydantic" not in told
    if draft is None:
        return
    assert draft.text().startswith("antitrypsim: 1\n")
    assert all(len(line) < 2000 for line in draft.loss.left_out)
