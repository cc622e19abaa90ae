"""Which axis is what: logits, labels, weights and masks of a batch, brought to one shape."""

from __future__ import annotations

import keras
import numpy as np
from keras import ops

from steelyard._labels import place_of
from steelyard.keras._arithmetic import Labels


class _Ones(keras.losses.Loss):
    """A loss of 1 everywhere: Keras multiplies the mask of the predictions into it."""

    def __init__(self, class_axis):
        super().__init__(reduction="none")
        self._class_axis = class_axis

    def call(self, y_true, y_pred):
        return ops.ones_like(ops.take(y_pred, 0, axis=self._class_axis))


def mask_of(y_pred, options):
    """1 for each position that Keras's own mask leaves in, 0 for others; of a sigmoid with cells.

    The mask is nothing a loss can see, but Keras's reductions do.
    """
    if len(y_pred.shape) < 2:
        return None
    return _Ones(options["class_axis"])(y_pred, y_pred)


def first_place(wrong):
    """Index of the first true entry; None where there is none, or while tracing none is known."""
    try:
        found = np.asarray(ops.convert_to_numpy(wrong))
    except Exception:  # each backend has its own way to say that this is no number yet
        return None
    return tuple(int(i) for i in np.argwhere(found)[0]) if found.any() else None


class Shapes:
    """Logits with their class axis last, and labels and weights to match."""

    def __init__(self, options, logits, y_true):
        self.options, self.sigmoid = options, options["base"] == "sigmoid"
        self.wrong = None
        if self.sigmoid and len(logits.shape) == 1:
            logits = ops.expand_dims(logits, -1)
        if len(logits.shape) < 2:
            raise ValueError(f"logits: shape {tuple(logits.shape)}; (n, .., classes) would be "
                             "right")
        self.logits = self._last(logits)
        self.n_classes = self.logits.shape[-1]
        if self.n_classes is None:
            raise ValueError("logits: the length of the class axis must be known")
        if not self.sigmoid and self.n_classes == 1:
            raise ValueError("logits: one a position has nothing to choose from; "
                             "BinaryCrossEntropy (base='sigmoid') would be right")
        self.y = ops.convert_to_tensor(y_true)
        self.hard = self._is_hard()

    def _last(self, array):
        axis = self.options["class_axis"]
        return array if axis in (-1, len(array.shape) - 1) else ops.moveaxis(array, axis, -1)

    def _is_hard(self) -> bool:
        """Whether labels are ids; the logits say which axis is the class axis."""
        kind, rank, positions = self.options["kind"], len(self.y.shape), len(self.logits.shape) - 1
        if rank == positions and kind in (None, "index"):
            return True
        column = rank == positions + 1 and self.y.shape[-1] == 1 and self.n_classes != 1
        if column and kind in (None, "index"):
            self.y = ops.squeeze(self.y, -1)
            return True
        if rank == positions + 1 and kind != "index":
            self.y = self._last(self.y)
            if self.y.shape[-1] not in (None, self.n_classes):
                raise ValueError(f"labels: {self.y.shape[-1]} on their last axis for "
                                 f"{self.n_classes} logits a position")
            return False
        raise ValueError(f"labels: shape {tuple(self.y.shape)} for logits of shape "
                         f"{tuple(self.logits.shape)}; class ids {tuple(self.logits.shape[:-1])} "
                         f"or rows {tuple(self.logits.shape)} would be right")

    # --- weights ---

    def weights(self, sample_weight, mask):
        """(weights, counted): of each position, of a sigmoid of each cell.

        counted is 0 where a mask or `ignore` takes something out, and so is its weight.
        """
        like = self.logits if self.sigmoid else self.logits[..., 0]
        counted = ops.ones_like(like)
        if mask is not None:
            counted = counted * self._spread(ops.cast(mask, like.dtype), "mask")
        if self.options["ignore"] is not None:
            counted = counted * ops.cast(ops.logical_not(self._ignored()), like.dtype)
        if sample_weight is None:
            return counted, counted
        given = ops.convert_to_tensor(sample_weight, dtype=like.dtype)
        return counted * self._spread(given, "sample_weight"), counted

    def _ignored(self):
        y = self.y
        if self.hard and self.sigmoid:
            y = ops.expand_dims(y, -1)
        elif not self.hard and not self.sigmoid:
            y = ops.argmax(y, axis=-1)
        return ops.equal(y, ops.cast(self.options["ignore"], y.dtype))

    def _spread(self, given, name):
        """Weights of rows or positions, with 1 for the axes they do not have."""
        shape, rank = tuple(given.shape), len(given.shape)
        target = tuple(self.logits.shape if self.sigmoid else self.logits.shape[:-1])
        if rank == 0:
            return given
        if rank > len(target) and shape[-1] == 1:
            given, shape, rank = ops.squeeze(given, -1), shape[:-1], rank - 1
        fits = rank <= len(target) and all(
            a == b or a is None or b is None or (a == 1 and axis > 0)
            for axis, (a, b) in enumerate(zip(shape, target)))
        if not fits:
            raise ValueError(f"{name}: shape {shape}; {target[:1]} (one for each row) or {target} "
                             "would be right")
        for _ in range(len(target) - rank):
            given = ops.expand_dims(given, -1)
        return given

    # --- labels ---

    def labels(self, active):
        """Labels of positions that are active; others become class 0 (of a sigmoid 0)."""
        keep = ops.not_equal(active, 0)
        if self.sigmoid:
            return self._cells(keep)
        return self._ids(keep) if self.hard else self._rows(keep)

    def _ids(self, keep):
        ids = ops.cast(self.y, "int32")
        y = ops.cast(self.y, self.logits.dtype)
        exact = ops.equal(ops.cast(ids, y.dtype), y)
        right = ops.logical_and(exact, ops.logical_and(ids >= 0, ids < self.n_classes))
        self._note(ops.logical_and(keep, ops.logical_not(right)), self.y,
                   f"is outside the {self.n_classes} classes 0..{self.n_classes - 1}")
        ids = ops.where(ops.logical_and(keep, right), ids, ops.zeros_like(ids))
        return Labels(self.n_classes, self.logits.dtype, ids=ids)

    def _rows(self, keep):
        rows = ops.cast(self.y, self.logits.dtype)
        total = ops.sum(rows, axis=-1)
        right = ops.logical_and(ops.abs(total - 1) <= 1e-3, ops.all(rows >= 0, axis=-1))
        self._note(ops.logical_and(keep, ops.logical_not(right)), total,
                   "is what the row sums to, or it has a part below 0; parts of 0 or more that sum "
                   "to 1 would be right")
        return Labels(self.n_classes, self.logits.dtype,
                      rows=ops.where(ops.expand_dims(keep, -1), rows, ops.zeros_like(rows)))

    def _cells(self, keep):
        y = ops.expand_dims(self.y, -1) if self.hard else self.y
        y = ops.cast(y, self.logits.dtype)
        right = ops.logical_and(y >= 0, y <= 1)
        self._note(ops.logical_and(keep, ops.logical_not(right)), y,
                   "is no label of yes or no; a number from 0 to 1 would be right")
        return ops.where(ops.logical_and(keep, right), y, ops.zeros_like(y))

    def check_hard(self, labels, numbers):
        """A margin and weights by prediction belong to one class: soft rows are refused."""
        if labels.ids is not None or (numbers.margins is None and not numbers.weigh_by_prediction):
            return
        most = ops.max(labels.given, axis=-1)
        soft = ops.logical_and(most > 0, most < 1 - 1e-6)
        self._note(soft, most, "is the largest part of its row; margins and weigh_by_prediction "
                               "are for rows with one class")

    def check_cells(self, labels, numbers):
        """Margins of yes or no labels belong to the yes: what is between is refused."""
        if numbers.margins is not None:
            between = ops.logical_and(labels > 0, labels < 1)
            self._note(between, labels, "is no label of 0 or 1, as margins need")

    def _note(self, wrong, values, problem):
        place = first_place(wrong)
        if place is not None:
            value = float(np.asarray(ops.convert_to_numpy(values))[place])
            raise ValueError(f"labels: {value:g} at {place_of(place)} {problem}")
        self.wrong = wrong if self.wrong is None else ops.logical_or(self.wrong, wrong)

    # --- logits ---

    def logits_of(self, active):
        """Logits, zeros where nothing is weighed, whatever they were."""
        logits = ops.where(active, self.logits, ops.zeros_like(self.logits))
        if self.options["from_logits"]:
            return logits
        least = 1e-30
        near = ops.where(active, self.logits, ops.full_like(logits, 0.5))
        if not self.sigmoid:
            return ops.log(ops.maximum(near, least))
        near = ops.clip(near, 1e-7, 1 - 1e-7)
        return ops.log(near) - ops.log1p(-near)
