"""Rows `logistic` and `kdd`: weighted logistic regression to the optimum, from arrays in memory.

Ours with its defaults gives the objective to be reached. Then everyone runs with the least effort
(iterations, or for LIBLINEAR and ours the tolerance) that brings its objective to that
x (1 + 1e-6); what that takes is compared.
"""

import os
import sys
import tempfile

import numpy

import datasets
import objective
from contender import Contender, Failed, median_seconds, say, take_turns
from results import OURS, Row
from search import iteration_efforts, least_effort

HERE = os.path.dirname(os.path.abspath(__file__))
PEER = os.path.join(os.path.dirname(HERE), "peers", "logistic.py")
TOLERANCES = [10.0**-power for power in range(1, 10)]
FIRST_EFFORT = {"lbfgs": 8, "newton-cg": 4, "newton-cholesky": 2, "liblinear": 4,
                "LIBLINEAR": None}
SLOW_FIRST_EFFORT = {"lbfgs": 128, "newton-cg": 4, "newton-cholesky": 2}  # where fewer never do
TWO_CLASSES = ("liblinear", "LIBLINEAR")  # they know no softmax: many classes are another problem


class Problem:
    """A data set, balanced, and how far a contender's solution lies above ours."""

    def __init__(self, data):
        self.data, self.rows, self.labels = data, data.rows(), data.labels()
        self.weights = objective.balanced_weights(self.labels, data.classes)
        self.ours = self.seconds = None  # our objective; our time to get near it
        self.command = "go"  # what takes that time

    def arguments(self):
        """What both kinds of programs take."""
        data = self.data
        return [data.rows_path, str(data.n), str(data.d), data.labels_path]

    def judge(self, contender):
        """(objective, norm of the gradient) of a contender's last solution."""
        with tempfile.NamedTemporaryFile() as file:
            vectors = contender.ask(f"save {file.name}")["vectors"]
            numbers = numpy.fromfile(file.name)
        coefficients = numbers[: vectors * self.data.d].reshape(vectors, self.data.d)
        return objective.evaluate(self.rows, self.labels, self.weights, self.data.l2,
                                  coefficients, numbers[coefficients.size :])


def measure_peer(row, case, problem, ours, solver, first, settings, cap):
    """Finds the least effort of one peer, then lets it take turns with ours."""
    name = solver if solver == "LIBLINEAR" else f"scikit-learn {solver}"
    say(f"  {case}: {name}")
    command = [sys.executable, PEER, solver, *problem.arguments(), "balanced",
               repr(problem.data.l2)]
    with Contender(name, command) as peer:
        def run(effort, seconds):
            answer = peer.ask(f"go {effort}", seconds)
            return answer, problem.judge(peer)[0] / problem.ours - 1

        efforts = TOLERANCES if solver == "LIBLINEAR" else iteration_efforts(first)
        try:
            found = least_effort(run, efforts, cap, refine=solver != "LIBLINEAR")
            if found.effort is None:
                add_not_reached(row, case, name, found, problem.seconds)
                return
            mine, theirs = take_turns([lambda: ours.ask(problem.command),
                                       lambda: peer.ask(f"go {found.effort}")],
                                      settings.repetitions, settings.budget)
        except Failed as failure:
            row.add(case, name, remark=f"missing: {failure}")
            return
        gradient = problem.judge(peer)[1]
    effort = (f"tolerance {found.effort:g}" if solver == "LIBLINEAR"
              else f"{theirs[0]['iterations']} iterations")
    row.add(case, name, median_seconds(theirs), median_seconds(theirs) / median_seconds(mine),
            f"objective {found.gap:+.0e}, gradient {gradient:.0e}", effort,
            runs=[answer["seconds"] for answer in theirs])


def measure_least(row, case, problem, ours, settings):
    """Our own least effort: the loosest tolerance that will do."""
    def run(effort, seconds):
        answer = ours.ask(f"go {effort}", seconds)
        return dict(answer, iterations=None), problem.judge(ours)[0] / problem.ours - 1

    found = least_effort(run, TOLERANCES, 600, refine=False)
    problem.command = f"go {found.effort}"
    answers = take_turns([lambda: ours.ask(problem.command)], settings.repetitions,
                         settings.budget)[0]
    problem.seconds = median_seconds(answers)
    gradient = problem.judge(ours)[1]
    row.add(case, f"{OURS}, least effort", problem.seconds, None,
            f"objective {found.gap:+.0e}, gradient {gradient:.0e}",
            f"{answers[0]['iterations']} steps, tolerance {found.effort:g}",
            runs=[answer["seconds"] for answer in answers])


def add_not_reached(row, case, name, found, our_seconds):
    """A peer that did not get to our objective: how near it came, and after what time."""
    best = "" if found.gap == float("inf") else (
        f": {found.gap:.0e} above ours after {found.seconds:.3g} s")
    row.add(case, name, over=found.longest / our_seconds if found.longest else None,
            remark=f"not reached{best} ({found.why})")


def measure_case(row, name, title, first_efforts, settings, cap):
    """All contenders on one data set."""
    try:
        data = datasets.load(name)
    except (FileNotFoundError, ImportError) as missing:
        row.add(title, "all", remark=f"left out: {missing}")
        return
    problem = Problem(data)
    case = f"{title}, {data.n:,} x {data.d}, {data.classes} classes"
    command = [settings.program("logistic"), *problem.arguments(), str(data.classes), "balanced",
               repr(data.l2)]
    with Contender(OURS, command) as ours:
        ours.ask("go")
        problem.ours, gradient = problem.judge(ours)
        answers = take_turns([lambda: ours.ask("go")], settings.repetitions, settings.budget)[0]
        row.add(case, OURS, median_seconds(answers), None,
                f"objective {problem.ours:.9g}, gradient {gradient:.0e}",
                f"{answers[0]['iterations']} steps, {answers[0]['solver']}",
                runs=[answer["seconds"] for answer in answers])
        measure_least(row, case, problem, ours, settings)
        for solver, first in first_efforts.items():
            if data.classes == 2 or solver not in TWO_CLASSES:
                measure_peer(row, case, problem, ours, solver, first, settings, cap)
    row.aim_ratio(case, 10)


TITLE = ("Balanced class weights, l2 = {} (scikit-learn's C = {}), float32 rows, from arrays in "
         "memory to coefficients.")


def logistic(settings):
    """Three data sets that take seconds."""
    row = Row("logistic", TITLE.format("1/n", 1))
    cases = [("rare-event", "rare event 1.5 %"), ("ten-classes", "ten classes"),
             ("bank-full", "bank marketing")]
    for name, title in cases:
        measure_case(row, name, title, FIRST_EFFORT, settings, settings.cap)
    return row


def kdd(settings):
    """KDD Cup 1999, on which peers take minutes."""
    row = Row("kdd", TITLE.format("1e-4", "1e4 / n"))
    measure_case(row, "kddcup99", "KDD Cup 1999", SLOW_FIRST_EFFORT, settings, settings.long_cap)
    return row
