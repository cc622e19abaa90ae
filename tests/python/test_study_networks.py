"""study(model="mlp"): networks judged on unseen rows, with their curve, rival and checkpoints."""

import os
import signal
import subprocess
import sys
import textwrap

import numpy as np
import pytest

import steelyard
from steelyard.models import Model
from steelyard.studies import study

RNG = np.random.default_rng(29)
ROWS = 600
X = {"amount": RNG.normal(size=ROWS), "hours": RNG.normal(size=ROWS),
     "shop": RNG.choice(["a", "b", "c"], ROWS).astype(object)}
RISK = 3 * X["amount"] * X["hours"] + (X["shop"] == "a")
Y = np.where(RISK + RNG.logistic(size=ROWS) > 2.5, "fraud", "ok")
OPTIONS = {"model": "mlp", "hidden": (16,), "epochs": 40, "learning_rate": 0.02, "test": "cv:3"}


def test_a_network_is_judged_beside_its_rival():
    found = study(X, Y, class_weight="balanced", cost="fraud:ok=5", **OPTIONS)
    assert found.model.family == "mlp" and found.model.network["hidden"] == (16,)
    assert found.metrics.rows == ROWS and found.metrics.log_loss > found.train_metrics.log_loss
    rival = found.rival
    assert rival["difference"] == pytest.approx(rival["log_loss"] - rival["logistic_log_loss"])
    assert rival["low"] < rival["difference"] < rival["high"] < 0  # no line tells them apart
    assert rival["log_loss"] == pytest.approx(found.metrics.log_loss)
    logistic = study(X, Y, class_weight="balanced", cost="fraud:ok=5", test="cv:3")
    assert rival["logistic_log_loss"] == pytest.approx(logistic.metrics.log_loss, abs=1e-6)
    assert logistic.rival is None and logistic.curve is None and logistic.scores_only == ""
    alone = found.model.evaluate(X, Y, cost="fraud:ok=5").metrics
    assert alone.log_loss == pytest.approx(found.train_metrics.log_loss)


def test_the_curve_is_told_and_shown():
    seen = []
    found = study(X, Y, callback=seen.append, **OPTIONS)
    curve, fits = found.curve, seen[-1].fits
    epochs = curve["epoch"].tolist()
    assert epochs == list(range(1, len(epochs) + 1)) and len(epochs) <= 40
    assert {epoch.fit for epoch in seen} == set(range(1, fits + 1)) and fits >= 4
    kept = [epoch.loss for epoch in seen if epoch.fit == fits]
    assert curve["loss"][:len(kept)].tolist() == kept
    assert np.isfinite(curve["held_loss"][:5]).all()
    assert set(curve) == {"restart", "epoch", "learning_rate", "loss", "held_loss",
                          "held_accuracy"}
    page, notes = found.report.page(), found.model.notes
    assert "epoch" in page and notes["tested by"] == "cv:3"
    assert Model.from_bytes(found.model.to_bytes()).notes == notes


def test_losses_without_inverse_are_told():
    found = study(X, Y, loss="focal:gamma=2", **OPTIONS)
    assert "focal" in found.scores_only and "scores" in str(found)
    assert not any("--" in line for line in found.warnings)
    mended = study(X, Y, loss="focal:gamma=2", calibrate="temperature", **OPTIONS)
    assert mended.scores_only == "" and mended.model.calibration == "temperature"
    assert mended.metrics.log_loss < found.metrics.log_loss


def test_the_same_seed_gives_the_same_study():
    one, same, other = (study(X, Y, seed=seed, **OPTIONS) for seed in (1, 1, 2))
    assert one.model.to_bytes() == same.model.to_bytes() != other.model.to_bytes()
    assert one.metrics.log_loss == same.metrics.log_loss != other.metrics.log_loss


PROGRAM = """
    import sys
    sys.path.insert(0, {folder!r})
    from test_study_networks import OPTIONS, X, Y, study
    import os, signal
    def stop(epoch):
        if epoch.fit == 2 and epoch.epoch == 5:
            os.kill(os.getpid(), signal.SIGKILL)
    study(X, Y, checkpoint={path!r}, checkpoint_every=0, callback=stop, **OPTIONS)
"""


def test_a_study_that_was_killed_is_gone_on_with(tmp_path):
    path = str(tmp_path / "state")
    program = PROGRAM.format(folder=os.path.dirname(os.path.abspath(__file__)), path=path)
    killed = subprocess.run([sys.executable, "-c", textwrap.dedent(program)], check=False)
    assert killed.returncode == -signal.SIGKILL and os.path.exists(path)
    seen = []
    resumed = study(X, Y, resume=path, callback=seen.append, **OPTIONS)
    unbroken = study(X, Y, **OPTIONS)
    assert resumed.model.to_bytes() == unbroken.model.to_bytes()
    assert str(resumed.metrics) == str(unbroken.metrics)
    assert (seen[0].fit, seen[0].epoch) >= (2, 5)
    for change, says in (({"hidden": (8,)}, r"hidden \(16,\), not \(8,\)"), ({"seed": 4}, "seed"),
                         ({"class_weight": "balanced"}, "class_weight")):
        with pytest.raises(ValueError, match=says):
            study(X, Y, resume=path, **{**OPTIONS, **change})
    with pytest.raises(ValueError, match="state"):
        study(X, np.where(np.arange(ROWS) == 7, "fraud", Y), resume=path, **OPTIONS)
    with open(path, "r+b") as file:
        file.seek(os.path.getsize(path) // 2)
        byte = file.read(1)[0]
        file.seek(-1, os.SEEK_CUR)
        file.write(bytes([byte ^ 1]))
    with pytest.raises(steelyard.FileError, match="state"):
        study(X, Y, resume=path, **OPTIONS)
    with pytest.raises(steelyard.FileError):
        study(X, Y, resume=path + "2", **OPTIONS)
    with pytest.raises(steelyard.FileError):
        study(X, Y, checkpoint=str(tmp_path / "none" / "state"), checkpoint_every=0, **OPTIONS)


def test_what_a_callback_raises_ends_the_study():
    def stop(epoch):
        raise KeyError(epoch.fit)
    with pytest.raises(KeyError):
        study(X, Y, callback=stop, **OPTIONS)


@pytest.mark.parametrize("change, error, says", [
    ({"model": "mpl"}, ValueError, "'logistic', 'mlp', 'boosted' or 'auto'"),
    ({"hiden": 3}, TypeError, "no option 'hiden'; did you mean 'hidden'"),
    ({"l2": 1.0}, ValueError, "weight_decay"), ({"held_out": 2}, ValueError, "held_out: 2"),
    ({"model": "logistic"}, ValueError, "hidden is for networks"),
    ({"loss": "focl"}, ValueError, "focal"), ({"epochs": -1}, ValueError, "epochs: -1"),
    ({"checkpoint_every": -1}, ValueError, "checkpoint_every"),
    ({"callback": 3}, ValueError, "callback"),
    ({"class_weight": "balanced", "sampling": "balanced"}, ValueError, "one of them"),
    ({"loss": "cost-argmax"}, ValueError, r"\(cost\)")])
def test_what_makes_no_sense_is_said(change, error, says):
    with pytest.raises(error, match=says):
        study(X, Y, **{**OPTIONS, **change})


def test_options_of_networks_are_for_networks():
    for name, value in (("held_out", 0.1), ("checkpoint", "x"), ("resume", "x"),
                        ("callback", print), ("epochs", 3)):
        with pytest.raises(ValueError, match=f"{name} is for networks: model='mlp'"):
            study(X, Y, **{name: value})
