#!/usr/bin/env python3
"""Every allocation of the main job failed once.

Usage: allocations.py [--binary FILE] [--jobs N] [--every K] [--duckdb N] [--xgboost N]
                      [NAME ...]

Runs weights, fit, predict, evaluate and inspect on a small table, on one thread, with the 1st, 2nd,
3rd, ... allocation of our own code failing (of the libraries that keep our books, Jansson and
protobuf-c, too), each in a copy of the process that is made at that moment: the program says that
it is out of memory, on one line, ends with 1 and leaves no file that is not whole. With --json each
4th, since nearly all of them are Jansson's and end in one place. --every K takes each K-th of these
alone, for a build with sanitizers. Of DuckDB's own allocations, which are many, --duckdb N takes a
sample of N a command, and --xgboost N of XGBoost's: they may fail in their own words, but nothing
else may come of it.
"""

import os
import random
import re
import shutil

import harness

OURS = "steelyard,libjansson,libprotobuf-c"
DUCKDBS = "libduckdb,libstdc++"
XGBOOSTS = "libxgboost"
OUT_OF_MEMORY = re.compile(r"steelyard: out of memory(: .*)?")

TABLE = os.path.join(harness.FIXTURES, "loans.csv")
STEPS = os.path.join(harness.FIXTURES, "steps.npy")
ROOMS = os.path.join(harness.REPOSITORY, "src")  # sub-folders with files, whatever they hold
LABEL = ["--label", "outcome"]
COST = ["--cost", "late:paid=5"]
SCORES = f"SELECT outcome, 1 / (1 + exp(age / 9.0 - 4)) AS p, 0.3 AS q FROM '{TABLE}'"
SONGS = f"SELECT x, y, px, py FROM '{os.path.join(harness.FIXTURES, 'scores.csv')}'"
LISTS = f"SELECT age, CASE WHEN age > 40 THEN 'old;kept' ELSE job END AS tags FROM '{TABLE}'"
UNLABELLED = f"SELECT age, job FROM '{TABLE}'"
TREES_JSON = os.path.join(harness.FIXTURES, "xgboost_two.json")
TREES_UBJ = os.path.join(harness.REPOSITORY, "tests", "fuzz", "corpus", "xgboost", "three.ubj")
BOOSTED = ["--model", "boosted", "--rounds", "3", "--max-depth", "2"]

# Files that hold times, which differ from run to run.
TIMED = ["state", "log.jsonl"]

