"""The arrays that are measured: made or encoded once into .cache/bench, the same bytes for all.

A data set is `rows` (n, D) float32 and `labels` (n) int32 in raw files, and its description. What
is made comes from a fixed seed. Public data is looked for where the tests look for it.
"""

import json
import os

import numpy

REPOSITORY = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
CACHE = os.path.join(REPOSITORY, ".cache", "bench")
DATA = os.environ.get("STEELYARD_DATA", os.path.join(REPOSITORY, "..", "shared", "data"))


STRONGER = {"kddcup99": 1e-4}


class DataSet:
    """One data set on disk. `l2` is the default penalty, 1 / rows (scikit-learn's C = 1), unless
    its classes are all but separable, where a fit takes a stronger one."""

    def __init__(self, name, n, d, classes):
        self.name, self.n, self.d, self.classes = name, n, d, classes
        self.rows_path = os.path.join(CACHE, f"{name}.f32")
        self.labels_path = os.path.join(CACHE, f"{name}.i32")
        self.l2 = STRONGER.get(name, 1 / n)

    def rows(self):
        """(n, D) float32, mapped from the file."""
        return numpy.memmap(self.rows_path, numpy.float32, "r", shape=(self.n, self.d))

    def labels(self):
        """(n) int32."""
        return numpy.fromfile(self.labels_path, numpy.int32, self.n)

    def __str__(self):
        return f"{self.name}: {self.n:,} x {self.d}, {self.classes} classes"


def correlated_rows(draw, n, d):
    """Gaussian features, each of which shares a third of its variance with others."""
    mixing = draw.normal(size=(d // 3 + 1, d))
    mixing /= numpy.linalg.norm(mixing, axis=0)
    shared = draw.normal(size=(n, len(mixing))) @ mixing
    own = draw.normal(size=(n, d))
    return (numpy.sqrt(1 / 3) * shared + numpy.sqrt(2 / 3) * own).astype(numpy.float32)


def rare_event(n=284_807, d=30, share=0.015, seed=1):
    """Two classes from a logistic truth, the second with the given share: fraud, defects."""
    draw = numpy.random.default_rng(seed)
    rows = correlated_rows(draw, n, d)
    scores = rows @ draw.normal(scale=0.5, size=d)
    low, high = -50.0, 50.0
    while high - low > 1e-9:
        middle = (low + high) / 2
        too_many = numpy.mean(1 / (1 + numpy.exp(-(scores + middle)))) > share
        low, high = (low, middle) if too_many else (middle, high)
    return rows, draw.random(n) < 1 / (1 + numpy.exp(-(scores + low)))


def many_classes(n=200_000, d=100, classes=10, seed=2):
    """Classes of a softmax truth, of unequal sizes (the largest about 20 times the smallest)."""
    draw = numpy.random.default_rng(seed)
    rows = correlated_rows(draw, n, d)
    truth = draw.normal(scale=1 / numpy.sqrt(d), size=(d, classes))
    scores = rows @ truth - numpy.linspace(0, 3.5, classes)
    labels = numpy.argmax(scores + draw.gumbel(size=scores.shape), axis=1)
    labels[:classes] = range(classes)
    return rows, labels


def encoded(table, label):
    """A table of columns as the models take it: numbers standardised, constant ones dropped, texts
    one-hot; labels as the index of the sorted values."""
    from sklearn.compose import make_column_selector, make_column_transformer
    from sklearn.preprocessing import OneHotEncoder, StandardScaler

    features = table.drop(columns=label)
    features = features.loc[:, features.nunique() > 1]
    encoder = make_column_transformer(
        (StandardScaler(), make_column_selector(dtype_include="number")),
        (OneHotEncoder(sparse_output=False), make_column_selector(dtype_exclude="number")))
    return encoder.fit_transform(features), numpy.unique(table[label], return_inverse=True)[1]


def bank():
    """Bank marketing: who takes up an offer (11.7 %)."""
    import pandas

    path = os.path.join(DATA, "bank_marketing", "bank-full.csv")
    return encoded(pandas.read_csv(path), "y")


def kdd():
    """KDD Cup 1999, a tenth: 23 kinds of traffic, the rarest seen twice; most rows are copies."""
    import pandas

    path = os.path.join(DATA, "kddcup99", "kddcup.data_10_percent.gz")
    names = [f"c{column}" for column in range(1, 43)]
    return encoded(pandas.read_csv(path, names=names), "c42")


def page_blocks():
    """Kinds of blocks of a printed page: five, of 4,913 down to 28 rows."""
    import pandas

    return encoded(pandas.read_csv(os.path.join(DATA, "page_blocks", "page_blocks.csv")), "class")


def letters(one=None):
    """Pictures of letters as 16 numbers: all 26, or one against the rest."""
    import pandas

    rows, labels = encoded(pandas.read_csv(os.path.join(DATA, "letter", "letter.csv")), "class")
    return rows, labels if one is None else labels == ord(one) - ord("A")


def birdstrikes():
    """Bird strikes: which did damage (10.6 %). What it cost is known only afterwards."""
    import pandas

    table = pandas.read_csv(os.path.join(REPOSITORY, ".cache", "birdstrikes.csv"))
    label = "Effect Amount of damage"
    table[label] = table[label].fillna("None") != "None"
    table["Flight Date"] = pandas.to_datetime(table["Flight Date"]).astype("int64") / 86400e9
    table = table.drop(columns=[name for name in table if name.startswith("Cost")])
    for name in table.columns[table.isna().any()]:
        if pandas.api.types.is_numeric_dtype(table[name]):
            table[f"{name} missing"] = table[name].isna().astype(float)
            table[name] = table[name].fillna(table[name].mean())
        else:
            table[name] = table[name].fillna("")
    return encoded(table, label)


MAKERS = {
    "rare-event": rare_event,
    "million": lambda: rare_event(1_000_000),
    "rare-event-x10": lambda: rare_event(2_848_070),
    "ten-classes": many_classes,
    "classes-2": lambda: many_classes(20_000, 20, 2, seed=3),
    "classes-10": lambda: many_classes(20_000, 20, 10, seed=3),
    "classes-100": lambda: many_classes(20_000, 20, 100, seed=3),
    "classes-1000": lambda: many_classes(20_000, 20, 1000, seed=3),
    "bank-full": bank,
    "kddcup99": kdd,
    "page_blocks": page_blocks,
    "letter": letters,
    "letter-H": lambda: letters("H"),
    "birdstrikes": birdstrikes,
}


def load(name):
    """A data set by name, made where it is not there yet. FileNotFoundError where it cannot be."""
    description = os.path.join(CACHE, f"{name}.json")
    if not os.path.exists(description):
        rows, labels = MAKERS[name]()
        made = DataSet(name, *rows.shape, int(labels.max()) + 1)
        os.makedirs(CACHE, exist_ok=True)
        numpy.ascontiguousarray(rows, numpy.float32).tofile(made.rows_path)
        numpy.ascontiguousarray(labels, numpy.int32).tofile(made.labels_path)
        with open(description, "w", encoding="utf-8") as file:
            json.dump([made.n, made.d, made.classes], file)
    with open(description, encoding="utf-8") as file:
        return DataSet(name, *json.load(file))
