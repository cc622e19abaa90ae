"""Prints losses_f32.txt: losses of TensorFlow 1, gradients and Hessians of XGBoost and LightGBM.

These compute in float32 whatever they are given. Run with the packages of
tests/peers/requirements.txt; the versions used are named in the first lines of the file.

Boosted trees do not tell gradient and Hessian, but a tree that gives a row a leaf of its own does:
without regularisation the leaf's value is -gradient / Hessian, and its weight the Hessian.
"""

import os

os.environ.update(TF_CPP_MIN_LOG_LEVEL="3", CUDA_VISIBLE_DEVICES="")

import json  # noqa: E402

import lightgbm  # noqa: E402
import numpy  # noqa: E402
import tensorflow  # noqa: E402
import xgboost  # noqa: E402

from loss_cases import numbered, print_cases  # noqa: E402

DIGITS = 8
HEAD = f"""# Written by make_losses_f32.py with tensorflow {tensorflow.__version__}, xgboost \
{xgboost.__version__}, lightgbm {lightgbm.__version__}, numpy {numpy.__version__}.
# As losses.txt; with the diagonal Hessian where the call has one: "hessian=2" says that theirs is
# twice ours.
"""
losses = tensorflow.compat.v1.losses


# --- TensorFlow 1 ---


def reduction(case):
    kinds = losses.Reduction
    return {"none": kinds.NONE, "sum": kinds.SUM, "weighted-mean": kinds.MEAN,
            "mean": kinds.SUM_OVER_BATCH_SIZE,
            "nonzero-mean": kinds.SUM_BY_NONZERO_WEIGHTS}[case.reduction]


def softmax(case, logits, weights):
    return losses.softmax_cross_entropy(case.targets(), logits, weights, case.smoothing,
                                        reduction=reduction(case))


def sparse_softmax(case, logits, weights):
    return losses.sparse_softmax_cross_entropy(case.ids(), logits, weights,
                                               reduction=reduction(case))


def sigmoid(case, logits, weights):
    weights = weights if numpy.isscalar(weights) else weights[:, None]
    came = losses.sigmoid_cross_entropy(case.targets(), logits, weights, case.smoothing,
                                        reduction=reduction(case))
    return tensorflow.reduce_sum(came, case.axis) if case.reduction == "none" else came


TENSORFLOW = {"tf.compat.v1.losses.softmax_cross_entropy": softmax,
              "tf.compat.v1.losses.sparse_softmax_cross_entropy": sparse_softmax,
              "tf.compat.v1.losses.sigmoid_cross_entropy": sigmoid}


def tensorflow_answer(case):
    logits = tensorflow.constant(case.logits(), tensorflow.float32)
    weights = case.row_weights()
    with tensorflow.GradientTape() as tape:
        tape.watch(logits)
        came = TENSORFLOW[case.peer](case, logits, 1.0 if weights is None else weights)
        value = tensorflow.reduce_sum(came)
    lines = {"value": value.numpy(), "gradient": tape.gradient(value, logits).numpy()}
    if case.reduction == "none":
        lines["losses"] = came.numpy()
    return lines


# --- boosted trees ---


def positive_weight(case):
    classes = case.fields.get("classes")
    return {} if classes is None else {"scale_pos_weight": float(classes.split(",")[1])}


def boosting_answer(case):
    """Each row is trained on with copies of it that have the other labels, and split from them."""
    n, n_classes = case.shape
    own = numpy.ravel(case.targets() if n_classes == 1 else case.ids()).astype(int)
    weights = numpy.ones(n) if case.row_weights() is None else case.row_weights()
    train = xgboost_leaves if case.peer.startswith("xgboost") else lightgbm_leaves
    leaves = numpy.zeros((*case.shape, 2))
    for i in numpy.flatnonzero(weights):  # without weight there is no Hessian to split by
        labels = numpy.roll(numpy.arange(max(n_classes, 2)), -own[i])
        copies = numpy.repeat(case.logits()[i : i + 1], len(labels), 0)
        is_copy = (labels != own[i])[:, None].astype(float)
        leaves[i] = train(case, is_copy, labels, numpy.full(len(labels), weights[i]), copies)
    return {"gradient": -leaves[..., 0] * leaves[..., 1], "hessian": leaves[..., 1]}


