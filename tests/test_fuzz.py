"""A small part of tests/fuzz.py: damaged files are run, or refused in a sentence."""

import pytest

from tests import fuzz

pytestmark = pytest.mark.contract


CHECKED, RUN = 40, 4


@pytest.mark.law
@pytest.mark.parametrize("what", ["protocols", "designs"])
def test_damage_is_the_same_for_the_same_seed(what):
    one, other = (list(fuzz.mutants(what, 8, 7)) for _ in range(2))
    assert repr(one) == repr(other)
    assert repr(one) != repr(list(fuzz.mutants(what, 8, 8)))


def test_damaged_protocols_are_checked_or_refused_in_a_sentence(tmp_path):
    bad, accepted = {}, 0
    for name, data, said in fuzz.mutants("protocols", CHECKED, 1):
        verdict = fuzz.judge("protocols", name, data, tmp_path, only_check=True)
        accepted += verdict.kind == "run"
        if verdict.bad:
            bad[f"{name}: {said}"] = verdict
    assert not bad
    assert 0 < accepted < CHECKED, "some damage matters, some does not"


@pytest.mark.parametrize("what", ["protocols", "designs"])
def test_damaged_files_run_or_are_refused(what, tmp_path):
    bad = {}
    for name, data, said in fuzz.mutants(what, RUN, 2):
        # What is claimed is worked backwards, half a minute of processor time each.
        if "claimed-" in name:
            continue
        verdict = fuzz.judge(what, name, data, tmp_path)
        if verdict.bad:
            bad[f"{name}: {said}"] = verdict
    assert not bad
