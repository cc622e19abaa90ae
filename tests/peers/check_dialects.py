#!/usr/bin/env python3
"""What we write for other systems must do there what our weights say.

Usage: check_dialects.py LIBSTEELYARD.so
For each dialect the library's own text is pasted into the real system, executed as it stands, and
compared with the same training under row weights made from our numbers: weights, losses or
coefficients. Then the library reads the text back. Systems that are not installed are named as
missing; BigQuery ML runs nowhere but in its cloud, its text is only read back. Claims of
docs/dialects.md about what these systems do with class weights are checked in passing.

The last line is "dialects: N passed, N failed, N missing".
"""

import ctypes
import os
import sys

import numpy

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import dialect_claims  # noqa: E402
import dialect_peers  # noqa: E402

CLASSES = {
    "two": ["None", "it's \"quoted\" \\ here"],
    "integers": ["-1", "1"],
    "mixed": ["0.5", "1", "x"],
    "three": ["a", "b, c", "Köln # {0: 1}"],
    "three integers": ["0", "1", "2"],
}


class Error(ctypes.Structure):
    _fields_ = [("status", ctypes.c_int), ("text", ctypes.c_char * 512)]


class Library:
    """The calls of dialect.h that are needed, with exceptions for errors."""

    def __init__(self, path):
        self.library = ctypes.CDLL(path)
        self.library.sy_dialect_name.restype = ctypes.c_char_p
        self.library.sy_dialect_name.argtypes = [ctypes.c_size_t]

    def call(self, name, *arguments):
        error = Error()
        if getattr(self.library, name)(*arguments, ctypes.byref(error)):
            raise ValueError(error.text.decode())

    def dialects(self):
        index = 0
        while name := self.library.sy_dialect_name(index):
            yield name.decode()
            index += 1

    @staticmethod
    def texts(names):
        return (ctypes.c_char_p * len(names))(*[name.encode() for name in names])

    def write(self, dialect, classes, weights):
        text = ctypes.c_void_p()
        self.call("sy_dialect_write", dialect.encode(), self.texts(classes),
                  (ctypes.c_double * len(weights))(*weights), ctypes.c_size_t(len(weights)),
                  ctypes.byref(text))
        written = ctypes.string_at(text).decode()
        ctypes.CDLL(None).free(text)
        return written

    def weights(self, text, classes, counts):
        """The weights of these classes by a text of another system."""
        policy, n = ctypes.c_void_p(), len(classes)
        weights = (ctypes.c_double * n)()
        self.call("sy_dialect_read", text.encode(), ctypes.byref(policy), None)
        if not policy:
            raise ValueError(f"{text!r} is not read")
        try:
            self.call("sy_class_weights", policy, 0, self.texts(classes),
                      (ctypes.c_double * n)(*counts), ctypes.c_size_t(n), weights)
        finally:
            self.library.sy_policy_free(policy)
        return numpy.array(weights)


class Case:
    """Seeded rows whose class depends on their numbers, and weights of many digits."""

    def __init__(self, library, dialect, name, seed):
        draw = numpy.random.default_rng(seed)
        self.classes = CLASSES[name]
        n_classes = len(self.classes)
        self.n_classes = n_classes
        self.x = draw.normal(size=(240, 4))
        slopes = draw.normal(size=(4, n_classes))
        scores = self.x @ slopes + draw.gumbel(size=(240, n_classes)) - numpy.arange(n_classes)
        self.ids = scores.argmax(axis=1)
        self.ids[:n_classes] = numpy.arange(n_classes)
        integers = all(text.lstrip("-").isdigit() for text in self.classes)
        labels = [int(text) for text in self.classes] if integers else self.classes
        self.labels = numpy.array(labels)[self.ids]
        self.weights = draw.lognormal(sigma=1.0, size=n_classes)
        self.row_weights = self.weights[self.ids]
        self.text = library.write(dialect, self.classes, self.weights)
        self.comments = [line for line in self.text.splitlines() if line[0] == "#"]
        self.counts = numpy.bincount(self.ids, minlength=n_classes)

    def run(self, **names):
        """What the text defines when it is executed as Python."""
        exec(self.text, names)  # the text is ours, and running it is the point
        return names


def check_read_back(library, case, dialect):
    """The text means the weights that it was written from, as exactly as the dialect can say."""
    read = library.weights(case.text, case.classes, case.counts)
    ratio_only = dialect == "xgboost" and case.n_classes == 2
    wanted = case.weights / (case.weights[0] if ratio_only else 1)
    assert (read == wanted).all(), f"read back as {read}, not {wanted}"


# Ids of classes that are integers themselves could be meant as their names.
NOT_READ_BACK = {("keras", "integers"), ("keras", "mixed"), ("xgboost", "mixed")}
INTEGERS_ONLY = {"liblinear"}


def problem_of(library, dialect, name, seed, run):
    """What goes wrong with one case of a dialect, or None; `run` says whether it can be run."""
    case = Case(library, dialect, name, seed)
    try:
        if run:
            getattr(dialect_peers, f"check_{dialect}")(case)
        if (dialect, name) not in NOT_READ_BACK:
            check_read_back(library, case, dialect)
    except (AssertionError, ValueError) as failure:
        return f"{failure}\n{case.text}"
    return None


def claim_problem(claim):
    """Why a claim of docs/dialects.md does not hold, or None."""
    try:
        claim()
    except AssertionError as failure:
        return f"FAILED {failure}"
    return None


def check_all(library):
    """(passed, failed, missing) over all dialects."""
    passed = failed = missing = 0
    for dialect in library.dialects():
        lacking = dialect_peers.lacking(dialect)
        if lacking:
            print(f"{dialect}: not run here: {lacking}")
            missing += 1
        for seed, name in enumerate(CLASSES):
            if dialect in INTEGERS_ONLY and "integers" not in name:
                continue
            problem = problem_of(library, dialect, name, seed, not lacking)
            passed += problem is None
            failed += problem is not None
            print(f"{dialect}, {name}: {problem or ('is read back' if lacking else 'agrees')}")
    for claim in dialect_claims.claims():
        problem = claim_problem(claim)
        passed += problem is None
        failed += problem is not None
        print(f"{claim.__doc__}: {problem or 'so it is'}")
    return passed, failed, missing


def main():
    passed, failed, missing = check_all(Library(sys.argv[1]))
    print(f"dialects: {passed} passed, {failed} failed, {missing} missing")
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
