"""Weighted losses for PyTorch: modules and functions.

>>> loss = steelyard.torch.CrossEntropyLoss(class_weight=steelyard.class_weights(y, "sqrt"))
>>> loss(model(x), y, sample_weight=w).backward()

The classes are on axis 1, as PyTorch has them: logits (N, K, d1, ..), class ids (N, d1, ..) or one
number for each logit; `class_axis=-1` puts them last. The default reduction is "weighted-mean",
sum(w l) / sum(w): that of torch.nn.CrossEntropyLoss with class ids. It differs on purpose where
PyTorch's depends on how labels are written: one-hot labels give what ids give, and where nothing
counts (all labels ignored, all weights 0) the loss is 0 and not NaN. "mean" divides by the number
of positions, which is the mean of torch.nn.BCEWithLogitsLoss.

With `implementation="auto"` the library computes loss and gradient at once of float32, float64 and
(in float32) bfloat16 and float16 tensors on the CPU, read and written where they lie, and refuses
values that cannot be used with their position. Elsewhere (on other devices, in torch.compile and
torch.func, where labels or weights ask for a gradient, or for second derivatives) the same loss
runs in PyTorch's own operations, to the same numbers, without looking at values. "c" and "torch"
choose.
"""

from __future__ import annotations

from typing import Any

import torch

from steelyard import losses
from steelyard._loss import loss_of
from steelyard._torch_function import IMPLEMENTATIONS, apply
from steelyard._types import ArrayLike, ClassWeight, NumbersByClass
from steelyard.weights import Counts

__all__ = [
    "BCEWithLogitsLoss",
    "BalancedSoftmaxLoss",
    "BinaryFocalLoss",
    "CostArgmaxLoss",
    "CostExpectedLoss",
    "CrossEntropyLoss",
    "FocalLoss",
    "LDAMLoss",
    "LogitAdjustedLoss",
    "Loss",
    "VectorScalingLoss",
    "balanced_softmax",
    "binary_cross_entropy_with_logits",
    "binary_focal",
    "cost_argmax",
    "cost_expected",
    "cross_entropy",
    "focal",
    "ldam",
    "logit_adjusted",
    "vector_scaling",
]


def _options(given: dict) -> dict:
    """The options of losses.Loss, with PyTorch's class axis and its word for `ignore`."""
    usual = None if given.get("base") == "sigmoid" else -100
    options = {"class_axis": 1, "ignore": given.get("ignore_index", usual), **given}
    options.pop("ignore_index", None)
    return options


class Loss(torch.nn.Module):
    """Any loss of `steelyard.losses.Loss`, as a module.

    Parameters
    ----------
    class_weight, label_smoothing, reduction, divisor, parts, ... : see `steelyard.losses.Loss`
    ignore_index : int or None
        A class id (sigmoid: a value) that takes its position out; -100, of a sigmoid None.
    class_axis : int or None
        1 unless given.
    implementation : "auto", "c" or "torch"

    Shapes
    ------
    logits (N, K, d1, ..), or (K,); labels (N, d1, ..) of integers or (N, K, d1, ..); sample_weight
    and mask (N,) or (N, d1, ..); row_costs (N, K, d1, ..). The loss is a scalar; of reduction
    "none" (N, d1, ..), of a sigmoid (N, L, d1, ..).
    """

    def __init__(self, *, implementation: str = "auto", **options: Any):
        super().__init__()
        if implementation not in IMPLEMENTATIONS:
            raise ValueError(f"implementation: no {implementation!r}; there are "
                             f"{', '.join(IMPLEMENTATIONS)}")
        self.implementation = implementation
        self.loss = losses.Loss(**_options(options))

    def forward(self, logits: torch.Tensor, labels: torch.Tensor,
                sample_weight: ArrayLike = None, mask: ArrayLike = None,
                row_costs: ArrayLike = None) -> torch.Tensor:
        """Loss of a batch; ValueError with the position of a value that cannot be used."""
        return apply(self.loss, logits, labels, sample_weight, mask, row_costs,
                     self.implementation)

    def extra_repr(self) -> str:
        """The loss's options, in what PyTorch prints of a module."""
        return repr(self.loss)[len("Loss("):-1]


