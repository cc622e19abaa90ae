"""The systems of docs/dialects.md, each put to one test: a text of ours, executed or given to it as
it stands, does there what row weights made from our numbers do. check_dialects.py runs them all.
"""

import glob
import importlib.util
import os
import re
import shutil
import subprocess
import sys
import tempfile

import numpy

os.environ.setdefault("KERAS_BACKEND", "torch")
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

MODULES = {
    "keras": ["keras", "torch"],
    "sklearn": ["sklearn"],
    "pytorch": ["torch"],
    "tensorflow": ["tensorflow"],
    "xgboost": ["xgboost"],
    "lightgbm": ["lightgbm"],
    "liblinear": ["liblinear", "sklearn"],
    "vw": ["vowpalwabbit"],
    "weka": ["weka"],
}


def lacking(dialect):
    """Why a system cannot be run here, or None."""
    if dialect not in MODULES:
        return "it runs nowhere but in its cloud"
    for module in MODULES[dialect]:
        if importlib.util.find_spec(module) is None:
            return f"no Python package {module}"
    if dialect == "weka" and not shutil.which("java"):
        return "no java"
    return None


def assert_near(ours, theirs, relative=1e-6, absolute=1e-7):
    """Both are the same numbers, nearly."""
    numpy.testing.assert_allclose(ours, theirs, rtol=relative, atol=absolute)


# --- Keras ---


def keras_model(case):
    """The same untrained model each time."""
    import keras

    keras.utils.set_random_seed(0)
    model = keras.Sequential([keras.Input((4,)), keras.layers.Dense(case.n_classes)])
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile(optimizer=keras.optimizers.SGD(0.1), loss=loss)
    return model


def check_keras(case):
    """Losses and trained weights of fit() with class_weight, and with sample_weight."""
    x, y = case.x.astype("float32"), case.ids
    runs = []
    for given in ({"class_weight": case.run()["class_weight"]},
                  {"sample_weight": case.row_weights}):
        model = keras_model(case)
        history = model.fit(x, y, epochs=2, shuffle=False, verbose=0, **given)
        runs.append([*history.history["loss"], *model.get_weights()[0].ravel()])
    assert_near(*runs, relative=1e-4, absolute=1e-5)


# --- scikit-learn ---


def check_sklearn(case):
    """Row weights as scikit-learn makes them, exactly; coefficients of a fit."""
    from sklearn.linear_model import LogisticRegression
    from sklearn.utils.class_weight import compute_sample_weight

    class_weight = case.run()["class_weight"]
    rows = compute_sample_weight(class_weight, case.labels)
    assert (rows == case.row_weights).all()
    options = {"tol": 1e-10, "max_iter": 1000}
    ours = LogisticRegression(class_weight=class_weight, **options).fit(case.x, case.labels)
    theirs = LogisticRegression(**options).fit(case.x, case.labels, sample_weight=case.row_weights)
    assert_near(ours.coef_, theirs.coef_)


# --- PyTorch ---


def logits_of(case, n_columns):
    return numpy.random.default_rng(1).normal(size=(len(case.ids), n_columns)).astype("float32")


def check_pytorch(case):
    """CrossEntropyLoss is the mean by weight; pos_weight the sum over the first class's weight."""
    import torch

    weight = case.run(torch=torch)["weight"]
    logits, ids = torch.tensor(logits_of(case, case.n_classes)), torch.tensor(case.ids)
    rows = torch.tensor(case.row_weights)
    plain = torch.nn.functional.cross_entropy(logits, ids, reduction="none")
    loss = torch.nn.CrossEntropyLoss(weight=weight)(logits, ids)
    assert_near(loss, (plain * rows).sum() / rows.sum(), relative=1e-5)
    if case.n_classes > 2:
        return
    call = re.search(r"BCEWithLogitsLoss\((pos_weight=.*)\)$", "\n".join(case.comments), re.M)
    options = eval(f"dict({call.group(1)})", {"torch": torch})
    logit, target = torch.tensor(logits_of(case, 1)[:, 0]), ids.float()
    plain = torch.nn.functional.binary_cross_entropy_with_logits(logit, target, reduction="none")
    loss = torch.nn.BCEWithLogitsLoss(reduction="sum", **options)(logit, target)
    assert_near(loss, (plain * rows).sum() / case.weights[0], relative=1e-5)


# --- TensorFlow ---


