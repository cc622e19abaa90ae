"""What the signatures of several modules take, as types."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Protocol, SupportsFloat

# Arrays, lists, Series and tensors: what goes in is read by what it is, and what comes out is of
# the caller's own kind, which no type can say without importing the packages they are of.
ArrayLike = Any


class HasArray(Protocol):
    """Arrays and Series of NumPy, pandas, polars, pyarrow and JAX, tensors of the CPU."""

    def __array__(self) -> Any:
        """The values as a NumPy array."""


# One for each class; of several labels a row perhaps a pair, (absent, present).
Numbers = Sequence[SupportsFloat | Sequence[SupportsFloat]] | HasArray
NumbersByClass = Mapping[Any, SupportsFloat | Sequence[SupportsFloat]] | Numbers

# {label: weight}, weights in the order of the classes, or a policy ("balanced"); None for ones.
ClassWeight = NumbersByClass | str | None

# The classes in their order, or their number.
Classes = Iterable[Any] | int | None
