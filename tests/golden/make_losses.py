"""Prints losses.txt: losses and gradients of PyTorch, Keras and TensorFlow, in float64.

Run with the packages of tests/peers/requirements.txt; the versions used are named in the first
lines of the file.
"""

import os

os.environ.update(KERAS_BACKEND="tensorflow", TF_CPP_MIN_LOG_LEVEL="3", CUDA_VISIBLE_DEVICES="")

import keras  # noqa: E402
import numpy  # noqa: E402
import tensorflow  # noqa: E402
import torch  # noqa: E402
from torch.nn import functional  # noqa: E402

from loss_cases import numbered, print_cases  # noqa: E402

DIGITS = 12
HEAD = f"""# Written by make_losses.py with torch {torch.__version__}, keras {keras.__version__}, \
tensorflow {tensorflow.__version__}, numpy {numpy.__version__}.
# A case: the call, and our options that say the same (loss_cases.py says what the words mean, and
# how the inputs follow from the number). Then the value, the gradient in C order of the logits, and
# with reduction=none the losses of the positions, of which the value is the sum.
"""


torch.set_num_threads(1)
keras.config.set_floatx("float64")


# --- PyTorch ---


def torch_tensor(array):
    return None if array is None else torch.tensor(array, dtype=torch.float64)


def torch_reduction(case):
    return {"none": "none", "sum": "sum"}.get(case.reduction, "mean")


def torch_options(case):
    ignored = {} if case.ignore is None else {"ignore_index": case.ignore}
    return {"weight": torch_tensor(case.class_weights()), "reduction": torch_reduction(case),
            **ignored}


def torch_cross_entropy(case, logits):
    is_index = case.labels == "index"
    target = torch.tensor(case.ids()) if is_index else torch_tensor(case.targets())
    return functional.cross_entropy(logits, target, label_smoothing=case.smoothing,
                                    **torch_options(case))


def torch_nll_loss(case, logits):
    return functional.nll_loss(functional.log_softmax(logits, dim=1), torch.tensor(case.ids()),
                               **torch_options(case))


def along_class_axis(case, numbers):
    """(K) numbers in a shape that broadcasts over the logits."""
    if numbers is None:
        return None
    shape = [1] * len(case.shape)
    shape[case.axis] = case.n_classes
    return numbers.reshape(shape)


def over_classes(case, weights):
    """Weights of rows or positions in a shape that broadcasts over the logits."""
    if weights is None:
        return None
    if weights.shape == case.positions:
        return numpy.expand_dims(weights, case.axis)
    return weights.reshape([-1] + [1] * (len(case.shape) - 1))


def torch_binary_cross_entropy(case, logits):
    weights = over_classes(case, case.row_weights())
    losses = functional.binary_cross_entropy_with_logits(
        logits, torch_tensor(case.targets()), weight=torch_tensor(weights),
        pos_weight=torch_tensor(along_class_axis(case, case.class_weights())),
        reduction=torch_reduction(case))
    return losses.sum(case.axis) if case.reduction == "none" else losses


def torch_multilabel_soft_margin(case, logits):
    return functional.multilabel_soft_margin_loss(
        logits, torch_tensor(case.targets()), weight=torch_tensor(case.class_weights()))


TORCH = {
    "torch.cross_entropy": torch_cross_entropy,
    "torch.nll_loss": torch_nll_loss,
    "torch.binary_cross_entropy_with_logits": torch_binary_cross_entropy,
    "torch.multilabel_soft_margin_loss": torch_multilabel_soft_margin,
}


def torch_answer(case):
    logits = torch_tensor(case.logits()).requires_grad_()
    losses = TORCH[case.peer](case, logits)
    losses.sum().backward()
    return losses.detach().numpy(), logits.grad.numpy()


# --- Keras and TensorFlow ---


def keras_options(case):
    reduction = {"none": "none", "sum": "sum", "mean": "sum_over_batch_size",
                 "weighted-mean": "mean_with_sample_weight"}[case.reduction]
    return {"reduction": reduction, "dtype": "float64"}


def keras_call(case, loss, target, logits):
    if case.mask() is not None:
        keras.src.backend.set_keras_mask(logits, tensorflow.constant(case.mask()))
    weights = case.row_weights()
    if weights is not None and weights.ndim < len(case.positions):
        weights = weights[:, None]
    return loss(target, logits, sample_weight=weights)


def keras_categorical(case, logits):
    loss = keras.losses.CategoricalCrossentropy(
        from_logits=True, label_smoothing=case.smoothing, axis=case.axis, **keras_options(case))
    return keras_call(case, loss, case.targets(), logits)


def keras_sparse_categorical(case, logits):
    loss = keras.losses.SparseCategoricalCrossentropy(
        from_logits=True, ignore_class=case.ignore, axis=case.axis, **keras_options(case))
    return keras_call(case, loss, case.ids(), logits)


def gamma(case):
    return float(case.fields["parts"].split("gamma=")[1])