# name, arguments, and the files that come of them; small.onnx is there before all, and
# songs.onnx of several labels.
COMMANDS = [
    ("weights", ["weights", TABLE, *LABEL, "--class-weight", "balanced"], []),
    ("weights-json", ["weights", TABLE, *LABEL, "--class-weight", "late=3,paid=1", "--json"], []),
    ("compare", ["weights", "--counts", "{late: 21, paid: 139}", *COST], []),
    ("compare-json", ["weights", "--counts", "[21, 139]", "--json"], []),
    ("labels", ["weights", TABLE, "--labels", "member", "--sequence", "branch", "--class-weight",
                "pos"], []),
    ("array", ["weights", STEPS, "--label-kind", "index", "--classes", "a,b,c", "--class-weight",
               "{0: 1, 1: 2, 2: 5}"], []),
    ("folders", ["weights", ROOMS, "--extensions", "h", "--emit", "sklearn"], []),
    ("fit", ["fit", TABLE, *LABEL, "--features", "age,income,job,joined", *COST, "--test", "cv:2",
             "-o", "m.onnx"], ["m.onnx"]),
    ("fit-json", ["fit", TABLE, *LABEL, "--features", "age,member", "--sample-weight", "copies",
                  "--class-weight", "balanced", "--test", "none", "--json", "-o", "m.onnx"],
     ["m.onnx"]),
    ("fit-chosen", ["fit", TABLE, *LABEL, "--features", "age,member", "--class-weight", "sqrt",
                    "--calibrate", "isotonic", "--tune", "f1", "--cost", "late:paid=age", "--test",
                    "cv:2", "-o", "m.onnx"], ["m.onnx"]),
    ("fit-auto", ["fit", TABLE, *LABEL, "--features", "age", "--class-weight", "auto", "--test",
                  "0.4", "-o", "m.onnx"], ["m.onnx"]),
    ("fit-network", ["fit", TABLE, *LABEL, "--features", "age,job,branch", "--max-categories", "3",
                     "--model", "mlp", "--hidden", "4", "--norm", "batch", "--loss", "focal",
                     "--epochs", "2", "--restarts", "2", "--test", "0.3", "--checkpoint", "state",
                     "--checkpoint-every", "0", "--json-log", "log.jsonl", "-o", "m.onnx"],
     ["m.onnx", *TIMED]),
    ("fit-labels", ["fit", SONGS, "--labels", "x,y", "--class-weight", "pos", "--calibrate",
                    "temperature", "--test", "cv:2", "-o", "m.onnx"], ["m.onnx"]),
    ("fit-label-lists", ["fit", LISTS, "--label", "tags", "--label-separator", ";", "--test",
                         "none", "--json", "-o", "m.onnx"], ["m.onnx"]),
    ("fit-labels-network", ["fit", SONGS, "--labels", "x,y", "--model", "mlp", "--hidden", "4",
                            "--epochs", "2", "--test", "0.3", "-o", "m.onnx"], ["m.onnx"]),
    ("fit-boosted", ["fit", TABLE, *LABEL, "--features", "age,job", "--class-weight", "balanced",
                     *BOOSTED, "--early-stopping-rounds", "1", "--test", "0.3", "-o", "m.onnx"],
     ["m.onnx"]),
    ("fit-labels-boosted", ["fit", SONGS, "--labels", "x,y", *BOOSTED, "--class-weight", "pos",
                            "--test", "none", "--json", "-o", "m.onnx"], ["m.onnx"]),
    ("fit-families", ["fit", TABLE, *LABEL, "--features", "age,member", *COST, "--model", "auto",
                      "--hidden", "4", "--epochs", "2", "--rounds", "2", "--max-depth", "2",
                      "--test", "0.3", "-o", "m.onnx"], ["m.onnx"]),
    ("labels-inspect", ["inspect", "songs.onnx", "--json"], []),
    ("labels-predict", ["predict", "songs.onnx", SONGS], []),
    ("labels-evaluate", ["evaluate", "songs.onnx", SONGS], []),
    ("inspect", ["inspect", "small.onnx"], []),
    ("inspect-json", ["inspect", "small.onnx", "--json"], []),
    ("predict-stdout", ["predict", "small.onnx", TABLE, "--keep", "id"], []),
    ("predict-csv", ["predict", "small.onnx", TABLE, "-o", "p.csv"], ["p.csv"]),
    ("predict-jsonl", ["predict", "small.onnx", TABLE, "-o", "p.jsonl"], ["p.jsonl"]),
    ("predict-parquet", ["predict", "small.onnx", TABLE, "-o", "p.parquet"], ["p.parquet"]),
    ("evaluate", ["evaluate", "small.onnx", TABLE, *COST], []),
    ("evaluate-page", ["evaluate", "small.onnx", TABLE, "--report", "page.html"], ["page.html"]),
    ("evaluate-scores", ["evaluate", SCORES, *LABEL, "--scores", "p", "--scores", "q", *COST], []),
    ("monitor", ["evaluate", "small.onnx", UNLABELLED], []),
    ("decide", ["decide", "small.onnx", TABLE, "--tune", "f1", "-o", "d.onnx"], ["d.onnx"]),
    ("decide-prior", ["decide", "small.onnx", "--prior", f"from={UNLABELLED}", "-o", "d.onnx"],
     ["d.onnx"]),
    ("decide-scores", ["decide", SCORES, *LABEL, "--scores", "p", *COST, "--tune", "cost",
                       "--undo-weights", "2", "-o", "rule.json"], ["rule.json"]),
    ("decide-trees", ["decide", TREES_JSON, "--classes", "paid,late", *COST, "-o", "d.onnx"],
     ["d.onnx"]),
    ("decide-trees-table", ["decide", TREES_JSON, TABLE, *LABEL, "--classes", "paid,late",
                            "--prior", "paid=0.5,late=0.5", "-o", "d.onnx"], ["d.onnx"]),
    ("decide-trees-ubj", ["decide", TREES_UBJ, "-o", "d.onnx"], ["d.onnx"]),
    ("evaluate-json", ["evaluate", "small.onnx", TABLE, "--json"], []),
]

# Comes no further than to the model it opens, which "inspect" fails all of: in other commands the
# opening is passed over, but for its end.
OPENING = ("opening", ["predict", "small.onnx", "absent.csv"], [])
OPENING_END = 20