def xgboost_leaves(case, is_copy, labels, weights, logits):
    """Value and Hessian of the first row's leaf, of each tree."""
    data = xgboost.DMatrix(is_copy, label=labels, weight=weights, base_margin=logits)
    options = {"objective": "binary:logistic", **positive_weight(case)}
    if case.n_classes > 1:
        options = {"objective": "multi:softprob", "num_class": case.n_classes}
    model = xgboost.train({
        **options, "learning_rate": 1, "reg_lambda": 0, "min_child_weight": 0, "max_depth": 1,
        "tree_method": "exact", "nthread": 1}, data, 1)
    trees = [json.loads(tree) for tree in model.get_dump(dump_format="json", with_stats=True)]
    leaves = [next(leaf for leaf in tree["children"] if leaf["nodeid"] == tree["yes"])
              for tree in trees]
    return [(leaf["leaf"], leaf["cover"]) for leaf in leaves]


def lightgbm_leaves(case, is_copy, labels, weights, logits):
    """Value and Hessian of the first row's leaf, of each tree."""
    data = lightgbm.Dataset(is_copy, label=labels, weight=weights, init_score=logits.ravel("F"),
                            params={"min_data_in_bin": 1, "min_data_in_leaf": 1})
    options = {"objective": "binary", **positive_weight(case)}
    if case.n_classes > 1:
        options = {"objective": "multiclass", "num_class": case.n_classes}
    model = lightgbm.train({
        **options, "learning_rate": 1, "lambda_l2": 0, "min_sum_hessian_in_leaf": 0,
        "min_data_in_leaf": 1, "num_leaves": 2, "boost_from_average": False, "verbose": -1,
        "num_threads": 1}, data, 1)
    trees = [tree["tree_structure"] for tree in model.dump_model()["tree_info"]]
    leaves = [tree["left_child"] for tree in trees]
    return [(leaf["leaf_value"], leaf["leaf_weight"]) for leaf in leaves]


# --- the cases ---


def tensorflow_cases():
    for how in ("none", "sum", "mean", "weighted-mean", "nonzero-mean"):
        yield "tf.compat.v1.losses.softmax_cross_entropy", (5, 3), "one-hot", {
            "rows": "rows", "smoothing": 0.1, "reduction": how}
        yield "tf.compat.v1.losses.sparse_softmax_cross_entropy", (2, 3, 4), "index", {
            "rows": "positions", "reduction": how}
        yield "tf.compat.v1.losses.sigmoid_cross_entropy", (4, 3), "multi-hot", {
            "rows": "rows", "smoothing": 0.2, "reduction": how}


def boosting_cases():
    sums = {"reduction": "sum"}
    rows = {"rows": "rows"}
    for weights in ({}, rows, {"classes": "1,2.5"}, {**rows, "classes": "1,2.5"}):
        for peer in ("xgboost.logistic", "lightgbm.binary"):
            yield peer, (8, 1), "multi-hot", {**weights, **sums, "hessian": 1}
    for weights in ({}, rows):
        for n_classes in (3, 4):
            yield "xgboost.softprob", (6, n_classes), "index", {**weights, **sums, "hessian": 2}
            yield "lightgbm.multiclass", (6, n_classes), "index", {
                **weights, **sums, "hessian": n_classes / (n_classes - 1)}


def answer(case):
    return (tensorflow_answer if case.peer in TENSORFLOW else boosting_answer)(case)


def main():
    print(HEAD, end="")
    print_cases(numbered([*tensorflow_cases(), *boosting_cases()]), answer, DIGITS)


main()
