#!/usr/bin/env python3
"""Valgrind's memcheck over command lines and tests: no value is used before it is set, no byte
beyond its block, and nothing allocated is lost.

Usage: memcheck.py [--binary FILE] [--jobs N] [NAME ...]

The program is the one that is installed: built for any machine, so that valgrind knows all of its
instructions. Of the tests, those that are quick and that the main job does not walk through.
"""

import os
import shutil

import harness

TABLE = os.path.join(harness.FIXTURES, "loans.csv")
TREES = os.path.join(harness.FIXTURES, "xgboost_two.json")
LABEL = ["--label", "outcome"]
VALGRIND = ["valgrind", "--quiet", "--error-exitcode=99", "--leak-check=full",
            "--show-leak-kinds=definite", "--errors-for-leak-kinds=definite",
            "--num-callers=20"]

# In this order: what a command named fit writes, the next ones read, up to the next such.
COMMANDS = {
    "weights": ["weights", TABLE, *LABEL, "--class-weight", "balanced", "--json"],
    "fit": ["fit", TABLE, *LABEL, "--cost", "late:paid=5", "--test", "cv:3", "-o", "m.onnx"],
    "predict": ["predict", "m.onnx", TABLE, "--keep", "id", "-o", "p.csv"],
    "predict-parquet": ["predict", "m.onnx", TABLE, "-o", "p.parquet"],
    "evaluate": ["evaluate", "m.onnx", TABLE, "--json"],
    "inspect": ["inspect", "m.onnx", "--json"],
    "fit-network": ["fit", TABLE, *LABEL, "--model", "mlp", "--hidden", "5,3", "--max-categories",
                    "3", "--epochs", "3", "--test", "0.3", "--checkpoint", "state",
                    "--checkpoint-every", "0", "--json-log", "log.jsonl", "-o", "n.onnx"],
    "resume": ["fit", TABLE, *LABEL, "--model", "mlp", "--hidden", "5,3", "--max-categories", "3",
               "--epochs", "3", "--test", "0.3", "--resume", "state", "-o", "n.onnx"],
    "predict-network": ["predict", "n.onnx", TABLE, "-o", "n.csv"],
    # XGBoost's pool of threads is its own: with one thread it keeps none.
    "fit-boosted": ["fit", TABLE, *LABEL, "--features", "age,job", "--model", "boosted", "--rounds",
                    "3", "--max-depth", "2", "--test", "none", "--threads", "1", "-o", "t.onnx"],
    "predict-boosted": ["predict", "t.onnx", TABLE, "-o", "t.csv"],
    "decide-trees": ["decide", TREES, TABLE, *LABEL, "--classes", "paid,late", "--prior",
                     "paid=0.5,late=0.5", "-o", "d.onnx"],
    "bad-column": ["fit", TABLE, "--label", "outcom", "-o", "none.onnx"],
    "bad-model": ["inspect", TABLE],
}
FAILING = {"bad-column": 2, "bad-model": 1}
TESTS = ["unit_base", "unit_labels", "unit_weights", "unit_decide", "unit_model", "unit_onnx",
         "unit_store", "unit_classifier", "unit_features", "unit_fit_edges",
         "unit_xgboost_model"]


def chains():
    """The names of COMMANDS, apart where a fit begins: none reads what another chain writes."""
    made = [[]]
    for name in COMMANDS:
        if name.startswith("fit"):
            made.append([])
        made[-1].append(name)
    return made


def main():
    trust = harness.Trust(harness.parser(__doc__).parse_args())
    if not shutil.which("valgrind"):
        trust.skip("memcheck", "there is no valgrind")
        trust.end()
    folder = trust.folder()
    build = os.path.dirname(trust.binary)

    trust.command = lambda arguments: [*VALGRIND, *arguments]

    def check(name, command, code):
        ended = trust.run(command, folder, watchdog=600)
        problems = [] if ended.code == code else [f"exit {ended.code}"] + (
            ended.out.splitlines() + ended.lines())[:100]
        trust.check(name, problems)

    def check_all(names):
        for name in filter(trust.wanted, names):
            if name in COMMANDS:
                check(name, [trust.binary, *COMMANDS[name]], FAILING.get(name, 0))
            else:
                check(name, [os.path.join(build, "tests", name)], 0)

    trust.all(check_all, [*chains(), *([name] for name in TESTS)])
    trust.end()


if __name__ == "__main__":
    main()
