#!/usr/bin/env python3
"""onnxruntime must say of random models what we say; onnx.checker must find them valid.

Usage: check_onnxruntime.py WRITE_MODELS [--models N]
WRITE_MODELS is the program built from write_models.c. Its models have numbers, booleans, dates and
texts, missing and infinite numbers, texts unseen in training, two to five classes, classes that
were not learnt, class weights, columns named like outputs; networks of one to four layers, their
activations, layer normalisation, embeddings and means of several; trees, also none at all; plain,
implied, given and tuned rules and costs that vary by row, calibration maps of each kind, new
priors. Probabilities must agree to 1e-6, labels wherever the best two expected costs differ by more
than a relative 1e-6. Every kind of rule has to come with every kind of calibration, with and
without a new prior, for two classes and for more, and with all families. Models of several labels a
row give 0 or 1 for each, and name them in their metadata.
"""

import argparse
import glob
import json
import os
import re
import subprocess
import sys
import tempfile

import numpy
import onnx
import onnxruntime

TOLERANCE = 1e-6
TREES_TOLERANCE = 1e-7  # sums of leaves are rounded to float32 here as there


def input_name(column):
    """The graph input of a column, by the rule of docs/model-file.md."""
    reserved = re.fullmatch(r"(label|probabilities|)( \(input\))*", column)
    return column + " (input)" if reserved else column


def feeds(columns, session):
    """One (n, 1) array for each input of the graph."""
    texts = {given.name for given in session.get_inputs() if given.type == "tensor(string)"}
    arrays = {}
    for column, cells in columns.items():
        name = input_name(column)
        values = cells if name in texts else [float.fromhex(cell) for cell in cells]
        dtype = object if name in texts else numpy.float64
        arrays[name] = numpy.array(values, dtype=dtype).reshape(-1, 1)
    return arrays


def numbers(case, name):
    """A matrix of the case, a row each."""
    return numpy.array([[float.fromhex(cell) for cell in row] for row in case[name]])


def clear_decisions(expected_costs):
    """True for the rows whose decision does not hang on rounding."""
    expected = numpy.sort(expected_costs, axis=1)
    return expected[:, 1] - expected[:, 0] > TOLERANCE * numpy.abs(expected).max(axis=1)


def problem_of_labels(session, label, case, shape):
    """Why the labels of a model of several are not those expected, or None."""
    if label.shape != shape or label.dtype != numpy.int64:
        return f"labels are {label.dtype} {label.shape}, not int64 {shape}"
    said = session.get_modelmeta().custom_metadata_map
    named = [f"steelyard.label.{place}" in said for place in range(shape[1] + 1)]
    if named != [True] * shape[1] + [False]:
        return "the metadata does not name each label"
    differs = label != numpy.array(case["labels"], dtype=numpy.int64).reshape(shape)
    differs &= clear_decisions(numbers(case, "expected_costs").reshape(-1, 2)).reshape(shape)
    return f"{differs.sum()} labels differ" if differs.any() else None


def problem_of(path):
    """Why a model is invalid or onnxruntime disagrees, or None; and what it is made of."""
    model = onnx.load(path)
    onnx.checker.check_model(model, full_check=True)
    with open(path[: -len("onnx")] + "json", encoding="utf-8") as file:
        case = json.load(file)
    session = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])
    label, probabilities = session.run(["label", "probabilities"], feeds(case["columns"], session))
    expected = numbers(case, "probabilities")
    if probabilities.shape != expected.shape:
        return f"probabilities are {probabilities.shape}, not {expected.shape}", set()
    worst = numpy.abs(probabilities - expected).max()
    plain_trees = case["parts"][0] == "boosted" and "no calibration" in case["parts"]
    if not worst <= (TREES_TOLERANCE if plain_trees else TOLERANCE):
        return f"a probability differs by {worst}", set()
    if "labels" in case["parts"]:
        problem = problem_of_labels(session, label, case, expected.shape)
        return problem, set() if problem else {", ".join(case["parts"])}
    if label.shape != (len(expected),):
        return f"labels are {label.shape}", set()
    differs = label != numpy.array(case["labels"], dtype=object)
    differs &= clear_decisions(numbers(case, "expected_costs"))
    if differs.any():
        return f"{differs.sum()} labels differ, first at row {differs.argmax()}", set()
    classes = "two classes" if expected.shape[1] == 2 else "more classes"
    family, *parts = case["parts"]
    return None, {", ".join([classes, *parts]), ", ".join([family, *parts[:2]])}


def missing_kinds(seen):
    """What no model was made of, of all that there may be; decisions of costs alone that vary."""
    rules = ["plain", "implied", "given", "tuned", "expressions"]
    maps = ["no calibration", "temperature", "vector", "isotonic"]
    wanted = {", ".join([classes, rule, calibration, *prior])
              for classes in ["two classes", "more classes"] for rule in rules
              for calibration in maps for prior in [[], ["new prior"]]}
    wanted |= {"labels, some calibrated", "labels, no calibration"}
    wanted |= {", ".join([family, rule, calibration])
               for family in ["logistic", "mlp", "boosted"]
               for rule in rules for calibration in maps}
    return sorted(wanted - seen)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("write_models")
    parser.add_argument("--models", type=int, default=2400)
    arguments = parser.parse_args()
    problems, seen = [], set()
    with tempfile.TemporaryDirectory() as scratch:
        subprocess.run([arguments.write_models, scratch, "1", str(arguments.models)], check=True)
        paths = sorted(glob.glob(os.path.join(scratch, "*.onnx")))
        for path in paths:
            problem, kinds = problem_of(path)
            seen |= kinds
            if problem:
                problems.append(path)
                print(f"FAILED {os.path.basename(path)}: {problem}")
    missing = missing_kinds(seen)
    for kind in missing:
        print(f"FAILED: no model of {kind}")
    print(f"onnxruntime {onnxruntime.__version__}, onnx {onnx.__version__}: {len(paths)} models of "
          f"{len(seen)} kinds, {len(problems)} failed")
    sys.exit(1 if problems or missing else 0)


if __name__ == "__main__":
    main()
