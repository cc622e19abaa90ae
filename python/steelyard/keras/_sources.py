"""Sources of batches that Keras trains from, with weights put in."""

from __future__ import annotations

import copy
import itertools
import sys
from collections.abc import Iterator, Sequence
from typing import Any

import keras
import numpy as np

from steelyard.keras._weigher import Weigher, unpack


def weighted(source: Any, policies: Any = "balanced", *, counts: Any = None, kind: Any = None,
             ignore: Any = None, classes: Any = None, mask: Any = None,
             normalize: Any = None, outputs: Sequence[str] | None = None) -> Any:
    """Batches (x, y, sample_weight) of a source of batches, for `Model.fit`.

    Weights are class weight x mask x the sample weights that the batches have already. They have
    the leading shape of the labels: (n, T) for sequences, (n, H, W) for pixels.

    Parameters
    ----------
    source : a generator of batches (x, y) or (x, y, sample_weight); a keras.utils.PyDataset, a
        tf.data.Dataset, a torch DataLoader; or arrays themselves, as a tuple (x, y). What comes
        back is of the same sort: a PyDataset keeps its length, workers and on_epoch_end, a
        tf.data.Dataset stays one.
    policies : of one output a policy ("balanced", "sqrt", ...), {label: weight} or weights in the
        order of the classes; of several {output: policy}, where outputs that are not named keep
        their weights. Outputs are called as in y: by its keys, by position (0, 1, ..), or as
        `outputs` says.
    counts : rows of each class for policies that are formulas: {label: rows} or a
        steelyard.Counts; by output where there are several. Without them a source that can be gone
        through again is counted, which takes a pass over all of its batches.
    kind : "index", "one-hot", "multi-hot" or "name", for all outputs or by output. Needed where
        labels have two axes or more: (n, T) may be sequences of ids or rows of 0 and 1, and no
        shape says which. A last axis of length 1 says nothing and is left out.
    ignore : a label whose positions weigh 0 (padding), for all outputs or by output.
    classes : the classes in their order, or their number; by output where there are several.
    mask : a function of (x, y), the positions that count; for all outputs or by output. Of arrays
        it may be an array.
    normalize : what class weights are scaled to: "rows", "classes", ...
    outputs : names of the outputs where y is a list or tuple (`model.output_names`).

    Of several labels a row ("multi-hot") each label has a weight: (n, L). Keras's own
    BinaryCrossentropy has averaged the labels away before it weighs; the loss for such weights is
    `steelyard.keras.BinaryCrossEntropy`.

    Raises
    ------
    ValueError : a policy by counts for a source that cannot be gone through twice; an output or
        label that there is not, with the nearest; labels that cannot be read, with their place.
    """
    weigher = Weigher(policies, counts=counts, kind=kind, ignore=ignore, classes=classes, mask=mask,
                      normalize=normalize, outputs=outputs)
    return _wrapper_of(source)(source, weigher)


def _wrapper_of(source):
    """What wraps such a source; no package is imported for asking."""
    if isinstance(source, tuple):
        return _arrays
    if isinstance(source, keras.utils.PyDataset):
        return _py_dataset
    tensorflow, torch = sys.modules.get("tensorflow"), sys.modules.get("torch")
    if tensorflow is not None and isinstance(source, tensorflow.data.Dataset):
        return _tensorflow_dataset
    if torch is not None and isinstance(source, torch.utils.data.DataLoader):
        return _data_loader
    if isinstance(source, Iterator):
        return _generator
    hint = ": call it, for what it gives" if callable(source) else ""
    raise ValueError(f"a {type(source).__name__} is no source of batches that can be weighed"
                     f"{hint}; a generator, a keras.utils.PyDataset, a tf.data.Dataset, a torch "
                     "DataLoader or a tuple (x, y) of arrays would be right")


# --- arrays ---

def _arrays(source, weigher: Weigher):
    x, y, given = unpack(source, "arrays")
    weigher.look_at(y)
    if weigher.needs_counts:
        weigher.count([source], "arrays")
    return x, y, weigher(x, y, given)


# --- generators ---

def _generator(source, weigher: Weigher):
    """The first batch is looked at at once, so that what is wrong is told here and not in fit."""
    first = next(source, None)
    if first is None:
        raise ValueError("the generator gives no batch")
    weigher.look_at(unpack(first, "the generator")[1])
    weigher.refuse_uncounted("a generator")
    return _weighed(itertools.chain([first], source), weigher)


def _weighed(batches, weigher: Weigher):
    for batch in batches:
        x, y, given = unpack(batch, "the generator")
        yield x, y, weigher(x, y, given)


# --- keras.utils.PyDataset ---

