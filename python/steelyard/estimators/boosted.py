"""Boosted trees with class weights and costs, as a classifier in scikit-learn's manner."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from steelyard import _boosted, _networks
from steelyard._boosted import DEFAULTS
from steelyard._networks import Epoch
from steelyard._types import ClassWeight
from steelyard.estimators._trained import TrainedClassifier

# Parameters that are of trees, by the names that they have here and in `steelyard.study`.
_TREES = tuple(DEFAULTS)


class BoostedClassifier(TrainedClassifier):
    """Boosted trees by XGBoost: class weights, any loss, true probabilities, priced decisions.

    Minimises (1 / sum w) sum w_i l_i with w_i = class weight x row weight, by a tree a round for
    each logit (of two classes for one). The trees begin at the weighted shares of the classes. Some
    rows are held out, and tell after how many rounds to stop; the trees kept are then grown on all
    rows in as many. Class weights move decisions and not probabilities: `predict_proba` has them
    taken out again, and so it has logit adjustment. With `cost` the given costs decide, and class
    weights no longer do. What a loss does that has no inverse (focal, LDAM, smoothing, costs)
    stays: `predict_proba` then gives scores, which a ScoresWarning tells once, until something
    calibrates them.

    Numbers are looked at as float32 and need no scaling; what is missing (NaN) stays missing, and
    each split learns on which side it belongs. Names and meanings are those of XGBoost's
    parameters, and so are the defaults, but for `rounds`, `learning_rate` and
    `early_stopping_rounds`. Class weights are scaled to mean 1, so that `min_child_weight` keeps
    its meaning. Training needs XGBoost's library; a model that is there needs nothing.

    Parameters
    ----------
    class_weight : None, str, dict or array (K), default None
        What a class weighs in the objective: a policy ("balanced", "sqrt", ...), weights by label,
        or by position in `classes_`. XGBoost: scale_pos_weight, of two classes.
    cost : None, str, dict or array (K, K), default None
        What mistakes cost, as LogisticClassifier takes it. None: class weights imply the costs.
    pos_label : label, default None
        Two classes: the one that `model_` and reports call positive. None: `classes_[1]`.
    normalize : None or str, default None
        Scales class weights: "sum", "classes", "rows", "min" or "max".
    rounds : int
        Trees of each logit, at most. XGBoost: n_estimators, num_boost_round.
    early_stopping_rounds : int
        Ends after so many rounds without a lower loss on the rows held out; 0 never.
    learning_rate : float, 0 < r <= 1
        What each leaf is multiplied by. XGBoost: eta.
    max_depth : int
        Splits one below the other; 0 without limit, of "lossguide" with `max_leaves`.
    max_leaves : int
        Leaves of a tree; 0 without limit.
    grow_policy : "depthwise" or "lossguide"
    min_child_weight : float
        Least sum of Hessians in a child.
    gamma : float
        Least gain of a split.
    reg_lambda, reg_alpha : float
        L2 and L1 penalties of leaves.
    max_delta_step : float
        A leaf is at most this before the rate; 0 without limit.
    subsample : float, 0 < s <= 1
        Share of the rows of a round, drawn anew.
    colsample_bytree, colsample_bylevel, colsample_bynode : float, 0 < s <= 1
        Shares of the columns.
    max_bin : int
        Bins of a column, at most.
    loss : None or str
        As MLPClassifier takes it; None: cross-entropy.
    held_out : float, 0 <= s < 1
        Share of the rows that tells when to stop, stratified. 0, or fewer than 10 rows: all rounds
        are run.
    min_count, max_categories : int
        Texts: rows a value needs for a column of its own, and the most columns of one text; other
        values are one column.
    random_state : int, RandomState, Generator or None, default 0
        What is drawn, and the rows held out. The same number gives the same bits, on any number of
        threads. None: another one each time, of NumPy's global state.
    verbose : bool, default False
        Whether each round is printed.

    Attributes
    ----------
    classes_ : array (K), sorted; those of rows of weight above 0.
    class_weight_ : dict {label: weight}
    cost_ : array (K, K), the costs that decide.
    n_features_in_, feature_names_in_ : number and names of the columns of X.
    n_iter_ : int, rounds of the trees kept.
    loss_ : float, their loss on all rows.
    loss_curve_ : list, loss before each of their rounds.
    validation_loss_curve_, validation_scores_ : lists, loss and balanced accuracy on the rows held
        out in the training that chose `n_iter_`, by round; empty without.
    stopped_early_ : bool, whether `early_stopping_rounds` ended that training.
    scores_only_ : str, what of the loss has no inverse; "" where `predict_proba` is probabilities.
    messages_ : list of str, what was noticed about X and the training.
    model_ : steelyard.Model, to save, evaluate and decide with.
    """

    _steps = "rounds"

    def __init__(self, class_weight: ClassWeight = None, cost: Any = None, *, pos_label: Any = None,
                 normalize: str | None = None, rounds: int = DEFAULTS["rounds"],
                 early_stopping_rounds: int = DEFAULTS["early_stopping_rounds"],
                 learning_rate: float = DEFAULTS["learning_rate"],
                 max_depth: int = DEFAULTS["max_depth"], max_leaves: int = DEFAULTS["max_leaves"],
                 grow_policy: str = DEFAULTS["grow_policy"],
                 min_child_weight: float = DEFAULTS["min_child_weight"],
                 gamma: float = DEFAULTS["gamma"], reg_lambda: float = DEFAULTS["reg_lambda"],
                 reg_alpha: float = DEFAULTS["reg_alpha"],
                 max_delta_step: float = DEFAULTS["max_delta_step"],
                 subsample: float = DEFAULTS["subsample"],
                 colsample_bytree: float = DEFAULTS["colsample_bytree"],
                 colsample_bylevel: float = DEFAULTS["colsample_bylevel"],
                 colsample_bynode: float = DEFAULTS["colsample_bynode"],
                 max_bin: int = DEFAULTS["max_bin"], loss: str | None = DEFAULTS["loss"],
                 held_out: float = _networks.HELD_OUT, min_count: int = 1,
                 max_categories: int = 64, random_state: Any = 0, verbose: bool = False):
        self.class_weight = class_weight
        self.cost = cost
        self.pos_label = pos_label
        self.normalize = normalize
        self.rounds = rounds
        self.early_stopping_rounds = early_stopping_rounds
        self.learning_rate = learning_rate
        self.max_depth = max_depth
        self.max_leaves = max_leaves
        self.grow_policy = grow_policy
        self.min_child_weight = min_child_weight
        self.gamma = gamma
        self.reg_lambda = reg_lambda
        self.reg_alpha = reg_alpha
        self.max_delta_step = max_delta_step
        self.subsample = subsample
        self.colsample_bytree = colsample_bytree
        self.colsample_bylevel = colsample_bylevel
        self.colsample_bynode = colsample_bynode
        self.max_bin = max_bin
        self.loss = loss
        self.held_out = held_out
        self.min_count = min_count
        self.max_categories = max_categories
        self.random_state = random_state
        self.verbose = verbose

    def fit(self, X: Any, y: Any, sample_weight: Any = None, *, held_rows: Any = None,
            callback: Callable[[Epoch], Any] | None = None) -> BoostedClassifier:
        """Fits to rows X (n, n_features), labels y (n), row weights (n): k = k copies, 0 = absent.

        X is an array, a DataFrame of pandas or polars, a mapping of columns or anything with
        `__arrow_c_stream__`; texts are one-hot encoded; missing and infinite numbers are missing.
        `held_rows` (n) are booleans: rows that are True tell when to stop, in the place of a share
        that is drawn, and the trees kept are grown on the others alone, up to the best round.
        `callback` is called with the Epoch after each round; what it raises ends the fit, and so
        does Ctrl-C, after the round under way. ValueError where rows do not agree, y holds fewer
        than two classes, several labels a row or numbers that are not whole, or weights, costs and
        parameters make no sense; RuntimeError where XGBoost's library is not there.
        """
        trees = _boosted.read_options({name: getattr(self, name) for name in _TREES})

        def choose(options: Any, held_out: float, onlooker: Any, wide: bool) -> None:
            options.fit_boosted(trees, held_out, onlooker)
        self._train(X, y, sample_weight, held_rows, callback, choose)
        return self