class CrossEntropyLoss(Loss):
    """torch.nn.CrossEntropyLoss with class weights in any form and weights of rows.

    Parameters
    ----------
    class_weight : array (K), dict by class id, ClassWeights or str, optional
        A text is a policy ("balanced") that goes by `counts`.
    options : those of `Loss`
    """

    def __init__(self, class_weight: ClassWeight = None, **options: Any):
        super().__init__(class_weight=class_weight, **options)


class BCEWithLogitsLoss(Loss):
    """torch.nn.BCEWithLogitsLoss of labels on the class axis.

    Parameters
    ----------
    positive_weight : float, array (L) or dict, optional
        Weights of presence: one for each label, never for columns of an image.
    options : those of `Loss`; reduction="mean" is PyTorch's
    """

    def __init__(self, positive_weight: NumbersByClass | float | None = None, **options: Any):
        super().__init__(base="sigmoid", positive_weight=positive_weight, **options)


class FocalLoss(Loss):
    """(1 - p)^gamma times cross-entropy."""

    def __init__(self, class_weight: ClassWeight = None, *, gamma: float = 2.0, **options: Any):
        super().__init__(class_weight=class_weight, parts=_focal(gamma), **options)


class BinaryFocalLoss(Loss):
    """The same of independent labels."""

    def __init__(self, positive_weight: NumbersByClass | float | None = None, *,
                 gamma: float = 2.0, **options: Any):
        super().__init__(base="sigmoid", positive_weight=positive_weight, parts=_focal(gamma),
                         **options)


class LogitAdjustedLoss(Loss):
    """Cross-entropy of z_k + tau ln(n_k / n)."""

    def __init__(self, counts: NumbersByClass | Counts, *, tau: float = 1.0, **options: Any):
        super().__init__(counts=counts, parts=_adjustment(tau), **options)


class BalancedSoftmaxLoss(LogitAdjustedLoss):
    """LogitAdjustedLoss with tau = 1."""


class LDAMLoss(Loss):
    """Cross-entropy with margins, the wider the rarer the class; for logits that are cosines."""

    def __init__(self, counts: NumbersByClass | Counts, *, margin: float = 0.5,
                 scale: float = 30.0, **options: Any):
        super().__init__(counts=counts, parts=_ldam(margin, scale), **options)


class VectorScalingLoss(Loss):
    """Cross-entropy of (n_k / n_max)^gamma z_k + tau ln(n_k / n)."""

    def __init__(self, counts: NumbersByClass | Counts, *, gamma: float = 0.15, tau: float = 1.0,
                 **options: Any):
        super().__init__(counts=counts, parts=_vs(gamma, tau), **options)


class CostExpectedLoss(Loss):
    """The expected cost sum_j C[y, j] p_j; of each row with row_costs=."""

    def __init__(self, cost: Any = None, **options: Any):
        super().__init__(cost=cost, cost_use="expected", **options)


class CostArgmaxLoss(Loss):
    """Cross-entropy times C[y, argmax p], held constant in the gradient."""

    def __init__(self, cost: Any = None, **options: Any):
        super().__init__(cost=cost, cost_use="argmax", **options)


def _focal(gamma):
    return f"focal:gamma={gamma!r}"


def _adjustment(tau):
    return f"logit-adjustment:tau={tau!r}"


def _ldam(margin, scale):
    return f"ldam:margin={margin!r},scale={scale!r}"


def _vs(gamma, tau):
    return f"vs:gamma={gamma!r},tau={tau!r}"


# --- functions ---

def _run(logits, labels, options):
    call = {name: options.pop(name) for name in
            ("sample_weight", "mask", "row_costs", "implementation") if name in options}
    return apply(loss_of(_options(options)), logits, labels, **call)


def cross_entropy(logits: torch.Tensor, labels: torch.Tensor, *, class_weight: ClassWeight = None,
                  sample_weight: ArrayLike = None, mask: ArrayLike = None,
                  ignore_index: int | None = -100, label_smoothing: float = 0.0,
                  reduction: str = "weighted-mean", implementation: str = "auto",
                  **options: Any) -> torch.Tensor:
    """The loss of `CrossEntropyLoss`; `options` are further ones of `Loss`."""
    return _run(logits, labels, {
        "class_weight": class_weight, "sample_weight": sample_weight, "mask": mask,
        "ignore_index": ignore_index, "label_smoothing": label_smoothing, "reduction": reduction,
        "implementation": implementation, **options})


