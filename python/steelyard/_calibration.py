"""Calibration maps: probabilities made to agree with what was observed."""

from __future__ import annotations

from typing import Any

import numpy as np

from steelyard import _scores
from steelyard._core import tuning as _tuning


class Calibration:
    """A map from probabilities to better ones, fitted on rows that their model did not see.

    Made by `Calibration.fit`. It can be pickled.

    Attributes
    ----------
    kind : "temperature", "vector" or "isotonic"
    classes : list of K labels
    positive : int
        Of two classes the one that probabilities (n) are of; else -1.
    scales, shifts : arrays (K) of ``p'_k ~ exp(shift_k) p_k^scale_k``; None of an isotonic map
    knots, values : lists of K arrays, what an isotonic map is at each knot; None of the others
    """

    def __init__(self, core: Any, classes: list, positive: int):
        self._core = core
        self.classes = classes
        self.positive = positive

    @classmethod
    def fit(cls, probabilities: Any, y: Any, kind: str = "temperature", *,
            sample_weight: Any = None, classes: Any = None, positive: Any = None) -> Calibration:
        """Fits a map on rows that the model did not see.

        Parameters
        ----------
        probabilities : array (n, K), or (n) of the positive class of two
        y : (n) labels
        kind : "temperature" (one number, few rows), "vector" (two a class) or "isotonic" (any
            monotone shape, thousands of rows)
        sample_weight : array (n), optional
        classes : labels in the order of the columns; those of y where it is not given
        positive : of two classes the one that probabilities (n) are of
        """
        rows = _scores.scores_of(y, probabilities, classes=classes, positive=positive,
                                 sample_weight=sample_weight)
        return cls(_tuning.calibrate(kind, rows.logs, rows.ids, rows.weights), rows.classes,
                   rows.positive)

    @property
    def kind(self) -> str:
        return self._core.kind

    @property
    def scales(self) -> np.ndarray | None:
        return None if self.kind == "isotonic" else self._core.numbers()[0]

    @property
    def shifts(self) -> np.ndarray | None:
        return None if self.kind == "isotonic" else self._core.numbers()[1]

    @property
    def knots(self) -> list[np.ndarray] | None:
        return self._core.numbers()[0] if self.kind == "isotonic" else None

    @property
    def values(self) -> list[np.ndarray] | None:
        return self._core.numbers()[1] if self.kind == "isotonic" else None

    @property
    def temperature(self) -> float | None:
        """T of ``p'_k ~ p_k^(1/T)``: above 1 the model was too sure. None of other kinds."""
        return 1 / float(self.scales[0]) if self.kind == "temperature" else None

    def transform(self, probabilities: Any) -> Any:
        """Calibrated probabilities, in the shape and kind of those given."""
        given = _scores.float_scores(probabilities)
        n_classes = 2 if given.ndim == 1 else given.shape[1]
        if n_classes != len(self.classes):
            raise ValueError(f"probabilities: they are of {n_classes} classes, and the map is of "
                             f"{len(self.classes)}")
        _, logs = _scores.probabilities_of(given, self.positive, self.classes)
        return _scores.probabilities_like(self._core.apply(logs), given, probabilities,
                                          self.positive)

    def __repr__(self) -> str:
        how = f"temperature={self.temperature:.4g}" if self.temperature else f"kind={self.kind!r}"
        return f"Calibration({how}, classes={self.classes!r})"
