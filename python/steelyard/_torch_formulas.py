"""The losses of docs/losses.md in PyTorch's own operations, for tensors that the library does not
read: on other devices, in graphs that are compiled, where second derivatives are asked for. The
same numbers as the library's up to rounding, without its checks of values."""

from __future__ import annotations

import contextlib
import re
from typing import Any

import numpy as np
import torch
from torch.nn.functional import log_softmax, logsigmoid

from steelyard._core.losses import loss_parts
from steelyard._loss import Loss


class Constants:
    """What a loss has for K classes, as tensors of a device and type."""

    def __init__(self, loss, n_classes: int, device, dtype):
        resolved = loss.resolved(n_classes)
        resolved.update(_transform(resolved, n_classes))
        for name in ("class_weights", "slopes", "offsets", "margins", "cost"):
            value = resolved[name]
            setattr(self, name, None if value is None else
                    torch.tensor(value, dtype=dtype, device=device))
        self.gamma, self.smoothing = resolved["gamma"], float(resolved["smoothing"])
        self.cost_use, self.reduction = resolved["cost_use"], resolved["reduction"]
        self.divisor, self.by_prediction = resolved["divisor"], resolved["weigh_by_prediction"]
        self.ignore, self.n_classes = loss.options["ignore"], n_classes
        some = resolved["class_weights"] is None or bool((resolved["class_weights"] > 0).any())
        # Whether a position may have a loss though the class of its label weighs nothing.
        self.without_label = self.by_prediction or (self.smoothing > 0 and some)


def _parts(text: str | None) -> dict:
    """{name: {parameter: value}} of parts that the library has read already."""
    usual = {re.split(r"[\[:]", form)[0]: dict(re.findall(r"(\w+)=([^,\]]+)", form))
             for form in loss_parts()}
    found = {}
    for part in re.split(r"\+(?![0-9.])", text or ""):
        name, _, given = part.partition(":")
        name = name.strip()
        if not name:
            continue
        values = dict(usual[name])
        for one in filter(None, given.split(",")):
            key, equals, number = one.partition("=")
            values[key.strip() if equals else next(iter(values))] = number if equals else key
        found[name] = {key: float(number) for key, number in values.items()}
    return found


def _transform(resolved: dict, n_classes: int) -> dict:
    """Slopes, offsets and margins with all parts and the scale in them (None: none), gamma."""
    parts, counts, scale = _parts(resolved["parts"]), resolved["counts"], resolved["scale"]
    slopes, offsets, margins = (
        np.full(n_classes, usual) if resolved[name] is None else resolved[name]
        for name, usual in (("slopes", 1.0), ("offsets", 0.0), ("margins", 0.0)))
    for name in ("logit-adjustment", "vs"):
        if name in parts:
            offsets = offsets + parts[name]["tau"] * np.log(counts / counts.sum())
    if "vs" in parts:
        slopes = slopes * (counts / counts.max()) ** parts["vs"]["gamma"]
    if "ldam" in parts:
        margins = margins + parts["ldam"]["margin"] * (counts.min() / counts) ** 0.25
        scale = scale * parts["ldam"]["scale"]
    made = {"slopes": scale * slopes, "offsets": scale * offsets, "margins": scale * margins}
    made = {name: value if (value != (name == "slopes")).any() else None
            for name, value in made.items()}
    return {**made, "gamma": parts.get("focal", {"gamma": 0.0})["gamma"]}


# --- parts ---

def _moved(c: Constants, z, hard):
    """z'; -inf stays as it is. The margin goes where `hard` (of the logits' shape) is True."""
    if c.slopes is None and c.offsets is None and c.margins is None:
        return z
    moved = z if c.slopes is None else z * c.slopes
    moved = moved if c.offsets is None else moved + c.offsets
    moved = moved if c.margins is None else moved - torch.where(hard, c.margins, 0)
    return torch.where(z == -torch.inf, z, moved)


# What ln p is held between where it is bent: no derivative leaves the range of numbers there.
_NEAREST, _FARTHEST = 1e-30, 800.0


def _bent(c: Constants, log_p):
    """-(1 - p)^gamma ln p."""
    if c.gamma == 0:
        return -log_p
    return (-torch.expm1(log_p.clamp(-_FARTHEST, -_NEAREST))) ** c.gamma * -log_p


def _spread(values, positions, name):
    """Numbers of rows or positions as those of positions."""
    if values.ndim == 1 and len(positions) > 1:
        values = values.reshape(values.shape[0], *(1,) * (len(positions) - 1))
    if values.ndim != len(positions) or any(
            a not in (b, 1) or (a != b and i == 0)
            for i, (a, b) in enumerate(zip(values.shape, positions))):
        raise ValueError(f"{name}: shape {tuple(values.shape)}, the positions are "
                         f"{tuple(positions)}: that shape, or one number for each row, would be "
                         "right")
    return values.expand(positions)


