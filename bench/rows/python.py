"""Row `python`: what is measured elsewhere in C, through the Python package."""

import contextlib
import os
import sys

import datasets
from contender import Contender, Failed, median_seconds, say, take_turns
from results import OURS, Row
from rows import weights

HERE = os.path.dirname(os.path.abspath(__file__))
PROGRAM = os.path.join(os.path.dirname(HERE), "peers", "python.py")
PACKAGE = os.path.join(weights.results.REPOSITORY, "build-python", "python")
THROUGH_PYTHON = f"{OURS}, from Python"
SMALL = 20.0  # microseconds a call may cost by itself


def open_python(who, job, arguments):
    """A contender in Python; ours is the package that `make python` built."""
    if who == OURS and not os.path.isdir(PACKAGE):
        raise Failed("the package is not built here: make python builds it")
    command = ["env", f"PYTHONPATH={PACKAGE}", sys.executable, PROGRAM, who, job, *arguments]
    return Contender(THROUGH_PYTHON if who == OURS else who, command)


def measure(row, case, job, arguments, program, settings):
    """C, Python and scikit-learn in turns."""
    say(f"  {case}")
    with contextlib.ExitStack() as stack:
        in_c = stack.enter_context(Contender(OURS, program))
        ours, peer = (stack.enter_context(open_python(who, job, arguments))
                      for who in (OURS, "scikit-learn"))
        command = {"weights": "classes", "row-weights": "rows", "logistic": "go"}[job]
        results = take_turns([lambda: in_c.ask(command), lambda: ours.ask("go"),
                              lambda: peer.ask("go")], settings.repetitions, settings.budget)
    c_seconds, seconds, theirs = map(median_seconds, results)
    gap = abs(results[2][0]["result"] / results[1][0]["result"] - 1)
    row.add(case, f"{OURS}, from C", c_seconds)
    row.add(case, THROUGH_PYTHON, seconds, seconds / c_seconds, remark="ratio: to C")
    row.add(case, "scikit-learn", theirs, theirs / seconds, f"results within {gap:.0e}")
    return theirs / seconds


def measure_calls(row, settings):
    """What each call costs on 300 rows."""
    case = "one call on 300 rows"
    with open_python(OURS, "small", []) as ours:
        answers = take_turns([lambda: ours.ask("go")], settings.repetitions, settings.budget)[0]
    for name in answers[0]["result"]:
        microseconds = sorted(answer["result"][name] for answer in answers)[len(answers) // 2]
        row.add(case, name, microseconds * 1e-6)
        row.aim(f"{name}: at most {SMALL:.0f} microseconds", f"{microseconds:.1f}",
                microseconds <= SMALL)


def python(settings):
    """Weights, row weights and a fit, then calls on hardly any data."""
    row = Row("python", "The same work through the Python package, NumPy arrays in memory; ratios "
                        "of scikit-learn are to ours from Python.")
    for case in weights.CASES:
        arguments = weights.arguments_of(case)
        program = [settings.program("weights"), *arguments]
        ratio = measure(row, f"class weights, {case}", "weights", arguments, program, settings)
        row.aim(f"class weights, {case}: 100x scikit-learn", f"{ratio:.0f}x", ratio >= 100)
    case = next(iter(weights.CASES))
    arguments = weights.arguments_of(case)
    ratio = measure(row, f"row weights, {case}", "row-weights", arguments,
                    [settings.program("weights"), *arguments], settings)
    row.aim(f"row weights, {case}: 50x scikit-learn", f"{ratio:.0f}x", ratio >= 50)

    data = datasets.load("rare-event")
    arguments = [data.rows_path, str(data.n), str(data.d), data.labels_path]
    program = [settings.program("logistic"), *arguments, str(data.classes), "balanced",
               repr(data.l2)]
    ratio = measure(row, f"logistic, rare event, {data.n:,} x {data.d} float32", "logistic",
                    [*arguments, repr(data.l2)], program, settings)
    row.aim("logistic, rare event: 10x scikit-learn", f"{ratio:.1f}x", ratio >= 10)
    measure_calls(row, settings)
    return row
