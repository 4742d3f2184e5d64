"""Every test is of one kind, and the page says how many there are of each."""

from collections import Counter

import pytest

from tests import count

pytestmark = pytest.mark.contract


def test_every_test_is_of_one_kind(pytestconfig):
    assert pytestconfig.stash[count.COUNTED][1] == []


def test_the_page_tells_how_many_there_are(pytestconfig):
    counts, _ = pytestconfig.stash[count.COUNTED]
    files = {file.parent for file in count.HERE.rglob("test_*.py")}
    rooms = {count.room_of(folder / "x") for folder in files}
    if {room for room, _ in counts} != rooms or any("::" in one for one in pytestconfig.args):
        pytest.skip("only some of the tests were collected")
    told = count.on_page()
    # A few more or less are no news: 'python tests/count.py' counts them anew.
    far = {
        key: (told[key], counts[key])
        for key in counts | told
        if abs(told[key] - counts[key]) > 5 + 0.1 * counts[key]
    }
    assert not far


def test_a_count_is_read_back():
    counts = Counter({("engine", "law"): 3, (count.ELSEWHERE, "contract"): 1})
    text = count.table(counts)
    assert text.splitlines()[-1] == "| **all** | 0 | 3 | 1 | 0 |"
    assert text.splitlines()[2].startswith("| engine | 0 | 3 |")


class Node:
    """As much of a test, or of what is around it, as is looked at."""

    path, nodeid = count.HERE / "engine" / "test_x.py", "x"

    def __init__(self, *kinds, around=None):
        self.own_markers, self.around = [getattr(pytest.mark, kind).mark for kind in kinds], around

    def listchain(self):
        return [*([self.around] if self.around else []), self]


def test_a_test_of_two_kinds_or_none_is_seen():
    none, two, own = Node("skip"), Node("law", "contract"), Node("law", around=Node("contract"))
    assert count.counted([own]) == ({("engine", "law"): 1}, [])
    wrong = count.counted([none, two])[1]
    assert wrong == ["x is of no kind", "x is contract and law"]