def _reduced(c: Constants, losses, shares, counted):
    if c.reduction == "none":
        return losses
    total = losses.sum()
    if c.reduction == "sum":
        return total
    if c.reduction == "divisor":
        return total / c.divisor
    divisor = {"weighted-mean": lambda: shares, "mean": lambda: counted,
               "nonzero-mean": lambda: shares != 0}[c.reduction]().sum().to(total.dtype)
    some = divisor > 0
    return torch.where(some, total / torch.where(some, divisor, 1), 0)


# --- softmax ---

def _softmax(c: Constants, z, labels, weights, counted, costs):
    """Reduced loss of logits (.., K) with labels (..) or (.., K)."""
    is_ids = labels.ndim < z.ndim
    if is_ids and c.ignore is not None:
        counted = counted & (labels != c.ignore)
    weights = torch.where(counted, weights, 0)
    labels = torch.where(counted, labels.long(), 0) if is_ids else \
        torch.where(counted[..., None], labels.to(z.dtype), 0)
    shares = weights
    if c.class_weights is not None and not c.by_prediction:
        shares = weights * _label_weights(c, labels, is_ids)
    active = (weights != 0) & (c.without_label | (shares != 0))
    z = torch.where(active[..., None], z, 0)
    hard = None
    if c.margins is not None:
        hard = torch.nn.functional.one_hot(labels, c.n_classes) == 1 if is_ids else labels == 1
    z = _moved(c, z, hard)
    predicted = z.detach().argmax(-1)
    if c.by_prediction and c.class_weights is not None:
        shares = weights * c.class_weights[predicted]
    losses = _softmax_losses(c, z, labels, is_ids, predicted, costs)
    return _reduced(c, torch.where(active, weights * losses, 0), shares, counted)


def _label_weights(c: Constants, labels, is_ids):
    return c.class_weights[labels] if is_ids else (labels * c.class_weights).sum(-1)


def _softmax_losses(c: Constants, z, labels, is_ids, predicted, costs):
    """(..) losses without row weights."""
    log_p = log_softmax(z, -1)
    if is_ids and c.smoothing == 0:
        weight = torch.ones((), dtype=z.dtype, device=z.device)
        if c.class_weights is not None:
            weight = c.class_weights[predicted if c.by_prediction else labels]
        if c.cost_use == "expected":
            each = c.cost[labels] if costs is None else costs
            return weight * (each * log_p.exp()).sum(-1)
        if c.cost_use == "argmax":
            weight = weight * (c.cost[labels, predicted] if costs is None else
                               costs.gather(-1, predicted[..., None])[..., 0])
        return weight * _bent(c, log_p.gather(-1, labels[..., None])[..., 0])
    if is_ids:
        labels = torch.nn.functional.one_hot(labels, c.n_classes).to(z.dtype)
    return _shared_losses(c, log_p, labels, predicted, costs)


def _shared_losses(c: Constants, log_p, labels, predicted, costs):
    """The same, where positions have a part of several classes."""
    parts = labels * (1 - c.smoothing) + c.smoothing / c.n_classes
    if c.class_weights is not None:
        parts = parts * (c.class_weights[predicted][..., None] if c.by_prediction else
                         c.class_weights)
    if c.cost_use == "expected":
        each = parts @ c.cost if costs is None else parts.sum(-1, keepdim=True) * costs
        return (each * log_p.exp()).sum(-1)
    if c.cost_use == "argmax":
        parts = parts * (c.cost.T[predicted] if costs is None else
                         costs.gather(-1, predicted[..., None]))
    there = parts != 0
    return torch.where(there, parts * _bent(c, torch.where(there, log_p, -1)), 0).sum(-1)


# --- sigmoid ---

def _sigmoid(c: Constants, z, labels, weights, counted):
    """Reduced loss of logits (.., L) with labels (.., L)."""
    counted = counted[..., None].expand(z.shape)
    if c.ignore is not None:
        counted = counted & (labels != c.ignore)
    labels = torch.where(counted, labels.to(z.dtype), 0)
    weights = torch.where(counted, weights[..., None], 0)
    absent, present = (1, 1) if c.class_weights is None else c.class_weights.unbind(-1)
    shares = weights * (absent * (1 - labels) + present * labels)
    active = (weights != 0) & (c.without_label | (shares != 0))
    x = _moved(c, torch.where(active, z, 0), labels == 1)
    smooth = labels * (1 - c.smoothing) + c.smoothing / 2
    losses = _side(c, x, present * smooth) + _side(c, -x, absent * (1 - smooth))
    return _reduced(c, torch.where(active, weights * losses, 0), shares, counted)


