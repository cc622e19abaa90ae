#!/usr/bin/env python3
"""Runs a model file with onnxruntime on the raw columns of a CSV and compares with steelyard.

Usage: check_onnx.py MODEL SOURCE.csv [--binary build/steelyard] [--rows N] [--tolerance P]
                     [-- OPTIONS OF PREDICT]
The rows go in as they stand in the file: numbers as doubles (missing ones as NaN), dates as days
since 1970, text as text. Labels must be equal and probabilities within P, 1e-6.
"""

import argparse
import csv
import datetime
import itertools
import os
import subprocess
import sys
import tempfile

import numpy
import onnxruntime

EPOCH = datetime.datetime(1970, 1, 1)


def as_number(text):
    """A cell as the graph takes it: number, boolean as 0 or 1, date as days, missing as NaN."""
    text = text.strip()
    if not text:
        return float("nan")
    if text.lower() in ("true", "false", "yes", "no"):
        return float(text.lower() in ("true", "yes"))
    try:
        return float(text)
    except ValueError:
        return (datetime.datetime.fromisoformat(text) - EPOCH) / datetime.timedelta(days=1)


def read_rows(path, limit):
    """The rows of a CSV, as dictionaries by column name."""
    with open(path, newline="", encoding="utf-8") as file:
        return list(itertools.islice(csv.DictReader(file), limit))


def graph_inputs(session, rows):
    """One (n, 1) array for each input of the graph, by column name."""
    inputs = {}
    for wanted in session.get_inputs():
        cells = [row[wanted.name] for row in rows]
        if wanted.type == "tensor(string)":
            inputs[wanted.name] = numpy.array(cells, dtype=object).reshape(-1, 1)
        else:
            numbers = [as_number(cell) for cell in cells]
            inputs[wanted.name] = numpy.array(numbers, dtype=numpy.float64).reshape(-1, 1)
    return inputs


def predict(arguments, rows):
    """What steelyard itself says of the same rows: labels, probabilities."""
    with tempfile.TemporaryDirectory() as scratch:
        source = os.path.join(scratch, "rows.csv")
        with open(source, "w", newline="", encoding="utf-8") as file:
            writer = csv.DictWriter(file, fieldnames=list(rows[0]))
            writer.writeheader()
            writer.writerows(rows)
        command = [arguments.binary, "predict", arguments.model, source, *arguments.options]
        came = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
    predicted = list(csv.reader(came.stdout.splitlines()))
    header, body = predicted[0], predicted[1:]
    columns = [index for index, name in enumerate(header) if name.startswith("p_")]
    labels = [row[header.index("predicted")] for row in body]
    return labels, numpy.array([[float(row[index]) for index in columns] for row in body])


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("model")
    parser.add_argument("source")
    parser.add_argument("--binary", default="build/steelyard")
    parser.add_argument("--rows", type=int, default=10000)
    parser.add_argument("--tolerance", type=float, default=1e-6)
    parser.add_argument("options", nargs="*", help="passed on to steelyard predict")
    arguments = parser.parse_args()

    rows = read_rows(arguments.source, arguments.rows)
    session = onnxruntime.InferenceSession(arguments.model, providers=["CPUExecutionProvider"])
    labels, probabilities = session.run(["label", "probabilities"], graph_inputs(session, rows))
    expected_labels, expected = predict(arguments, rows)

    if probabilities.shape != expected.shape:
        sys.exit(f"onnxruntime gives {probabilities.shape}, steelyard {expected.shape}")
    worst = float(numpy.abs(probabilities - expected).max())
    other = sum(ours != theirs for ours, theirs in zip(expected_labels, labels.ravel()))
    print(f"onnxruntime {onnxruntime.__version__} on the raw columns of {len(rows):,} rows: "
          f"{len(rows) - other:,} labels equal, probabilities within {worst:.1e}")
    sys.exit(0 if other == 0 and worst <= arguments.tolerance else 1)


if __name__ == "__main__":
    main()
