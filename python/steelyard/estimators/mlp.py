"""Networks with class weights and costs, as a classifier in scikit-learn's manner."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from steelyard import _networks
from steelyard._networks import DEFAULTS, Epoch
from steelyard._types import ClassWeight
from steelyard.estimators._trained import TrainedClassifier

# Parameters that are a network's, by the names that they have here and in `steelyard.study`.
_NETWORK = tuple(DEFAULTS)


class MLPClassifier(TrainedClassifier):
    """A network of dense layers: class weights, any loss, true probabilities, priced decisions.

    Minimises (1 / sum w) sum w_i l_i with w_i = class weight x row weight, by steps over batches.
    Some rows are held out, and tell after how many epochs to stop; the network kept is then trained
    on all rows for as many. Class weights move decisions and not probabilities: `predict_proba` has
    them taken out again, and so it has balanced sampling and logit adjustment. With `cost` the
    given costs decide, and class weights no longer do. What a loss does that has no inverse (focal,
    LDAM, smoothing, costs) stays: `predict_proba` then gives scores, which a ScoresWarning tells
    once, until something calibrates them.

    Defaults are the library's own, those of `steelyard fit --model mlp`.

    Parameters
    ----------
    class_weight : None, str, dict or array (K), default None
        What a class weighs in the objective: a policy ("balanced", "sqrt", ...), weights by label,
        or by position in `classes_`.
    cost : None, str, dict or array (K, K), default None
        What mistakes cost, as LogisticClassifier takes it. None: class weights imply the costs.
    pos_label : label, default None
        Two classes: the one that `model_` and reports call positive. None: `classes_[1]`.
    normalize : None or str, default None
        Scales class weights: "sum", "classes", "rows", "min" or "max".
    hidden : int or sequence of int
        Units of each hidden layer; () for none. scikit-learn: hidden_layer_sizes.
    activation : "relu", "gelu" or "tanh"
    norm : None, "batch" or "layer"
        What is done to the sums of a hidden layer before they are activated.
    dropout : float, 0 <= p < 1
        Share of hidden units left out of a step.
    embedding_width : int or None
        Numbers that stand for a text of a column with more than `max_categories` of them. None: by
        how many there are.
    loss : None or str
        Parts joined by "+": "focal:gamma=2", "logit-adjustment:tau=1", "ldam", "vs",
        "smoothing:a=0.1", "cost-expected", "cost-argmax", "by-prediction"; see docs/losses.md.
        None: cross-entropy.
    optimizer : "adam", "adamw" or "sgd"
        scikit-learn: solver.
    learning_rate : float
        scikit-learn: learning_rate_init.
    momentum : float
        Of "sgd".
    weight_decay : float
        On weights and embeddings. scikit-learn's alpha is divided by the rows of a batch as well.
    clip_norm : float or None
        A gradient of a greater 2-norm is scaled down to it.
    schedule : "constant", "cosine" or "one-cycle"
        How the learning rate goes over all epochs. scikit-learn: learning_rate.
    warm_up : float
        Epochs over which the learning rate first rises from 0.
    epochs : int
        Walks over the rows, at most. scikit-learn: max_iter.
    batch_size : int or None
        Rows of a step. None: by how many there are.
    patience : int
        Ends after so many epochs without a lower loss on the rows held out; 0 never.
        scikit-learn: n_iter_no_change.
    held_out : float, 0 <= s < 1
        Share of the rows that tells when to stop, stratified. 0, or fewer than 10 rows: all epochs
        are run. scikit-learn: validation_fraction.
    sampling : "shuffle" or "balanced"
        "balanced" draws classes equally often, in the place of class weights.
    reweight_from : int or None
        Class weights count from this epoch on, counted from 1.
    restarts : int
        Networks from different beginnings, whose mean is the model.
    min_count, max_categories : int
        Texts: rows a value needs for a column of its own, and the most columns of one text; a text
        of more values is embedded.
    random_state : int, RandomState, Generator or None, default 0
        Beginnings, shuffles, dropout and the rows held out. The same number gives the same bits, on
        any number of threads. None: another one each time, of NumPy's global state.
    verbose : bool, default False
        Whether each epoch is printed.

    Attributes
    ----------
    classes_ : array (K), sorted; those of rows of weight above 0.
    class_weight_ : dict {label: weight}
    cost_ : array (K, K), the costs that decide.
    n_features_in_, feature_names_in_ : number and names of the columns of X.
    n_iter_ : int, epochs that the network kept was trained for.
    loss_ : float, its loss on all rows.
    loss_curve_ : list, mean loss of each of its epochs (of the last restart).
    validation_loss_curve_, validation_scores_ : lists, loss and balanced accuracy on the rows held
        out in the training that chose `n_iter_`, by epoch; empty without.
    stopped_early_ : bool, whether `patience` ended that training.
    scores_only_ : str, what of the loss has no inverse; "" where `predict_proba` is probabilities.
    messages_ : list of str, what was noticed about X and the training.
    model_ : steelyard.Model, to save, evaluate and decide with; `model_.network` says its layers.
    """

    _steps = "epochs"

    def __init__(self, class_weight: ClassWeight = None, cost: Any = None, *, pos_label: Any = None,
                 normalize: str | None = None, hidden: int | Sequence[int] = DEFAULTS["hidden"],
                 activation: str = DEFAULTS["activation"], norm: str | None = DEFAULTS["norm"],
                 dropout: float = DEFAULTS["dropout"],
                 embedding_width: int | None = DEFAULTS["embedding_width"],
                 loss: str | None = DEFAULTS["loss"], optimizer: str = DEFAULTS["optimizer"],
                 learning_rate: float = DEFAULTS["learning_rate"],
                 momentum: float = DEFAULTS["momentum"],
                 weight_decay: float = DEFAULTS["weight_decay"],
                 clip_norm: float | None = DEFAULTS["clip_norm"],
                 schedule: str = DEFAULTS["schedule"], warm_up: float = DEFAULTS["warm_up"],
                 epochs: int = DEFAULTS["epochs"], batch_size: int | None = DEFAULTS["batch_size"],
                 patience: int = DEFAULTS["patience"], held_out: float = _networks.HELD_OUT,
                 sampling: str = DEFAULTS["sampling"],
                 reweight_from: int | None = DEFAULTS["reweight_from"],
                 restarts: int = DEFAULTS["restarts"], min_count: int = 1,
                 max_categories: int = 64, random_state: Any = 0, verbose: bool = False):
        self.class_weight = class_weight
        self.cost = cost
        self.pos_label = pos_label
        self.normalize = normalize
        self.hidden = hidden
        self.activation = activation
        self.norm = norm
        self.dropout = dropout
        self.embedding_width = embedding_width
        self.loss = loss
        self.optimizer = optimizer
        self.learning_rate = learning_rate
        self.momentum = momentum
        self.weight_decay = weight_decay
        self.clip_norm = clip_norm
        self.schedule = schedule
        self.warm_up = warm_up
        self.epochs = epochs
        self.batch_size = batch_size
        self.patience = patience
        self.held_out = held_out
        self.sampling = sampling
        self.reweight_from = reweight_from
        self.restarts = restarts
        self.min_count = min_count
        self.max_categories = max_categories
        self.random_state = random_state
        self.verbose = verbose

    def fit(self, X: Any, y: Any, sample_weight: Any = None, *, held_rows: Any = None,
            callback: Callable[[Epoch], Any] | None = None) -> MLPClassifier:
        """Fits to rows X (n, n_features), labels y (n), row weights (n): k = k copies, 0 = absent.

        X is an array, a DataFrame of pandas or polars, a mapping of columns or anything with
        `__arrow_c_stream__`; texts are one-hot encoded, above `max_categories` values embedded;
        missing and infinite numbers are filled and marked. Where a column is float64 all arithmetic
        is, else float32. `held_rows` (n) are booleans: rows that are True tell when to stop, in the
        place of a share that is drawn, and the network kept is trained on the others alone, its
        parameters those of the best epoch. `callback` is called with the Epoch after each one; what
        it raises ends the fit, and so does Ctrl-C, after the batch under way. ValueError where rows
        do not agree, y holds fewer than two classes, several labels a row or numbers that are not
        whole, or weights, costs and parameters make no sense.
        """
        network = _networks.read_options({name: getattr(self, name) for name in _NETWORK})

        def choose(options: Any, held_out: float, onlooker: Any, wide: bool) -> None:
            options.fit_network(network, held_out, onlooker, wide)
        self._train(X, y, sample_weight, held_rows, callback, choose)
        return self
