"""The table of the rows `end-to-end` and `predict`, as files and as users would have it: 284,807
rows of 30 numbers of full precision and a class, about 150 MB as CSV."""

import os

import numpy

import datasets

NAMES = [f"v{column}" for column in range(1, 31)]
LABEL = "class"


def path(name):
    """Path of a file of the cache."""
    return os.path.join(datasets.CACHE, name)


def frame():
    """The numbers (n, 30) float64 and the labels (n)."""
    data = datasets.load("rare-event")
    return numpy.asarray(data.rows(), numpy.float64), data.labels()


def write(*wanted):
    """Writes the files that are wanted and not there yet."""
    missing = [name for name in wanted if not os.path.exists(path(name))]
    if not missing:
        return
    import pandas

    rows, labels = frame()
    table = pandas.DataFrame(rows, columns=NAMES)
    table[LABEL] = labels
    for name in missing:
        unfinished = path("unfinished-" + name)
        if name.endswith(".parquet"):
            table.to_parquet(unfinished, index=False)
        else:
            table.to_csv(unfinished, index=False, float_format="%.15g")
        os.replace(unfinished, path(name))