def keras_categorical_focal(case, logits):
    alpha = case.class_weights()
    loss = keras.losses.CategoricalFocalCrossentropy(
        alpha=1.0 if alpha is None else alpha.tolist(), gamma=gamma(case), from_logits=True,
        label_smoothing=case.smoothing, axis=case.axis, **keras_options(case))
    return keras_call(case, loss, case.targets(), logits)


def keras_binary(case, logits):
    loss = keras.losses.BinaryCrossentropy(
        from_logits=True, label_smoothing=case.smoothing, **keras_options(case))
    return binary_sum(case, keras_call(case, loss, case.targets(), logits))


def keras_binary_focal(case, logits):
    both = case.fields.get("classes")
    balancing = {} if both is None else {"apply_class_balancing": True,
                                         "alpha": float(both.split(",")[1])}
    loss = keras.losses.BinaryFocalCrossentropy(
        gamma=gamma(case), from_logits=True, **balancing, **keras_options(case))
    return binary_sum(case, keras_call(case, loss, case.targets(), logits))


def binary_sum(case, losses):
    # Keras takes the mean over the labels of a row where we add them up; `mean` and `weighted-mean`
    # divide by it on both sides.
    return losses * case.n_classes if case.reduction in ("none", "sum") else losses


def tensorflow_weighted(case, logits):
    losses = tensorflow.nn.weighted_cross_entropy_with_logits(
        labels=case.targets(), logits=logits, pos_weight=case.class_weights())
    return tensorflow.reduce_sum(losses, case.axis)


def tensorflow_sigmoid(case, logits):
    losses = tensorflow.nn.sigmoid_cross_entropy_with_logits(labels=case.targets(), logits=logits)
    return tensorflow.reduce_sum(losses, case.axis)


def tensorflow_softmax(case, logits):
    return tensorflow.nn.softmax_cross_entropy_with_logits(
        labels=case.targets(), logits=logits, axis=case.axis)


def tensorflow_sparse_softmax(case, logits):
    return tensorflow.nn.sparse_softmax_cross_entropy_with_logits(labels=case.ids(), logits=logits)


TENSORFLOW = {
    "keras.CategoricalCrossentropy": keras_categorical,
    "keras.SparseCategoricalCrossentropy": keras_sparse_categorical,
    "keras.CategoricalFocalCrossentropy": keras_categorical_focal,
    "keras.BinaryCrossentropy": keras_binary,
    "keras.BinaryFocalCrossentropy": keras_binary_focal,
    "tf.nn.weighted_cross_entropy_with_logits": tensorflow_weighted,
    "tf.nn.sigmoid_cross_entropy_with_logits": tensorflow_sigmoid,
    "tf.nn.softmax_cross_entropy_with_logits": tensorflow_softmax,
    "tf.nn.sparse_softmax_cross_entropy_with_logits": tensorflow_sparse_softmax,
}


def tensorflow_answer(case):
    logits = tensorflow.constant(case.logits())
    with tensorflow.GradientTape() as tape:
        tape.watch(logits)
        losses = TENSORFLOW[case.peer](case, logits)
        value = tensorflow.reduce_sum(losses)
    return losses.numpy(), tape.gradient(value, logits).numpy()


# --- the cases ---

WEIGHTED = {"classes": "weighted"}
REDUCTIONS = ("none", "sum", "weighted-mean")


def torch_cases():
    peer = "torch.cross_entropy"
    for reduction in REDUCTIONS:
        for fields in ({}, WEIGHTED, {"ignore": -100}, {"smoothing": 0.1},
                       {**WEIGHTED, "ignore": 1, "smoothing": 0.25}):
            yield peer, (5, 3), "index", {**fields, "reduction": reduction}
        every = {**WEIGHTED, "ignore": -100, "smoothing": 0.1, "reduction": reduction}
        yield peer, (2, 3, 5), "index", {"axis": 1, **every}
        yield peer, (2, 4, 2, 2), "index", {"axis": 1, **every}
        yield peer, (6, 4), "index", {"classes": "some-zero", "reduction": reduction}
        yield peer, (6, 4), "index", {"classes": "some-zero", "smoothing": 0.1,
                                      "reduction": reduction}
    for shape in ((1, 1), (3, 1), (7, 2), (2, 17)):
        yield peer, shape, "index", WEIGHTED
    for spread in (64, 1024, 16384):
        yield peer, (4, 5), "index", {**WEIGHTED, "spread": spread}
        yield peer, (4, 5), "index", {"smoothing": 0.1, "spread": spread}
    # Its mean over probabilities divides by the rows, whatever they weigh.
    for reduction in ("none", "sum", "mean"):
        for fields in ({}, WEIGHTED, {**WEIGHTED, "smoothing": 0.1}):
            yield peer, (4, 3), "soft", {**fields, "reduction": reduction}
        yield peer, (2, 3, 4), "soft", {"axis": 1, **WEIGHTED, "reduction": reduction}
        yield peer, (4, 3), "one-hot", {**WEIGHTED, "reduction": reduction}
    yield peer, (4, 3), "index", {"smoothing": 1, **WEIGHTED}
    for fields in ({}, {**WEIGHTED, "ignore": 0}):
        yield "torch.nll_loss", (5, 3), "index", fields
        yield "torch.nll_loss", (2, 3, 4), "index", {"axis": 1, **fields}


