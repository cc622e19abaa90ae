"""A loss as a function of PyTorch: by the library where it can read the tensors, else in PyTorch's
own operations."""

from __future__ import annotations

import numpy as np
import torch
from torch.autograd import forward_ad

from steelyard import _torch_formulas as formulas

IMPLEMENTATIONS = ("auto", "c", "torch")
_HALVES = (torch.bfloat16, torch.float16)
_READ = (torch.float32, torch.float64, *_HALVES)
_PLAIN = (torch.Tensor, torch.nn.Parameter)
_transforms_active = getattr(torch._C, "_are_functorch_transforms_active", lambda: False)


def apply(loss, logits, labels, sample_weight=None, mask=None, row_costs=None,
          implementation="auto"):
    """The reduced loss of tensors, differentiable by the logits."""
    if implementation not in IMPLEMENTATIONS:
        raise ValueError(f"implementation: no {implementation!r}; there are "
                         f"{', '.join(IMPLEMENTATIONS)}")
    if not isinstance(logits, torch.Tensor):
        raise ValueError(f"logits: a {type(logits).__name__}: a tensor would be right; "
                         "steelyard.losses takes arrays of any kind")
    if logits.dtype not in _READ or logits.layout != torch.strided:
        raise ValueError(f"logits: a tensor of {logits.dtype}, {logits.layout}; a dense one of "
                         "floats would be right")
    others = [None if one is None else _tensor(one, logits)
              for one in (labels, sample_weight, mask, row_costs)]
    why = "it is not wanted" if implementation == "torch" else _why_not(logits, others)
    if why is not None:
        if implementation == "c":
            raise ValueError(f"implementation='c' {why}: 'auto' or 'torch' would be right")
        return formulas.evaluate(loss, logits, *others)
    if logits.dtype in _HALVES:
        logits = logits.float()
    batch = loss, *_arrays(*others)
    if logits.requires_grad and torch.is_grad_enabled():
        return _Evaluated.apply(logits, batch, others)
    return _evaluate(logits, batch, False)[0]


def _tensor(values, logits):
    """Labels and weights as tensors; lists and arrays become some."""
    if isinstance(values, torch.Tensor):
        return values
    return torch.as_tensor(values, device=logits.device)


def _why_not(logits, others) -> str | None:
    """Why the library cannot read these tensors, or None."""
    if torch.compiler.is_compiling():
        return "cannot be compiled into a graph"
    if type(logits) not in _PLAIN:
        return f"takes plain tensors, not {type(logits).__name__}"
    if logits.device.type != "cpu":
        return f"takes tensors on the CPU, not on {logits.device}"
    if _transforms_active() or forward_ad._current_level >= 0:
        return "cannot be transformed by torch.func or derived forward"
    for one in others:
        if one is not None and (one.device.type != "cpu" or type(one) not in _PLAIN):
            return f"takes plain tensors on the CPU, not one on {one.device}"
        if one is not None and one.requires_grad:
            return "has no derivative by labels, weights or costs, which one of them asks for"
    return None


def _arrays(labels, weights, mask, costs):
    return (_read(labels), _weights(weights), _read(mask), _weights(costs))


def _read(tensor):
    """A tensor of the CPU as an array of its memory; halves as float32."""
    if tensor is None:
        return None
    return (tensor.float() if tensor.dtype in _HALVES else tensor).numpy(force=True)


def _weights(tensor):
    array = _read(tensor)
    return array if array is None or array.dtype.kind == "f" else array.astype(np.float64)


def _evaluate(logits, batch, gradient: bool):
    """(loss, gradient or None) as tensors; the gradient is the memory that the library wrote."""
    loss, *arrays = batch
    array = logits.numpy(force=True)
    value, slope, _ = loss.evaluate(array, *arrays, gradient=gradient)
    value = torch.from_numpy(np.asarray(value, array.dtype))
    return value, torch.from_numpy(slope) if gradient else None


class _Evaluated(torch.autograd.Function):
    """Loss and gradient in one call forward; backward hands the gradient on, once."""

    @staticmethod
    def forward(ctx, logits, batch, others):
        value, ctx.gradient = _evaluate(logits, batch, True)
        ctx.batch, ctx.others = batch, others
        ctx.save_for_backward(logits)
        return value

    @staticmethod
    def backward(ctx, upstream):
        if torch.is_grad_enabled():  # a second derivative may be asked for
            return _differentiable(ctx, upstream), None, None
        gradient, ctx.gradient = ctx.gradient, None
        if gradient is None:  # it went away with an earlier call
            gradient = _evaluate(ctx.saved_tensors[0], ctx.batch, True)[1]
        return _scaled(gradient, upstream, ctx.batch[0]), None, None


def _scaled(gradient, upstream, loss):
    """The gradient, which nobody else holds, times that of what follows."""
    if upstream.ndim == 0 and gradient.ndim > 0 and not loss.has_losses:
        factor = upstream.item()
        return gradient if factor == 1 else gradient.mul_(factor)
    if upstream.shape != gradient.shape:
        axis = loss.options["class_axis"] if gradient.ndim > 1 else 0
        upstream = upstream.unsqueeze(axis)
    return gradient.mul_(upstream)


def _differentiable(ctx, upstream):
    """The gradient by operations that can be differentiated themselves."""
    logits, = ctx.saved_tensors
    value = formulas.evaluate(ctx.batch[0], logits, *ctx.others)
    return torch.autograd.grad(value, logits, upstream, create_graph=True)[0]
