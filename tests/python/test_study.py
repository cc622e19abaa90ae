"""study: what sy_study_run does, from Python: judged on unseen rows, one model kept."""

import os
import signal
import threading

import numpy as np
import pytest

import steelyard
from steelyard._words import in_python
from steelyard.models import Model
from steelyard.studies import study

RNG = np.random.default_rng(23)
ROWS = 1200
X = {"amount": RNG.normal(size=ROWS), "shop": RNG.choice(["a", "b", "c"], ROWS).astype(object),
     "hours": RNG.integers(0, 24, ROWS)}
Y = np.where(X["amount"] + (X["shop"] == "a") + RNG.logistic(size=ROWS) > 2.5, "fraud", "ok")
AMOUNTS = RNG.uniform(0.5, 9, ROWS)


def part(rows):
    return {name: values[rows] for name, values in X.items()}


def test_a_study_judges_on_unseen_rows_and_keeps_a_model_of_all():
    found = study(X, Y, cost="fraud:ok=5", test="cv:4")
    assert isinstance(found.model, Model) and found.model.positive == "fraud"
    assert found.metrics.rows == found.train_metrics.rows == ROWS
    assert found.metrics.log_loss > found.train_metrics.log_loss
    assert "4-fold cross-validation" in str(found) and "<- stored" in str(found)
    assert "fraud at p >= 0.167" in found.model.decision and "fraud" in repr(found)
    assert found.report.heading.startswith("4-fold cross-validation")
    assert "4-fold cross-validation" in found._repr_html_()
    assert found.fit["converged"] and found.tuned is None
    alone = found.model.evaluate(X, Y, cost="fraud:ok=5").metrics
    assert alone.average_cost == pytest.approx(found.train_metrics.average_cost)
    assert str(found.report) == str(found)
    notes = found.model.notes
    assert notes["tested by"] == "cv:4" and notes["converged"] == "yes"
    assert float(notes["test log-loss"]) == found.metrics.log_loss


def test_the_page_is_written_whole_or_not_at_all(tmp_path):
    found = study(X, Y, test=0.25, title="Strange <rows>")
    path = tmp_path / "study.html"
    found.save(path)
    page = path.read_text()
    assert page.startswith("<!doctype html>") or page.startswith("<!DOCTYPE html>")
    assert "Strange &lt;rows&gt;" in page and page == found.report.page()
    with pytest.raises(steelyard.FileError):
        found.save(tmp_path / "none" / "study.html")


def test_the_same_seed_gives_the_same_study():
    one, same, other = (study(X, Y, class_weight="balanced", seed=seed) for seed in (1, 1, 2))
    assert one.metrics.log_loss == same.metrics.log_loss != other.metrics.log_loss
    assert one.model.to_bytes() == same.model.to_bytes()
    assert np.array_equal(one.model.predict_proba(X), other.model.predict_proba(X))


@pytest.mark.parametrize("class_weight, weights", [
    ("balanced", None), ({"ok": 1, "fraud": 3}, [3, 1]), ({"fraud": 3, "default": 1}, [3, 1]),
    ([3, 1], [3, 1]), (None, [1, 1])])
def test_class_weights(class_weight, weights):
    found = study(X, Y, class_weight=class_weight, test="none")
    if weights is None:
        weights = ROWS / 2 / np.array([(Y == "fraud").sum(), (Y == "ok").sum()])
    assert list(found.model.class_weights.values()) == pytest.approx(list(weights))
    assert found.metrics is None and found.report.metrics.rows == ROWS


def test_what_is_chosen_on_unseen_rows():
    found = study(X, Y, class_weight="auto", calibrate="temperature", tune="f1", max_flagged=0.3)
    assert "power:" in found.policy and found.model.calibration == "temperature"
    assert found.tuned["tuned_for"].startswith("f1, at most 30") and found.tuned["flagged"] <= 0.3
    assert "tuned for f1" in found.model.decision
    priced = study(X, Y, class_weight="auto", cost="fraud:ok=5")
    assert "cost" in priced.policy
    assert study(X, Y, class_weight="cost", cost="fraud:ok=5").model.class_weights["fraud"] > 1


def test_costs_by_row_are_columns_of_the_model():
    found = study(X, Y, cost={("fraud", "ok"): AMOUNTS}, test=0.5)
    columns = {**X, "cost: fraud:ok": AMOUNTS}
    p = found.model.predict_proba(X)[:, 0]
    assert np.array_equal(found.model.predict(columns) == "fraud", p * AMOUNTS >= 1 - p)
    with pytest.raises(ValueError, match="cost: fraud:ok"):
        found.model.predict(X)
    judged = found.model.evaluate(columns, Y).metrics
    assert judged.average_cost == pytest.approx(found.train_metrics.average_cost)


def test_a_mask_and_other_rows_judge():
    mask = np.arange(ROWS) >= 900
    masked = study(X, Y, test=mask)
    assert masked.metrics.rows == 300
    other = study(part(~mask), Y[~mask], test=(part(mask), Y[mask]))
    assert other.metrics.rows == 300
    assert other.metrics.log_loss == pytest.approx(masked.metrics.log_loss, abs=0.02)
    weighed = study(part(~mask), Y[~mask], test=(part(mask), Y[mask], np.full(300, 2.0)))
    assert weighed.metrics.weighted_rows == 600


