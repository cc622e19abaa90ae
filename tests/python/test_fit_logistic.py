"""The compiled fit: to the optimum, weights as copies, costs inside."""

import numpy as np
import pytest

from steelyard._core.frames import frame_of
from steelyard._core.fits import fit_logistic
from steelyard._core.models import CoreModel

RNG = np.random.default_rng(7)
X = RNG.normal(2, 3, (300, 4))
SCORE = X @ [1, -0.5, 0.25, 0]
TWO = (SCORE + RNG.logistic(size=300) > 1).astype(np.int32)
THREE = np.digitize(SCORE + RNG.logistic(size=300), [0, 2]).astype(np.int32)


def fit(X=X, ids=TWO, k=2, **given):
    options = {"class_weights": None, "sample_weight": None, "l2": None, "tolerance": 1e-8,
               "max_iterations": 1000, "start": None, "min_count": 1, "max_categories": 64,
               "cost": None, "positive": -1, **given}
    return fit_logistic(frame_of(X), ids, k, [f"c{i}" for i in range(k)], **options)


def gradient(model, X, ids, weights, l2):
    """Of the objective of docs/fitting.md, in the standardised numbers."""
    Z = (X - X.mean(0)) / X.std(0)
    logits = Z @ model.coefficients().T + model.intercepts()
    if logits.shape[1] == 1:
        logits = np.column_stack([np.zeros(len(X)), logits])
    p = np.exp(logits - logits.max(1, keepdims=True))
    p /= p.sum(1, keepdims=True)
    left = (p - np.eye(p.shape[1])[ids]) * weights[:, None] / weights.sum()
    left = left[:, -len(model.intercepts()):]
    return np.concatenate([(left.T @ Z + l2 * model.coefficients()).ravel(), left.sum(0)])


@pytest.mark.parametrize("ids, k", [(TWO, 2), (THREE, 3)])
def test_float64_data_give_the_optimum(ids, k):
    weights = np.array([1.0, 2.5, 3.0])[:k]
    model, info = fit(ids=ids, k=k, class_weights=weights)
    assert info["converged"] and info["solver"] in ("Newton", "L-BFGS")
    assert np.abs(gradient(model, X, ids, weights[ids], 1 / 300)).max() < 1e-11


def test_float32_data_stay_float32():
    model, _ = fit(X.astype(np.float32))
    assert model.coefficients() == pytest.approx(fit()[0].coefficients(), abs=1e-5)


def test_a_weight_is_so_many_copies_and_an_ignored_row_is_absent():
    copies = RNG.integers(0, 3, 300)
    weighed, _ = fit(sample_weight=copies)
    repeated, _ = fit(np.repeat(X, copies, axis=0), np.repeat(TWO, copies))
    ignored, _ = fit(ids=np.where(copies > 0, TWO, -1).astype(np.int32), sample_weight=copies)
    assert weighed.coefficients() == pytest.approx(repeated.coefficients(), abs=1e-9)
    assert np.array_equal(weighed.coefficients(), ignored.coefficients())


def test_a_start_at_the_end_has_no_way_to_go():
    model, info = fit()
    _, again = fit(start=model)
    assert again["iterations"] < info["iterations"]
    assert fit(X[:, :2], start=model)[1]["converged"]
    assert fit(ids=THREE, k=3, start=model)[1]["converged"]


def test_what_decides():
    assert fit()[0].source == "plain"
    model, _ = fit(class_weights=[1, 4])
    assert (model.source, model.cost.tolist()) == ("implied", [[0, 1], [4, 0]])
    model, _ = fit(cost=[[0, 1], [9, 0]], positive=1)
    assert model.decision == "c1 at p >= 0.100, from given costs"
    probabilities, _, decisions = model.score(frame_of(X))
    assert np.array_equal(decisions, probabilities[:, 1] > 0.1)


def test_probabilities_are_corrected():
    weighed, _ = fit(class_weights=[1, 7])
    plain = fit()[0].score(frame_of(X))[0]
    assert weighed.score(frame_of(X))[0].mean(0) == pytest.approx(plain.mean(0), abs=0.02)


def test_a_model_goes_through_bytes():
    model, _ = fit(ids=THREE, k=3, class_weights=[1, 2, 3])
    model.set_note("said", "so")
    again = CoreModel.from_bytes(model.to_bytes())
    assert again.notes == {"said": "so"} and again.to_bytes() == model.to_bytes()
    for one, other in zip(model.score(frame_of(X), True, True),
                          again.score(frame_of(X), True, True)):
        assert np.array_equal(one, other)


def test_remarks_and_errors_are_the_library_s():
    columns = np.column_stack([X, np.ones(300)])
    assert any("x4" in line for line in fit(columns)[1]["messages"])
    with pytest.raises(ValueError, match="only class|fewer than two"):
        fit(ids=np.zeros(300, np.int32))
    with pytest.raises(ValueError, match="row 5"):
        fit(sample_weight=np.where(np.arange(300) == 4, -1.0, 1))
    with pytest.raises(ValueError, match="int32"):
        fit(ids=TWO.astype(np.int64))
    with pytest.raises(ValueError, match="int32 of shape"):
        fit(ids=TWO[:5])
    with pytest.raises(ValueError, match="sample_weight: shape"):
        fit(sample_weight=[1.0, 2])
    with pytest.raises(ValueError, match="cost: shape"):
        fit(cost=[1.0])
    with pytest.raises(ValueError, match="less than"):
        fit(cost=[[1, 0], [1, 0]])
    with pytest.raises(ValueError, match="no column 'x1'"):
        fit()[0].score(frame_of(X[:, :1]))
