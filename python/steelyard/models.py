"""Trained models: predicted with, judged, given other rules, saved and loaded.

A model is one ONNX file, the same that the command line reads and writes.
"""

from __future__ import annotations

import os
import re
import threading
from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np

from steelyard import _classes, _model_html, _scores, _xgboost_models, arrays
from steelyard._core import studies
from steelyard._core.decisions import decide as decide_at
from steelyard._core.frames import Frame, frame_of
from steelyard._core.models import CoreModel
from steelyard._core.networks import shape_of
from steelyard._core.rows import CoreRow
from steelyard._core.trees import trees_of
from steelyard.decisions import cost_matrix, costs_of
from steelyard.reports import Report

__all__ = ["Model", "Monitor"]

# Notes of a model file. Labels that were no texts in Python are noted by their NumPy type.
_LABELS_NOTE = "python labels"
_TUNED_NOTE = "decision tuned for"
_RULE_NOTES = ("test balanced accuracy", "test average cost")
_TEST_LOG_LOSS = "test log-loss"
_TYPED = "a threshold typed"


def model_of(core: CoreModel, classes: Any) -> Model:
    """The Model of a CoreModel fitted to these classes (K): labels as Python has them.

    That they are integers, booleans or floats is noted in the model, so that it predicts them
    again wherever it is loaded.
    """
    kind = np.asarray(classes).dtype
    if kind.kind in "biuf":
        core.set_note(_LABELS_NOTE, kind.newbyteorder("=").name)
    return Model(core)


def _labels_of(core: CoreModel) -> np.ndarray:
    """(K) the classes as they were before they became names."""
    names = core.classes
    kind = core.notes.get(_LABELS_NOTE, "")
    if not re.fullmatch(r"bool|u?int(8|16|32|64)|float(16|32|64)", kind):
        return np.array(names)
    try:
        if kind == "bool":
            return np.array([{"False": False, "True": True}[name] for name in names])
        numbers = [float(name) if kind.startswith("f") else int(name) for name in names]
        return np.array(numbers, kind)
    except (KeyError, ValueError, OverflowError):
        return np.array(names)


