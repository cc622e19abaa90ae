#!/usr/bin/env python3
"""Labels of every source, counted by the program and by a few lines of Python.

Usage: run.py [--binary FILE] [PATTERN]
Real data are looked for in ../shared/data beside the repository, or where STEELYARD_DATA says;
MNIST where scripts/setup.sh mnist puts it. A test whose data are absent says that it is skipped.
"""

import argparse
import array
import collections
import csv
import fnmatch
import json
import os
import random
import shutil
import struct
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
DATA = os.environ.get("STEELYARD_DATA", os.path.join(ROOT, "..", "shared", "data"))
MNIST = os.path.join(ROOT, ".cache", "mnist")


class Skipped(Exception):
    """The data of a test are not here."""


class World:
    """The program under test and a folder to work in."""

    def __init__(self, binary, folder):
        self.binary, self.folder = binary, folder

    def weights(self, *arguments, stdin=None):
        """What `steelyard weights ARGUMENTS --json` says."""
        command = [self.binary, "weights", *arguments, "--class-weight", "balanced", "--json",
                   "--quiet"]
        done = subprocess.run(command, input=stdin, capture_output=True, check=False,
                              cwd=self.folder)
        if done.returncode != 0:
            raise AssertionError(f"{' '.join(command)}: {done.stderr.decode()}")
        return json.loads(done.stdout)

    def run(self, *arguments):
        """Runs the program, which must succeed."""
        subprocess.run([self.binary, *arguments], check=True, capture_output=True, cwd=self.folder)

    def path(self, name):
        return os.path.join(self.folder, name)


def data(*names):
    """A file of the real data."""
    path = os.path.join(DATA, *names)
    if not os.path.exists(path):
        raise Skipped(f"{'/'.join(names)} is not here")
    return path


def counted(answer):
    """Counts of an answer, by class."""
    return {entry["class"]: entry["count"] for entry in answer["classes"]}


def check_counts(answer, expected):
    """The counts are those expected, and the weights those of the formula n / (K n_k)."""
    assert counted(answer) == dict(expected), (counted(answer), dict(expected))
    n, classes = sum(expected.values()), len(expected)
    assert answer["rows"] == n, (answer["rows"], n)
    for entry in answer["classes"]:
        assert entry["weight"] == n / (classes * entry["count"]), entry


# --- real data ---

def ner_wnut17(world):
    """A tag a token, a blank line (here: a lone tab) after a sentence."""
    for name in ("wnut17train.conll", "emerging.dev.conll", "emerging.test.conll"):
        path = data("ner_wnut17", name)
        tags = collections.Counter()
        with open(path, encoding="utf-8") as lines:
            for line in lines:
                cells = line.rstrip("\n").split("\t")
                if len(cells) == 2 and cells[1].strip():
                    tags[cells[1].strip()] += 1
        check_counts(world.weights(path, "--label", "2"), tags)


def arem_har(world):
    """A label a time step; `activity` is the last column of rows of differing length."""
    path = data("arem_har", "arem.csv")
    with open(path, encoding="utf-8", newline="") as file:
        activities = collections.Counter(row["activity"] for row in csv.DictReader(file))
    check_counts(world.weights(path, "--label", "activity"), activities)


def emotions(world):
    """Six labels a row, each a column of 0 and 1."""
    path = data("multilabel_emotions", "emotions.csv")
    with open(path, encoding="utf-8", newline="") as file:
        header, *rows = list(csv.reader(file))
    present = {name: sum(int(row[i]) for row in rows)
               for i, name in list(enumerate(header))[-6:]}
    answer = world.weights(path, "--labels", ",".join(present))
    assert {one["label"]: one["count"] for one in answer["labels"]} == present, answer
    for one in answer["labels"]:
        n, n_1 = len(rows), present[one["label"]]
        assert one["weight_absent"] == n / (2 * (n - n_1)), one
        assert one["weight_present"] == n / (2 * n_1), one


def mnist(world):
    """IDX, as MNIST is published."""
    path = os.path.join(MNIST, "train-labels-idx1-ubyte")
    if not os.path.exists(path):
        raise Skipped("MNIST is not here: scripts/setup.sh mnist")
    with open(path, "rb") as file:
        labels = collections.Counter(str(label) for label in file.read()[8:])
    check_counts(world.weights(path), labels)