def test_groups_stay_together():
    groups = np.repeat(np.arange(ROWS // 4), 4)
    copies = {name: np.repeat(values[::4], 4) for name, values in X.items()}
    noise = np.random.default_rng(1).choice(["a", "b"], ROWS // 4).repeat(4)
    copies["id"] = np.array([f"g{group}" for group in groups], object)
    leaking = study(copies, noise, max_categories=1000).metrics.log_loss
    kept = study(copies, noise, groups=groups, max_categories=1000).metrics.log_loss
    assert leaking < kept - 0.1
    shifted = study(copies, noise, groups=groups + 7, max_categories=1000).metrics.log_loss
    assert kept == shifted


def test_a_weight_of_k_is_k_copies_of_a_row():
    copies = RNG.integers(0, 3, ROWS)
    weighed = study(X, Y, sample_weight=copies, test="none").model
    repeated = study({name: np.repeat(values, copies) for name, values in X.items()},
                     np.repeat(Y, copies), test="none").model
    assert weighed.predict_proba(X) == pytest.approx(repeated.predict_proba(X), abs=1e-6)


@pytest.mark.parametrize("labels", [Y == "fraud", (Y == "fraud") * 3 - 1, Y.astype(object)])
def test_labels_come_back_as_they_were(labels):
    found = study(X, labels, test="none")
    assert set(found.model.predict(X).tolist()) == set(np.asarray(labels).tolist())
    again = Model.from_bytes(found.model.to_bytes())
    assert again.predict(X).tolist() == found.model.predict(X).tolist()


def test_three_classes_declared_in_an_order():
    y = np.where(X["shop"] == "b", "later", Y)
    found = study(X, y, classes=["ok", "later", "fraud"], class_weight="balanced")
    assert found.model.classes.tolist() == ["ok", "later", "fraud"]
    assert found.metrics.confusion.shape == (3, 3) and list(found.metrics.per_class)[0] == "ok"


@pytest.mark.parametrize("change, says", [
    ({"test": "cv"}, "test: 'cv'"), ({"test": "cv:1"}, "fold"), ({"test": 1.5}, "share|0 and 1"),
    ({"test": np.zeros(ROWS)}, "booleans"), ({"test": np.zeros(3, bool)}, "booleans of shape"),
    ({"test": np.zeros(ROWS, bool)}, "test"), ({"test": (X,)}, "1 parts"),
    ({"test": (X, Y[:5])}, "test y: shape"), ({"class_weight": "blanced"}, "balanced"),
    ({"class_weight": {"fruad": 2, "default": 1}}, "did you mean 'fraud'"),
    ({"class_weight": "auto:f2"}, "f2"), ({"class_weight": "cost"}, "needs cost="),
    ({"class_weight": "cost", "cost": {("fraud", "ok"): AMOUNTS}}, "same for every row"),
    ({"cost": "fraud:yes=1"}, "yes"), ({"calibrate": "platt"}, "platt"), ({"tune": "f"}, "f1"),
    ({"max_flagged": 0.1}, "tune='f1'"), ({"tune": "f1", "max_flagged": 3}, "max_flagged"),
    ({"groups": [1, 2]}, "groups: shape"), ({"sample_weight": -np.ones(ROWS)}, "position 0 is -1"),
    ({"positive": "yes"}, "positive"), ({"l2": float("nan")}, "l2|penalty"),
    ({"cost": {("fraud", "ok"): AMOUNTS}, "test": (X, Y)}, "mask"),
    ({"normalize": "some"}, "some"), ({"max_categories": 20_000}, "10000"),
    ({"classes": ["ok", "scam"]}, "position"), ({"classes": [" ok", "fraud"]}, "' ok'|position"),
])
def test_what_makes_no_sense_is_said(change, says):
    with pytest.raises(ValueError, match=says):
        study(X, Y, **change)


def test_hints_are_of_python_s_arguments():
    assert in_python("x; --calibrate refit takes") == "x; calibrate='refit' takes"
    assert in_python("(--cost 'a:b=10') or weigh (--class-weight balanced)") == \
        "(cost='a:b=10') or weigh (class_weight='balanced')"
    assert in_python("--max-iterations raises it; more --l2") == "max_iter raises it; more l2"
    assert in_python("? --exclude 'a b' leaves it out") == "? X without 'a b' leaves it out"
    rare = study(X, Y, test="none")
    assert "--" not in "".join(rare.warnings)


def test_labels_and_rows_go_together():
    with pytest.raises(ValueError, match="shape"):
        study(X, Y[:-1])
    with pytest.raises(ValueError, match="class"):
        study(X, np.full(ROWS, "ok"))
    with pytest.raises(ValueError):
        study({}, [])
    with pytest.raises(ValueError, match="' b'"):
        study(X, np.where(Y == "ok", "a", " b"))


def test_ctrl_c_ends_a_study():
    wide = RNG.normal(size=(20_000, 30))
    y = wide[:, 0] + RNG.logistic(size=20_000) > 0
    before = signal.signal(signal.SIGINT, signal.default_int_handler)  # ignored in the background
    timer = threading.Timer(0.2, os.kill, (os.getpid(), signal.SIGINT))
    timer.start()
    try:
        with pytest.raises(KeyboardInterrupt):
            for _ in range(20):
                study(wide, y, class_weight="auto")
    finally:
        timer.cancel()
        signal.signal(signal.SIGINT, before)
