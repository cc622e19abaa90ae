"""A pytest plugin that puts steelyard's functions in place of scikit-learn's own, before any part
of scikit-learn takes them."""

import sklearn.utils
import sklearn.utils.class_weight as theirs

from steelyard import compat

for name in ("compute_class_weight", "compute_sample_weight"):
    for module in (theirs, sklearn.utils):
        setattr(module, name, getattr(compat, name))


def pytest_collection_modifyitems(items):
    """Fails where a test would call scikit-learn's own."""
    assert items
    for item in items:
        assert item.module.compute_class_weight is compat.compute_class_weight
        assert item.module.compute_sample_weight is compat.compute_sample_weight