def class_folders(world):
    """Files in a folder for each class, some of them deeper, some of them no images."""
    draw = random.Random(3)
    root = world.path("photos")
    for name in ("bird", "Cat", "dog", "élan"):
        os.makedirs(os.path.join(root, name, "deep", "deeper"))
        for i in range(draw.randrange(20, 60)):
            where = os.path.join(root, name, draw.choice(["", "deep", "deep/deeper"]))
            ending = draw.choice(["jpg", "PNG", "jpeg", "txt"])
            open(os.path.join(where, f"{i}.{ending}"), "w", encoding="utf-8").close()
    expected = collections.Counter()
    for name in os.listdir(root):
        for _, _, files in os.walk(os.path.join(root, name)):
            expected[name] += sum(file.lower().endswith(("jpg", "png", "jpeg")) for file in files)
    answer = world.weights(root)
    check_counts(answer, expected)
    assert [entry["class"] for entry in answer["classes"]] == sorted(expected)


# --- one set of labels in every source ---

def npy(path, code, shape, values):
    """Writes an array as NumPy does."""
    types = {"b": "|i1", "B": "|u1", "h": "<i2", "i": "<i4", "q": "<i8", "f": "<f4", "d": "<f8"}
    header = f"{{'descr': '{types[code]}', 'fortran_order': False, 'shape': {shape}, }}"
    header += " " * (63 - (10 + len(header)) % 64) + "\n"
    with open(path, "wb") as file:
        file.write(b"\x93NUMPY\x01\x00" + struct.pack("<H", len(header)) + header.encode())
        array.array(code, values).tofile(file)


def draw_labels(n, seed):
    """n ids of unequal classes, and row weights that no sum of doubles holds exactly."""
    draw = random.Random(seed)
    labels = draw.choices([0, 1, 2, 5, 7], [70, 20, 6, 3, 1], k=n)
    return labels, [draw.choice([0.1, 0.3, 1, 2.5, 1e-9, 1e6]) for _ in labels]


def write_table(path, labels, weights):
    with open(path, "w", encoding="utf-8") as file:
        file.write("x,y,w\n")
        file.writelines(f"{i % 7},{y},{w!r}\n" for i, (y, w) in enumerate(zip(labels, weights)))


def same(answers):
    """All answers hold the same classes, counts and weights, to the bit."""
    first = next(iter(answers.values()))["classes"]
    for name, answer in answers.items():
        assert answer["classes"] == first, (name, answer["classes"], first)


def every_source(world):
    """CSV, Parquet, query, stream, .npy of several types and a folder give the same bits."""
    labels, weights = draw_labels(20_000, 1)
    write_table(world.path("t.csv"), labels, weights)
    world.run("fit", "t.csv", "--label", "y", "--features", "x", "--test", "none", "-o", "m.onnx")
    world.run("predict", "m.onnx", "t.csv", "--keep", "y,w", "-o", "t.parquet")
    for code in "bBhiq":
        npy(world.path(f"t{code}.npy"), code, (len(labels),), labels)
    with open(world.path("t.idx"), "wb") as file:
        file.write(struct.pack(">4BI", 0, 0, 8, 1, len(labels)) + bytes(labels))
    for i, label in enumerate(labels):
        os.makedirs(world.path(f"folder/{label}"), exist_ok=True)
        open(world.path(f"folder/{label}/{i}.png"), "w", encoding="utf-8").close()
    with open(world.path("t.csv"), "rb") as file:
        stream = file.read()
    named = {"csv": ["t.csv", "--label", "y"], "parquet": ["t.parquet", "--label", "y"],
             "query": ["SELECT * FROM 't.csv' ORDER BY random()", "--label", "y"],
             "index": ["t.csv", "--label", "y", "--label-kind", "index"],
             "idx": ["t.idx"], "folder": ["folder"],
             **{code: [f"t{code}.npy"] for code in "bBhiq"}}
    answers = {name: world.weights(*arguments) for name, arguments in named.items()}
    answers["stream"] = world.weights("-", "--label", "y", stdin=stream)
    check_counts(answers["csv"], {str(k): c for k, c in collections.Counter(labels).items()})
    same(answers)