def binary_cross_entropy_with_logits(logits: torch.Tensor, labels: torch.Tensor, *,
                                     positive_weight: NumbersByClass | float | None = None,
                                     class_weight: ClassWeight = None,
                                     sample_weight: ArrayLike = None, mask: ArrayLike = None,
                                     ignore_index: int | None = None,
                                     reduction: str = "weighted-mean",
                                     implementation: str = "auto",
                                     **options: Any) -> torch.Tensor:
    """The loss of `BCEWithLogitsLoss`; `options` are further ones of `Loss`."""
    return _run(logits, labels, {
        "base": "sigmoid", "positive_weight": positive_weight, "class_weight": class_weight,
        "sample_weight": sample_weight, "mask": mask, "ignore_index": ignore_index,
        "reduction": reduction, "implementation": implementation, **options})


def focal(logits: torch.Tensor, labels: torch.Tensor, *, gamma: float = 2.0,
          **options: Any) -> torch.Tensor:
    """The loss of `FocalLoss`; `options` are those of `cross_entropy`."""
    return _run(logits, labels, {"parts": _focal(gamma), **options})


def binary_focal(logits: torch.Tensor, labels: torch.Tensor, *, gamma: float = 2.0,
                 **options: Any) -> torch.Tensor:
    """The loss of `BinaryFocalLoss`; `options` are those of `binary_cross_entropy_with_logits`."""
    return _run(logits, labels, {"base": "sigmoid", "parts": _focal(gamma), **options})


def logit_adjusted(logits: torch.Tensor, labels: torch.Tensor, *,
                   counts: NumbersByClass | Counts, tau: float = 1.0,
                   **options: Any) -> torch.Tensor:
    """The loss of `LogitAdjustedLoss`; `options` are those of `cross_entropy`."""
    return _run(logits, labels, {"counts": counts, "parts": _adjustment(tau), **options})


def balanced_softmax(logits: torch.Tensor, labels: torch.Tensor, *,
                     counts: NumbersByClass | Counts, **options: Any) -> torch.Tensor:
    """The loss of `BalancedSoftmaxLoss`; `options` are those of `cross_entropy`."""
    return logit_adjusted(logits, labels, counts=counts, **options)


def ldam(logits: torch.Tensor, labels: torch.Tensor, *, counts: NumbersByClass | Counts,
         margin: float = 0.5, scale: float = 30.0, **options: Any) -> torch.Tensor:
    """The loss of `LDAMLoss`; `options` are those of `cross_entropy`."""
    return _run(logits, labels, {"counts": counts, "parts": _ldam(margin, scale), **options})


def vector_scaling(logits: torch.Tensor, labels: torch.Tensor, *,
                   counts: NumbersByClass | Counts, gamma: float = 0.15, tau: float = 1.0,
                   **options: Any) -> torch.Tensor:
    """The loss of `VectorScalingLoss`; `options` are those of `cross_entropy`."""
    return _run(logits, labels, {"counts": counts, "parts": _vs(gamma, tau), **options})


def cost_expected(logits: torch.Tensor, labels: torch.Tensor, *, cost: Any = None,
                  row_costs: ArrayLike = None, **options: Any) -> torch.Tensor:
    """The loss of `CostExpectedLoss`; `options` are those of `cross_entropy`."""
    return _run(logits, labels, {"cost": cost, "cost_use": "expected", "row_costs": row_costs,
                                 **options})


def cost_argmax(logits: torch.Tensor, labels: torch.Tensor, *, cost: Any = None,
                row_costs: ArrayLike = None, **options: Any) -> torch.Tensor:
    """The loss of `CostArgmaxLoss`; `options` are those of `cross_entropy`."""
    return _run(logits, labels, {"cost": cost, "cost_use": "argmax", "row_costs": row_costs,
                                 **options})
