"""A loss as an object, over the library's: what losses.py and torch.py are made of."""

from __future__ import annotations

import operator
from typing import Any

import numpy as np

from steelyard import _loss_arrays as arrays_of
from steelyard import _loss_options as options_of
from steelyard._core.losses import BASES, COST_USES, REDUCTIONS, CoreLoss
from steelyard._types import ArrayLike
from steelyard.arrays import like

_CHOICES = {"base": BASES, "cost_use": COST_USES, "reduction": REDUCTIONS}
_USUAL = {
    "base": "softmax", "class_weight": None, "positive_weight": None, "slopes": None,
    "offsets": None, "margins": None, "scale": 1.0, "parts": None, "counts": None,
    "label_smoothing": 0.0, "cost": None, "cost_use": None, "weigh_by_prediction": False,
    "reduction": "weighted-mean", "divisor": None, "class_axis": -1, "ignore": None,
}


class Loss:
    """A loss that is checked once and run on any number of batches, by any number of threads.

    Parameters
    ----------
    n_classes : int, optional
        K; by default that of the logits, which the options are then checked with.
    base : "softmax" or "sigmoid"
        One class a position, or L labels of which each is there or not.
    class_weight : array, dict, ClassWeights or str, optional
        (K) weights; {class id: weight}, perhaps with a "default"; what `class_weights` gave; a
        policy ("balanced") that goes by `counts`. Of a sigmoid (L, 2), of absence and presence; of
        one label also (2,).
    positive_weight : float, array (L) or dict, optional
        Of a sigmoid: the weights of presence, those of absence being 1.
    slopes, offsets, margins : array (K) or dict, optional
        z'_k = scale (slopes_k z_k + offsets_k - margins_k [k is the label]).
    scale : float
    parts : str, optional
        More parts by name: "focal:gamma=2 + logit-adjustment:tau=1"; `loss_parts()` lists them.
    counts : array (K), dict or Counts, optional
        Rows of each class in the training data, for parts and policies that go by them.
    label_smoothing : float
        a of y (1 - a) + a / K (sigmoid: a / 2).
    cost : array (K, K), dict {(actual, predicted): cost} or str, optional
    cost_use : "expected" or "argmax", optional
        sum_j C[y, j] p_j in place of cross-entropy, or cross-entropy times C[y, argmax p].
    weigh_by_prediction : bool
        The class weight of the predicted class instead of the true one.
    reduction : "weighted-mean", "sum", "mean", "nonzero-mean", "divisor" or "none"
        sum(w l) divided by the sum of w, 1, the number of positions, that of those with a weight,
        or `divisor`; or no sum: w l of each position (sigmoid: of each label).
    divisor : float, optional
    class_axis : int or None
        Where the logits have their classes. None, of a sigmoid: nowhere, all logits are of one
        label, as are those with one axis.
    ignore : int, optional
        A class id (sigmoid: a value of a label) that takes its position out.

    Raises
    ------
    ValueError
        An option out of its range or that does not go with another, naming it; here if `n_classes`
        is given, else when called.
    """

    def __init__(self, n_classes: int | None = None, **options: Any):
        unknown = [name for name in options if name not in _USUAL]
        if unknown:
            raise TypeError(f"Loss has no option {unknown[0]!r}; it has {', '.join(_USUAL)}")
        _check(options)
        self.options = {**_USUAL, **{name: _copied(value) for name, value in options.items()}}
        if self.options["divisor"] is not None:
            self.options["reduction"] = "divisor"
        self._axis, self._ignore = self.options["class_axis"], _ignored(self.options["ignore"])
        self._sigmoid = self.options["base"] == "sigmoid"
        self.has_losses = self.options["reduction"] == "none"
        self._cores, self._label_cores = {}, {}
        self.tensors = {}  # what torch.py makes of it
        if n_classes is not None:
            self.core(int(n_classes))

    def __call__(self, logits: ArrayLike, labels: ArrayLike, *, sample_weight: ArrayLike = None,
                 mask: ArrayLike = None, row_costs: ArrayLike = None, gradient: bool = True,
                 hessian: bool = False) -> tuple[Any, ...] | Any:
        """Loss of a batch.

        Parameters
        ----------
        logits : array (.., K, ..), the class axis at `class_axis`
            Finite, or -inf for a class that cannot be.
        labels : array
            Integers of the shape of the positions, or one-hot, soft or multi-hot labels of the
            shape of the logits.
        sample_weight : array, optional
            Weights >= 0 of rows (first axis) or of positions.
        mask : array of booleans, optional
            False takes a row or position out.
        row_costs : array of the logits' shape, optional
            With cost_use: costs of predicting each class, in place of `cost`.
        gradient, hessian : bool
            Whether d loss / d logits and the diagonal of d2 loss / d logits2 are wanted. Of
            reduction "none" they are those of the sum.

        Returns
        -------
        float (reduction "none": an array of the shape of the positions; of a sigmoid, of the
        logits), followed by the gradient and the Hessian as wanted, in the logits' kind and type.

        Raises
        ------
        ValueError
            A logit, label, weight or cost that cannot be used, with its position; shapes that do
            not go together.
        """
        z = arrays_of.logits_of(logits)
        found = self.evaluate(z, arrays_of.labels_of(labels),
                              arrays_of.weights_of(sample_weight, "sample_weight"),
                              arrays_of.mask_of(mask),
                              arrays_of.weights_of(row_costs, "row_costs"), gradient, hessian)
        value = like(found[0], logits) if self.has_losses else found[0]
        if not gradient and not hessian:
            return value
        return value, *(_cast(array, logits) for array in found[1:] if array is not None)

    def evaluate(self, logits: np.ndarray, labels: np.ndarray, weights: np.ndarray | None = None,
                 mask: np.ndarray | None = None, costs: np.ndarray | None = None,
                 gradient: bool = True, hessian: bool = False) -> tuple[Any, Any, Any]:
        """(loss, gradient or None, Hessian or None) of NumPy arrays of the library's types."""
        shape, axis = logits.shape, self._axis
        if self._sigmoid:
            logits, labels, axis = self._with_labels(logits, labels)
        elif logits.ndim == 1:
            logits, axis = logits[None], 1
            labels, weights, mask, costs = (None if array is None else array[None]
                                            for array in (labels, weights, mask, costs))
        axis = self._placed(axis, logits)
        first = second = None
        if gradient:
            logits, first = _room(logits)
        if hessian:
            logits, second = _room(logits)
        if self.has_losses:
            value = self._each(logits, labels, axis, weights, mask, costs, first, second)
            value = value.reshape(shape if self._sigmoid else
                                  arrays_of.positions_shape(shape, axis if len(shape) > 1 else 0))
        else:
            value, _ = self.core(logits.shape[axis]).evaluate(
                logits, labels, axis, mask=mask, row_weights=weights, ignore=self._ignore,
                row_costs=costs, gradient=first, hessian=second)
        return value, _reshaped(first, shape), _reshaped(second, shape)

    def core(self, n_classes: int) -> CoreLoss:
        """The loss of the library for K classes."""
        core = self._cores.get(n_classes)
        if core is None:
            core = self._cores[n_classes] = CoreLoss(n_classes, **self.resolved(n_classes))
        return core

    def resolved(self, n_classes: int) -> dict:
        """The options as the library takes them: arrays of float64."""
        given, of = self.options, options_of.by_class
        weights = options_of.sigmoid_weights(
            given["class_weight"], given["positive_weight"], n_classes, given["counts"]
        ) if self._sigmoid else self._softmax_weights(n_classes)
        counts = given["counts"] if given["parts"] else None
        return {
            "base": given["base"], "class_weights": weights,
            **{name: of(given[name], n_classes, name) for name in ("slopes", "offsets", "margins")},
            "scale": given["scale"], "parts": given["parts"],
            "counts": of(counts, n_classes, "counts"), "smoothing": given["label_smoothing"],
            "cost_use": given["cost_use"], "cost": options_of.costs(given["cost"], n_classes),
            "weigh_by_prediction": given["weigh_by_prediction"], "reduction": given["reduction"],
            "divisor": given["divisor"] or 0.0,
        }

    def _softmax_weights(self, n_classes):
        given = self.options
        if given["positive_weight"] is not None:
            raise ValueError("positive_weight is for a sigmoid; class_weight would be right")
        return options_of.softmax_weights(given["class_weight"], n_classes, given["counts"])

    def _with_labels(self, logits, labels):
        """Logits and labels of a sigmoid with an axis of labels, and which."""
        axis = self._axis
        if axis is None or logits.ndim < 2:
            return logits[..., None], labels[..., None], logits.ndim
        if labels.ndim == logits.ndim - 1 and -logits.ndim <= axis < logits.ndim \
                and logits.shape[axis] == 1:
            labels = np.expand_dims(labels, axis)
        return logits, labels, axis

    def _placed(self, axis, logits) -> int:
        if axis is None:
            raise ValueError("class_axis=None is for a sigmoid; the axis of the classes would be "
                             "right")
        if not -logits.ndim <= axis < logits.ndim:
            raise ValueError(f"class_axis is {axis}, but the logits have {logits.ndim} axes")
        return axis + logits.ndim if axis < 0 else axis

    # --- reduction "none" ---

    def _each(self, logits, labels, axis, weights, mask, costs, first, second):
        if not self._sigmoid or logits.shape[axis] == 1:
            losses = np.empty(arrays_of.positions_shape(logits.shape, axis), logits.dtype)
            self.core(logits.shape[axis]).evaluate(
                logits, labels, axis, mask=mask, row_weights=weights, ignore=self._ignore,
                row_costs=costs, gradient=first, hessian=second, losses=losses)
            return losses
        try:
            return self._each_label(logits, labels, axis, weights, mask, first, second)
        except ValueError:  # told of the whole batch, with its places
            self.core(logits.shape[axis]).evaluate(logits, labels, axis, mask=mask,
                                                   row_weights=weights, ignore=self._ignore)
            raise

    def _each_label(self, logits, labels, axis, weights, mask, first, second):
        """Losses of cells: each label is a loss by itself, all at once where they are alike."""
        if labels.shape != logits.shape:
            raise ValueError("labels and logits are of different shapes")
        losses = np.empty(logits.shape, logits.dtype)
        cores = self._cores_by_label(logits.shape[axis])
        cells = {"row_weights": arrays_of.per_cell(weights, logits.shape, axis),
                 "mask": arrays_of.per_cell(mask, logits.shape, axis)}
        if len(cores) == 1:
            cores[0].evaluate(logits[..., None], labels[..., None], logits.ndim,
                              ignore=self._ignore, gradient=_deeper(first),
                              hessian=_deeper(second), losses=losses, **cells)
            return losses
        for label, core in enumerate(cores):
            one = {name: arrays_of.one_label(array, axis, label) for name, array in cells.items()}
            part = np.empty(arrays_of.one_label(logits, axis, label).shape, logits.dtype)
            core.evaluate(*(arrays_of.one_label(array, axis, label)[..., None]
                            for array in (logits, labels)), logits.ndim, ignore=self._ignore,
                          gradient=_deeper(arrays_of.one_label(first, axis, label)),
                          hessian=_deeper(arrays_of.one_label(second, axis, label)),
                          losses=part, **one)
            arrays_of.one_label(losses, axis, label)[...] = part
        return losses

    def _cores_by_label(self, n_labels: int) -> list[CoreLoss]:
        """A loss for each label, or a single one where they are alike."""
        cores = self._label_cores.get(n_labels)
        if cores is None:
            cores = self._label_cores[n_labels] = self._split(n_labels)
        return cores

    def _split(self, n_labels: int) -> list[CoreLoss]:
        whole = self.resolved(n_labels)
        arrays = {name: value for name, value in whole.items() if isinstance(value, np.ndarray)}
        alike = all((array == array[0]).all() for array in arrays.values())
        return [CoreLoss(1, **{**whole, **{name: np.ascontiguousarray(array[k:k + 1])
                                           for name, array in arrays.items()}})
                for k in range(1 if alike else n_labels)]

    # --- as an object ---

    def __reduce__(self):
        return _loss_of, (self.options,)

    def __repr__(self):
        given = [f"{name}={value!r}" for name, value in self.options.items()
                 if not (value is _USUAL[name] or _equal(value, _USUAL[name]))]
        return f"Loss({', '.join(given)})"