def _side(c: Constants, x, parts):
    there = parts != 0
    return torch.where(there, parts * _bent(c, logsigmoid(torch.where(there, x, 0))), 0)


# --- a batch ---

def evaluate(loss: Loss, logits: torch.Tensor, labels: torch.Tensor,
             weights: torch.Tensor | None = None, mask: torch.Tensor | None = None,
             costs: torch.Tensor | None = None) -> torch.Tensor:
    """The reduced loss of tensors of one device."""
    sigmoid, axis = loss.options["base"] == "sigmoid", loss.options["class_axis"]
    shape = logits.shape
    if sigmoid and (axis is None or logits.ndim < 2):
        logits, labels, axis = logits[..., None], labels[..., None], -1
    elif logits.ndim == 1:
        logits, axis = logits[None], -1
        labels, weights, mask, costs = (None if one is None else one[None]
                                        for one in (labels, weights, mask, costs))
    if not -logits.ndim <= axis < logits.ndim:
        raise ValueError(f"class_axis is {axis}, but the logits have {logits.ndim} axes")
    if sigmoid and labels.ndim == logits.ndim - 1 and logits.shape[axis] == 1:
        labels = labels.unsqueeze(axis)
    _check_shapes(logits, labels, costs, axis, sigmoid)
    with _full_precision(logits.device.type):
        found = _evaluate_last(loss, logits.movedim(axis, -1), _last(labels, logits, axis),
                               weights, mask, _last(costs, logits, axis), sigmoid)
    if loss.options["reduction"] != "none":
        return found
    return found.movedim(-1, axis).reshape(shape) if sigmoid else \
        found.reshape(shape[:axis % len(shape)] + shape[axis % len(shape) + 1:]
                      if len(shape) > 1 else ())


def _full_precision(device_type: str):
    """No autocast, where the device has any."""
    if torch.amp.is_autocast_available(device_type):
        return torch.autocast(device_type, enabled=False)
    return contextlib.nullcontext()


def _last(array, logits, axis):
    """Labels or costs with their class axis, where they have one, behind the others."""
    return array if array is None or array.ndim < logits.ndim else array.movedim(axis, -1)


def _check_shapes(logits, labels, costs, axis, sigmoid):
    axis %= logits.ndim
    positions = logits.shape[:axis] + logits.shape[axis + 1:]
    if labels.shape != logits.shape and (sigmoid or labels.shape != positions):
        raise ValueError(f"the labels of shape {tuple(labels.shape)} do not fit the logits of "
                         f"shape {tuple(logits.shape)} with their classes on axis {axis}")
    if labels.ndim < logits.ndim and labels.is_floating_point():
        raise ValueError(f"labels that are class ids are integers, not {labels.dtype}")
    if costs is not None and costs.shape != logits.shape:
        raise ValueError(f"the costs of rows of shape {tuple(costs.shape)} do not have the shape "
                         f"{tuple(logits.shape)} of the logits")


def _check_costs(c: Constants, costs):
    if c.cost_use is None and costs is not None:
        raise ValueError("the batch has costs of its own, but the loss uses none: make it with "
                         "cost_use=\"argmax\" or \"expected\"")
    if c.cost_use is not None and c.cost is None and costs is None:
        raise ValueError("the loss goes by costs, but neither it nor the batch has any")


def _evaluate_last(loss, z, labels, weights, mask, costs, sigmoid):
    """The same, with the class axis behind the others."""
    if z.dtype in (torch.float16, torch.bfloat16):
        z = z.float()
    positions = z.shape[:-1]
    weights = torch.ones((), dtype=z.dtype, device=z.device).expand(positions) \
        if weights is None else _spread(weights.to(z.dtype), positions, "sample_weight")
    counted = torch.ones((), dtype=torch.bool, device=z.device).expand(positions) \
        if mask is None else _spread(mask != 0, positions, "mask")
    c = constants_of(loss, z.shape[-1], z.device, z.dtype)
    _check_costs(c, costs)
    if sigmoid:
        return _sigmoid(c, z, labels, weights, counted)
    return _softmax(c, z, labels, weights, counted, None if costs is None else costs.to(z.dtype))


@torch.compiler.assume_constant_result  # a compiled graph has them as they are
def constants_of(loss, n_classes: int, device, dtype) -> Constants:
    """Made once for each number of classes, device and type, and checked by the library."""
    kept = loss.tensors
    key = n_classes, str(device), dtype
    if key not in kept:
        loss.core(n_classes)
        kept[key] = Constants(loss, n_classes, device, dtype)
    return kept[key]