JSON_STRIDE = 4
# Fits that choose on unseen rows make the same few calls for each of many fits.
CHOICE_STRIDES = {"fit-chosen": 7, "fit-auto": 11, "fit-network": 7, "evaluate-scores": 5,
                  "decide-scores": 5, "fit-boosted": 7, "fit-labels-boosted": 13,
                  "fit-families": 17, "decide-trees": 3, "decide-trees-table": 5,
                  "decide-trees-ubj": 3}


# Those that grow trees: of classes, of labels, of one family among several.
GROWING = ["fit-boosted", "fit-labels-boosted", "fit-families"]


def taken(folder, code):
    """What a process ended with that wrote to stdout and stderr of a folder, which go."""
    texts = []
    for name in ("stdout", "stderr"):
        path = os.path.join(folder, name)
        with open(path, encoding="utf-8", errors="replace") as file:
            texts.append(file.read())
        os.remove(path)
    return harness.Ended(code, *texts)


def exit_codes(copies):
    """Number of a call -> exit code of the copy in which it failed."""
    path = os.path.join(copies, "ended")
    if not os.path.exists(path):
        return {}
    with open(path, encoding="ascii") as file:
        return {int(nth): os.waitstatus_to_exitcode(int(status))
                for nth, status in map(str.split, file)}


class Command:
    """One command, and what comes of it when nothing fails."""

    def __init__(self, trust, shim, models, definition):
        self.trust, self.shim, self.models = trust, shim, models
        self.name, self.arguments, self.outputs = definition
        self.reference, self.files, self.calls = None, {}, 0

    def folder(self):
        """A new folder, with the models that the command reads."""
        folder = self.trust.folder()
        for model in self.models:
            if os.path.basename(model) in self.arguments:
                os.link(model, os.path.join(folder, os.path.basename(model)))
        return folder

    def left(self, folder):
        """The files in a folder, which then goes."""
        files = {name: digest if name not in TIMED else "timed"
                 for name, digest in harness.contents(folder).items()}
        shutil.rmtree(folder, ignore_errors=True)
        return files

    def run(self, folder, variables, **options):
        environment = self.trust.environment(self.shim, **variables)
        return self.trust.run([*self.arguments, "--threads", "1"], folder, environment, **options)

    def fail(self, nth, objects=OURS, count=None):
        """Runs it with one allocation failing; what came, and the files that are there."""
        folder = self.folder()
        ended = self.run(folder, {"TRUST_OBJECTS": objects, "TRUST_NTH": nth,
                                  "TRUST_COUNT": count or "/dev/null"})
        return ended, self.left(folder)

    def problems_of_each(self, points):
        """Runs it once, with a copy of the process at each point of a range, in which it fails."""
        folder, copies = self.folder(), self.trust.folder("copies-")
        variables = {"TRUST_OBJECTS": OURS, "TRUST_NTH": points.start, "TRUST_EVERY": points.step,
                     "TRUST_RUNS": copies}
        with open(os.path.join(folder, "stdout"), "ab") as out, \
                open(os.path.join(folder, "stderr"), "ab") as err:
            code = self.run(folder, variables, stdout=out, stderr=err, watchdog=None).code
        ended, files = taken(folder, code), self.left(folder)
        problems = []
        if code != 0 or not self.is_same(ended, files):
            problems.append(f"the process copied: exit {code}, {ended.err[:200]!r}")
        codes = exit_codes(copies)
        if list(codes) != list(points):
            problems.append(f"{len(codes)} copies ended instead of {len(points)}")
        for nth, code in codes.items():
            copy = os.path.join(copies, str(nth))
            problems += self.problems(nth, taken(copy, code), self.left(copy))
        return problems

    def count(self, objects=OURS):
        """Runs it undisturbed; how many calls there are."""
        count = os.path.join(self.trust.scratch, self.name + ".count")
        self.reference, self.files = self.fail(0, objects, count)
        with open(count, encoding="ascii") as file:
            return int(file.read())

    def learn(self):
        """Runs it twice: the calls must be the same in number to be counted at all."""
        counts = [self.count(), self.count()]
        self.calls = counts[0]
        if self.reference.code != 0:
            return [f"exit {self.reference.code} with nothing failing: {self.reference.err}"]
        if counts[0] != counts[1] or counts[0] < 10:
            return [f"{counts[0]} allocations, then {counts[1]}"]
        return []

    def is_whole(self, files):
        """Whether each file is what it is when nothing fails; outputs may be absent."""
        if any(self.files.get(name) != digest for name, digest in files.items()):
            return False
        return all(name in files for name in self.files if name not in self.outputs)

    def is_same(self, ended, files):
        """Whether what came is all that comes when nothing fails."""
        reference = self.reference
        return (files == self.files and
                harness.without_seconds(ended.out) == harness.without_seconds(reference.out) and
                ended.lines() == reference.lines())

    def problems(self, nth, ended, files):
        """What is wrong with a run whose nth allocation failed."""
        told = f"allocation {nth}: exit {ended.code}, {ended.err[:200]!r}"
        if not self.is_whole(files):
            return [f"{told}; left {sorted(files)}"]
        if ended.code == 0 and self.is_same(ended, files):
            return []
        if ended.code == 1 and len(ended.lines()) == 1 and OUT_OF_MEMORY.fullmatch(
                ended.lines()[0]):
            return []
        return [told]

    def problems_of(self, whose, nth, ended, files):
        """What is wrong where the allocation was another library's."""
        told = f"{whose}'s allocation {nth}: exit {ended.code}, {ended.err[:300]!r}"
        if not self.is_whole(files):
            return [f"{told}; left {sorted(files)}"]
        if ended.code == 0:
            return [] if self.is_same(ended, files) else [told + "; another result"]
        return [] if ended.code == 1 and len(ended.lines()) == 1 else [told]


