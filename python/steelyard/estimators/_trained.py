"""What classifiers have in common that are trained step by step: networks by epochs, boosted trees
by rounds."""

from __future__ import annotations

import numbers
import warnings
from collections.abc import Callable
from typing import Any

import numpy as np

from steelyard import _classes, _networks, models
from steelyard._core import studies
from steelyard._core.decisions import Costs
from steelyard._core.weights import Policy
from steelyard._networks import Epoch
from steelyard._words import errors_in_python, in_python
from steelyard.estimators._base import ConvergenceWarning
from steelyard.estimators._model import ModelClassifier, Rows
from steelyard.estimators._settings import read_texts


class ScoresWarning(UserWarning):
    """What a model says are scores: its loss bends them in a way that nothing takes out again."""


class TrainedClassifier(ModelClassifier):
    """Has the parameters held_out, min_count, max_categories, random_state and verbose, too."""

    _steps: str  # the parameter that says how many steps there are at most

    def _train(self, X: Any, y: Any, sample_weight: Any, held_rows: Any,
               callback: Callable[[Epoch], Any] | None,
               choose: Callable[[studies.Options, float, Any, bool], None]) -> None:
        """`choose` sets the family: options, share held out, onlooker, whether X is float64."""
        onlooker = _networks.onlooker(self._told(callback))
        rows = self._read(X, y, sample_weight)
        held = _networks.read_held_rows(held_rows, rows.frame.rows)
        options = studies.Options()
        options.choose(None if rows.class_weights is None else
                       Policy.by_position(rows.class_weights), None, None, None, None)
        names = _classes.texts_of(rows.targets.classes.tolist())
        costs = None if rows.cost is None else Costs(rows.cost)
        if costs is not None:
            options.price(costs, names)
        options.encode(rows.positive, *read_texts(self.min_count, self.max_categories))
        choose(options, _networks.read_held_out(self.held_out), onlooker, rows.frame.wide)
        options.test("none", None, read_seed(self.random_state))
        self._keep(_run(options, rows, names, costs, held), rows)

    def _told(self, callback: Callable[[Epoch], Any] | None) -> Callable[[Epoch], Any] | None:
        """Who is told of the epochs: the caller, who may want them printed, too."""
        if not self.verbose:
            return callback

        def tell(epoch: Epoch) -> None:
            print(epoch)
            if callback is not None:
                callback(epoch)
        return tell

    def _keep(self, study: studies.CoreStudy, rows: Rows) -> None:
        told = study.network()
        self._keep_model(models.model_of(study.model, rows.targets.classes), rows)
        self.n_iter_ = max(1, told["best_epoch"])
        self.loss_ = told["loss"]
        self.loss_curve_ = _of_last(told["curve"], "loss")
        self.validation_loss_curve_ = _of_last(told["curve"], "held_loss")
        self.validation_scores_ = _of_last(told["curve"], "held_accuracy")
        chosen = bool(self.validation_loss_curve_) and self.n_iter_ < getattr(self, self._steps)
        self.stopped_early_ = told["stopped_early"] or chosen
        self.scores_only_ = told["scores_only"]
        self.messages_ = [in_python(line) for line in study.messages]
        if told["trouble"]:
            warnings.warn(in_python(told["trouble"]), ConvergenceWarning, stacklevel=4)
        elif self.validation_loss_curve_ and self.n_iter_ == getattr(self, self._steps):
            warnings.warn(f"the loss on the rows held out was still falling at the last of "
                          f"{self._steps}={getattr(self, self._steps)}: more would be right",
                          ConvergenceWarning, stacklevel=4)
        if self.scores_only_:
            warnings.warn(f"predict_proba gives scores, not probabilities: what {self.scores_only_}"
                          " does to them has no inverse; model_.calibrated(X, y) on rows that the "
                          "fit did not see makes them some", ScoresWarning, stacklevel=4)


def _run(options: studies.Options, rows: Rows, names: list[str], costs: Any,
         held: np.ndarray | None) -> studies.CoreStudy:
    """Rows of weight 0 of a class that no other row has are absent, whatever their id is."""
    targets = rows.targets
    with errors_in_python():
        return studies.run_study(options, rows.frame, np.maximum(targets.ids, 0), names,
                                 targets.classes.tolist(), targets.weights, None, costs,
                                 held_mask=held)


def _of_last(curve: dict[str, np.ndarray], name: str) -> list[float]:
    """Numbers of the epochs of the last restart that are known."""
    of_last = curve["restart"] == curve["restart"].max(initial=0)
    numbers_there = curve[name][of_last]
    return numbers_there[~np.isnan(numbers_there)].tolist()


def read_seed(random_state: Any) -> int:
    """The seed of a fit, as scikit-learn's random_state has it."""
    if random_state is None:
        random_state = np.random
    if isinstance(random_state, numbers.Integral) and not isinstance(random_state, bool):
        if not 0 <= random_state < 2**64:
            raise ValueError(f"random_state: {random_state!r}: a whole number of 0 or more would "
                             "be right")
        return int(random_state)
    for draw in ("integers", "randint"):
        if hasattr(random_state, draw):
            return int(getattr(random_state, draw)(2**31))
    raise ValueError(f"random_state: {random_state!r}: a whole number, a RandomState, a Generator "
                     "or None would be right")
