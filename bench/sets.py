"""The public sets with a class below a fifth of the rows, as tables: for the row `quality`.

Columns stay as they come: numbers, texts, NaN where nothing is known. What is no feature is left
out: names, row numbers, costs, what is known only afterwards.
"""

import dataclasses
import os

import numpy
import pandas

from datasets import DATA, REPOSITORY

TESTED = 0.3  # of the rows of a class
MOST_ROWS = 50_000  # larger sets are cut to a sample of so many

GROUPS = {
    "probe": "ipsweep nmap portsweep satan",
    "DOS": "back land neptune pod smurf teardrop",
    "U2R": "buffer_overflow loadmodule perl rootkit",
    "R2L": "ftp_write guess_passwd imap multihop phf spy warezclient warezmaster",
}
ATTACKS = {f"{name}.": group for group, names in GROUPS.items() for name in names.split()}


@dataclasses.dataclass
class Set:
    """A table and its column of classes, texts. Rows of equal `group` stay together; `test` are
    rows that the set itself comes with for testing."""

    table: pandas.DataFrame
    label: str
    group: str = ""
    test: pandas.DataFrame | None = None
    seeds: int = 5
    remark: str = ""

    def rare(self):
        """Classes of less than a fifth of the rows."""
        shares = self.table[self.label].value_counts(normalize=True)
        return {name for name, share in shares.items() if share < 0.2}

    def split(self, seed):
        """(rows to train on, rows to be judged); each class by itself. The only row of a class
        trains."""
        if self.test is not None:
            return self.table, self.test
        draw = numpy.random.default_rng(seed)
        judged = numpy.zeros(len(self.table), bool)
        labels = self.table[self.label].to_numpy()
        units = self.table[self.group].to_numpy() if self.group else numpy.arange(len(labels))
        for name in numpy.unique(labels):
            members = numpy.unique(units[labels == name])
            some = draw.permutation(members)[:round(TESTED * len(members))]
            judged |= numpy.isin(units, some)
        return self.table[~judged], self.table[judged]


def read(*parts, **options):
    """A file of the data folder; without a header its columns are called c1, c2, ..."""
    path = os.path.join(DATA, *parts)
    if "header" in options or "sep" in options:
        options["header"] = None
    table = pandas.read_csv(path, **options)
    if options.get("header", 0) is None:
        table.columns = [f"c{i + 1}" for i in range(table.shape[1])]
    return table


def labelled(table, label, **options):
    """A set whose classes are texts."""
    table[label] = table[label].astype(str)
    return Set(table, label, **options)


def headless(*parts, drop=(), **options):
    """A set without a header whose classes are the last column."""
    table = read(*parts, **(options or {"header": None}))
    return labelled(table.drop(columns=list(drop)), table.columns[-1])


def abalone():
    """28 numbers of rings; five of them were seen once."""
    found = headless("abalone", "abalone.data")
    found.remark = "the five classes of one row train and are never judged"
    return found


def wilt():
    """Diseased trees: 1.7 % of the training rows, 37 % of the test's, whose split is given."""
    def part(name):
        table = read("wilt", f"wilt_{name}.csv", header=None)
        table["wilt"] = read("wilt", f"wilt_{name}.labels", header=None)["c1"].astype(str)
        return table

    return Set(part("train"), "wilt", test=part("test"),
               remark="1.7 % in training, 37 % in the test; seeds of the training alone")


def churn():
    """Who leaves a TV subscription; what a row costs is no feature."""
    table = read("cost_churn_tv_subscriptions", "churn_tv_subscriptions.csv.gz")
    costs = [name for name in table if name.startswith("C_")]
    table["target"] = table["target"].astype(int)
    return labelled(table.drop(columns=["id", *costs]), "target")


def birdstrikes():
    """Which bird strikes did damage (10.6 %)."""
    table = pandas.read_csv(os.path.join(REPOSITORY, ".cache", "birdstrikes.csv"))
    damage = table.pop("Effect Amount of damage").fillna("None") != "None"
    table["damage"] = numpy.where(damage, "damage", "None")
    table["Flight Date"] = (pandas.to_datetime(table["Flight Date"])
                            - pandas.Timestamp("1990-01-01")).dt.days
    return Set(table.drop(columns=[name for name in table if name.startswith("Cost")]), "damage")


def letters(one=""):
    """Pictures of letters: all 26, or one against the rest."""
    table = read("letter", "letter.csv")
    if one:
        table["class"] = numpy.where(table["class"] == one, one, "rest")
    return Set(table, "class")


def arem():
    """Movements by a label a time step; sequences stay together."""
    table = read("arem_har", "arem.csv").drop(columns="time")
    return Set(table, "activity", group="sequence", remark="sequences stay together")


def kdd():
    """Five kinds of traffic; seven rows in ten are copies, which no split could keep apart."""
    table = read("kddcup99", "kddcup.data_10_percent.gz", header=None)
    table["c42"] = table["c42"].map(ATTACKS).fillna("normal")
    return Set(table.drop_duplicates(), "c42", seeds=3)


SETS = {
    "new_thyroid": lambda: headless("new_thyroid", "new-thyroid.data"),
    "glass": lambda: headless("glass", "glass.data", drop=["c1"]),
    "ecoli": lambda: headless("ecoli", "ecoli.data", drop=["c1"], sep=r"\s+"),
    "yeast": lambda: headless("yeast", "yeast.data", drop=["c1"], sep=r"\s+"),
    "wilt": wilt,
    "churn": churn,
    "page_blocks": lambda: labelled(read("page_blocks", "page_blocks.csv"), "class"),
    "birdstrikes": birdstrikes,
    "letter-H": lambda: letters("H"),
    "bank-full": lambda: Set(read("bank_marketing", "bank-full.csv"), "y"),
    "arem": arem,
    "abalone": abalone,
    "kddcup99": kdd,
    "letter": letters,
}

LEFT_OUT = {
    "german_credit and heart and occupancy": "no class below a fifth (30, 44, 21 %)",
    "emotions": "several labels a row, the rarest 25 %",
    "ner_wnut17": "words in their order: nothing that these families take as columns",
}


def load(name):
    """A set by name, cut to a sample where it is large. FileNotFoundError where it is not there."""
    found = SETS[name]()
    n = len(found.table)
    if n > MOST_ROWS:
        found.table = found.table.sample(MOST_ROWS, random_state=0)
        found.remark = f"a sample of {MOST_ROWS:,} of {n:,} rows that differ"
    return found
