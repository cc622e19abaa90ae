#!/usr/bin/env python3
"""Every write of the main job cut once.

Usage: writes.py [--binary FILE] [--jobs N] [NAME ...]

Runs fit, predict and a report, for each kind of output, with the 1st, 2nd, 3rd, ... call that
opens, writes, flushes, closes or renames the output going wrong: as on a full disk, as on a broken
one, interrupted, and cut short. A write cut short or interrupted is gone on with; after all else
the program ends with 1 and one line. In either case the output is whole or what was there before,
and nothing lies beside it. Then the same with a limit on the size of files, which cuts at any
byte.
"""

import errno
import os
import resource

import harness

TABLE = os.path.join(harness.FIXTURES, "loans.csv")
SCORES = f"SELECT outcome, 1 / (1 + exp(age / 9.0 - 4)) AS p FROM '{TABLE}'"
ROWS = 3000
OLD = "what was there before\n"

# What each call is made to do: the last two are no failures.
HOWS = {"ENOSPC": errno.ENOSPC, "EIO": errno.EIO, "EINTR": errno.EINTR, "short": 0}
MUST_GO_ON = {("write", "EINTR"), ("pwrite", "EINTR"), ("fsync", "EINTR"), ("close", "EINTR"),
              ("write", "short"), ("pwrite", "short")}


def commands(folder):
    """name -> arguments and output of each command; its inputs lie in `folder`."""
    model, table = os.path.join(folder, "model.onnx"), os.path.join(folder, "rows.csv")
    return {
        "fit": (["fit", TABLE, "--label", "outcome", "--features", "age,job", "--test", "none",
                 "-o", "m.onnx"], "m.onnx"),
        "predict-csv": (["predict", model, table, "-o", "p.csv"], "p.csv"),
        "predict-jsonl": (["predict", model, table, "-o", "p.jsonl"], "p.jsonl"),
        "predict-parquet": (["predict", model, table, "-o", "p.parquet"], "p.parquet"),
        "page": (["evaluate", model, TABLE, "--report", "p.html"], "p.html"),
        "decide": (["decide", model, "--cost", "late:paid=9", "-o", "d.onnx"], "d.onnx"),
        "rule": (["decide", SCORES, "--label", "outcome", "--scores", "p", "--cost", "late:paid=9",
                  "-o", "r.json"], "r.json"),
    }


def make_inputs(trust):
    """A folder with a model and a table of some thousand rows: several blocks of output."""
    folder = trust.folder("inputs-")
    with open(TABLE, encoding="utf-8") as file:
        header, *rows = file.read().splitlines()
    with open(os.path.join(folder, "rows.csv"), "w", encoding="utf-8") as file:
        file.write("\n".join([header] + [rows[i % len(rows)] for i in range(ROWS)]) + "\n")
    ended = trust.run(["fit", TABLE, "--label", "outcome", "--features", "age,job", "--test",
                       "none", "-o", "model.onnx"], folder)
    if ended.code != 0:
        raise SystemExit(f"trust: no model: {ended.err}")
    return folder


class Output:
    """One command with its output, and what comes of it when nothing goes wrong."""

    def __init__(self, trust, shim, name, definition):
        self.trust, self.shim, self.name = trust, shim, name
        self.arguments, self.output = definition
        self.calls, self.reference = [], None

    def run(self, old, nth=0, how=0, count=None, before=None):
        """Runs it; what came, and the files it left."""
        folder = self.trust.folder()
        if old:
            with open(os.path.join(folder, self.output), "w", encoding="utf-8") as file:
                file.write(OLD)
        environment = self.trust.environment(
            self.shim, TRUST_FOLDER=folder, TRUST_NTH=nth, TRUST_HOW=how,
            TRUST_COUNT=count or "/dev/null")
        options = {"before": before} if before else {}
        ended = self.trust.run([*self.arguments, "--threads", "1"], folder, environment, **options)
        files = {}
        for name in os.listdir(folder):
            with open(os.path.join(folder, name), "rb") as file:
                files[name] = file.read()
        return ended, files

    def learn(self, old):
        count = os.path.join(self.trust.scratch, f"{self.name}-{old}.count")
        ended, files = self.run(old, count=count)
        with open(count, encoding="ascii") as file:
            self.calls = file.read().split()
        self.reference = files.get(self.output)
        return [] if ended.code == 0 and len(files) == 1 and "rename" in self.calls else [
            f"with nothing failing: exit {ended.code}, {ended.err!r}, {sorted(files)}"]

    def goes_on(self, call, how):
        """Whether the call is tried again; DuckDB gives up where a write is interrupted."""
        return (call, how) in MUST_GO_ON and (how == "short" or "parquet" not in self.name)

    def problems(self, what, old, ended, files, must_succeed=False):
        """What is wrong with a run in which `what` happened."""
        told = f"{what}: exit {ended.code}, {ended.err[:200]!r}, left {sorted(files)}"
        if ended.code == 0:
            return [] if files == {self.output: self.reference} else [told + ", not whole"]
        left = {self.output: OLD.encode()} if old else {}
        if must_succeed or ended.code != 1 or files != left:
            return [told]
        line = f"steelyard: {self.output}: "
        return [] if len(ended.lines()) == 1 and ended.err.startswith(line) else [told]


