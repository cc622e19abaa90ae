"""Weighted losses on logits, with their gradients.

>>> loss, gradient = losses.cross_entropy(logits, labels, class_weight=[1, 5])

Logits are arrays of float32 or float64 of any strides, with their classes on `class_axis`; they are
read where they lie, and the gradient has their type and layout. Integers are read as float64;
float16 and bfloat16 are computed in float32, and the gradient is cast back. The formulas are those
of docs/losses.md. What a loss is made of is checked once and kept, so that calling a function with
the same options again costs microseconds; `Loss` is for keeping one oneself.
"""

from __future__ import annotations

from typing import Any

from steelyard._core.losses import loss_parts
from steelyard._loss import Loss, loss_of
from steelyard._types import ArrayLike, ClassWeight, NumbersByClass
from steelyard.weights import Counts

__all__ = [
    "Loss",
    "balanced_softmax",
    "binary_cross_entropy",
    "binary_focal",
    "cost_argmax",
    "cost_expected",
    "cross_entropy",
    "focal",
    "ldam",
    "logit_adjusted",
    "loss_parts",
    "vector_scaling",
]


def cross_entropy(logits: ArrayLike, labels: ArrayLike, *, class_weight: ClassWeight = None,
                  sample_weight: ArrayLike = None, mask: ArrayLike = None,
                  ignore: int | None = None, label_smoothing: float = 0.0,
                  reduction: str = "weighted-mean", divisor: float | None = None,
                  counts: NumbersByClass | Counts | None = None, class_axis: int = -1,
                  gradient: bool = True) -> tuple[Any, Any] | Any:
    """Softmax cross-entropy: w_y -ln p_y.

    Parameters
    ----------
    logits : array (.., K, ..), the class axis at `class_axis`
    labels : array
        Class ids of the shape of the positions (the logits' without their class axis), or one-hot
        or soft labels of the shape of the logits: both give the same.
    class_weight : array (K), dict, ClassWeights or str, optional
        A dict is by class id, {0: 1, 1: 5}, perhaps with a "default"; a text is a policy
        ("balanced") that goes by `counts`.
    sample_weight : array, optional
        Weights >= 0 of rows (the first axis) or of positions.
    mask : array of booleans, optional
        False takes a row or position out.
    ignore : int, optional
        A class id that takes its position out.
    label_smoothing : float, 0 to 1
    reduction : "weighted-mean", "sum", "mean", "nonzero-mean", "divisor" or "none"
        sum(w l) divided by the sum of w, 1, the number of positions, of those with a weight, or by
        `divisor`, which may be given alone; or w l of each position. Without any weight 0.
    counts : array (K), dict or Counts, optional
        Rows of each class, for a policy.
    gradient : bool
        Whether it is wanted. Of reduction "none" it is that of the sum.

    Returns
    -------
    (loss, gradient), or the loss alone. The loss is a float, of reduction "none" an array of the
    positions; the gradient has the kind, type and layout of the logits.

    Raises
    ------
    ValueError
        A logit that is NaN or +inf, a label, weight or option that cannot be used: with its
        position; shapes that do not go together.
    """
    loss = loss_of({"class_weight": class_weight, "ignore": ignore,
                    "label_smoothing": label_smoothing, "reduction": reduction, "divisor": divisor,
                    "counts": counts, "class_axis": class_axis})
    return loss(logits, labels, sample_weight=sample_weight, mask=mask, gradient=gradient)


def binary_cross_entropy(logits: ArrayLike, labels: ArrayLike, *,
                         positive_weight: NumbersByClass | float | None = None,
                         class_weight: ClassWeight = None, sample_weight: ArrayLike = None,
                         mask: ArrayLike = None, ignore: int | None = None,
                         label_smoothing: float = 0.0, reduction: str = "weighted-mean",
                         divisor: float | None = None, class_axis: int | None = -1,
                         gradient: bool = True) -> tuple[Any, Any] | Any:
    """Sigmoid cross-entropy of independent labels: q y -ln p + (1 - y) -ln (1 - p).

    Parameters
    ----------
    logits : array (.., L, ..), the axis of the labels at `class_axis`
        One axis is one label; with `class_axis=None` all logits are of one label.
    labels : array of the logits' shape, 0 to 1
    positive_weight : float, array (L) or dict by label id, optional
        q, the weights of presence.
    class_weight : array (L, 2), optional
        The weights of absence and presence; of one label also (2,), a dict or a policy.
    reduction, others : as of `cross_entropy`
        Means count labels, and "none" gives the loss of each, in the shape of the logits.
    """
    loss = loss_of({"base": "sigmoid", "positive_weight": positive_weight,
                    "class_weight": class_weight, "ignore": ignore,
                    "label_smoothing": label_smoothing, "reduction": reduction, "divisor": divisor,
                    "class_axis": class_axis})
    return loss(logits, labels, sample_weight=sample_weight, mask=mask, gradient=gradient)


