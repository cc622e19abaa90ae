#!/usr/bin/env python3
"""What `make check-peers` runs: golden numbers made anew, model files run by onnxruntime, class
weights given to the systems that they are written for, losses compared with theirs.

1. Every tests/golden/make_NAME.py runs again, and what it prints must agree with the committed
   tests/golden/NAME.txt, numbers to a relative 1e-9 (where others compute in float32: 1e-5).
2. tests/peers/check_onnxruntime.py puts random models to onnxruntime.
3. Models are trained from tables as users train them, and onnxruntime must say of the raw columns
   what `steelyard predict` says.
4. tests/peers/check_dialects.py pastes our class weights into the systems of docs/dialects.md.
5. tests/peers/check_losses.py compares random losses with PyTorch's and Keras's, and tries what
   docs/losses.md says of them.
6. tests/peers/check_thresholds.py compares rules for XGBoost's scores with an exhaustive search.
7. tests/peers/python, every file a check: the Python package with PyTorch, Keras, TensorFlow,
   XGBoost and LightGBM in one process.
"""

import csv
import glob
import math
import os
import random
import subprocess
import sys
import tempfile

REPOSITORY = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
BINARY = os.path.join(REPOSITORY, "build", "steelyard")
DIALECTS_PYTHON = os.path.join(REPOSITORY, ".cache", "dialects", "bin", "python")
GOLDEN_TOLERANCE = 1e-9
GOLDEN_TOLERANCE_F32 = 1e-5
TREES_TOLERANCE = 1e-7


def same_word(ours, theirs, tolerance):
    """Whether two words of a golden file agree: numbers nearly, all else exactly."""
    if ours == theirs:
        return True
    try:
        return math.isclose(float(ours), float(theirs), rel_tol=tolerance, abs_tol=tolerance / 1000)
    except ValueError:
        return False


def golden_problem(maker):
    """Runs a generator; why its numbers are not those committed, or None."""
    name = os.path.basename(maker)[len("make_") : -len(".py")]
    committed = os.path.join(os.path.dirname(maker), f"{name}.txt")
    # The losses are those of PyTorch, Keras and others, which live in the other environment.
    python = DIALECTS_PYTHON if name.startswith("losses") else sys.executable
    tolerance = GOLDEN_TOLERANCE_F32 if name.endswith("_f32") else GOLDEN_TOLERANCE
    came = subprocess.run([python, maker], capture_output=True, text=True, check=False)
    if came.returncode:
        return came.stderr
    with open(committed, encoding="utf-8") as file:
        expected = file.read().splitlines()
    printed = came.stdout.splitlines()
    if len(printed) != len(expected):
        return f"{len(printed)} lines instead of {len(expected)}"
    for number, (line, other) in enumerate(zip(printed, expected), 1):
        words, others = line.split(), other.split()
        if len(words) != len(others) or not all(
                same_word(*pair, tolerance) for pair in zip(words, others)):
            return f"line {number}: {line!r} instead of {other!r}"
    return None


def random_models_problem():
    """Whether onnxruntime disagrees on a random model: what its check says, or None."""
    command = [sys.executable, os.path.join(REPOSITORY, "tests", "peers", "check_onnxruntime.py"),
               os.path.join(REPOSITORY, "build", "tests", "write_models")]
    came = subprocess.run(command, capture_output=True, text=True, check=False)
    print(came.stdout.strip())
    return came.stdout + came.stderr if came.returncode else None


def other_systems_problem(script, ours):
    """What check_dialects.py (our class weights do in other systems what our numbers say) or
    check_losses.py or check_thresholds.py finds, given what we built; or None."""
    command = [DIALECTS_PYTHON, os.path.join(REPOSITORY, "tests", "peers", script),
               os.path.join(REPOSITORY, "build", ours)]
    came = subprocess.run(command, capture_output=True, text=True, check=False)
    print(came.stdout.strip())
    return came.stdout + came.stderr if came.returncode else None


def python_problem(path):
    """What pytest finds in a file of tests of the Python package, or None."""
    environment = dict(os.environ, PYTHONPATH=os.path.join(REPOSITORY, "build-python", "python"))
    command = [DIALECTS_PYTHON, "-m", "pytest", "-q", "-p", "no:cacheprovider", path]
    came = subprocess.run(command, capture_output=True, text=True, check=False, env=environment)
    print(f"{os.path.basename(path)}: {(came.stdout.strip().splitlines() or ['nothing'])[-1]}")
    return came.stdout + came.stderr if came.returncode else None


