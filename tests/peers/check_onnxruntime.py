#!/usr/bin/env python3
"""onnxruntime must say of random models what we say; onnx.checker must find them valid.

Usage: check_onnxruntime.py WRITE_MODELS [--models N]
WRITE_MODELS is the program built from write_models.c. Its models have numbers, booleans, dates and
texts, missing and infinite numbers, texts unseen in training, two to five classes, classes that
were not learnt, class weights, costs, and columns named like outputs. Probabilities must agree to
1e-6, labels wherever the best two expected costs differ by more than a relative 1e-6.
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


def clear_decisions(model, probabilities):
    """True for the rows whose decision does not hang on rounding."""
    cost = next(onnx.numpy_helper.to_array(constant) for constant in model.graph.initializer
                if re.fullmatch(r"steelyard\d*/cost", constant.name))
    expected = numpy.sort(probabilities @ cost, axis=1)
    return expected[:, 1] - expected[:, 0] > TOLERANCE * numpy.abs(expected).max(axis=1)


def problem_of(path):
    """Why a model is invalid or onnxruntime disagrees, or None; and what it is made of."""
    model = onnx.load(path)
    onnx.checker.check_model(model, full_check=True)
    with open(path[: -len("onnx")] + "json", encoding="utf-8") as file:
        case = json.load(file)
    session = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])
    label, probabilities = session.run(["label", "probabilities"], feeds(case["columns"], session))
    expected = numpy.array([[float.fromhex(p) for p in row] for row in case["probabilities"]])
    if probabilities.shape != expected.shape:
        return f"probabilities are {probabilities.shape}, not {expected.shape}", set()
    worst = numpy.abs(probabilities - expected).max()
    if not worst <= TOLERANCE:
        return f"a probability differs by {worst}", set()
    if label.shape != (len(expected),):
        return f"labels are {label.shape}", set()
    differs = label != numpy.array(case["labels"], dtype=object)
    differs &= clear_decisions(model, expected)
    if differs.any():
        return f"{differs.sum()} labels differ, first at row {differs.argmax()}", set()
    return None, {node.op_type for node in model.graph.node} | {f"{expected.shape[1]} classes"}


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("write_models")
    parser.add_argument("--models", type=int, default=200)
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
    print(f"onnxruntime {onnxruntime.__version__}, onnx {onnx.__version__}: {len(paths)} models, "
          f"{len(problems)} failed; {', '.join(sorted(seen))}")
    sys.exit(1 if problems or not paths else 0)


if __name__ == "__main__":
    main()
