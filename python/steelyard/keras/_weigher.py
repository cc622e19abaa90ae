"""Weights of batches with one output or several."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping, Sequence
from numbers import Number
from typing import Any

import numpy as np

from steelyard.keras._output import OutputWeigher, Unweighed


def unpack(batch: Any, source: str) -> tuple[Any, Any, Any]:
    """(x, y, sample weights or None) of a batch."""
    if isinstance(batch, list):
        batch = tuple(batch)
    if not isinstance(batch, tuple) or len(batch) not in (2, 3):
        what = f"a tuple of {len(batch)}" if isinstance(batch, tuple) else type(batch).__name__
        raise ValueError(f"{source}: a batch is {what}; (x, y) or (x, y, sample_weight) would be "
                         "right")
    return batch if len(batch) == 3 else (*batch, None)


def nearest(name: Any, names: Iterable[Any], what: str) -> ValueError:
    """An error for a name that there is not."""
    known = [str(one) for one in names]
    near = difflib.get_close_matches(str(name), known, n=1)
    hint = f"; did you mean {near[0]!r}?" if near else ";"
    return ValueError(f"there is no {what} {name!r}{hint} there are {', '.join(known)}")


def _is_nested(y) -> bool:
    """Whether labels are those of several outputs; a list of numbers is one output's."""
    if isinstance(y, Mapping):
        return True
    return isinstance(y, (list, tuple)) and not all(isinstance(one, (Number, str)) for one in y)


class _Structure:
    """How the labels of a batch are put together, and what the outputs are called."""

    def __init__(self, y, outputs=None):
        self.nested = _is_nested(y)
        self.mapping = isinstance(y, Mapping)
        self.kind = type(y) if isinstance(y, tuple) and not hasattr(y, "_fields") else list
        if self.mapping:
            self.names = list(y)
        elif self.nested:
            self.names = list(range(len(y)) if outputs is None else outputs)
            if len(self.names) != len(y):
                raise ValueError(f"outputs: {len(self.names)} names for the {len(y)} outputs of a "
                                 "batch")
        else:
            self.names = [None if outputs is None else list(outputs)[0]]
        self.known = self.nested or outputs is not None

    def split(self, values, what: str) -> dict:
        """Something of each output by name; one array is for all of them."""
        if values is None or not self.nested:
            return dict.fromkeys(self.names, values)
        if isinstance(values, Mapping):
            for name in values:
                if name not in self.names:
                    raise nearest(name, self.names, f"output of {what}")
            return {name: values.get(name) for name in self.names}
        if isinstance(values, (list, tuple)):
            if len(values) != len(self.names):
                raise ValueError(f"{what}: {len(values)} for {len(self.names)} outputs")
            return dict(zip(self.names, values))
        return dict.fromkeys(self.names, values)

    def join(self, parts: dict):
        """Parts by name in the form that the labels have."""
        if not self.nested:
            return parts[self.names[0]]
        return dict(parts) if self.mapping else self.kind(parts.values())