def write_mixed_table(path, rows, seed):
    """Three classes; numbers, booleans, dates and text, each missing now and then."""
    draw = random.Random(seed)

    def seldom_missing(value):
        return "" if draw.random() < 0.1 else value

    with open(path, "w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(["width", "huge", "open", "day", "town, old name", "kind"])
        for _ in range(rows):
            kind = draw.choice(["red", "red", "red", "green", "blue"])
            day = f"20{draw.randrange(10, 24)}-0{draw.randrange(1, 10)}-{draw.randrange(10, 29)}"
            town = draw.choice(["Ulm", "Köln", 'the "old" one', kind, f"village {seed % 7}"])
            writer.writerow([
                seldom_missing(f"{draw.gauss(len(kind), 1):.3f}"),
                seldom_missing(str(draw.randrange(10**9))),
                seldom_missing(draw.choice(["true", "false"])),
                seldom_missing(day), seldom_missing(town), kind,
            ])


def onnx_problem(name, training, source, options, tolerance=1e-6):
    """Trains on one table and compares on another; why onnxruntime disagrees, or None."""
    with tempfile.TemporaryDirectory() as scratch:
        model = os.path.join(scratch, "model.onnx")
        fit = [BINARY, "fit", training, *options, "--test", "none", "--quiet", "-o", model]
        came = subprocess.run(fit, capture_output=True, text=True, check=False)
        if came.returncode:
            return came.stderr
        compare = [sys.executable, os.path.join(REPOSITORY, "scripts", "check_onnx.py"), model,
                   source, "--binary", BINARY, "--tolerance", str(tolerance)]
        came = subprocess.run(compare, capture_output=True, text=True, check=False)
        print(f"{name}: {came.stdout.strip()}")
        return came.stdout + came.stderr if came.returncode else None


def main():
    problems, passed = [], 0

    def note(name, problem):
        nonlocal passed
        passed += problem is None
        if problem is not None:
            problems.append(name)
            print(f"FAILED {name}: {problem}")

    for maker in sorted(glob.glob(os.path.join(REPOSITORY, "tests", "golden", "make_*.py"))):
        note(os.path.relpath(maker, REPOSITORY), golden_problem(maker))

    note("random models", random_models_problem())
    note("class weights of other systems",
         other_systems_problem("check_dialects.py", "libsteelyard.so"))
    note("thresholds for XGBoost's scores",
         other_systems_problem("check_thresholds.py", "steelyard"))
    note("losses of other systems",
         other_systems_problem("check_losses.py", os.path.join("tests", "unit_loss_golden")))

    tests = os.path.join(REPOSITORY, "tests", "peers", "python", "test_*.py")
    page = os.path.join(REPOSITORY, "tests", "python", "test_docs.py")
    for path in [*sorted(glob.glob(tests)), page]:
        note(os.path.relpath(path, REPOSITORY), python_problem(path))

    birds = os.path.join(REPOSITORY, ".cache", "birdstrikes.csv")
    damage = ["--label", "Effect Amount of damage", "--exclude", "Cost*"]
    two = [*damage, "--group-classes", "damage=Minor,Medium,Substantial,B,C"]
    note("bird strikes, costs", onnx_problem(
        "bird strikes, costs", birds, birds, [*two, "--cost", "damage:None=5"]))
    note("bird strikes, balanced", onnx_problem(
        "bird strikes, balanced", birds, birds, [*damage, "--class-weight", "balanced"]))
    note("bird strikes, boosted trees", onnx_problem(
        "bird strikes, boosted trees", birds, birds,
        [*two, "--cost", "damage:None=5", "--model", "boosted"], TREES_TOLERANCE))
    with tempfile.TemporaryDirectory() as scratch:
        training, other = os.path.join(scratch, "a.csv"), os.path.join(scratch, "b.csv")
        write_mixed_table(training, rows=3000, seed=1)
        write_mixed_table(other, rows=1000, seed=2)
        note("mixed columns, unseen texts", onnx_problem(
            "mixed columns, unseen texts", training, other,
            ["--label", "kind", "--class-weight", "balanced"]))
        note("mixed columns, costs", onnx_problem(
            "mixed columns, costs", training, other,
            ["--label", "kind", "--cost", "blue:red=7,green:red=2"]))
        note("mixed columns, boosted trees", onnx_problem(
            "mixed columns, boosted trees", training, other,
            ["--label", "kind", "--class-weight", "balanced", "--model", "boosted", "--rounds",
             "100"], TREES_TOLERANCE))

    print(f"{passed} passed, {len(problems)} failed")
    sys.exit(1 if problems else 0)


if __name__ == "__main__":
    main()
