"""What docs/dialects.md says of other systems beside what they take: each claim is a check, the
first line of its docstring the claim. check_dialects.py runs those whose systems are installed.
"""

import contextlib
import io

import numpy

import dialect_peers
from dialect_peers import assert_near

DRAW = numpy.random.default_rng(7)
X = DRAW.normal(size=(300, 3))
RARE = (X[:, 0] + DRAW.normal(size=300) > 1.2).astype(int)
THREE = numpy.digitize(X[:, 1] + DRAW.normal(size=300), [0.5, 1.5])


def raises(call, kind):
    try:
        call()
    except kind as error:
        return str(error)
    return None


def sklearn_balanced():
    """sklearn: 'balanced' is n / (K n_k)"""
    from sklearn.utils.class_weight import compute_class_weight

    weights = compute_class_weight("balanced", classes=numpy.arange(3), y=THREE)
    assert_near(weights, len(THREE) / (3 * numpy.bincount(THREE)))


def sklearn_left_out():
    """sklearn: a class left out of the dictionary weighs 1, without a word"""
    from sklearn.utils.class_weight import compute_sample_weight

    assert set(compute_sample_weight({0: 5.0}, RARE)[RARE == 1]) == {1.0}


def sklearn_integers():
    """sklearn: labels '0' and '1' are looked up as 0 and 1; the keys '0' and '1' are an error"""
    from sklearn.utils.class_weight import compute_sample_weight

    rows = compute_sample_weight({0: 1.0, 1: 5.0}, RARE.astype(str))
    assert (rows == numpy.where(RARE == 1, 5.0, 1.0)).all()
    assert raises(lambda: compute_sample_weight({"0": 1.0, "1": 5.0}, RARE.astype(str)), ValueError)


def keras_left_out():
    """keras: an id left out of class_weight weighs 1, without a word"""
    from keras.src.trainers.data_adapters import data_adapter_utils

    weights = data_adapter_utils.class_weight_to_sample_weights(numpy.array([0, 1, 2]), {0: 5.0})
    assert_near(weights, [5.0, 1.0, 1.0])


def keras_sequences():
    """keras: labels (n, T) of ids are taken for one-hot, without a word"""
    from keras.src.trainers.data_adapters import data_adapter_utils

    labels = numpy.array([[0, 1, 2], [2, 1, 0]])
    weights = data_adapter_utils.class_weight_to_sample_weights(labels, {0: 10.0, 1: 20.0, 2: 30.0})
    assert_near(weights, [30.0, 10.0])


def pytorch_integers():
    """pytorch: a tensor of whole numbers is refused, so weights are written 1.0"""
    import torch

    loss = torch.nn.CrossEntropyLoss(weight=torch.tensor([1, 5]))
    assert raises(lambda: loss(torch.zeros(2, 2), torch.tensor([0, 1])), RuntimeError)


def pytorch_one_hot():
    """pytorch: one-hot targets divide the weighted loss by rows, ids by weights"""
    import torch

    loss = torch.nn.CrossEntropyLoss(weight=torch.tensor([1.0, 5.0]))
    logits, ids = torch.tensor([[0.0, 1.0], [1.0, 0.0]]), torch.tensor([0, 1])
    one_hot = torch.nn.functional.one_hot(ids).float()
    assert_near(loss(logits, one_hot) / loss(logits, ids), 6 / 2)


def xgboost_ignores():
    """xgboost: scale_pos_weight of three classes changes nothing"""
    import xgboost

    def fitted(**options):
        model = xgboost.XGBClassifier(n_estimators=3, n_jobs=1, verbosity=0, **options)
        return model.fit(X, THREE).predict_proba(X)

    assert (fitted() == fitted(scale_pos_weight=50.0)).all()


def xgboost_small_weights():
    """xgboost: weights of a hundredth leave no tree above min_child_weight"""
    import xgboost

    def spread(scale):
        model = xgboost.XGBClassifier(n_estimators=3, n_jobs=1, min_child_weight=5)
        model.fit(X, RARE, sample_weight=numpy.full(len(RARE), scale))
        return numpy.ptp(model.predict_proba(X)[:, 1])

    assert spread(1.0) > 0.1 and spread(0.01) == 0