def check_calls(trust, output, old):
    """Each call once, in each way."""
    problems = output.learn(old)
    points = [(nth, call, how) for nth, call in enumerate(output.calls, 1) for how in HOWS
              if how != "short" or "write" in call]

    def attempt(point):
        nth, call, how = point
        ended, files = output.run(old, nth, HOWS[how])
        return output.problems(f"{call}, call {nth}, {how}", old, ended, files,
                               must_succeed=output.goes_on(call, how))

    for found in trust.all(attempt, points):
        problems += found
    trust.check(f"{output.name}{' over an old file' if old else ''}", problems,
                f"{len(points)} calls gone wrong, one a run")


def limited(size):
    """What limits the size of files to `size` bytes in a new process."""
    def limit():
        harness.default_signals()
        resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))
    return limit


def check_limits(trust, output):
    """No file may grow over a limit: the signal that comes of it must not end the program."""
    problems = output.learn(True)
    size = len(output.reference or b"")
    points = sorted({0, 1, size // 3, size // 2, size - 1})
    for found in trust.all(lambda limit: output.problems(
            f"files of {limit} bytes", True, *output.run(True, before=limited(limit))), points):
        problems += found
    ended, files = output.run(True, before=limited(size + (1 << 20)))
    if ended.code != 0 or files != {output.output: output.reference}:
        problems.append(f"a limit that is not reached: exit {ended.code}, {ended.err!r}")
    trust.check(output.name + " under a limit", problems, f"{len(points)} limits")


STDOUT_COMMANDS = [
    ["weights", TABLE, "--label", "outcome", "--json"],
    ["inspect", "MODEL", "--json"],
    ["evaluate", "MODEL", TABLE],
    ["predict", "MODEL", "ROWS"],
    ["--help"],
]


def check_stdout(trust, inputs):
    """What is printed into a file that may not grow: the loss of it is told."""
    problems = []
    names = {"MODEL": os.path.join(inputs, "model.onnx"), "ROWS": os.path.join(inputs, "rows.csv")}

    def attempt(point):
        words, share = point
        arguments = [names.get(word, word) for word in words]
        folder = trust.folder()
        whole = len(trust.run(arguments, folder).out)
        with open(os.path.join(folder, "out"), "wb") as file:
            ended = trust.run(arguments, folder, stdout=file, before=limited(int(whole * share)))
        told = [line for line in ended.lines() if not line.startswith("note: ")]
        good = (ended.code == 1 and len(told) == 1 and "stdout" in told[0] and
                "File too large" in told[0])
        return [] if good else [f"{words[0]} cut at {share}: exit {ended.code}, {ended.err!r}"]

    points = [(words, share) for words in STDOUT_COMMANDS for share in (0, 0.5, 0.99)]
    for found in trust.all(attempt, points):
        problems += found
    trust.check("stdout under a limit", problems, f"{len(points)} limits")


def main():
    trust = harness.Trust(harness.parser(__doc__).parse_args())
    shim, inputs = trust.shim("fail_write"), make_inputs(trust)
    for name, definition in commands(inputs).items():
        if not trust.wanted(name):
            continue
        output = Output(trust, shim, name, definition)
        check_calls(trust, output, False)
        check_calls(trust, output, True)
        check_limits(trust, output)
    if trust.wanted("stdout"):
        check_stdout(trust, inputs)
    trust.end()


if __name__ == "__main__":
    main()
