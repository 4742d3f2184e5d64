import pytest

from antitrypsim.foundations import errors
from antitrypsim.foundations.errors import AntitrypsimError, nearest

pytestmark = pytest.mark.contract


@pytest.mark.parametrize(
    ("place", "sentence"),
    [
        ({}, "wrong"),
        ({"path": "a.toml"}, "a.toml: wrong"),
        ({"path": "a.toml", "line": 3}, "a.toml:3: wrong"),
        ({"line": 3}, "line 3: wrong"),
        ({"key": "dose"}, "'dose': wrong"),
        ({"path": "a.toml", "line": 3, "key": "dose"}, "a.toml:3: 'dose': wrong"),
    ],
)
def test_an_error_is_a_sentence_with_its_place(place, sentence):
    assert str(AntitrypsimError("wrong", **place)) == sentence


def family(kind=AntitrypsimError):
    return [kind, *(below for child in kind.__subclasses__() for below in family(child))]


def test_each_error_has_a_code_of_its_own():
    ours = [kind for kind in family() if kind.__module__ == errors.__name__]
    assert len({kind.code for kind in ours}) == len(ours)


def test_exit_codes():
    for name in ("InputError", "UnitError", "ProtocolError", "EvidenceError", "ModelError"):
        assert getattr(errors, name)("x").exit_code == 2
        assert issubclass(getattr(errors, name), errors.InputError)
    for name in ("RunError", "Cancelled"):
        assert getattr(errors, name)("x").exit_code == 1
        assert not issubclass(getattr(errors, name), errors.InputError)


def test_the_nearest_word():
    assert nearest("mcs", ("msc", "lung")) == "; did you mean 'msc'?"
    assert nearest("zzzz", ("msc", "lung")) == ""
