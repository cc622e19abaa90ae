"""What decides, and the numbers whose sign or arg-max is the decision.

K classes; log_probabilities (n, K) are corrected ones. Costs are (K, K), row = actual class,
column = predicted class.
"""

from __future__ import annotations

import numpy as np

# What stands for a logit that is infinite: beyond all finite ones, and fit to be ranked by others.
SURE = 1e6


def decision_values(log_probabilities: np.ndarray, cost: np.ndarray,
                    decided: np.ndarray) -> np.ndarray:
    """Numbers that decide at given costs.

    Two classes: (n), above 0 where the second is decided: how far logit p lies above the logit of
    the threshold. K >= 3: (n, K), minus the expected cost of each decision. `decided` (n), the ids
    of the decisions, settles what rounding leaves open.
    """
    if cost.shape[0] == 2:
        return settle(_over_threshold(log_probabilities, cost), decided)
    return settle(-(np.exp(log_probabilities) @ cost), decided)


def weighted_values(log_probabilities: np.ndarray, class_weights: np.ndarray,
                    decided: np.ndarray) -> np.ndarray:
    """The weighted model's own logits, which decide where no costs are given.

    log p_k + ln w_k. Two classes: (n), that of the second less that of the first. K >= 3: (n, K),
    summing to 0 in each row over the classes that were learnt.
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        logits = log_probabilities + np.log(class_weights)
        if logits.shape[1] == 2:
            return settle(logits[:, 1] - logits[:, 0], decided)
        learnt = np.isfinite(logits)
        means = np.where(learnt, logits, 0).sum(axis=1) / learnt.sum(axis=1)
    return settle(logits - means[:, None], decided)


def _over_threshold(log_probabilities: np.ndarray, cost: np.ndarray) -> np.ndarray:
    alarm, miss = cost[0, 1] - cost[0, 0], cost[1, 0] - cost[1, 1]
    if alarm > 0 and miss > 0:
        logit = log_probabilities[:, 1] - log_probabilities[:, 0]
        return np.clip(logit + (np.log(miss) - np.log(alarm)), -SURE, SURE)
    # One class is always decided; values that still rank the rows.
    if miss > 0:
        return np.exp(log_probabilities[:, 1])
    return -np.exp(log_probabilities[:, 0])


def settle(values: np.ndarray, decided: np.ndarray) -> np.ndarray:
    """The values, moved by the least step there is where rounding contradicts the decision."""
    if values.ndim == 1:
        wrong = np.flatnonzero((values > 0) != (decided == 1))
        values[wrong] = np.where(decided[wrong] == 1, np.nextafter(0, 1), 0.0)
        return values
    wrong = np.flatnonzero(values.argmax(axis=1) != decided)
    values[wrong, decided[wrong]] = np.nextafter(values[wrong].max(axis=1), np.inf)
    return values