def lightgbm_unbalance():
    """lightgbm: is_unbalance is our max-ratio, the larger class 1, whichever it is"""
    import lightgbm

    options = {"objective": "binary", "verbose": -1, "num_threads": 1, "num_iterations": 3,
               "boost_from_average": False}

    def scores(labels, **more):
        data = lightgbm.Dataset(X, labels)
        return lightgbm.train({**options, **more}, data).predict(X)

    for labels in (RARE, 1 - RARE):
        counts = numpy.bincount(labels)
        weights = (counts.max() / counts)[labels]
        weighed = lightgbm.train(options, lightgbm.Dataset(X, labels, weight=weights)).predict(X)
        assert_near(scores(labels, is_unbalance=True), weighed, relative=1e-4)


def lightgbm_first_score():
    """lightgbm: scale_pos_weight leaves the first score unweighted, class_weight does not"""
    import lightgbm

    options = {"objective": "binary", "verbose": -1, "num_threads": 1, "num_iterations": 1}
    by_ratio = lightgbm.train({**options, "scale_pos_weight": 9.0}, lightgbm.Dataset(X, RARE))
    weights = numpy.where(RARE == 1, 9.0, 1.0)
    by_rows = lightgbm.train(options, lightgbm.Dataset(X, RARE, weight=weights))
    assert numpy.abs(by_ratio.predict(X) - by_rows.predict(X)).max() > 0.01


def liblinear_coefficient(labels, x, options):
    """That of the first feature for label 1."""
    from liblinear import liblinearutil

    rows = [dict(enumerate(row, 1)) for row in x.tolist()]
    model = liblinearutil.train(labels.tolist(), rows, f"-e 1e-9 -q {options}")
    return model.get_decfun_coef(1, model.get_labels().index(1))


def liblinear_repeats():
    """liblinear: -w given twice for a label multiplies"""
    assert_near(liblinear_coefficient(RARE, X, "-s 0 -w1 2 -w1 3"),
                liblinear_coefficient(RARE, X, "-s 0 -w1 6"))


def liblinear_three_classes():
    """liblinear: of three classes -w 3 is a row three times by -s 4, and not by -s 0"""
    times = numpy.where(THREE == 1, 3, 1)
    copied, x = numpy.repeat(THREE, times), numpy.repeat(X, times, axis=0)
    assert_near(liblinear_coefficient(THREE, X, "-s 4 -w1 3"),
                liblinear_coefficient(copied, x, "-s 4"), relative=1e-3)
    weighed, plain = (liblinear_coefficient(THREE, X, "-s 0 -w2 3"),
                      liblinear_coefficient(THREE, X, "-s 0"))
    assert weighed == plain  # label 1 against the rest: the rows of label 2 are as they were


def liblinear_nan():
    """liblinear: -w1 nan trains, without a word"""
    from liblinear import liblinearutil

    rows = [dict(enumerate(row, 1)) for row in X.tolist()]
    said = io.StringIO()
    with contextlib.redirect_stderr(said), contextlib.redirect_stdout(said):
        model = liblinearutil.train(RARE.tolist(), rows, "-s 0 -q -w1 nan")
    assert model is not None and not said.getvalue()


def vw_scalars_only():
    """vw: --classweight beside --oaa with --scores or --probabilities is refused"""
    import vowpalwabbit

    assert raises(lambda: vowpalwabbit.Workspace("--quiet --oaa 2 --scores --classweight 1:2"),
                  RuntimeError)


CLAIMS = {
    "sklearn": [sklearn_balanced, sklearn_left_out, sklearn_integers],
    "keras": [keras_left_out, keras_sequences],
    "pytorch": [pytorch_integers, pytorch_one_hot],
    "xgboost": [xgboost_ignores, xgboost_small_weights],
    "lightgbm": [lightgbm_unbalance, lightgbm_first_score],
    "liblinear": [liblinear_repeats, liblinear_three_classes, liblinear_nan],
    "vw": [vw_scalars_only],
}


def claims():
    """Those about systems that are installed."""
    for dialect, checks in CLAIMS.items():
        if not dialect_peers.lacking(dialect):
            yield from checks
