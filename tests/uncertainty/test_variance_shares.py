"""Shares of variance, against functions of normals whose shares are known exactly."""

import sys
from types import SimpleNamespace

import numpy as np
import pytest

from antitrypsim.evidence import Spread
from antitrypsim.foundations.errors import InputError
from antitrypsim.therapies import build_model
from antitrypsim.uncertainty.draws import draw_uncertainty
from antitrypsim.uncertainty.sobol import sobol_by_grade
from antitrypsim.uncertainty.variance_shares import (
    LEAST_DRAWS,
    Share,
    Shares,
    scores,
    uncertain,
    variance_shares,
)

pytestmark = pytest.mark.law


GRADES = ("measured", "fitted", "scaled", "assumed")
NORMAL = Spread("normal", sd=2.0)


def toy(count, known=()):
    """A model of so many parameters, grades in turn; those in ``known`` are not uncertain."""
    one = [
        SimpleNamespace(
            id=f"m.p{k:03d}", grade=GRADES[k % 4], value=1.0,
            uncertainty=Spread("none", reason="definition") if k in known else NORMAL,
        )
        for k in range(count)
    ]  # fmt: skip
    return SimpleNamespace(parameters=tuple(one), parameter_names=tuple(p.id for p in one))


def bend(z):
    return (z * z - 1) / np.sqrt(2)


def ishigami(z):
    """As Ishigami's function, of normals: sin z0 + 7 sin^2 z1 + 0.1 z2^4 sin z0."""
    return np.sin(z[:, 0]) + 7 * np.sin(z[:, 1]) ** 2 + 0.1 * z[:, 2] ** 4 * np.sin(z[:, 0])


def ishigami_shares():
    """The part of each parameter's effect that degrees 1 and 2 hold, over the whole variance."""
    e = np.exp
    s2 = (1 - e(-2)) / 2  # E sin^2 z
    fourth, eighth = 3.0, 105.0
    first = (1 + 0.1 * fourth) * e(-0.5)  # E z sin z = e^-1/2
    sin4 = 3 / 8 - e(-2) / 2 + e(-8) / 8
    # sin^2 z = (1 - cos 2z)/2, and E (z^2 - 1) cos 2z = -4 e^-2.
    second = 7 * (4 * e(-2) / 2) / np.sqrt(2)
    whole = s2 * (1 + 0.2 * fourth + 0.01 * eighth) + 49 * (sin4 - s2**2)
    return {0: first**2 / whole, 1: second**2 / whole, 2: 0.0}


KNOWN = {
    "line": (lambda z: 2 * z[:, 0] + z[:, 1] + 0.5 * z[:, 2],
             {0: 4 / 5.25, 1: 1 / 5.25, 2: 0.25 / 5.25}),
    "bend": (lambda z: z[:, 0] + 1.5 * bend(z[:, 1]), {0: 1 / 3.25, 1: 2.25 / 3.25}),
    "product": (lambda z: z[:, 0] + z[:, 1] * z[:, 2], {0: 0.5, 1: 0.0, 2: 0.0}),
    "weak and noisy": (lambda z: z[:, 0] + 1.5 * z[:, 1] * z[:, 2] + 0.5 * z[:, 3],
                       {0: 1 / 3.5, 3: 0.25 / 3.5}),
    "Ishigami": (ishigami, ishigami_shares()),
}  # fmt: skip


@pytest.mark.independent
@pytest.mark.parametrize("name", KNOWN)
@pytest.mark.parametrize(("parameters", "draws"), [(5, 200), (150, 200), (150, 60)])
def test_shares_are_right_on_average_and_their_errors_cover_the_truth(name, parameters, draws):
    f, truth = KNOWN[name]
    if name == "Ishigami":
        draws = max(draws, 200)  # A sine squared is no parabola; sixty draws mislead.
    model = toy(parameters)
    by_grade = {g: sum(v for k, v in truth.items() if GRADES[k % 4] == g) for g in GRADES}
    expected = {f"m.p{k:03d}": v for k, v in truth.items()} | {"m.p004": 0.0} | by_grade
    expected["rest"] = 1 - sum(truth.values())
    rng = np.random.default_rng(2)
    found = {key: [] for key in expected}
    repeats = 60
    for _ in range(repeats):
        z = rng.normal(size=(draws, parameters))
        shares = variance_shares(model, z, f(z))
        one = {p.id: (p.share, p.se) for p in shares.parameters}
        one |= shares.grades | {"rest": shares.rest}
        for key in expected:
            found[key].append(one[key])
    for key, pairs in found.items():
        share, se = np.array(pairs).T
        away = abs(share.mean() - expected[key])
        assert away < 4 * share.std() / np.sqrt(repeats) + 0.01, (key, share.mean())
        assert np.mean(abs(share - expected[key]) <= 2 * se) >= 0.8, key
        assert np.sqrt(np.mean(se**2)) > 0.7 * share.std(), key
        assert np.sqrt(np.mean(se**2)) < 2.5 * share.std() + 0.02, key


