"""A peer's boosted trees on raw arrays, as often as told; speaks as boosted.c does.

Usage: boosted.py PEER ROWS N D LABELS K
PEER is XGBoost or LightGBM. Balanced class weights as row weights, a rate of 0.1, depth 6
(LightGBM: 63 leaves), 256 bins, all processors. From arrays in memory to the last tree: what a peer
makes of them first is timed too, as it is of ours.
  go ROUNDS   trains once; tells its seconds
  save FILE   writes the logits of all rows by the last model, float64
  trees FILE  writes its trees, see boosted.c; XGBoost alone
  version     tells the version of the peer
  threads T   of the runs that follow
"""

import importlib.metadata
import json
import sys
import time

import numpy

RATE, DEPTH, LEAVES, BINS = 0.1, 6, 63, 256


class XGBoost:
    """Its own matrix of bins, as its estimators make it, and nothing but its defaults else."""

    package = "xgboost-cpu"

    def __init__(self, rows, labels, classes):
        import xgboost

        self.library, self.rows, self.labels = xgboost, rows, labels
        self.options = {"tree_method": "hist", "eta": RATE, "max_depth": DEPTH, "max_bin": BINS,
                        "base_score": 0.5, "verbosity": 0}
        self.options |= ({"objective": "binary:logistic"} if classes == 2 else
                         {"objective": "multi:softprob", "num_class": classes})
        self.threads, self.model = 0, None

    def fit(self, weights, rounds):
        """Trains."""
        data = self.library.QuantileDMatrix(self.rows, self.labels, weight=weights, max_bin=BINS,
                                            nthread=self.threads or None)
        self.model = self.library.train(self.options | {"nthread": self.threads}, data, rounds)

    def logits(self):
        """Of all rows."""
        return self.model.predict(self.library.DMatrix(self.rows), output_margin=True)

    def trees(self):
        """Trees as lines of text."""
        learner = json.loads(bytes(self.model.save_raw("json")))["learner"]
        return [shape_text(tree) for tree in learner["gradient_booster"]["model"]["trees"]]


def shape_text(tree):
    """A tree from its root on, left before right: feature and threshold of a split, or a leaf."""
    words, waiting = [], [0]
    while waiting:
        node = waiting.pop()
        if tree["left_children"][node] < 0:
            words.append("leaf")
            continue
        threshold = float(numpy.float32(tree["split_conditions"][node]))
        words.append(f"{tree['split_indices'][node]}<{threshold:.9g}")
        waiting += [tree["right_children"][node], tree["left_children"][node]]
    return " ".join(words)


class LightGBM:
    """Grown leaf by leaf, to as many leaves as a tree of depth 6 has at most."""

    package = "lightgbm"

    def __init__(self, rows, labels, classes):
        import lightgbm

        self.library, self.rows, self.labels = lightgbm, rows, labels
        self.options = {"learning_rate": RATE, "num_leaves": LEAVES, "max_bin": BINS - 1,
                        "verbosity": -1}
        self.options |= ({"objective": "binary"} if classes == 2 else
                         {"objective": "multiclass", "num_class": classes})
        self.threads, self.model = 0, None

    def fit(self, weights, rounds):
        """Trains."""
        data = self.library.Dataset(self.rows, self.labels, weight=weights)
        self.model = self.library.train(self.options | {"num_threads": self.threads}, data, rounds)

    def logits(self):
        """Of all rows."""
        return self.model.predict(self.rows, raw_score=True)


PEERS = {"XGBoost": XGBoost, "LightGBM": LightGBM}


def obey(peer, command, argument, weights):
    """One command; its answer."""
    if command == "version":
        return {"version": f"{peer.package} {importlib.metadata.version(peer.package)}"}
    if command == "threads":
        peer.threads = int(argument)
        return {"threads": peer.threads}
    if command == "save":
        peer.logits().astype(numpy.float64).tofile(argument)
        return {}
    if command == "trees":
        lines = peer.trees()
        with open(argument, "w", encoding="utf-8") as file:
            file.writelines(line + "\n" for line in lines)
        return {"trees": len(lines)}
    begin = time.perf_counter()
    peer.fit(weights(), int(argument))
    return {"seconds": time.perf_counter() - begin}


def main():
    name, rows_path, n, d, labels_path, classes = sys.argv[1:]
    n, d, classes = int(n), int(d), int(classes)
    rows = numpy.fromfile(rows_path, numpy.float32, n * d).reshape(n, d)
    labels = numpy.fromfile(labels_path, numpy.int32, n)

    def weights():
        return (n / (classes * numpy.bincount(labels, minlength=classes)))[labels]

    peer = PEERS[name](rows, labels, classes)
    for line in sys.stdin:
        command, *argument = line.split(maxsplit=1)
        answer = obey(peer, command, argument[0].strip() if argument else "", weights)
        print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    main()
