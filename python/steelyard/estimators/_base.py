"""What estimators inherit: scikit-learn's own classes where it is there, else small stand-ins.

Nothing else here imports scikit-learn, and `import steelyard` does not import this module.
"""

from __future__ import annotations

import inspect
from typing import Any

import numpy as np

try:
    from sklearn.base import BaseEstimator, ClassifierMixin
    from sklearn.exceptions import ConvergenceWarning, DataConversionWarning, NotFittedError

    HAS_SCIKIT_LEARN = True
except ImportError:
    HAS_SCIKIT_LEARN = False

    class ConvergenceWarning(UserWarning):
        """A fit stopped before it converged."""

    class DataConversionWarning(UserWarning):
        """Data had another shape than was asked for and were read as was meant."""

    class NotFittedError(ValueError, AttributeError):
        """An estimator was asked before it was fitted."""

    class BaseEstimator:
        """Parameters by name, as scikit-learn has them."""

        @classmethod
        def _get_param_names(cls) -> list[str]:
            names = inspect.signature(cls.__init__).parameters
            return sorted(name for name in names if name != "self")

        def get_params(self, deep: bool = True) -> dict[str, Any]:
            """The parameters by name; with `deep`, those of estimators inside as well."""
            params: dict[str, Any] = {}
            for name in self._get_param_names():
                value = params[name] = getattr(self, name)
                if deep and hasattr(value, "get_params") and not isinstance(value, type):
                    inner = value.get_params().items()
                    params.update((f"{name}__{key}", part) for key, part in inner)
            return params

        def set_params(self, **params: Any) -> BaseEstimator:
            """Sets parameters by name, "inner__name" those of an estimator inside."""
            known = self._get_param_names()
            for key, value in params.items():
                name, _, inner = key.partition("__")
                if name not in known:
                    raise ValueError(f"Invalid parameter {name!r} for estimator {self}. "
                                     f"Valid parameters are: {known!r}.")
                if inner:
                    getattr(self, name).set_params(**{inner: value})
                else:
                    setattr(self, name, value)
            return self

        def __repr__(self) -> str:
            signature = inspect.signature(type(self).__init__).parameters
            shown = [f"{name}={value!r}" for name, value in self.get_params(deep=False).items()
                     if value is not signature[name].default]
            return f"{type(self).__name__}({', '.join(shown)})"

        def _repr_html_(self) -> str:
            from html import escape

            return f"<pre>{escape(repr(self))}</pre>"

    class ClassifierMixin:
        """What classifiers have in common."""

        _estimator_type = "classifier"

        def score(self, X: Any, y: Any, sample_weight: Any = None) -> float:
            """Share of the rows, by their weights, that are predicted right."""
            from steelyard.arrays import to_numpy

            right = self.predict(X) == to_numpy(y, "y").reshape(-1)
            return float(np.average(right, weights=sample_weight))


def check_fitted(estimator: Any, attribute: str) -> None:
    """NotFittedError unless the estimator has what fit() gives it."""
    if not hasattr(estimator, attribute):
        name = type(estimator).__name__
        raise NotFittedError(f"This {name} instance is not fitted yet. Call 'fit' with appropriate "
                             "arguments before using this estimator.")