def _loss_of(options: dict) -> Loss:
    return Loss(**options)


def _equal(value, usual) -> bool:
    return isinstance(value, (str, int, float)) and value == usual


def _check(options: dict) -> None:
    """Refuses names that are none, and a divisor beside another reduction."""
    for name, choices in _CHOICES.items():
        value = options.get(name, _USUAL[name])
        if not isinstance(value, (str, type(None))) or value not in choices:
            raise ValueError(f"{name}: no {value!r}; there are "
                             f"{', '.join(map(str, choices))}")
    divisor = options.get("divisor")
    reduction = options.get("reduction", "weighted-mean")
    if divisor is not None and reduction not in ("weighted-mean", "divisor"):
        raise ValueError(f"divisor: {divisor} with the reduction {reduction!r}; 'divisor' would be "
                         "right")


def _ignored(value) -> int | None:
    """The class id that takes its position out, as the library has it."""
    try:
        number = None if value is None else operator.index(value)
    except TypeError:
        number = 2**63
    if number is not None and not -2**63 <= number < 2**63:
        raise ValueError(f"ignore: {value!r:.60}: a class id would be right")
    return number


def _copied(value):
    """An option that does not change when the caller's does."""
    value = options_of.plain(value)
    if value is None or isinstance(value, (str, int, float)):
        return value
    if hasattr(value, "keys"):
        return dict(value)
    return np.array(options_of.to_numpy(value, "option"))


def _room(logits):
    """(logits, an array of their layout); they are copied where their layout is no good."""
    made = arrays_of.derivative_like(logits)
    if made is None:
        logits = np.ascontiguousarray(logits)
        made = np.empty_like(logits)
    return logits, made


def _reshaped(array, shape):
    return array if array is None or array.shape == shape else array.reshape(shape)


def _deeper(array):
    return None if array is None else array[..., None]


def _cast(array, logits):
    """A derivative in the kind and type of the logits."""
    if isinstance(logits, np.ndarray):
        half = logits.dtype.itemsize == 2 and logits.dtype.kind not in "iu"
        return array.astype(logits.dtype) if half else array
    return like(array, logits)


# --- losses that are looked up by their options ---

_kept: dict = {}
MOST_KEPT = 64


def loss_of(options: dict) -> Loss:
    """The loss with these options, kept from the last call with the same ones."""
    try:
        key = tuple(options), tuple([options_of.frozen(one) for one in options.values()])
        found = _kept.get(key)
    except (options_of.Unfreezable, TypeError):
        return Loss(**options)
    if found is None:
        found = Loss(**options)
        if len(_kept) >= MOST_KEPT:
            _kept.clear()
        _kept[key] = found
    return found
