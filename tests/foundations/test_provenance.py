import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from antitrypsim.foundations.provenance import content_hash, versions

pytestmark = pytest.mark.law


plain = st.dictionaries(st.text(max_size=5), st.integers() | st.floats() | st.text(), max_size=6)


@given(plain, st.randoms(use_true_random=False))
def test_the_order_of_keys_does_not_count(data, shuffler):
    keys = list(data)
    shuffler.shuffle(keys)
    shuffled = {key: data[key] for key in keys}
    assert content_hash({"in": data}) == content_hash({"in": shuffled})


def test_the_order_of_a_list_counts():
    assert content_hash([1, 2]) != content_hash([2, 1])


def test_arrays_count_by_value_shape_and_type():
    base = np.arange(6.0)
    changed = base.copy()
    changed[3] += 1e-12
    others = [changed, base.reshape(2, 3), base.astype(np.float32)]
    hashes = {content_hash({"x": x}) for x in [base, *others]}
    assert len(hashes) == 4
    assert content_hash(base) == content_hash(base.copy())
    assert content_hash(base[::2]) == content_hash(np.array([0.0, 2.0, 4.0]))


def test_arrays_of_text_count_by_their_words():
    def words(*numbers):
        # Made anew each time, so that only what they say can be alike.
        return np.array([f"word {n}" for n in numbers], dtype=object)

    assert content_hash(words(1, 2)) == content_hash(words(1, 2))
    assert content_hash(words(1, 2)) != content_hash(words(1, 3))


def test_numpy_numbers_are_numbers():
    assert content_hash({"n": np.int64(3)}) == content_hash({"n": 3})


def test_a_set_hashes_alike_in_every_process():
    words = ["liver", "lung", "immunity", "events", "circulation"]
    script = (
        "from antitrypsim.foundations.provenance import content_hash;"
        f"print(content_hash(set({words!r})))"
    )
    found = {
        subprocess.run(
            [sys.executable, "-c", script],
            env={"PYTHONHASHSEED": seed},
            capture_output=True,
            text=True,
            check=True,
        ).stdout.strip()
        for seed in ("1", "2", "3")
    }
    assert found == {content_hash(set(words))}


@pytest.mark.contract
def test_versions_name_what_can_move_a_number():
    found = versions()
    assert {"antitrypsim", "python", "numpy", "sympy", "llvmlite"} <= set(found)
    assert "absent" not in {found["numpy"], found["sympy"]}