@pytest.mark.independent
def test_idle_parameters_take_nothing_on_average():
    model = toy(150)
    rng = np.random.default_rng(4)
    sums = []
    for _ in range(40):
        z = rng.normal(size=(200, 150))
        shares = variance_shares(model, z, rng.normal(size=200))
        sums.append(sum(p.share for p in shares.parameters))
        assert shares.parameters[0].share < 5 * max(shares.parameters[0].se, 0.02)
    assert abs(np.mean(sums)) < 4 * np.std(sums) / np.sqrt(len(sums))


def test_as_many_draws_as_needed_give_the_error_asked_for():
    model = toy(30)
    f, _ = KNOWN["product"]
    rng = np.random.default_rng(7)
    worst = []
    for _ in range(20):
        z = rng.normal(size=(200, 30))
        needed = variance_shares(model, z, f(z)).needed
        assert needed > 100
        z = rng.normal(size=(needed, 30))
        worst.append(variance_shares(model, z, f(z)).worst)
    assert 0.035 < np.mean(worst) < 0.055


def test_noise_that_is_told_is_no_part_of_the_variance():
    model, rng = toy(5), np.random.default_rng(3)
    z = rng.normal(size=(2000, 5))
    y = z[:, 0] + z[:, 1] + rng.normal(size=2000)
    plain = variance_shares(model, z, y)
    told = variance_shares(model, z, y, noise=1.0)
    assert plain.rest[0] == pytest.approx(1 / 3, abs=0.06)
    assert told.rest[0] == pytest.approx(0, abs=0.06)
    assert told.grades["measured"][0] == pytest.approx(0.5, abs=0.06)


def test_the_scale_of_the_answer_does_not_matter():
    model, z = toy(6), np.random.default_rng(5).normal(size=(80, 6))
    f, _ = KNOWN["product"]
    one, two = (variance_shares(model, z, y) for y in (f(z), 1e-9 * f(z) - 3e-8))
    for grade, pair in one.grades.items():
        assert pair == pytest.approx(two.grades[grade], rel=1e-5)
    assert [p.id for p in one.parameters] == [p.id for p in two.parameters]


def test_shares_are_listed_from_the_largest_and_known_parameters_are_left_out():
    model = toy(6, known=(1,))
    z = np.random.default_rng(6).normal(size=(100, 6))
    shares = variance_shares(model, z, z[:, 0] + 2 * z[:, 3] + 0.1 * z[:, 1])
    assert [p.id for p in shares.parameters[:2]] == ["m.p003", "m.p000"]
    assert shares.parameters[0].grade == "assumed"
    assert "m.p001" not in {p.id for p in shares.parameters}
    assert set(shares.grades) == set(GRADES)
    assert shares.draws == 100


@pytest.mark.contract
def test_a_grade_without_uncertainty_has_no_share():
    model = toy(4, known=(2,))
    z = np.random.default_rng(6).normal(size=(50, 4))
    assert variance_shares(model, z, z[:, 0]).grades["scaled"] == (0.0, 0.0)


@pytest.mark.contract
def test_shares_are_plain_data_and_back():
    z = np.random.default_rng(6).normal(size=(50, 4))
    shares = variance_shares(toy(4), z, z[:, 0] + z[:, 1])
    assert Shares.from_dict(shares.to_dict()) == shares


def test_scores_are_those_behind_the_draws():
    model = build_model(therapies=[])
    z, draws = scores(model, 30, 9), draw_uncertainty(model, 30, seed=9)
    assert z.shape == (30, len(model.parameters))
    for k, p in enumerate(model.parameters):
        assert np.array_equal(p.uncertainty.transform(p.value, z[:, k]), draws.values[:, k])
    assert 0 < len(uncertain(model)) < len(model.parameters)


