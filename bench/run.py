#!/usr/bin/env python3
"""What `make bench` runs: us and our peers on the same arrays, taking turns.

Usage: run.py [--quick] [--cap SECONDS] [--set SET ...] [--markdown | --docs] [NAME ...]
NAME is a row of docs/benchmarks.md (all of them without one). Results are printed and kept in
build/bench.json. --markdown prints all that is kept there and measures nothing; --docs writes it
into docs/benchmarks.md, where rows that are not kept stay as they are. --cap is how long to look
for what a peer needs to get where we are. --set, as often as wanted, names what the rows quality
and costs measure; what is kept of others stays.
--quick takes fewer turns and gives up on slow peers sooner: for work on the harness itself.
"""

import argparse
import dataclasses
import os
import sys

import results
from contender import Failed, say
from rows import (boosted, costs, end_to_end, evaluate, logistic, loss, mlp, networks, predict,
                  python, quality, scale, weights)

ROWS = {
    "weights": weights.weights,
    "row-weights": weights.row_weights,
    "loss": loss.loss,
    "python-loss": loss.python_loss,
    "logistic": logistic.logistic,
    "kdd": logistic.kdd,
    "mlp": mlp.mlp,
    "boosted": boosted.boosted,
    "end-to-end": end_to_end.end_to_end,
    "predict": predict.predict,
    "evaluate": evaluate.evaluate,
    "python": python.python,
    "scale": scale.scale,
    "costs": costs.costs,
    "networks": networks.networks,
    "quality": quality.quality,
}


@dataclasses.dataclass
class Settings:
    """How long to measure, and where the programs are."""

    build: str
    repetitions: int = 7  # turns of each pair after one that warms up; fewer beyond the budget
    budget: float = 15.0  # seconds for the turns of one pair
    cap: float = 45.0  # seconds to look for the effort that a peer needs
    long_cap: float = 120.0  # the same on a large problem
    sets: tuple = ()  # what the rows quality and costs measure; empty = all

    def program(self, name):
        """Path of a C program of bench/."""
        return os.path.join(self.build, "bench", name)

    def command_line(self):
        """Path of the program that users run."""
        return os.path.join(self.build, "steelyard")

    def kept(self):
        """Path of the results."""
        return os.path.join(self.build, "bench.json")


def arguments_given():
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("names", nargs="*", metavar="NAME", help=", ".join(ROWS))
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--cap", type=float, help="default: 45, for kdd 120")
    parser.add_argument("--set", action="append", dest="sets", default=[], metavar="SET",
                        help="of the rows quality and costs; default: all")
    parser.add_argument("--markdown", action="store_true")
    parser.add_argument("--docs", action="store_true")
    parser.add_argument("--build", default=os.path.join(results.REPOSITORY, "build"))
    arguments = parser.parse_args()
    wrong = [name for name in arguments.names if name not in ROWS]
    if wrong:
        parser.error(f"no row is called {wrong[0]}: {', '.join(ROWS)}")
    return arguments


def measure(names, settings):
    """Measures rows, tells and keeps them; 1 where one could not be measured."""
    if os.getloadavg()[0] > 0.5:
        say(f"the machine is busy (load {os.getloadavg()[0]:.1f}): figures will be rough")
    failed = 0
    for name in names:
        say(f"measuring {name}")
        try:
            row = ROWS[name](settings)
        except (Failed, OSError) as failure:
            print(f"{name}: failed: {failure}", flush=True)
            failed = 1
            continue
        print(results.text(row), flush=True)
        results.save(settings.kept(), [row])
    return failed


def main():
    arguments = arguments_given()
    settings = Settings(arguments.build)
    if arguments.quick:
        settings = Settings(arguments.build, 1, 5, 10, 20)
    if arguments.cap:
        settings.cap = settings.long_cap = arguments.cap
    settings.sets = tuple(arguments.sets)
    if arguments.markdown or arguments.docs:
        kept = {row.name: row for row in results.load(settings.kept())}
        rows = [kept[name] for name in ROWS if name in kept]
        if arguments.docs:
            results.write_docs(rows, ROWS)
        else:
            print(results.markdown(rows))
        return 0
    return measure(arguments.names or ROWS, settings)


if __name__ == "__main__":
    sys.exit(main())