def check_tensorflow(case):
    """What the comments say to write, evaluated: row weights, and the loss of two classes."""
    import tensorflow

    names = case.run(tf=tensorflow)
    comments = "\n".join(case.comments)
    gathered = re.search(r"sample_weight=(tf\.gather\(.*?\))", comments).group(1)
    rows = eval(gathered, {**names, "tf": tensorflow, "labels": case.ids})
    assert_near(rows, case.row_weights)
    if case.n_classes > 2:
        return
    call = re.search(r"or (tf\.nn\..*)$", comments, re.M).group(1)
    logits, labels = logits_of(case, 1)[:, 0], case.ids.astype("float32")
    call = call.replace("...", "labels=labels, logits=logits")
    loss = eval(call, {"tf": tensorflow, "labels": labels, "logits": logits})
    plain = tensorflow.nn.sigmoid_cross_entropy_with_logits(labels=labels, logits=logits)
    assert_near(loss, plain * case.row_weights / case.weights[0], relative=1e-5)


# --- XGBoost ---


def check_xgboost(case):
    """The same trees."""
    import xgboost

    options = {"n_estimators": 5, "max_depth": 3, "n_jobs": 1, "base_score": 0.5}
    names = case.run(y=case.ids)
    if case.n_classes == 2:
        ratio = names["scale_pos_weight"]
        ours = xgboost.XGBClassifier(scale_pos_weight=ratio, **options).fit(case.x, case.ids)
        rows = case.row_weights / case.weights[0]
    else:
        rows = case.row_weights
        ours = xgboost.XGBClassifier(**options)
        ours.fit(case.x, case.ids, sample_weight=names["sample_weight"])
    theirs = xgboost.XGBClassifier(**options).fit(case.x, case.ids, sample_weight=rows)
    assert_near(ours.predict_proba(case.x), theirs.predict_proba(case.x), relative=1e-5)


# --- LightGBM ---


def check_lightgbm(case):
    """The same trees by class_weight; by scale_pos_weight too, where the first score is 0."""
    import lightgbm

    options = {"n_estimators": 5, "verbose": -1, "num_threads": 1, "deterministic": True}
    class_weight = case.run()["class_weight"]
    ours = lightgbm.LGBMClassifier(class_weight=class_weight, **options).fit(case.x, case.labels)
    theirs = lightgbm.LGBMClassifier(**options)
    theirs.fit(case.x, case.labels, sample_weight=case.row_weights)
    assert_near(ours.predict_proba(case.x), theirs.predict_proba(case.x))
    if case.n_classes > 2:
        return
    ratio = float(re.search(r"scale_pos_weight=(\S+)", "\n".join(case.comments)).group(1))
    options |= {"boost_from_average": False, "min_sum_hessian_in_leaf": 0.0, "objective": "binary"}
    options["num_iterations"] = options.pop("n_estimators")
    rows = case.row_weights / case.weights[0]
    by_ratio = lightgbm.train({**options, "scale_pos_weight": ratio},
                              lightgbm.Dataset(case.x, case.ids))
    by_rows = lightgbm.train(options, lightgbm.Dataset(case.x, case.ids, weight=rows))
    assert_near(by_ratio.predict(case.x), by_rows.predict(case.x))


# --- LIBLINEAR ---


def liblinear_coefficients(case, labels, options):
    from liblinear import liblinearutil

    rows = [dict(enumerate(row, 1)) for row in case.x.tolist()]
    model = liblinearutil.train(labels.tolist(), rows, f"-s 0 -c 1 -e 1e-9 -q {options}")
    names = model.get_labels()
    return {name: [model.get_decfun_coef(j, index) for j in range(1, 5)]
            for index, name in enumerate(names)}


def sklearn_coefficients(case, positive, rows):
    """Those of positive against negative rows, without an intercept."""
    from sklearn.linear_model import LogisticRegression

    model = LogisticRegression(fit_intercept=False, tol=1e-10, max_iter=1000)
    return model.fit(case.x, positive, sample_weight=rows).coef_[0]


def check_liblinear(case):
    """Coefficients of rows weighed elsewhere. Of three classes, as our comment says, each is
    trained against the rest with its own rows weighed and the rest not."""
    options = " ".join(line for line in case.text.splitlines() if line[0] != "#")
    ours = liblinear_coefficients(case, case.labels, options)
    for k, name in enumerate(case.classes):
        positive = case.ids == k
        rows = case.row_weights if case.n_classes == 2 else numpy.where(
            positive, case.weights[k], 1.0)
        theirs = sklearn_coefficients(case, positive, rows)
        assert_near(ours[int(name)], theirs, relative=1e-4, absolute=1e-5)