class Model:
    """A trained classifier with its rule of decision. It never changes; `with_...` make others.

    Made by `Model.load`, `Model.from_xgboost`, `steelyard.study` and estimators (`.model_`). Rows
    are given as X: a DataFrame, a mapping of columns or anything with `__arrow_c_stream__`, columns
    by name in any order; or an array (n, columns), whose columns are called x0, x1, ... Columns
    that the model does not use are passed over; where it knows dates, texts such as 2024-05-31 are
    dates.

    Attributes
    ----------
    classes : (K) labels, in the order of probabilities
    class_weights : {label: weight} of the training
    cost : (K, K) costs that decide, row = actual class, column = predicted
    decision : the rule in words
    features : names of the columns that the model reads
    notes : what was noted in training
    prior, trained_prior : {label: share of the class} where the model is used, and in training;
        None where they are not known
    calibration : "temperature", "vector", "isotonic" or None
    positive : the positive class of two, or None
    family : "logistic", "mlp" or "boosted"
    network : the layers of a network, None of another family
    trees : what boosted trees look like, None of another family
    """

    def __init__(self, core: CoreModel):
        if not isinstance(core, CoreModel):
            raise TypeError("a Model is made by Model.load(path), Model.from_bytes, an estimator "
                            "or steelyard.study")
        self._core = core
        self.classes = _labels_of(core)
        self.features = [name for name, _ in core.inputs]
        self._dates = {name for name, kind in core.inputs if kind == "date"}
        self._texts = {name for name, kind in core.inputs if kind == "text"}
        self._rows = threading.local()

    # --- files ---

    @classmethod
    def load(cls, path: str | os.PathLike) -> Model:
        """Reads a model file. FileError (an OSError and ValueError) where it is none."""
        return cls(CoreModel.open(path))

    @classmethod
    def from_bytes(cls, content: bytes) -> Model:
        """A model of the bytes of a model file. FileError where they are none."""
        return cls(CoreModel.from_bytes(content))

    @classmethod
    def from_xgboost(cls, source: Any, classes: Iterable[Any] | None = None,
                     features: Iterable[str] | None = None) -> Model:
        """A model that XGBoost trained, of the most probable class; `with_...` give it a rule.

        Read are boosters of trees (gbtree) of XGBoost 1.3 to 3 for binary:logistic,
        binary:logitraw, multi:softprob and multi:softmax on numbers. XGBoost itself is not needed.
        The class weights and the prior of the training are not known to it.

        Parameters
        ----------
        source : path of what `Booster.save_model` wrote as JSON or UBJ, its bytes, a Booster, or
            an XGBClassifier, whose rounds count up to its best_iteration, as in its predict; of
            the others all.
        classes : (K) labels in the order of XGBoost's 0, 1, ..; None: those of the classifier,
            else 0, 1, ..
        features : names of the columns; None: those of the source, else x0, x1, .., as columns of
            arrays are called.

        Raises
        ------
        FileError for a file that cannot be read or is no such model, and which part is not read;
        ValueError for classes or features of another number, or one of them twice; TypeError.
        """
        return model_of(*_xgboost_models.read_model(source, classes, features))

    def save(self, path: str | os.PathLike) -> None:
        """Writes the model file, whole or not at all. FileError where it cannot be written."""
        self._core.save(path)

    def to_bytes(self) -> bytes:
        """The bytes of the model file; the same model gives the same bytes."""
        return self._core.to_bytes()

    def __reduce__(self):
        return _unpickled, (self.to_bytes(),)

    def __copy__(self) -> Model:
        return self  # it never changes

    def __deepcopy__(self, memo: dict) -> Model:
        return self

    # --- what is in it ---

    @property
    def class_weights(self) -> dict:
        return self._by_class(self._core.class_weights)

    @property
    def cost(self) -> np.ndarray:
        return self._core.cost

    @property
    def decision(self) -> str:
        return self._core.decision

    @property
    def notes(self) -> dict[str, str]:
        return self._core.notes

    @property
    def prior(self) -> dict | None:
        prior = self._core.prior
        return self.trained_prior if prior is None else self._by_class(prior)

    @property
    def trained_prior(self) -> dict | None:
        prior = self._core.trained_prior
        return None if prior is None else self._by_class(prior)

    @property
    def calibration(self) -> str | None:
        return self._core.calibration

    @property
    def positive(self) -> Any:
        return None if self._core.positive < 0 else self.classes[self._core.positive].item()

    @property
    def family(self) -> str:
        """"logistic", "mlp" or "boosted"."""
        return self._core.family

    @property
    def network(self) -> dict | None:
        """What a network looks like, None of another family: inputs of its first layer, hidden
        (units of each layer), outputs, activation, norm, embeddings ({column: (codes, numbers
        each)}), members (networks whose mean it is) and parameters (of all of them)."""
        shape = shape_of(self._core)
        if shape is not None:
            names = self._core.outputs
            shape["embeddings"] = {names[column]: (codes, width)
                                   for column, codes, width in shape["embeddings"]}
        return shape

    @property
    def trees(self) -> dict | None:
        """What boosted trees look like, None of another family: trees, outputs (logits that they
        add to: 1 of two classes), leaves, most_leaves (of one tree), depth (splits above the
        deepest leaf) and splits ({column: how many of all trees})."""
        return trees_of(self._core)

    def _check_logistic(self, what: str) -> None:
        if self.family == "logistic":
            return
        hint = ("`trees` says how many trees there are and what they split on"
                if self.family == "boosted" else "`network` says what its layers are")
        raise AttributeError(f"a model of family {self.family!r} has no {what}: {hint}")

    @property
    def coefficients(self) -> dict:
        """{encoded column: coefficients}: of standardised numbers, one a class, or of two classes
        a number, for the second class. AttributeError of other families, which have none."""
        self._check_logistic("coefficients")
        table = self._core.coefficients()
        rows = table[0] if len(table) == 1 else table.T
        return dict(zip(self._core.outputs, rows))

    @property
    def intercepts(self) -> np.ndarray:
        """(K), or of two classes (1). AttributeError of other families, which have none."""
        self._check_logistic("intercepts")
        return self._core.intercepts()

    def _by_class(self, numbers: np.ndarray) -> dict:
        return dict(zip(self.classes.tolist(), numbers.tolist()))

    def __str__(self) -> str:
        return self._core.text().rstrip("\n")

    def __repr__(self) -> str:
        return (f"<Model of {len(self.classes)} classes and {len(self.features)} columns: "
                f"{self.decision}>")

    def _repr_html_(self) -> str:
        return _model_html.model_table(self._core)

    def _frame(self, X: Any) -> Frame:
        return frame_of(X, dates=self._dates, texts=self._texts)

    # --- predictions ---


    def predict(self, X: Any) -> Any:
        """(n) labels decided by the rule of the model, in X's own kind (a Series for a DataFrame).

        ValueError for a column that is missing, or of another kind than in training, by name.
        """
        decisions = self._core.score(self._frame(X), probabilities=False)[2]
        return self._labels(decisions, X)

    def predict_proba(self, X: Any) -> Any:
        """(n, K) probabilities: class weights undone, calibrated, of the prior that was set."""
        return self._table(self._core.score(self._frame(X), decisions=False)[0], X)

    def predict_log_proba(self, X: Any) -> Any:
        """(n, K) natural logarithms of predict_proba; right where probabilities round to 0."""
        return self._table(self._core.score(self._frame(X), False, True, False)[1], X)

    def decide(self, X: Any, cost: Any = None) -> Any:
        """(n) labels of least expected cost.

        cost: as `steelyard.decide` takes it (text, {(actual, predicted): cost}, (K, K), by row
        (n, K, K) or with arrays (n) in the dict); None: by the rule of the model.
        """
        if cost is None:
            return self.predict(X)
        probabilities = self._core.score(self._frame(X), decisions=False)[0]
        costs = costs_of(cost, self.classes, len(probabilities))
        return self._labels(decide_at(probabilities, costs), X)

    def predict_row(self, row: Mapping) -> Any:
        """The label of one row: a mapping of values by column, None = missing. Some microseconds.

        ValueError for a column that is missing, or of another kind than in training.
        """
        return self.classes[self._row().score(row)[1]].item()

    def predict_proba_row(self, row: Mapping) -> dict:
        """{label: probability} of one row, as predict_row takes it."""
        return self._by_class(self._row().score(row)[0])

    def _row(self) -> CoreRow:
        if not hasattr(self._rows, "row"):
            self._rows.row = CoreRow(self._core)
        return self._rows.row

    def _labels(self, decisions: np.ndarray, X: Any) -> Any:
        labels = self.classes[decisions]
        tensors = arrays.family(X) in ("torch", "tensorflow", "jax")
        return labels if tensors and labels.dtype.kind == "U" else arrays.like(labels, X)

    def _table(self, numbers: np.ndarray, X: Any) -> Any:
        labels = self.classes.tolist() if arrays.family(X) == "pandas" else self._core.classes
        return arrays.like(numbers, X, labels)

    # --- judged ---

    def evaluate(self, X: Any, y: Any, *, cost: Any = None, sample_weight: Any = None) -> Report:
        """Judges the model on rows whose labels are known; they should not be those of training.

        Parameters
        ----------
        X : rows.
        y : (n) labels.
        cost : what mistakes cost, as `decide` takes it; None: the costs that the model was given,
            else 0 and 1.
        sample_weight : (n) weights of the rows; k = k copies.

        Raises
        ------
        ValueError for labels that are no classes of the model and whatever predict raises.
        """
        frame = self._frame(X)
        ids = self._ids(y, frame.rows)
        weights = _scores.weights_of(sample_weight, frame.rows)
        classes = self.classes.tolist()
        costs = None if cost is None else costs_of(cost, classes, frame.rows)
        core = studies.review_model(self._core, frame, ids, weights, classes, costs)
        return Report(core, title="Model", heading=f"the model on {_rows_text(frame.rows)}",
                      subtitle=f"Judged on {_rows_text(frame.rows)}")

    def monitor(self, X: Any, *, sample_weight: Any = None) -> Monitor:
        """Watches rows without labels: what is decided, the prior they suggest, columns that moved.

        ValueError as predict, and for weights that are none.
        """
        frame = self._frame(X)
        weights = _scores.weights_of(sample_weight, frame.rows)
        return Monitor(studies.watch(self._core, frame, weights), self)

    def _ids(self, y: Any, rows: int) -> np.ndarray:
        return _scores.ids_of(_scores.labels_of(y, rows, "X"), self.classes.tolist())

    # --- the same model, another rule ---

    def with_cost(self, cost: Any) -> Model:
        """The model deciding at these costs: text, {(actual, predicted): cost} or (K, K)."""
        core = self._other()
        core.set_cost(cost_matrix(cost, self.classes.tolist()))
        return _retold(core)

    def with_threshold(self, threshold: float) -> Model:
        """The model of two classes deciding for the positive one at p >= threshold."""
        core = self._other()
        core.set_threshold(threshold)
        return _retold(core, _TYPED)

    def with_prior(self, prior: Any = None, *, rows: Any = None,
                   sample_weight: Any = None) -> Model:
        """The model where classes are as common as told.

        prior: {label: share}, or (K) shares, summing to 1; None takes the prior of the training,
        or with `rows` (an X without labels) what these suggest (Saerens 2002): right where rows of
        a class look as they did in training.
        """
        if prior is not None and rows is not None:
            raise ValueError("prior and rows both say how common classes are: give one")
        core = self._other()
        core.set_prior(None)
        if rows is not None:
            frame = self._frame(rows)
            weights = _scores.weights_of(sample_weight, frame.rows)
            prior = core.estimate_prior(frame, weights)[0]
        elif prior is not None:
            prior = self._shares(prior)
        core.set_prior(prior)
        core.set_note(_TEST_LOG_LOSS, None)
        return _retold(core, core.notes.get(_TUNED_NOTE))

    def _shares(self, prior: Any) -> np.ndarray:
        classes = self.classes.tolist()
        if not isinstance(prior, Mapping):
            return np.asarray(prior, float)
        shares = np.full(len(classes), np.nan)
        for label, share in prior.items():
            shares[_classes.index_of(label, classes, "prior")] = share
        if np.isnan(shares).any():
            raise ValueError(f"prior: class {classes[int(np.argmax(np.isnan(shares)))]!r} is left "
                             "out: a share for each class would be right")
        return shares

    def calibrated(self, X: Any, y: Any, kind: str = "temperature", *,
                   sample_weight: Any = None) -> Model:
        """The model with probabilities mended on rows that it did not see in training.

        kind: "temperature", "vector" or "isotonic", in the place of any map before. The costs or
        the threshold that decide stay.
        """
        frame = self._frame(X)
        core = self._other()
        core.calibrate(frame, self._ids(y, frame.rows), kind,
                       _scores.weights_of(sample_weight, frame.rows))
        core.set_note("calibrated", f"{kind}, on rows given afterwards")
        core.set_note(_TEST_LOG_LOSS, None)
        return _retold(core, core.notes.get(_TUNED_NOTE))

    def _other(self) -> CoreModel:
        return self._core.copy()


