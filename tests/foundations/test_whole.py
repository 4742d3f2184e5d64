"""Whole numbers that a caller gives, and where the cache may lie."""

import numpy as np
import pytest

from antitrypsim.foundations import cache
from antitrypsim.foundations.arguments import whole
from antitrypsim.foundations.errors import InputError

pytestmark = pytest.mark.contract


def test_a_whole_number_is_taken_and_nothing_else():
    assert whole(np.int64(3), "seed") == 3
    for value in (1.5, "a", True, None, float("nan")):
        with pytest.raises(InputError, match="'seed' must be a whole number, not"):
            whole(value, "seed")
    with pytest.raises(InputError, match="'chunk' must be a whole number from 1 on, not '0'"):
        whole(0, "chunk", 1)


def test_a_file_is_no_cache(tmp_path, monkeypatch):
    file = tmp_path / "file"
    file.write_text("")
    monkeypatch.setenv("ANTITRYPSIM_CACHE", str(file))
    with pytest.raises(InputError, match="ANTITRYPSIM_CACHE names this, which is no folder"):
        cache.read("key")
    monkeypatch.setenv("ANTITRYPSIM_CACHE", str(tmp_path / "not yet"))
    assert cache.read("key") is None
