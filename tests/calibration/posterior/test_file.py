"""A posterior as a file: read back, refused where it is of other equations, and drawn from."""

from dataclasses import replace

import numpy as np
import pytest

from antitrypsim.calibration.posterior import numbers
from antitrypsim.calibration.posterior.file import Origin, Posterior, base_hash, therapy_hashes
from antitrypsim.foundations.errors import InputError, ModelError
from antitrypsim.populations.enrol import enrol
from antitrypsim.populations.spec import Population
from antitrypsim.simulation.simulate import simulate_all
from antitrypsim.therapies import build_model
from antitrypsim.uncertainty.draws import draw_uncertainty
from antitrypsim.uncertainty.unknowns import unknowns_of

pytestmark = pytest.mark.contract


@pytest.fixture(scope="module")
def base():
    return build_model(therapies=())


@pytest.fixture(scope="module")
def posterior(base):
    known = unknowns_of((base,), widening=numbers.widening(), spread=numbers.of_spreads())
    some = [u for u in known if u.parameter.startswith(("circulation.", "lung."))]
    scores = np.random.default_rng(3).normal(size=(50, len(some)))
    scores[:, 1] = -scores[:, 0]
    return Posterior.of(some, scores, Origin(base_hash(), "targets", 500, 7, 3, 150, 0.4))


def test_a_file_is_read_back_and_its_bytes_are_always_the_same(posterior, tmp_path):
    a, b = posterior.save(tmp_path / "a.parquet"), posterior.save(tmp_path / "b.parquet")
    assert a.read_bytes() == b.read_bytes()
    read = Posterior.load(a)
    assert read.scores.tobytes() == posterior.scores.tobytes()
    assert (read.origin, dict(read.priors)) == (posterior.origin, dict(posterior.priors))


def test_draws_are_rows_of_it_and_the_rest_is_from_its_prior(posterior, base):
    found = posterior.draws(base, 20, seed=5)
    apart = draw_uncertainty(base, 20, seed=5)
    rows = posterior.rows(20, 5)
    for k, parameter in enumerate(base.parameters):
        drawn = found.draws.values[:, k]
        if parameter.id in found.outside:
            np.testing.assert_array_equal(drawn, apart.values[:, k])
        elif parameter.id in found.informed:
            at = list(posterior.priors).index(parameter.id)
            one = next(u for u in posterior.check(base) if u.id == parameter.id)
            np.testing.assert_allclose(drawn, one.values(posterior.scores[rows, at]))
    assert len(found.informed) > 20
    assert all(id.split(".")[0] not in ("circulation", "lung") for id in found.outside)
    assert f"{len(found.informed)} parameters were drawn from the posterior" in found.said


def test_how_far_people_differ_is_drawn_too_and_moves_them(posterior, base):
    found = posterior.draws(base, 3, seed=5).draws
    assert found.spreads is not None
    varying = [
        k for k, p in enumerate(base.parameters) if p.id + " between patients" in posterior.priors
    ]
    assert np.all(np.ptp(found.spreads[:, varying], axis=0) > 0)
    still = [k for k in range(len(base.parameters)) if k not in varying]
    np.testing.assert_array_equal(found.spreads[:, still], 1.0)


def test_fewer_draws_are_the_first_of_more(posterior, base):
    few, many = (posterior.draws(base, n, seed=5).draws for n in (5, 30))
    np.testing.assert_array_equal(few.values, many.values[:5])


def test_a_therapy_outside_it_is_said_to_be(posterior):
    model = build_model(therapies=("augmentation",))
    found = posterior.draws(model, 4)
    assert any(id.startswith("augmentation.") for id in found.outside)


def test_other_equations_of_a_therapy_are_noticed_where_it_is_given(posterior, base):
    model = build_model(therapies=("augmentation",))
    made = therapy_hashes((model,))
    assert list(made) == ["augmentation"]
    same = replace(posterior, origin=replace(posterior.origin, therapies=made))
    assert same.misfit(model) == ""
    other = replace(posterior, origin=replace(posterior.origin, therapies={"augmentation": "0"}))
    assert other.misfit(base) == ""
    with pytest.raises(ModelError, match="made of other equations of 'augmentation'"):
        other.draws(model, 2)


def test_more_draws_than_there_are_are_refused(posterior, base):
    with pytest.raises(InputError, match="51 draws cannot be: the posterior holds 50"):
        posterior.draws(base, 51)


def test_a_posterior_of_other_equations_or_priors_is_refused(posterior, base):
    other = replace(posterior, origin=replace(posterior.origin, equations="0" * 16))
    with pytest.raises(ModelError, match="made of other equations; make one anew"):
        other.draws(base, 2)
    id = next(iter(posterior.priors))
    moved = replace(posterior, priors={**posterior.priors, id: "0" * 16})
    with pytest.raises(ModelError, match=f"made with another value or prior of '{id}'"):
        moved.draws(base, 2)


def test_files_that_are_no_posterior_are_refused(posterior, tmp_path):
    with pytest.raises(InputError, match="there is no such file"):
        Posterior.load(tmp_path / "none.parquet")
    (tmp_path / "text.parquet").write_text("hello")
    with pytest.raises(InputError, match="this is no posterior of antitrypsim"):
        Posterior.load(tmp_path / "text.parquet")
    import pyarrow as pa
    import pyarrow.parquet as pq

    pq.write_table(pa.table({"a": [1.0]}), tmp_path / "other.parquet")
    with pytest.raises(InputError, match="this is no posterior of antitrypsim"):
        Posterior.load(tmp_path / "other.parquet")
    posterior.save(tmp_path / "good.parquet")
    table = pq.read_table(tmp_path / "good.parquet")
    column = pa.array(np.zeros(len(posterior)))
    pq.write_table(table.set_column(0, table.column_names[0], column), tmp_path / "bent.parquet")
    with pytest.raises(InputError, match="not the one that was written"):
        Posterior.load(tmp_path / "bent.parquet")
    with pytest.raises(InputError, match="this cannot be read: is a directory"):
        Posterior.load(tmp_path)


def test_people_live_every_draw(posterior, base):
    people = enrol(base, Population(), 3).people
    found = simulate_all(
        base, people, times=(0.0,), outputs=("lung.fev1",), draws=posterior.draws(base, 4).draws
    )["lung.fev1"][:, :, 0]
    # Who died before day 0 under a draw has no number.
    assert len(np.unique(found[np.isfinite(found)])) == np.isfinite(found).sum() > 4
