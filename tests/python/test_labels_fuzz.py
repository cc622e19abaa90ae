"""Whatever comes in as labels, what comes out is weights or one ValueError."""

import warnings

import numpy as np
import pytest

from steelyard import Counts, WeightWarning, class_weights, sample_weights
from steelyard.arrays import to_columns

hypothesis = pytest.importorskip("hypothesis")
from hypothesis import given, settings  # noqa: E402
from hypothesis import strategies as st  # noqa: E402
from hypothesis.extra import numpy as hnp  # noqa: E402

DTYPES = ["i1", "u1", "i4", ">i4", "i8", "u8", "f2", "f4", "f8", ">f8", "?", "U3", "S2", "c8",
          "M8[D]", "m8[s]", "f4,i2"]
KINDS = [None, "index", "name", "one-hot", "multi-hot", "name-list", "what", 3]
POLICIES = ["balanced", "sqrt", "pos", "effective:auto", "log:max=4", "median", "nonsense", None,
            {0: 1, "default": 2}, {"a": -1}, [1, 2], {0: (1, 2)}, {0: "x"}, [[1, 2], [3, 4]], 5]

leaves = st.one_of(st.none(), st.booleans(), st.integers(-3, 3), st.integers(), st.floats(),
                   st.text(max_size=3), st.binary(max_size=2))
numbers = st.sampled_from(DTYPES).flatmap(
    lambda dtype: hnp.arrays(dtype, hnp.array_shapes(min_dims=0, max_dims=3, min_side=0,
                                                     max_side=4)))
things = st.one_of(numbers, st.lists(leaves, max_size=6),
                   st.lists(st.lists(leaves, max_size=3), max_size=3),
                   st.lists(st.integers(0, 2), max_size=6), st.lists(st.text("ab", max_size=1)),
                   leaves)
weights = st.one_of(st.none(), things)


@pytest.fixture(autouse=True)
def quiet():
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", WeightWarning)
        yield


@settings(max_examples=200, deadline=None)
@given(y=things, policy=st.sampled_from(POLICIES), kind=st.sampled_from(KINDS),
       classes=st.one_of(st.none(), st.sampled_from([0, 1, 3, -1, [0, 1], ["a", "b"], [5, 0],
                                                     [2, 2], [], "ab", [None], [True, False]])),
       row_weights=weights, mask=weights, ignore=st.sampled_from([None, None, -1, 0, "a", 1.5]))
def test_labels(y, policy, kind, classes, row_weights, mask, ignore):
    told = dict(kind=kind, classes=classes, ignore=ignore)
    for call in (
            lambda: class_weights(y, policy, sample_weight=row_weights, mask=mask, **told).audit,
            lambda: sample_weights(y, policy, sample_weight=row_weights, mask=mask, **told),
            lambda: Counts(**told).update(y, row_weights, mask).counts,
            lambda: class_weights(counts=y, policy=policy, classes=classes)):
        try:
            str(call())
        except ValueError:
            pass


@settings(max_examples=200, deadline=None)
@given(X=st.one_of(things, st.dictionaries(st.text(max_size=2), things, max_size=3)))
def test_columns(X):
    try:
        to_columns(X)
    except ValueError:
        pass