def make_model(trust):
    folder = trust.folder("model-")
    ended = trust.run(["fit", TABLE, *LABEL, "--features", "age,job", *COST, "--test", "none",
                       "-o", "small.onnx", "--threads", "1"], folder)
    if ended.code != 0:
        raise SystemExit(f"trust: no model: {ended.err}")
    return os.path.join(folder, "small.onnx")


def make_labels_model(trust):
    folder = trust.folder("model-")
    ended = trust.run(["fit", SONGS, "--labels", "x,y", "--test", "none", "-o", "songs.onnx",
                       "--threads", "1"], folder)
    if ended.code != 0:
        raise SystemExit(f"trust: no model of several labels: {ended.err}")
    return os.path.join(folder, "songs.onnx")


def check_ours(trust, command, first, every):
    """Fails all from `first` on, or each `every`-th, of our own allocations."""
    points = range(first, command.calls + 1, every)
    jobs = trust.settings.jobs
    problems = []
    for found in trust.all(command.problems_of_each, [points[job::jobs] for job in range(jobs)]):
        problems += found
    trust.check(command.name, problems, f"{len(points)} allocations failed, one a copy")


def check_library(trust, command, whose, objects, sample):
    """Fails a sample of another library's."""
    total = command.count(objects)
    points = sorted(random.Random(command.name).sample(range(1, total + 1), min(sample, total)))
    problems = [] if points else [f"{whose} allocated nothing"]
    for found in trust.all(
            lambda nth: command.problems_of(whose, nth, *command.fail(nth, objects)), points):
        problems += found
    trust.check(f"{command.name} ({whose})", problems,
                f"{len(points)} of {whose}'s {total} allocations failed, one a run")


def main():
    options = harness.parser(__doc__)
    options.add_argument("--every", type=int, default=1)
    options.add_argument("--duckdb", type=int, default=0)
    options.add_argument("--xgboost", type=int, default=0)
    trust = harness.Trust(options.parse_args())
    shim = trust.shim("fail_allocation")
    models = [make_model(trust), make_labels_model(trust)]
    opening = Command(trust, shim, models, OPENING).count() - OPENING_END
    for definition in COMMANDS:
        command = Command(trust, shim, models, definition)
        if not trust.wanted(command.name):
            continue
        problems = command.learn()
        if problems:
            trust.check(command.name, problems)
            continue
        opens = "small.onnx" in command.arguments and command.name != "inspect"
        stride = JSON_STRIDE if "--json" in command.arguments else 1
        stride = CHOICE_STRIDES.get(command.name, stride)
        check_ours(trust, command, opening if opens else 1, stride * trust.settings.every)
        if trust.settings.duckdb and command.name.startswith(("fit", "predict-parquet")):
            check_library(trust, command, "DuckDB", DUCKDBS, trust.settings.duckdb)
        if trust.settings.xgboost and command.name in GROWING:
            check_library(trust, command, "XGBoost", XGBOOSTS, trust.settings.xgboost)
    trust.end()


if __name__ == "__main__":
    main()