class Weigher:
    """Gives the labels of batches their weights.

    `weighted` makes one for a source of batches; a training loop of one's own may have it alone:
    ``weigher(x, y, sample_weight)`` are the weights of a batch, in the form that y has.

    Parameters are those of `weighted`. `class_weights` are the weights of the classes (of several
    outputs, by output), once they are known.
    """

    def __init__(self, policies: Any, *, counts: Any = None, kind: Any = None, ignore: Any = None,
                 classes: Any = None, mask: Any = None, normalize: Any = None,
                 outputs: Sequence[str] | None = None):
        self._policies = policies
        self._settings = {"counts": counts, "kind": kind, "ignore": ignore, "classes": classes,
                          "normalize": normalize, "mask": mask}
        self._outputs = outputs
        self._structure = None
        self._weighers = {}
        self._masks = {}

    # --- what each output gets ---

    def look_at(self, y: Any) -> None:
        """Learns from the labels of a batch which outputs there are."""
        if self._structure is not None:
            return
        structure = _Structure(y, self._outputs)
        policies = self._policies_by_output(structure)
        settings = {name: self._by_output(name, value, structure)
                    for name, value in self._settings.items()}
        self._masks = settings.pop("mask")
        for name in structure.names:
            chosen = {key: values[name] for key, values in settings.items()}
            self._weighers[name] = self._weigher(name, policies, chosen)
        self._structure = structure

    @staticmethod
    def _weigher(name, policies, settings):
        if name not in policies:
            return Unweighed()
        with _about(name):
            return OutputWeigher(policies[name], **settings)

    def _policies_by_output(self, structure) -> dict:
        policies, names = self._policies, structure.names
        if not structure.nested:
            if isinstance(policies, Mapping) and self._are_outputs(policies):
                return self._single(policies, structure)
            return {names[0]: policies}
        if isinstance(policies, (list, tuple)) and not structure.mapping:
            if len(policies) != len(names):
                raise ValueError(f"{len(policies)} policies for the {len(names)} outputs of a "
                                 f"batch ({', '.join(map(str, names))})")
            return {name: policy for name, policy in zip(names, policies) if policy is not None}
        if not isinstance(policies, Mapping):
            if len(names) == 1:
                return {names[0]: policies}
            raise ValueError(f"a batch has the outputs {', '.join(map(str, names))}: "
                             f"{{{names[0]!r}: policy, ...}} would be right")
        for name in policies:
            if name not in names:
                raise nearest(name, names, "output")
        return dict(policies)

    def _are_outputs(self, policies: Mapping) -> bool:
        """Whether {key: value} are policies by output; of {label: weight} the values are numbers,
        of labels that are yes or no pairs of them."""
        if not policies or hasattr(policies, "audit"):
            return False
        pairs = self._settings["kind"] == "multi-hot"
        return all(not isinstance(value, (Number, np.generic)) and
                   not (pairs and isinstance(value, (tuple, list))) for value in policies.values())

    @staticmethod
    def _single(policies, structure) -> dict:
        """{output: policy} for labels of one output, whose name Keras does not tell a batch."""
        if structure.known and structure.names[0] not in policies:
            raise nearest(next(iter(policies)), structure.names, "output")
        if len(policies) > 1:
            raise ValueError(f"policies for the outputs {', '.join(map(repr, policies))}, but a "
                             "batch has the labels of one")
        return {structure.names[0]: next(iter(policies.values()))}

    def _by_output(self, what, value, structure) -> dict:
        """A setting by output: one for all, or {output: setting}."""
        if not isinstance(value, Mapping) or (what == "counts" and not self._by_name(value)):
            if what in ("counts", "classes") and value is not None and structure.nested \
                    and len(structure.names) > 1:
                raise ValueError(f"{what}: a batch has the outputs "
                                 f"{', '.join(map(str, structure.names))}: "
                                 f"{{{structure.names[0]!r}: ...}} would be right")
            return dict.fromkeys(structure.names, value)
        if not structure.known:
            if len(value) != 1:
                raise ValueError(f"{what}: {value!r} for labels of one output")
            return dict.fromkeys(structure.names, next(iter(value.values())))
        for name in value:
            if name not in structure.names:
                raise nearest(name, structure.names, f"output of {what}=")
        return {name: value.get(name) for name in structure.names}

    @staticmethod
    def _by_name(counts) -> bool:
        """Whether counts are those of outputs: their values are no numbers."""
        return all(not isinstance(value, (Number, np.generic)) for value in counts.values())

    @property
    def class_weights(self) -> Any:
        """Weights of the classes; of several outputs by output."""
        if self._structure is None:
            return None
        known = {name: weigher.class_weights for name, weigher in self._weighers.items()}
        return known if self._structure.nested else known[self._structure.names[0]]

    # --- counting ---

    @property
    def needs_counts(self) -> bool:
        """Whether a policy goes by counts that nobody has given."""
        return any(weigher.needs_counts for weigher in self._weighers.values())

    def refuse_uncounted(self, source: str) -> None:
        """ValueError where policies need counts that this source cannot be asked for."""
        for name, weigher in self._weighers.items():
            if weigher.needs_counts:
                of = "" if name is None else f"output {name!r}: "
                raise ValueError(
                    f"{of}the policy {weigher._policy!r} goes by the rows of each class, and "
                    f"{source} cannot be counted beforehand: give counts={{label: rows}} (or a "
                    "steelyard.Counts), or the weights themselves as {label: weight}")

    def count(self, batches: Iterable[Any], source: str) -> None:
        """Counts the labels of a pass over all batches, for the policies that need it."""
        needing = {name: weigher for name, weigher in self._weighers.items()
                   if weigher.needs_counts}
        counts = dict.fromkeys(needing)
        for batch in batches:
            x, y, given = unpack(batch, source)
            labels, weights, masks = self._parts(x, y, given)
            for name, weigher in needing.items():
                with _about(name):
                    counts[name] = weigher.count(counts[name], labels[name], weights[name],
                                                 masks[name])
        for name, weigher in needing.items():
            with _about(name):
                if counts[name] is None:
                    raise ValueError(f"{source} has no batches to count")
                weigher.end_counting(counts[name])

    # --- weights ---

    def _parts(self, x, y, sample_weight):
        structure = self._structure
        masks = {name: mask(x, y) if callable(mask) else mask for name, mask in
                 self._masks.items()}
        return (structure.split(y, "y"), structure.split(sample_weight, "sample_weight"), masks)

    def __call__(self, x: Any, y: Any, sample_weight: Any = None) -> Any:
        """Weights of a batch, in the form that y has: arrays, a dict, a list or a tuple of them."""
        self.look_at(y)
        self.refuse_uncounted("a batch")
        labels, weights, masks = self._parts(x, y, sample_weight)
        return self._structure.join({name: self.weigh(name, labels[name], weights[name],
                                                      masks[name]) for name in labels})

    def weigh(self, name: Any, y: Any, sample_weight: Any, mask: Any) -> np.ndarray:
        """Weights of one output's labels."""
        with _about(name):
            return self._weighers[name](y, sample_weight, mask)

    @property
    def structure(self) -> Any:
        """How the outputs lie in y, known from its first batch on."""
        return self._structure

    def parts(self, x: Any, y: Any, sample_weight: Any) -> tuple[dict, dict, dict]:
        """Labels, given weights and masks by output."""
        self.look_at(y)
        return self._parts(x, y, sample_weight)

    def keeps(self, name: Any) -> bool:
        """Whether the weights of an output stay as they are."""
        return isinstance(self._weighers[name], Unweighed)

    def rank_of(self, name: Any, rank: int | None, last: int | None) -> int | None:
        """Axes of the weights of an output whose labels have `rank` axes, the last of `last`."""
        weigher = self._weighers[name]
        if rank is None or isinstance(weigher, Unweighed):
            return None if rank is None else min(rank, 1)
        kind = weigher._kind
        if kind == "one-hot" or (kind in (None, "index") and rank > 1 and last == 1):
            return rank - 1
        return rank


class _about:
    """Says of which output an error is."""

    def __init__(self, name):
        self._name = name

    def __enter__(self):
        return self

    def __exit__(self, kind, problem, trace):
        if self._name is not None and isinstance(problem, ValueError):
            raise ValueError(f"output {self._name!r}: {problem}") from problem