def every_source_weighted(world):
    """The same with row weights, which are summed exactly whatever the order."""
    labels, weights = draw_labels(5_000, 2)
    write_table(world.path("w.csv"), labels, weights)
    npy(world.path("y.npy"), "q", (len(labels),), labels)
    npy(world.path("w.npy"), "d", (len(labels),), weights)
    pairs = list(zip(labels, weights))
    random.Random(5).shuffle(pairs)
    write_table(world.path("shuffled.csv"), *zip(*pairs))
    with open(world.path("shuffled.csv"), "rb") as file:
        stream = file.read()
    common = ["--label", "y", "--sample-weight", "w"]
    answers = {
        "csv": world.weights("w.csv", *common),
        "shuffled": world.weights("shuffled.csv", *common),
        "stream": world.weights("-", *common, stdin=stream),
        "one thread": world.weights("w.csv", *common, "--threads", "1"),
        "npy": world.weights("y.npy", "--sample-weight", "w.npy"),
    }
    same(answers)


def every_shape(world):
    """Ids of a sequence, an image, one-hot rows and many-hot rows of the same labels."""
    labels, _ = draw_labels(12_000, 3)
    classes = [0, 1, 2, 5, 7]
    hot = [1 if label == k else 0 for label in labels for k in classes]
    npy(world.path("line.npy"), "h", (12_000,), labels)
    npy(world.path("sequence.npy"), "h", (120, 100), labels)
    npy(world.path("image.npy"), "h", (12, 40, 25), labels)
    for code in "Bfd":
        npy(world.path(f"hot{code}.npy"), code, (120, 100, 5), hot)
    answers = {"line": world.weights("line.npy"),
               "sequence": world.weights("sequence.npy", "--label-kind", "index"),
               "image": world.weights("image.npy", "--label-kind", "index")}
    for code in "Bfd":
        answers[f"hot {code}"] = world.weights(f"hot{code}.npy", "--label-kind", "one-hot",
                                               "--classes", "0,1,2,5,7")
    same(answers)
    several = world.weights("hotB.npy", "--label-kind", "multi-hot", "--classes", "0,1,2,5,7")
    assert {one["label"]: one["count"] for one in several["labels"]} == counted(answers["line"])


def lists_of_names(world):
    """Cells that hold several labels, and the same as columns of 0 and 1."""
    draw = random.Random(8)
    names = ["red", "green", "blue"]
    rows = [[name for name in names if draw.random() < 0.3] for _ in range(999)]
    with open(world.path("cells.csv"), "w", encoding="utf-8") as file:
        file.write("x,tags\n")
        file.writelines(f"1,{';'.join(row)}\n" for row in rows)
    with open(world.path("columns.csv"), "w", encoding="utf-8") as file:
        file.write("x," + ",".join(sorted(names)) + "\n")
        file.writelines("1," + ",".join(str(int(name in row)) for name in sorted(names)) + "\n"
                        for row in rows)
    cells = world.weights("cells.csv", "--label", "tags", "--label-separator", ";")
    columns = world.weights("columns.csv", "--labels", ",".join(sorted(names)))
    assert cells["labels"] == columns["labels"], (cells["labels"], columns["labels"])
    expected = collections.Counter(name for row in rows for name in row)
    assert {one["label"]: one["count"] for one in cells["labels"]} == expected


def bare_counts(world):
    """Counts without any data, as a Python dict and as JSON."""
    expected = {"0": 1_300_000, "1": 40}
    for text in ("{0: 1_300_000, 1: 40}", '{"0": 1300000, "1": 40}', "{'0':1300000,'1':40}"):
        check_counts(world.weights("--counts", text), expected)


TESTS = [ner_wnut17, arem_har, emotions, mnist, class_folders, every_source, every_source_weighted,
         every_shape, lists_of_names, bare_counts]


def attempt(test, binary):
    """Runs one test in a folder of its own; "passed", "failed" or "skipped"."""
    folder = tempfile.mkdtemp(prefix="steelyard-sources-")
    try:
        test(World(binary, folder))
        return "passed"
    except Skipped as why:
        print(f"skipped: {test.__name__}: {why}")
        return "skipped"
    except (AssertionError, subprocess.CalledProcessError, KeyError) as problem:
        print(f"failed: {test.__name__}: {str(problem)[:2000]}")
        return "failed"
    finally:
        shutil.rmtree(folder)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--binary", default=os.path.join(ROOT, "build", "steelyard"))
    parser.add_argument("pattern", nargs="?", default="*")
    given = parser.parse_args()
    binary = os.path.abspath(given.binary)
    results = collections.Counter(attempt(test, binary) for test in TESTS
                                  if fnmatch.fnmatch(test.__name__, given.pattern))
    print(f"sources: {results['passed']} passed, {results['failed']} failed, "
          f"{results['skipped']} skipped")
    return 1 if results["failed"] or not results else 0


if __name__ == "__main__":
    sys.exit(main())
