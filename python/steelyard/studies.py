"""A study: weigh, fit, judge every row by a model that did not see it, keep one of all rows."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any

import numpy as np

from steelyard import _boosted, _classes, _networks, _scores, arrays
from steelyard._core import studies as _core
from steelyard._core.frames import Frame, frame_of
from steelyard._core.tuning import TuneOptions
from steelyard._core.weights import Policy
from steelyard._words import errors_in_python, in_python
from steelyard.decisions import costs_of
from steelyard.metrics import Metrics, metrics_of
from steelyard.models import Model, model_of
from steelyard.reports import Report

__all__ = ["Study", "study"]

# From here on one share of the rows is judged instead of all of them in folds, as the command line
# has it.
_MANY_ROWS = 100_000


class _StudyReport(Report):
    """A report that is told as a study."""

    def __init__(self, core: _core.CoreStudy, text: str, title: str):
        shown = core.train if core.test is None else core.test
        # The screen's second paragraph begins with how the rows were judged.
        judged = text.split("\n\n")[1].partition("\n")[0]
        super().__init__(shown, title=title, heading=judged, text=text,
                         notes=map(in_python, core.messages))
        self._study = core

    def page(self) -> str:
        return self._study.page(self.title)


class Study:
    """What `steelyard.study` found. `str()` is the screen of `steelyard fit`.

    Attributes
    ----------
    model : Model, trained on all rows, its rule inside
    metrics : Metrics of the rule on rows that the judging models did not see; None without a test
    train_metrics : Metrics of the rule on the training rows
    report : Report of the test rows (of the training rows without a test), `ways` among it
    warnings : list of lines
    policy : text of the class weights' policy
    tuned : dictionary of what tuning found, or None
    family : "logistic", "mlp" or "boosted": what the model is
    families : of model="auto", those that were tried: chosen, by, greater_is_better, rows, and
        tried, {family: {value, log_loss, average_cost, difference, low, high, seconds}} or
        {"trouble"} where it could not be trained; else None
    curve : of a network or of trees, arrays by epoch (round) of the training kept: restart, epoch,
        learning_rate, loss, and held_loss and held_accuracy, means over the trainings that chose
        how long it took; None of logistic regression
    rival : of a network or of trees, how logistic regression with the same weights did on the same
        unseen rows: log_loss, logistic_log_loss, difference, its 95 % interval low, high; or None
    scores_only : what of the loss has no inverse ("focal:gamma=2"): then the model
        gives scores, not probabilities; else ""
    fit : dictionary: objective, gradient_norm, iterations, converged, solver, l2, seconds
    """

    def __init__(self, core: _core.CoreStudy, model: Model, frame: Frame, title: str):
        self._core = core
        self.model = model
        classes = model.classes.tolist()
        self.train_metrics: Metrics = metrics_of(core.train.metrics(), classes)
        self.metrics: Metrics | None = (None if core.test is None else
                                        metrics_of(core.test.metrics(), classes))
        self.warnings: list[str] = [in_python(line) for line in core.messages]
        self.policy: str = core.policy
        self.tuned: dict | None = core.tuned()
        self.family: str = core.family
        self.families: dict | None = core.families
        self._tried = core.families_text + "\n" if core.families else ""
        network = core.network() or {"curve": None, "rival": None, "scores_only": ""}
        self.curve: dict | None = network["curve"]
        self.rival: dict | None = network["rival"]
        self.scores_only: str = network["scores_only"]
        self.fit: dict = core.fit()
        self.report = _StudyReport(core, in_python(core.text(frame.rows, len(frame))), title)

    def __str__(self) -> str:
        return self._tried + str(self.report)

    def __repr__(self) -> str:
        return f"<Study: {self.model.decision}>"

    def _repr_html_(self) -> str:
        return self.model._repr_html_() + self.report._repr_html_()

    def save(self, path: str | os.PathLike) -> None:
        """Writes the report as one page of HTML, whole or not at all. FileError where it cannot."""
        self.report.save(path)


def study(X: Any, y: Any, *, class_weight: Any = None, cost: Any = None, test: Any = "auto",
          calibrate: str | None = None, tune: str | None = None, groups: Any = None,
          sample_weight: Any = None, l2: float | None = None, seed: int = 0,
          classes: Any = None, positive: Any = None, normalize: str | None = None,
          max_flagged: float | None = None, min_precision: float | None = None,
          min_recall: float | None = None, min_count: int = 1, max_categories: int = 64,
          tol: float = 1e-8, max_iter: int = 1000, title: str = "Study", model: str = "logistic",
          held_out: float | None = None, checkpoint: Any = None, resume: Any = None,
          checkpoint_every: float = 5.0, callback: Any = None, **training: Any) -> Study:
    """Trains a model and says what it is worth on rows that it did not see.

    Parameters
    ----------
    X : rows: DataFrame, mapping of columns, anything with `__arrow_c_stream__`, array (n, columns).
        Missing and non-finite numbers are filled and marked, texts are one-hot.
    y : (n) labels: texts, integers or booleans.
    class_weight : policy ("balanced", "sqrt", ...), {label: weight}, weights in the order of the
        classes, "auto" or "auto:METRIC" (chosen on unseen rows); None = ones.
    cost : what mistakes cost, as `steelyard.decide` takes it; decides instead of class weights.
        Costs by row, {("fraud", "ok"): amounts}, are asked for again in a column
        "cost: fraud:ok" wherever the model decides.
    test : how rows are judged: "cv:5", a share as 0.2, a mask (n) of booleans, True = test row,
        (X, y) or (X, y, sample_weight) of other rows, "none"; "auto" = "cv:5" below 100,000 rows,
        else 0.2.
    calibrate : "temperature", "vector", "isotonic" or "refit", made on unseen rows.
    tune : a metric to tune the decision for on unseen rows ("f1", "cost", ...), bounded by
        max_flagged, min_precision and min_recall (shares).
    groups : (n) rows of equal value stay on one side of a split.
    sample_weight : (n) weights of rows; k = k copies, 0 = absent.
    l2 : penalty of the coefficients of standardised numbers; None = 1 / sum of row weights.
    seed : of splits and bootstrap samples.
    classes : the classes in their order; None = those present, sorted.
    positive : of two classes the one to catch; None = the rarer one.
    normalize : class weights scaled: "sum", "classes", "rows", "min" or "max".
    min_count, max_categories : rows a text needs for a column of its own, columns of a text.
    tol, max_iter : of the fit of logistic regression.
    title : heading of the page.
    model : "logistic"; "mlp", a network; "boosted", trees grown by XGBoost; or "auto", all three on
        the same rows, of which the best is kept by the metric of `tune` or of automatic class
        weights, else by cost where there is one, else by log-loss.
    held_out : share of the rows of each training that tells when to stop; the network or the trees
        kept are trained on all rows for as many epochs or rounds. None = the library's own.
    checkpoint : of a network, path of a file that the state of the training is written to, whole or
        not at all, at most every `checkpoint_every` seconds (0 = after every step).
    resume : path of such a file to go on from: the same data and options end in the same bits as
        without the interruption.
    callback : called with an Epoch after each one (of trees each round): fit, fits, restart, epoch,
        learning_rate, loss, held_loss, held_accuracy, best, seconds, rows_per_second, seconds_left.
        What it raises ends the study.
    training : hidden, activation, norm, dropout, loss, optimizer, learning_rate, epochs, patience
        and all other options that MLPClassifier documents, or rounds, max_depth, learning_rate,
        loss and all others of BoostedClassifier. With "auto" those of both, but learning_rate.

    Returns
    -------
    Study

    Raises
    ------
    ValueError naming what is wrong: labels, weights, costs, splits with an empty side, columns.
    RuntimeError where trees are to be grown and XGBoost's library is not there.
    KeyboardInterrupt : Ctrl-C ends it.
    """
    frame = frame_of(X)
    rows = frame.rows
    labels = _scores.labels_of(y, rows, "X")
    known = _scores.present_of(labels) if classes is None else _classes.class_list(classes)
    names = _classes.texts_of(known)
    ids = _scores.ids_of(labels, known)
    weights = _scores.weights_of(sample_weight, rows)
    chosen = -1 if positive is None else _positive_of(positive, known)
    if l2 is not None and not 0 <= l2 < np.inf:
        raise ValueError(f"l2: {l2}: a number of 0 or more, or None, would be right")
    costs = None if cost is None else costs_of(cost, known, rows)
    options = _core.Options()
    options.choose(*_weights(class_weight, known, names, costs, normalize), calibrate,
                   _tuning(tune, max_flagged, min_precision, min_recall, seed))
    if costs is not None:
        options.price(costs, names)
    options.encode(chosen, min_count, max_categories)
    judged = _test(test, rows, known, costs)
    tested_by = _test_text(judged)
    options.test(judged.pop("kind"), judged.pop("value"), seed)
    given = {"held_out": held_out, "checkpoint": checkpoint, "resume": resume, "callback": callback}
    _check_family(model, l2, training, given)
    if model != "logistic":
        _train(options, model, training, held_out, callback)
    if model == "mlp":
        _keep_state(options, checkpoint, resume, checkpoint_every, class_weight=class_weight,
                    test=tested_by, seed=seed, held_out=held_out, **training)
    if model in ("logistic", "auto"):
        options.fit_logistic(l2, tol, max_iter)
    with errors_in_python():
        core = _core.run_study(options, frame, ids, names, known, weights, _codes(groups, rows),
                               costs, **judged)
    for key, value in _notes(core, tested_by, rows, normalize).items():
        core.model.set_note(key, value)
    return Study(core, model_of(core.model, known), frame, title)


def _positive_of(positive: Any, classes: list) -> int:
    if len(classes) != 2:
        raise ValueError(f"positive: {positive!r}: there are {len(classes)} classes, and a "
                         "positive one is of two")
    return _classes.index_of(positive, classes, "positive")


_FAMILIES = ("logistic", "mlp", "boosted", "auto")


def _check_family(model: str, l2: float | None, training: dict, given: dict) -> None:
    """ValueError for what is of another family than is trained; TypeError for no option at all."""
    if model not in _FAMILIES:
        raise ValueError(f"model: {model!r}: 'logistic', 'mlp', 'boosted' or 'auto' would be right")
    typed = [*training, *(name for name, value in given.items() if value is not None)]
    if model == "logistic" and typed:
        if not set(training) <= set(_boosted.DEFAULTS):
            _networks.check_names(training)
        whose = "boosted trees: model='boosted'" if typed[0] in _boosted.DEFAULTS \
            and typed[0] not in _networks.DEFAULTS else "networks: model='mlp'"
        raise ValueError(f"{typed[0]} is for {whose}, or leave it out")
    if model == "mlp" and l2 is not None:
        raise ValueError("l2 is for model='logistic'; a network has weight_decay")
    if model == "boosted" and l2 is not None:
        raise ValueError("l2 is for model='logistic'; boosted trees have reg_lambda")
    for name in ("checkpoint", "resume"):
        if model in ("boosted", "auto") and given[name] is not None:
            raise ValueError(f"{name} is for networks: model='mlp', or leave it out")
    if model == "auto" and not set(training) <= {*_networks.DEFAULTS, *_boosted.DEFAULTS}:
        unknown = next(name for name in training
                       if name not in _networks.DEFAULTS and name not in _boosted.DEFAULTS)
        _boosted.check_names([unknown], "no model of the three has an option",
                             {**_networks.DEFAULTS, **_boosted.DEFAULTS})
    if model == "auto" and "learning_rate" in training:
        raise ValueError("learning_rate means other things to networks and trees: leave it out, or "
                         "choose a model")


def _train(options: _core.Options, model: str, training: dict, held_out: float | None,
           callback: Any) -> None:
    """Gives the options what a family that is trained step by step, or both of them, asks for."""
    share = _networks.HELD_OUT if held_out is None else _networks.read_held_out(held_out)
    onlooker = _networks.onlooker(callback)
    networks = {name: value for name, value in training.items()
                if model == "mlp" or name in _networks.DEFAULTS}
    trees = {name: value for name, value in training.items()
             if model == "boosted" or name in _boosted.DEFAULTS}
    if model in ("mlp", "auto"):
        options.fit_network(_networks.read_options(networks), share, onlooker)
    if model in ("boosted", "auto"):
        options.fit_boosted(_boosted.read_options(trees), share, onlooker)
    if model == "auto":
        options.fit_all()


def _keep_state(options: _core.Options, checkpoint: Any, resume: Any, seconds: float,
                **named: Any) -> None:
    if not 0 <= seconds < np.inf:
        raise ValueError(f"checkpoint_every: {seconds!r}: a number of seconds, 0 or more, would be "
                         "right")
    options.checkpoint(checkpoint, resume, seconds, _networks.option_lines(named))


def _weights(class_weight: Any, classes: list, names: list[str], costs: Any,
             normalize: str | None) -> tuple:
    """Policy, normalisation, and the metric that chooses automatic weights."""
    if isinstance(class_weight, str) and class_weight.partition(":")[0] == "auto":
        metric = class_weight.partition(":")[2] or ("macro_f1" if costs is None else "cost")
        return None, normalize, metric
    if class_weight is None:
        return None, normalize, None
    policy = _policy(class_weight, classes, names)
    if policy.needs_cost:
        if costs is None:
            raise ValueError("class_weight='cost' needs cost=, what mistakes cost")
        if costs.varies:
            raise ValueError("class_weight='cost' takes costs that are the same for every row: "
                             "leave the weights out, costs decide row by row without them")
        _core.set_policy_costs(policy, costs.fixed, names)
    return policy, normalize, None


def _policy(class_weight: Any, classes: list, names: list[str]) -> Policy:
    if isinstance(class_weight, str):
        return Policy.parse(class_weight)
    if not isinstance(class_weight, Mapping):
        return Policy.by_position(np.asarray(class_weight, np.float64).reshape(-1))
    rest = None if "default" in classes else class_weight.get("default")
    given = {names[_classes.index_of(label, classes, "class_weight")]: float(weight)
             for label, weight in class_weight.items()
             if label != "default" or "default" in classes}
    return Policy.explicit(list(given), np.array(list(given.values())), rest)


def _tuning(tune: str | None, max_flagged: float | None, min_precision: float | None,
            min_recall: float | None, seed: int) -> TuneOptions | None:
    bounds = {"max_flagged": max_flagged, "min_precision": min_precision, "min_recall": min_recall}
    if tune is not None:
        return TuneOptions(tune, seed=seed, **bounds)
    for name, bound in bounds.items():
        if bound is not None:
            raise ValueError(f"{name} bounds what is tuned: say what for, as tune='f1'")
    return None


def _test(test: Any, rows: int, classes: list, costs: Any) -> dict:
    """How rows are judged, as Options.test and run_study take it."""
    if isinstance(test, str) and test == "auto":
        test = "cv:5" if rows < _MANY_ROWS else 0.2
    if test is None or isinstance(test, str):
        return _named_test(test)
    if isinstance(test, tuple):
        return _other_rows(test, classes, costs)
    if isinstance(test, (int, float)) and not isinstance(test, bool):
        return {"kind": "share", "value": test}
    mask = arrays.to_numpy(test, "test")
    if mask.shape != (rows,) or mask.dtype.kind != "b":
        raise ValueError(f"test: an array of {mask.dtype} of shape {mask.shape}: booleans of shape "
                         f"({rows},), True = test row, would be right")
    return {"kind": "mask", "value": None, "mask": np.ascontiguousarray(mask, np.uint8)}


def _named_test(test: str | None) -> dict:
    if test is None or test == "none":
        return {"kind": "none", "value": None}
    kind, _, folds = test.partition(":")
    if kind != "cv" or not folds.isdecimal():
        raise ValueError(f"test: {test!r}: 'cv:5', a share as 0.2, a mask of rows, (X, y) of other "
                         "rows or 'none' would be right")
    return {"kind": "folds", "value": int(folds)}


def _test_text(judged: dict) -> str:
    if judged["kind"] == "folds":
        return f"cv:{judged['value']}"
    if judged["kind"] == "share":
        return f"{judged['value']:g}"
    marked = {"mask": "marked rows", "other": "other rows", "none": "none"}
    return marked[judged["kind"]]


def _other_rows(test: tuple, classes: list, costs: Any) -> dict:
    if len(test) not in (2, 3):
        raise ValueError(f"test: {len(test)} parts: (X, y) or (X, y, sample_weight) would be right")
    if costs is not None and costs.varies:
        raise ValueError("test: costs that differ by row are of the rows of X: put the test rows "
                         "among them and mark them by a mask")
    frame = frame_of(test[0])
    ids = _scores.ids_of(_scores.labels_of(test[1], frame.rows, "test X", "test y"), classes,
                         "test y")
    weights = _scores.weights_of(test[2] if len(test) == 3 else None, frame.rows)
    return {"kind": "other", "value": None, "test_frame": frame, "test_ids": ids,
            "test_row_weights": weights}


def _codes(groups: Any, rows: int) -> np.ndarray | None:
    if groups is None:
        return None
    array = arrays.to_numpy(groups, "groups")
    if array.shape != (rows,):
        raise ValueError(f"groups: shape {array.shape}: ({rows},), a value for each row, would be "
                         "right")
    codes = np.unique(array, return_inverse=True)[1]
    return np.ascontiguousarray(codes, np.uint32)


def _notes(core: _core.CoreStudy, tested_by: str, rows: int, normalize: str | None) -> dict:
    """What the command line notes in a model, and Python knows."""
    fit = core.fit()
    notes = {"rows": rows, "l2": fit["l2"], "objective": fit["objective"],
             "gradient norm": fit["gradient_norm"], "iterations": fit["iterations"],
             "converged": "yes" if fit["converged"] else "no", "tested by": tested_by}
    if normalize not in (None, "none"):
        notes["class weights scaled to"] = normalize
    if core.test is not None:
        metrics = core.test.metrics()
        notes |= {f"test {name}": metrics[name.replace(" ", "_").replace("-", "_")]
                  for name in ("log-loss", "balanced accuracy", "average cost")}
    return {key: value if isinstance(value, str) else f"{value:.17g}"
            for key, value in notes.items() if value == value}