def focal(logits: ArrayLike, labels: ArrayLike, *, gamma: float = 2.0,
          **options: Any) -> tuple[Any, Any] | Any:
    """Focal loss: (1 - p_y)^gamma times cross-entropy, with its full gradient.

    `options` are those of `cross_entropy`; the alpha of focal loss is a class weight.
    """
    return _with_parts(f"focal:gamma={gamma!r}", logits, labels, options)


def binary_focal(logits: ArrayLike, labels: ArrayLike, *, gamma: float = 2.0,
                 **options: Any) -> tuple[Any, Any] | Any:
    """Focal loss of independent labels, each side bent by its own p.

    `options` are those of `binary_cross_entropy`.
    """
    return _with_parts(f"focal:gamma={gamma!r}", logits, labels, {"base": "sigmoid", **options})


def logit_adjusted(logits: ArrayLike, labels: ArrayLike, *, counts: NumbersByClass | Counts,
                   tau: float = 1.0, **options: Any) -> tuple[Any, Any] | Any:
    """Cross-entropy of z_k + tau ln(n_k / n) (Menon et al. 2021).

    Parameters
    ----------
    counts : array (K), dict by class id or Counts
        Rows of each class in the training data.
    options : those of `cross_entropy`

    The trained logits, without the offsets, decide as if all classes were equally frequent.
    """
    return _with_parts(f"logit-adjustment:tau={tau!r}", logits, labels,
                       {"counts": counts, **options})


def balanced_softmax(logits: ArrayLike, labels: ArrayLike, *, counts: NumbersByClass | Counts,
                     **options: Any) -> tuple[Any, Any] | Any:
    """Cross-entropy of z_k + ln n_k (Ren et al. 2020): `logit_adjusted` with tau = 1."""
    return logit_adjusted(logits, labels, counts=counts, **options)


def ldam(logits: ArrayLike, labels: ArrayLike, *, counts: NumbersByClass | Counts,
         margin: float = 0.5, scale: float = 30.0, **options: Any) -> tuple[Any, Any] | Any:
    """Cross-entropy with margins, margin (n_min / n_k)^1/4, the wider the rarer (Cao et al. 2019).

    Made for logits that are cosines, which the scale widens. Labels are class ids or one-hot.
    `options` are those of `cross_entropy`.
    """
    return _with_parts(f"ldam:margin={margin!r},scale={scale!r}", logits, labels,
                       {"counts": counts, **options})


def vector_scaling(logits: ArrayLike, labels: ArrayLike, *, counts: NumbersByClass | Counts,
                   gamma: float = 0.15, tau: float = 1.0,
                   **options: Any) -> tuple[Any, Any] | Any:
    """Cross-entropy of (n_k / n_max)^gamma z_k + tau ln(n_k / n) (Kini et al. 2021).

    `options` are those of `cross_entropy`.
    """
    return _with_parts(f"vs:gamma={gamma!r},tau={tau!r}", logits, labels,
                       {"counts": counts, **options})


def cost_expected(logits: ArrayLike, labels: ArrayLike, *, cost: Any = None,
                  row_costs: ArrayLike = None, **options: Any) -> tuple[Any, Any] | Any:
    """The expected cost sum_j C[y, j] p_j in place of cross-entropy.

    Parameters
    ----------
    cost : array (K, K), {(actual, predicted): cost} or str, optional
        Costs by actual and predicted class.
    row_costs : array of the logits' shape, optional
        Costs of predicting each class at each position, in place of `cost`.
    options : those of `cross_entropy`
    """
    return _with_costs("expected", logits, labels, cost, row_costs, options)


def cost_argmax(logits: ArrayLike, labels: ArrayLike, *, cost: Any = None,
                row_costs: ArrayLike = None, **options: Any) -> tuple[Any, Any] | Any:
    """Cross-entropy times C[y, argmax p], which is held constant in the gradient (keras#2115).

    Parameters are those of `cost_expected`, which usually is what is meant.
    """
    return _with_costs("argmax", logits, labels, cost, row_costs, options)


_CALL = ("sample_weight", "mask", "row_costs", "gradient")


def _with_parts(parts, logits, labels, options):
    return _run(logits, labels, {"parts": parts, **options})


def _with_costs(use, logits, labels, cost, row_costs, options):
    return _run(logits, labels, {"cost_use": use, "cost": cost, "row_costs": row_costs, **options})


def _run(logits, labels, options):
    call = {name: options.pop(name) for name in _CALL if name in options}
    return loss_of(options)(logits, labels, **call)
