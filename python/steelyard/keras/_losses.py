"""steelyard's losses as losses of Keras."""

from __future__ import annotations

from typing import Any

import keras
from keras import ops

from steelyard._types import ArrayLike, ClassWeight, NumbersByClass
from steelyard.keras import _arithmetic as arithmetic
from steelyard.keras import _numbers
from steelyard.keras._shapes import Shapes, mask_of
from steelyard.weights import Counts

# Keras's own names of reductions, as they are called here.
_REDUCTIONS = {None: "none", "sum_over_batch_size": "mean", "mean_with_sample_weight":
               "weighted-mean"}
_KINDS = (None, "index", "one-hot", "multi-hot")

_registered = keras.saving.register_keras_serializable(package="steelyard")


def _replicas() -> int:
    """On how many devices TensorFlow trains at once: each has a part of the batch."""
    if keras.backend.backend() != "tensorflow":
        return 1
    import tensorflow

    return tensorflow.distribute.get_strategy().num_replicas_in_sync


def _refuse(name: str, value, right: str):
    raise ValueError(f"{name}: {value!r}; {right} would be right")


@_registered
class Loss(keras.losses.Loss):
    """A weighted loss of logits, made of parts (docs/losses.md) that go together freely.

    Logits are (n, .., K), labels class ids (n, ..) or one-hot or soft rows (n, .., K); of a sigmoid
    L labels, each 0 or 1, (n, .., L). Row weights given to `fit` are (n,), (n, ..) or, of a
    sigmoid, (n, .., L).

    Parameters
    ----------
    base : "softmax" or "sigmoid".
    class_weight : list or array (K) in class order, {class id: weight}, what
        `steelyard.class_weights` gives, or a policy ("balanced") with counts. Sigmoid: (L, 2), the
        weights of a label's absence and presence.
    positive_weight : (L) the weights of presence alone, of a sigmoid.
    counts : (K) rows of each class, or a steelyard.Counts; for parts and policies that need them.
    parts : "focal:gamma=2", "logit-adjustment:tau=1", "ldam:margin=0.5,scale=30",
        "vs:gamma=0.15,tau=1", joined by '+'.
    slopes, offsets, margins : (K) and scale, of the transform.
    label_smoothing : from 0 to 1.
    cost : (K, K) of predicting a class (column) where another (row) is right.
    cost_use : "expected" or "argmax".
    weigh_by_prediction : the class weight of the predicted class instead of the true one.
    ignore : a class id whose positions are taken out (of 0/1 rows: a value whose cells are).
    reduction : "weighted-mean" (sum(w l) / sum(w); Keras's "mean_with_sample_weight"), "mean"
        ("sum_over_batch_size": by positions that are not taken out), "sum", "nonzero-mean",
        "divisor" or "none" (of a sigmoid the losses of the cells). A mean without any weight is 0.
    class_axis : where the logits have their classes.
    from_logits : False where the model ends in a softmax or sigmoid.
    n_classes : K, where {class id: weight} with a "default" leaves it open.
    kind : "index", "one-hot" or "multi-hot" where a shape that is not known until the model runs
        leaves it open.

    Labels outside the classes, and rows that are no distribution, are a ValueError naming their
    place where numbers are at hand (PyTorch, eager calls), and a loss of NaN inside a compiled
    step of TensorFlow or JAX, which cannot raise.
    """

    def __init__(self, *, base: str = "softmax", class_weight: ClassWeight = None,
                 positive_weight: NumbersByClass | float | None = None,
                 counts: NumbersByClass | Counts | None = None, parts: str | None = None,
                 slopes: ArrayLike = None, offsets: ArrayLike = None, margins: ArrayLike = None,
                 scale: float | None = None, label_smoothing: float = 0.0, cost: Any = None,
                 cost_use: str | None = None, weigh_by_prediction: bool = False,
                 ignore: int | None = None, reduction: str | None = "weighted-mean",
                 divisor: float | None = None, class_axis: int = -1, from_logits: bool = True,
                 kind: str | None = None, n_classes: int | None = None, name: str | None = None,
                 dtype: Any = None):
        super().__init__(name=name, reduction="none", dtype=dtype)
        self.reduction = _REDUCTIONS.get(reduction, reduction)
        if kind not in _KINDS:
            _refuse("kind", kind, "'index', 'one-hot' or 'multi-hot'")
        options = {
            "base": base,
            "class_weight": class_weight,
            "positive_weight": positive_weight,
            "counts": counts,
            "parts": parts,
            "slopes": slopes,
            "offsets": offsets,
            "margins": margins,
            "scale": scale,
            "label_smoothing": float(label_smoothing),
            "cost": cost,
            "cost_use": cost_use,
            "weigh_by_prediction": bool(weigh_by_prediction),
            "ignore": None if ignore is None else int(ignore),
            "divisor": divisor,
            "class_axis": int(class_axis),
            "from_logits": bool(from_logits),
            "kind": kind,
            "n_classes": n_classes,
        }
        self._check_names(base, cost_use)
        n_classes = n_classes or _numbers.n_classes_of(options)
        self._options = _numbers.plain(options, n_classes)
        self._known = {}
        self._numbers(n_classes or 2)  # where there is nothing by class, any number checks the rest

    def _check_names(self, base, cost_use):
        if base not in ("softmax", "sigmoid"):
            _refuse("base", base, "'softmax' or 'sigmoid'")
        if cost_use not in (None, "expected", "argmax"):
            _refuse("cost_use", cost_use, "'expected' or 'argmax'")
        known = ("weighted-mean", "mean", "sum", "nonzero-mean", "divisor", "none")
        if self.reduction not in known:
            _refuse("reduction", self.reduction, f"one of {', '.join(known)}")

    def _numbers(self, n_classes: int) -> _numbers.Numbers:
        if n_classes not in self._known:
            options = {**self._options, "reduction": self.reduction}
            self._known[n_classes] = _numbers.numbers_of(options, n_classes)
        return self._known[n_classes]

    def get_config(self) -> dict[str, Any]:
        """What Keras writes into a saved model, for from_config."""
        return {"name": self.name, "dtype": self.dtype, "reduction": self.reduction,
                **self._options}

    def call(self, y_true: Any, y_pred: Any) -> Any:
        """Weighted losses of the positions, not reduced."""
        return self._evaluate(y_true, y_pred, None)[0]

    def __call__(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> Any:
        with keras.name_scope(self.name):
            return self._reduce(*self._evaluate(y_true, y_pred, sample_weight))

    def _evaluate(self, y_true, y_pred, sample_weight):
        """(losses, weights, whether counted) of the positions, of a sigmoid of the cells."""
        shapes = Shapes(self._options, ops.convert_to_tensor(y_pred, dtype=self.dtype), y_true)
        numbers = self._numbers(shapes.n_classes)
        weights, counted = shapes.weights(sample_weight, mask_of(y_pred, self._options))
        labels = shapes.labels(counted * ops.cast(ops.not_equal(weights, 0), weights.dtype))
        if self._options["base"] == "sigmoid":
            return self._cells(shapes, numbers, labels, weights, counted)
        share = weights * arithmetic.softmax_share(labels, numbers, shapes.logits)
        # Smoothing gives a part of a label to the other classes, which may weigh more than nothing.
        active = weights if numbers.smoothing or numbers.weigh_by_prediction else share
        logits = shapes.logits_of(ops.expand_dims(ops.not_equal(active, 0), -1))
        shapes.check_hard(labels, numbers)
        losses = weights * arithmetic.softmax_losses(logits, labels, numbers)
        return self._end(shapes, losses, active, share, counted)

    def _cells(self, shapes, numbers, labels, weights, counted):
        share = weights * arithmetic.sigmoid_share(labels, numbers, shapes.logits)
        logits = shapes.logits_of(ops.not_equal(weights, 0))
        shapes.check_cells(labels, numbers)
        losses = weights * arithmetic.sigmoid_losses(logits, labels, numbers)
        return self._end(shapes, losses, weights, share, counted)

    @staticmethod
    def _end(shapes, losses, active, share, counted):
        """What weighs nothing has no loss, whatever its logits are; wrong labels have NaN."""
        losses = ops.where(ops.equal(active, 0), ops.zeros_like(losses), losses)
        if shapes.wrong is not None:
            nan = ops.full_like(losses, float("nan"))
            losses = ops.where(shapes.wrong, nan, losses)
        return losses, share, counted

    def _reduce(self, losses, share, counted):
        if self.reduction == "none":
            return losses
        total = ops.sum(losses)
        if self.reduction == "sum":
            return total
        if self.reduction == "divisor":
            return total / self._options["divisor"]
        by = {"weighted-mean": share, "mean": counted,
              "nonzero-mean": ops.cast(ops.not_equal(share, 0), losses.dtype)}
        divisor = ops.sum(ops.stop_gradient(by[self.reduction]))
        return ops.divide_no_nan(total, divisor) / _replicas()


def _joined(*parts):
    return " + ".join(part for part in parts if part)


class _Named(Loss):
    """A loss that fixes some options: what it calls its own goes into its configuration."""

    _fixed = ("base", "parts", "cost_use")
    _own: dict = {}

    def get_config(self) -> dict[str, Any]:
        config = {key: value for key, value in super().get_config().items()
                  if key not in self._fixed}
        return {**config, **self._own}


@_registered
class CrossEntropy(_Named):
    """Softmax cross-entropy; options as `Loss` has them."""

    def __init__(self, class_weight: ClassWeight = None, **options: Any):
        super().__init__(class_weight=class_weight, **options)


@_registered
class BinaryCrossEntropy(_Named):
    """Sigmoid cross-entropy, each label yes or no by itself; options as `Loss` has them.

    The "mean" is over cells, as Keras's BinaryCrossentropy has it, but row weights may be those of
    cells, (n, .., L), which Keras's own has averaged away before it weighs.
    """

    def __init__(self, class_weight: ClassWeight = None, *,
                 positive_weight: NumbersByClass | float | None = None, **options: Any):
        super().__init__(base="sigmoid", class_weight=class_weight,
                         positive_weight=positive_weight, **options)


@_registered
class Focal(_Named):
    """(1 - p)^gamma times cross-entropy (Lin et al. 2017); its alpha is a class weight."""

    def __init__(self, gamma: float = 2.0, *, class_weight: ClassWeight = None, **options: Any):
        self._own = {"gamma": gamma}
        super().__init__(parts=f"focal:gamma={gamma}", class_weight=class_weight, **options)


@_registered
class BinaryFocal(_Named):
    """Focal loss of labels that are yes or no each by itself."""

    def __init__(self, gamma: float = 2.0, *, class_weight: ClassWeight = None,
                 positive_weight: NumbersByClass | float | None = None, **options: Any):
        self._own = {"gamma": gamma}
        super().__init__(base="sigmoid", parts=f"focal:gamma={gamma}", class_weight=class_weight,
                         positive_weight=positive_weight, **options)


@_registered
class LogitAdjusted(_Named):
    """Cross-entropy of z_k + tau ln(n_k / n) (Menon et al. 2021)."""

    def __init__(self, counts: NumbersByClass | Counts, tau: float = 1.0, **options: Any):
        self._own = {"tau": tau}
        super().__init__(parts=f"logit-adjustment:tau={tau}", counts=counts, **options)


@_registered
class BalancedSoftmax(_Named):
    """Cross-entropy of z_k + ln(n_k / n) (Ren et al. 2020)."""

    def __init__(self, counts: NumbersByClass | Counts, **options: Any):
        super().__init__(parts="logit-adjustment:tau=1", counts=counts, **options)


@_registered
class LDAM(_Named):
    """A margin for rare classes, over logits that are cosines (Cao et al. 2019)."""

    def __init__(self, counts: NumbersByClass | Counts, margin: float = 0.5, scale: float = 30.0,
                 **options: Any):
        self._own = {"margin": margin, "scale": scale}
        super().__init__(parts=f"ldam:margin={margin},scale={scale}", counts=counts, **options)


@_registered
class VectorScaling(_Named):
    """Slopes (n_k / n_max)^gamma and offsets tau ln(n_k / n) (Kini et al. 2021)."""

    def __init__(self, counts: NumbersByClass | Counts, gamma: float = 0.15, tau: float = 1.0,
                 **options: Any):
        self._own = {"gamma": gamma, "tau": tau}
        super().__init__(parts=f"vs:gamma={gamma},tau={tau}", counts=counts, **options)


@_registered
class CostExpected(_Named):
    """What a decision drawn at the probabilities costs: sum_j C[y, j] p_j."""

    def __init__(self, cost: Any, **options: Any):
        super().__init__(cost=cost, cost_use="expected", **options)


@_registered
class CostArgmax(_Named):
    """Cross-entropy times C[y, argmax p], to compare with; CostExpected is what serves costs."""

    def __init__(self, cost: Any, **options: Any):
        super().__init__(cost=cost, cost_use="argmax", **options)


__all__ = ["BalancedSoftmax", "BinaryCrossEntropy", "BinaryFocal", "CostArgmax", "CostExpected",
           "CrossEntropy", "Focal", "LDAM", "LogitAdjusted", "Loss", "VectorScaling"]
