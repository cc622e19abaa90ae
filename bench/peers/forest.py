"""A peer's boosted trees trained on one split, as its users would: forest.py PEER PLAN.

PEER is XGBoost or LightGBM. PLAN is a file of JSON: `rows`, `labels` and `parts` name files of
float32 (n, d), int32 and uint8 (0 to train on, 1 held back, 2 to be judged); n, d, classes, weights
(what a class weighs). The rows held back choose the number of rounds, then they train with the
others for as many. Probabilities of the rows to be judged go to the file `out`, float64 (judged,
classes); the rounds to stdout, as JSON.
"""

import json
import sys
import warnings

import numpy

ROUNDS, PATIENCE = 1000, 20
RATE, DEPTH, LEAVES, BINS = 0.1, 6, 63, 256


def of_mean_one(weights):
    """Over the rows that are trained on, as ours are: min_child_weight and lambda mean the same."""
    return weights / weights.mean()


def xgboost(rows, labels, weights, classes, held):
    """(a function of rows that gives probabilities, rounds)"""
    import xgboost as library

    parameters = {"tree_method": "hist", "eta": RATE, "max_depth": DEPTH, "max_bin": BINS,
                  "nthread": 1, "verbosity": 0}
    if classes == 2:
        parameters |= {"objective": "binary:logistic", "eval_metric": "logloss"}
    else:
        parameters |= {"objective": "multi:softprob", "eval_metric": "mlogloss",
                       "num_class": classes}

    def data(chosen):
        return library.DMatrix(rows[chosen], labels[chosen], weight=of_mean_one(weights[chosen]))

    first = library.train(parameters, data(~held), ROUNDS, evals=[(data(held), "held")],
                          early_stopping_rounds=PATIENCE, verbose_eval=False)
    rounds = first.best_iteration + 1
    last = library.train(parameters, data(slice(None)), rounds)
    return lambda some: last.predict(library.DMatrix(some)), rounds


def lightgbm(rows, labels, weights, classes, held):
    """(a function of rows that gives probabilities, rounds)"""
    import lightgbm as library

    parameters = {"learning_rate": RATE, "num_leaves": LEAVES, "max_bin": BINS - 1,
                  "num_threads": 1, "verbosity": -1}
    if classes == 2:
        parameters |= {"objective": "binary"}
    else:
        parameters |= {"objective": "multiclass", "num_class": classes}

    def data(chosen):
        return library.Dataset(rows[chosen], labels[chosen], weight=of_mean_one(weights[chosen]))

    first = library.train(parameters, data(~held), ROUNDS, valid_sets=[data(held)],
                          callbacks=[library.early_stopping(PATIENCE, verbose=False)])
    last = library.train(parameters, data(slice(None)), first.best_iteration)
    return last.predict, first.best_iteration


PEERS = {"XGBoost": xgboost, "LightGBM": lightgbm}


def main():
    warnings.filterwarnings("ignore")
    with open(sys.argv[2], encoding="utf-8") as file:
        plan = json.load(file)
    rows = numpy.fromfile(plan["rows"], numpy.float32).reshape(plan["n"], plan["d"])
    labels = numpy.fromfile(plan["labels"], numpy.int32)
    parts = numpy.fromfile(plan["parts"], numpy.uint8)
    trains = parts < 2
    weights = numpy.array(plan["weights"])[labels[trains]]
    predict, rounds = PEERS[sys.argv[1]](rows[trains], labels[trains], weights, plan["classes"],
                                         parts[trains] == 1)
    test = rows[~trains]
    told = numpy.asarray(predict(test), numpy.float64)
    if told.ndim == 1:
        told = numpy.stack([1 - told, told], axis=1)
    numpy.ascontiguousarray(told).tofile(plan["out"])
    print(json.dumps({"rounds": rounds}))


if __name__ == "__main__":
    main()