# --- Vowpal Wabbit ---


def vw_model(case, options, labels, importance):
    """What VW learns: the numbers of its model file, options left out."""
    import vowpalwabbit

    with tempfile.TemporaryDirectory() as scratch:
        path = os.path.join(scratch, "model.txt")
        workspace = vowpalwabbit.Workspace(f"{options} --quiet --readable_model {path}")
        for row, label, weight in zip(case.x.tolist(), labels, importance):
            features = " ".join(f"f{j}:{value}" for j, value in enumerate(row))
            workspace.learn(f"{label} {weight} | {features}")
        workspace.finish()
        with open(path, encoding="utf-8") as file:
            learnt = file.read().split("initial_t")[1]
    return [float(number) for number in re.findall(r"(?<=[ :])[-+.0-9e]+", learnt)]


def check_vw(case):
    """The model that importance weights on the rows give; VW computes in float32."""
    option = case.text.splitlines()[-1]
    plain, ones = f"--oaa {case.n_classes}", [1] * len(case.ids)
    ours = vw_model(case, f"{plain} {option}", case.ids + 1, ones)
    assert_near(ours, vw_model(case, plain, case.ids + 1, case.row_weights), relative=1e-4)
    if case.n_classes > 2:
        return
    option = re.search(r"--classweight -1.*$", "\n".join(case.comments)).group()
    plain, labels = "--loss_function logistic", 2 * case.ids - 1
    ours = vw_model(case, f"{plain} {option}", labels, ones)
    assert_near(ours, vw_model(case, plain, labels, case.row_weights), relative=1e-4)


# --- Weka ---


def weka_jars():
    package = importlib.util.find_spec("weka").submodule_search_locations[0]
    return os.pathsep.join(glob.glob(os.path.join(package, "lib", "*.jar")))


def write_arff(path, case, rows):
    """The cases with weights, or without where `rows` is None."""
    with open(path, "w", encoding="utf-8") as file:
        ids = ",".join(f"c{k}" for k in range(case.n_classes))
        file.write("@relation r\n" + "".join(f"@attribute f{j} numeric\n" for j in range(4)))
        file.write(f"@attribute class {{{ids}}}\n@data\n")
        for i, row in enumerate(case.x.tolist()):
            weight = "" if rows is None else f",{{{rows[i]}}}"
            file.write(",".join(map(repr, row)) + f",c{case.ids[i]}{weight}\n")


def weka_probabilities(case, rows, cost):
    """Of the rows, by Weka's logistic regression: rows weighed, or a cost matrix around it."""
    logistic = "weka.classifiers.functions.Logistic"
    with tempfile.TemporaryDirectory() as scratch:
        data, test = os.path.join(scratch, "train.arff"), os.path.join(scratch, "test.arff")
        matrix = os.path.join(scratch, "matrix.cost")
        write_arff(data, case, rows)
        write_arff(test, case, None)
        with open(matrix, "w", encoding="utf-8") as file:
            file.write(cost or "")
        classifier = [logistic] if cost is None else [
            "weka.classifiers.meta.CostSensitiveClassifier", "-C", matrix, "-W", logistic]
        form = "weka.classifiers.evaluation.output.prediction.CSV -distribution -decimals 9"
        command = ["java", "-cp", weka_jars(), *classifier[:1], "-t", data, "-T", test,
                   "-classifications", form, *classifier[1:]]
        came = subprocess.run(command, capture_output=True, text=True, check=False)
    lines = [line for line in came.stdout.splitlines() if re.match(r"\d+,\d+:", line)]
    assert len(lines) == len(case.ids), came.stdout + came.stderr
    columns = [line.split(",")[4:] for line in lines]
    return numpy.array([[float(cell.lstrip("*")) for cell in row] for row in columns])


def check_weka(case):
    """Probabilities of CostSensitiveClassifier, which weighs rows by the sums of their costs."""
    ours = weka_probabilities(case, None, case.text)
    theirs = weka_probabilities(case, case.row_weights / case.weights.sum(), None)
    assert_near(ours, theirs, relative=1e-3, absolute=1e-5)


if __name__ == "__main__":
    sys.exit("check_dialects.py runs these")