@pytest.mark.contract
@pytest.mark.parametrize(
    ("shape", "answers", "said"),
    [
        ((50, 4), lambda z: z[:30, 0], "do not fit 4 parameters"),
        ((LEAST_DRAWS - 1, 4), lambda z: z[:, 0], "too few to say what decides"),
        ((50, 4), lambda z: np.where(z[:, 0] > 0, np.nan, 1.0), "not a number"),
        ((50, 4), lambda z: np.ones(50), "same in every draw"),
    ],
)
def test_what_cannot_be_shared_is_said(shape, answers, said):
    z = np.random.default_rng(1).normal(size=shape)
    with pytest.raises(InputError, match=said):
        variance_shares(toy(4), z, answers(z))


@pytest.mark.contract
def test_answers_that_vary_by_chance_only_are_refused():
    z = np.random.default_rng(1).normal(size=(50, 4))
    with pytest.raises(InputError, match="no more than chance"):
        variance_shares(toy(4), z, z[:, 0], noise=9.0)


def test_sobol_indices_hold_what_grades_do_together():
    pytest.importorskip("SALib")
    model = toy(8)

    def answer(draws):
        z = (draws.values - 1.0) / 2.0
        # Of one grade with itself (0 and 4), and of two grades (1 and 2).
        return z[:, 0] * z[:, 4] + z[:, 1] * z[:, 2] + z[:, 3] ** 3

    found = sobol_by_grade(model, answer, 1024, seed=3)
    whole = 1 + 1 + 15
    closed = {"measured": 1, "fitted": 0, "scaled": 0, "assumed": 15}
    total = {"measured": 1, "fitted": 1, "scaled": 1, "assumed": 15}
    assert found.runs == 1024 * 6
    for grade in GRADES:
        share, se = found.closed[grade]
        assert share == pytest.approx(closed[grade] / whole, abs=4 * se + 0.01)
        share, se = found.total[grade]
        assert share == pytest.approx(total[grade] / whole, abs=4 * se + 0.02)
    assert found.to_dict()["runs"] == found.runs
    again = sobol_by_grade(model, answer, 1024, seed=3)
    assert again == found


@pytest.mark.contract
def test_sobol_refuses_what_cannot_be(monkeypatch):
    pytest.importorskip("SALib")
    steady = lambda draws: np.ones(len(draws))  # noqa: E731
    for model, answer, count, said in (
        (toy(4), steady, 100, "power of two"),
        (toy(1, known=(0,)), steady, 8, "nothing to share"),
        (toy(4), steady, 8, "same in every draw"),
        (toy(4), lambda draws: np.ones(3), 8, "one number for each of 48 draws"),
    ):
        with pytest.raises(InputError, match=said):
            sobol_by_grade(model, answer, count, seed=1)
    monkeypatch.setitem(sys.modules, "SALib", None)
    monkeypatch.setitem(sys.modules, "SALib.analyze", None)
    with pytest.raises(InputError, match=r"pip install 'antitrypsim\[sensitivity\]'"):
        sobol_by_grade(toy(4), steady, 8, seed=1)


def test_told_parts_are_no_less_than_nought_and_add_up_to_all():
    grades = {
        "measured": (1.87, 0.6),
        "fitted": (-0.3, 0.4),
        "scaled": (0.1, 0.1),
        "assumed": (0.2, 0.1),
    }
    rest = 1 - sum(share for share, _ in grades.values())
    parts = Shares((), grades, (rest, 0.6), 40, 900, "toy").parts()
    assert sum(parts.values()) == pytest.approx(1)
    assert min(parts.values()) >= 0
    assert max(parts, key=parts.get) == "measured"
    # What is a share already stays as it is.
    fair = {
        "measured": (0.4, 0.1),
        "fitted": (0.3, 0.1),
        "scaled": (0.0, 0.1),
        "assumed": (0.2, 0.1),
    }
    told = Shares((), fair, (0.1, 0.1), 40, 900, "toy").parts()
    assert list(told.values()) == pytest.approx([0.4, 0.3, 0.0, 0.2, 0.1])


def test_a_part_is_told_as_no_more_than_its_whole():
    """Chance may give one parameter more than its grade has once the grades add up to one."""
    one = Share("lung.x", "assumed", 0.58, 0.2)
    grades = {
        "measured": (0.0, 0.1),
        "fitted": (0.9, 0.3),
        "scaled": (0.0, 0.1),
        "assumed": (0.3, 0.3),
    }
    shares = Shares((one,), grades, (-0.2, 0.3), 20, 500, "")
    assert shares.of(one) == pytest.approx(shares.parts()["assumed"])
    assert shares.of(one) < 0.3
    assert shares.of(Share("lung.y", "assumed", -0.1, 0.2)) == 0.0
    assert shares.of(Share("lung.z", "fitted", 0.4, 0.2)) == 0.4