def torch_sigmoid_cases():
    peer = "torch.binary_cross_entropy_with_logits"
    for reduction in ("none", "sum", "mean"):
        yield peer, (6, 1), "multi-hot", {"reduction": reduction}
        yield peer, (4, 3), "multi-hot", {"classes": "positive", "reduction": reduction}
        yield peer, (4, 3), "parts", {"classes": "positive", "rows": "rows",
                                      "reduction": reduction}
        for rows in ("rows", "positions"):
            yield peer, (2, 3, 4), "parts", {"axis": 1, "classes": "positive", "rows": rows,
                                             "reduction": reduction}
    yield peer, (4, 3), "parts", {"classes": "positive", "spread": 1024, "reduction": "mean"}
    yield "torch.multilabel_soft_margin_loss", (5, 4), "multi-hot", {"reduction": "mean"}
    yield "torch.multilabel_soft_margin_loss", (5, 4), "multi-hot", {
        "classes": "both", "reduction": "mean"}


def keras_softmax_cases():
    weighing = ({}, {"rows": "rows"}, {"mask": 1}, {"rows": "rows", "mask": 1})
    for reduction in ("none", "sum", "mean", "weighted-mean"):
        for fields in weighing:
            yield "keras.SparseCategoricalCrossentropy", (4, 3), "index", {
                **fields, "reduction": reduction}
        yield "keras.SparseCategoricalCrossentropy", (2, 3, 4), "index", {
            "ignore": 1, "rows": "positions", "reduction": reduction}
        if reduction != "weighted-mean":  # where it divides by the weights of rows, not positions
            yield "keras.SparseCategoricalCrossentropy", (4, 2, 3), "index", {
                "rows": "rows", "reduction": reduction}
        yield "keras.CategoricalCrossentropy", (4, 3), "soft", {
            "smoothing": 0.1, "rows": "rows", "mask": 1, "reduction": reduction}
        yield "keras.CategoricalCrossentropy", (2, 3, 4), "one-hot", {
            "axis": 1, "rows": "positions", "reduction": reduction}
        yield "keras.CategoricalFocalCrossentropy", (4, 3), "one-hot", {
            "parts": "focal:gamma=2", "rows": "rows", "reduction": reduction}
    peer = "keras.CategoricalFocalCrossentropy"
    for power in (0, 0.5, 1, 3):
        yield peer, (4, 3), "one-hot", {"parts": f"focal:gamma={power}", **WEIGHTED,
                                        "reduction": "mean"}
    yield peer, (4, 3), "soft", {"parts": "focal:gamma=2", **WEIGHTED, "smoothing": 0.1,
                                 "reduction": "mean"}


def keras_sigmoid_cases():
    for reduction in ("none", "sum", "mean", "weighted-mean"):
        yield "keras.BinaryCrossentropy", (4, 3), "parts", {
            "smoothing": 0.2, "rows": "rows", "reduction": reduction}
        yield "keras.BinaryFocalCrossentropy", (4, 3), "multi-hot", {
            "parts": "focal:gamma=2", "rows": "rows", "reduction": reduction}
    for power in (0.5, 1, 2):
        yield "keras.BinaryFocalCrossentropy", (6, 1), "multi-hot", {
            "parts": f"focal:gamma={power}", "classes": "0.75,0.25", "reduction": "mean"}


def tensorflow_cases():
    for spread in (4, 1024):
        for labels in ("multi-hot", "parts"):
            yield "tf.nn.weighted_cross_entropy_with_logits", (4, 3), labels, {
                "classes": "positive", "spread": spread, "reduction": "none"}
            yield "tf.nn.sigmoid_cross_entropy_with_logits", (4, 3), labels, {
                "spread": spread, "reduction": "none"}
        yield "tf.nn.softmax_cross_entropy_with_logits", (4, 5), "soft", {
            "spread": spread, "reduction": "none"}
        yield "tf.nn.softmax_cross_entropy_with_logits", (2, 5, 2), "soft", {
            "axis": 1, "spread": spread, "reduction": "none"}
        yield "tf.nn.sparse_softmax_cross_entropy_with_logits", (2, 2, 5), "index", {
            "spread": spread, "reduction": "none"}


def answer(case):
    losses, gradient = (torch_answer if case.peer in TORCH else tensorflow_answer)(case)
    lines = {"value": losses.sum(), "gradient": gradient}
    if case.reduction == "none":
        lines["losses"] = losses
    return lines


def main():
    cases = [*torch_cases(), *torch_sigmoid_cases(), *keras_softmax_cases(),
             *keras_sigmoid_cases(), *tensorflow_cases()]
    print(HEAD, end="")
    print_cases(numbered(cases), answer, DIGITS)


if __name__ == "__main__":
    main()