def _retold(core: CoreModel, tuned_for: str | None = None) -> Model:
    """A changed model; what was noted of tests was of the rule before."""
    core.set_note(_TUNED_NOTE, tuned_for)
    for key in _RULE_NOTES:
        core.set_note(key, None)
    return Model(core)


def _unpickled(content: bytes) -> Model:
    return Model.from_bytes(content)


def _rows_text(rows: int) -> str:
    return f"{rows:,} row{'' if rows == 1 else 's'}"


class Monitor:
    """Rows without labels, as a model sees them. `str()` is the screen of the command line.

    Attributes
    ----------
    rows, weighted_rows, effective_rows : how many
    flagged : share decided positive, of two classes
    per_class : {label: {"decided", "mean_probability", "trained_prior", "prior", "prior_low",
        "prior_high"}}; the prior is what makes these rows most likely, with a 95 % interval
    columns : [{"column", "type", "shift", "shift_expected", "shift_by_chance", "verdict",
        "mean_difference", "missing", "missing_trained", "unseen"}], those that moved most first
    shift, missing, unseen : the largest of the columns
    """

    def __init__(self, core: studies.CoreMonitor, model: Model):
        self._core = core
        figures = core.figures()
        self.rows: int = figures["rows"]
        self.weighted_rows: float = figures["weighted_rows"]
        self.effective_rows: float = figures["effective_rows"]
        self.flagged: float = figures["flagged"]
        self.shift: float = figures["shift"]
        self.missing: float = figures["missing"]
        self.unseen: float = figures["unseen"]
        self.columns: list[dict] = core.columns()
        table = core.classes()
        self.per_class = {label: {name: float(numbers[k]) for name, numbers in table.items()}
                          for k, label in enumerate(model.classes.tolist())}

    def __str__(self) -> str:
        return self._core.text(f"{_rows_text(self.rows)} without labels").rstrip("\n")

    def __repr__(self) -> str:
        return f"<Monitor of {_rows_text(self.rows)}: largest shift {self.shift:.3g}>"

    def _repr_html_(self) -> str:
        return _model_html.monitor_tables(self.per_class, self.columns)
