"""A value that several threads ask for is made once, and all get the same."""

import contextlib
from concurrent.futures import ThreadPoolExecutor
from time import sleep

import pytest

from antitrypsim.foundations.once import Once

pytestmark = pytest.mark.law


def test_many_threads_make_a_value_once_and_all_get_it():
    made, once = [], Once()

    def make():
        sleep(0.01)
        made.append(1)
        return object()

    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(lambda _: once.get("key", make), range(40)))
    assert len(made) == 1
    assert len(set(map(id, found))) == 1


def test_a_failure_is_not_kept_and_keys_are_apart():
    once = Once()
    with contextlib.suppress(ZeroDivisionError):
        once.get(1, lambda: 1 / 0)
    assert once.get(1, lambda: "one") == "one"
    assert once.get(2, lambda: "two") == "two"
    assert once.get(1, lambda: "other") == "one"