class WeightedDataset(keras.utils.PyDataset):
    """A PyDataset with weights in its batches; `source` is the one without."""

    def __init__(self, source: keras.utils.PyDataset, weigher: Weigher):
        super().__init__(workers=source.workers, use_multiprocessing=source.use_multiprocessing,
                         max_queue_size=source.max_queue_size)
        self.source, self.weigher = source, weigher

    @property
    def class_weights(self) -> Any:
        """Weights of the classes; of several outputs by output."""
        return self.weigher.class_weights

    def __getitem__(self, index: int) -> tuple[Any, Any, Any]:
        x, y, given = unpack(self.source[index], type(self.source).__name__)
        return x, y, self.weigher(x, y, given)

    def __len__(self) -> int:
        return len(self.source)

    @property
    def num_batches(self) -> int | None:
        """Batches of an epoch, as the source has it."""
        return self.source.num_batches

    def on_epoch_begin(self) -> None:
        """Handed on to the source."""
        self.source.on_epoch_begin()

    def on_epoch_end(self) -> None:
        """Handed on to the source."""
        self.source.on_epoch_end()


def _py_dataset(source, weigher: Weigher):
    name, n = type(source).__name__, source.num_batches
    if n == 0:
        raise ValueError(f"{name} has no batches")
    first = source[0]
    weigher.look_at(unpack(first, name)[1])
    if weigher.needs_counts:
        if n is None:
            weigher.refuse_uncounted(f"{name} without an end")
        weigher.count(itertools.chain([first], (source[i] for i in range(1, n))), name)
    return WeightedDataset(source, weigher)


# --- torch DataLoader ---

class _Collate:
    """Collates rows as before, then weighs the batch; in the workers where there are some."""

    def __init__(self, collate, weigher: Weigher):
        self.collate, self.weigher = collate, weigher

    def __call__(self, rows):
        import torch

        x, y, given = unpack(self.collate(rows), "the DataLoader")
        weights = self.weigher(x, y, given)
        return x, y, keras.tree.map_structure(torch.from_numpy, weights)


def _data_loader(source, weigher: Weigher):
    import torch

    with torch.random.fork_rng(devices=[]):  # looking changes no random number of the training
        state = source.generator.get_state() if source.generator is not None else None
        weigher.look_at(_first_labels(source))
        if weigher.needs_counts:
            if not _has_length(source):
                weigher.refuse_uncounted("a DataLoader without a length")
            weigher.count(source, "the DataLoader")
        if state is not None:
            source.generator.set_state(state)
    made = copy.copy(source)
    made._iterator = None  # that of persistent workers is the source's own
    made.collate_fn = _Collate(source.collate_fn, weigher)
    return made


def _first_labels(source):
    first = next(iter(source), None)
    if first is None:
        raise ValueError("the DataLoader gives no batch")
    return unpack(first, "the DataLoader")[1]


def _has_length(source) -> bool:
    try:
        return len(source) >= 0
    except TypeError:
        return False


# --- tf.data.Dataset ---

def _tensorflow_dataset(source, weigher: Weigher):
    import tensorflow as tf

    spec = unpack(source.element_spec, "the tf.data.Dataset")
    weigher.look_at(spec[1])
    if weigher.needs_counts:
        if int(source.cardinality()) < 0:
            weigher.refuse_uncounted("a tf.data.Dataset of unknown or infinite length "
                                     "(tf.data.experimental.assert_cardinality says it)")
        weigher.count(source, "the tf.data.Dataset")

    def weigh(*batch):
        x, y, given = unpack(batch, "the tf.data.Dataset")
        labels, weights, masks = weigher.parts(x, y, given)
        made = {name: _in_graph(tf, weigher, name, labels[name], weights[name], masks[name])
                for name in labels}
        return x, y, weigher.structure.join(made)

    weigh = tf.autograph.experimental.do_not_convert(weigh)
    return source.map(weigh, num_parallel_calls=tf.data.AUTOTUNE)


def _in_graph(tf, weigher, name, y, sample_weight, mask):
    """Weights as a node of the dataset's graph, of a shape as well known as that of the labels."""
    extra = [part for part in (sample_weight, mask) if part is not None]

    def call(labels, *given):
        given = list(given)
        weights = given.pop(0) if sample_weight is not None else None
        return np.asarray(weigher.weigh(name, labels, weights, given[0] if given else None),
                          np.float32)

    weights = tf.numpy_function(call, [y, *extra], tf.float32, stateful=False)
    shape = y.shape
    last = shape[-1] if shape.rank else None
    rank = weigher.rank_of(name, shape.rank, last)
    if sample_weight is not None and rank is not None and weigher.keeps(name):
        shape = sample_weight.shape
        rank = shape.rank
    weights.set_shape(shape[:rank] if rank is not None else tf.TensorShape(None))
    return weights
