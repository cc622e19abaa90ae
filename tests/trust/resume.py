#!/usr/bin/env python3
"""Trainings of networks that break off and are gone on with.

Usage: resume.py [--binary FILE] [--jobs N] [--seed N] [--moments N] [NAME ...]

A training is killed (SIGKILL) at another moment each time, gone on with, killed again, until it has
come to its end: its model must be that of the unbroken one, byte for byte, on one thread or two;
its log must have every epoch. Ctrl-C must say how to go on. Each write of a checkpoint goes wrong
once, as on a full disk: the checkpoint before must be whole, and lead to that model, too.
Checkpoints damaged at any place, cut at any place or of another training are refused in one line,
and no model is written.
"""

import json
import os
import random
import signal
import subprocess
import time

import harness

ROWS = 6000
EPOCHS, FOLDS = 12, 2
FIT = ["fit", "in.csv", "--label", "label", "--class-weight", "balanced", "--model", "mlp",
       "--hidden", "16,8", "--norm", "batch", "--dropout", "0.1", "--epochs", str(EPOCHS),
       "--patience", "4", "--restarts", "2", "--batch-size", "32", "--max-categories", "4",
       "--test", f"cv:{FOLDS}", "-o", "m.onnx"]
KEEP = ["--checkpoint", "state", "--checkpoint-every", "0.02", "--json-log", "log.jsonl"]
GO_ON = ["--resume", "state", "--checkpoint-every", "0.02", "--json-log", "log.jsonl"]
LINE = "steelyard: interrupted, no model was written; to go on: --resume state"


def make_table(path):
    """A table that a network of this size is at for a second or so."""
    draw = random.Random(2)
    with open(path, "w", encoding="utf-8") as file:
        file.write("label,kind," + ",".join(f"x{i}" for i in range(6)) + "\n")
        for _ in range(ROWS):
            numbers = [draw.gauss(0, 1) for _ in range(6)]
            inside = numbers[0] ** 2 + numbers[1] ** 2 < 1
            label = "abc"[inside + (numbers[2] + draw.gauss(0, 1) > 2)]
            values = ",".join(f"{number:.4f}" for number in numbers)
            file.write(f"{label},kind {draw.randrange(9)},{values}\n")


def read(path):
    """Bytes of a file, None where it is not there."""
    try:
        with open(path, "rb") as file:
            return file.read()
    except FileNotFoundError:
        return None


def epochs_of(path):
    """(fit, restart, epoch) -> (loss, held_loss) as the last line of a log on it says."""
    found = {}
    with open(path, encoding="utf-8") as file:
        for line in file:
            one = json.loads(line)
            found[one["fit"], one["restart"], one["epoch"]] = one["loss"], one["held_loss"]
    return found


class Training:
    """The training under test, and what comes of it when nothing breaks it off."""

    def __init__(self, trust):
        self.trust = trust
        self.source = trust.folder("inputs-")
        make_table(os.path.join(self.source, "in.csv"))
        begun = time.monotonic()
        self.whole = self.finish(self.folder(), [])
        self.seconds = time.monotonic() - begun
        folder = self.folder()
        kept = self.finish(folder, [*KEEP, "--threads", "1"])
        self.epochs = epochs_of(os.path.join(folder, "log.jsonl"))
        self.state = read(os.path.join(folder, "state"))
        trust.check("unbroken", [] if kept == self.whole else [
            "with a checkpoint, or on one thread, it is another model"],
            f"{len(self.epochs)} epochs in {self.seconds:.1f} s")

    def folder(self, state=None):
        """A new folder with the table and, perhaps, a checkpoint."""
        folder = self.trust.folder()
        os.symlink(os.path.join(self.source, "in.csv"), os.path.join(folder, "in.csv"))
        if state is not None:
            with open(os.path.join(folder, "state"), "wb") as file:
                file.write(state)
        return folder

    def finish(self, folder, arguments):
        """Runs it to its end; the model."""
        ended = self.trust.run([*FIT, *arguments], folder)
        if ended.code != 0:
            raise SystemExit(f"trust: {' '.join(arguments)}: exit {ended.code}, {ended.err}")
        return read(os.path.join(folder, "m.onnx"))

    def break_off(self, folder, arguments, number, moment):
        """Runs it until `moment` and sends a signal; exit code and lines."""
        process = subprocess.Popen(
            self.trust.command([*FIT, *arguments]), cwd=folder, env=self.trust.environment(),
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
            preexec_fn=harness.default_signals)
        try:
            process.wait(moment)
        except subprocess.TimeoutExpired:
            process.send_signal(number)
        _, err = process.communicate(timeout=harness.WATCHDOG_SECONDS)
        return process.returncode, err.splitlines()

    def go_on(self, folder, threads):
        """Goes on from what is left of it, which may be nothing."""
        there = os.path.exists(os.path.join(folder, "state"))
        return [*(GO_ON if there else KEEP), "--threads", str(threads)]

    def problems(self, what, folder, model):
        """What is wrong with a training that has come to its end."""
        found = [] if model == self.whole else [f"{what}: another model"]
        if epochs_of(os.path.join(folder, "log.jsonl")) != self.epochs:
            found.append(f"{what}: other epochs in the log")
        left = sorted(set(os.listdir(folder)) - {"in.csv", "log.jsonl", "m.onnx", "state"})
        # What a killed program was writing stays; it cannot take it away any more.
        others = [name for name in left if not name.startswith((".state.", ".m.onnx."))]
        return found + ([f"{what}: left {others}"] if others else [])


def check_killed(training, draw, count):
    """SIGKILL at several moments of a training, and of what goes on from it."""
    def attempt(moments):
        folder, times = training.folder(), 0
        for index, moment in enumerate(moments):
            code, _ = training.break_off(folder, training.go_on(folder, 1 + index % 2),
                                         signal.SIGKILL, moment)
            if code == 0:
                break
            times += 1
            if read(os.path.join(folder, "m.onnx")) not in (None, training.whole):
                return times, [f"killed after {moment:.3f} s: a model that is not whole"]
        model = training.finish(folder, training.go_on(folder, 2))
        return times, training.problems(f"killed {times} times, {moments}", folder, model)

    tried = [[draw.uniform(0, training.seconds) for _ in range(1 + index % 3)]
             for index in range(count)]
    results = training.trust.all(attempt, tried)
    training.trust.check("killed", [problem for _, found in results for problem in found],
                         f"{sum(times for times, _ in results)} kills in {count} trainings")


def check_interrupted(training, draw, count):
    """Ctrl-C and SIGTERM: the line says how to go on, once there is something to go on from."""
    def attempt(point):
        index, moment = point
        folder = training.folder()
        number = [signal.SIGINT, signal.SIGTERM][index % 2]
        code, lines = training.break_off(folder, training.go_on(folder, 2), number, moment)
        there = os.path.exists(os.path.join(folder, "state"))
        what = f"{number.name} after {moment:.3f} s: exit {code}, {lines}"
        if code not in (0, 130, -number):
            return [what]
        if code == 130 and there and lines != [LINE]:
            return [what + ", not how to go on"]
        if code == 130 and not there and LINE in lines:
            return [what + ", but there is no checkpoint"]
        return training.problems(what, folder,
                                 training.finish(folder, training.go_on(folder, 1)))

    points = list(enumerate(draw.uniform(0, training.seconds) for _ in range(count)))
    problems = [one for found in training.trust.all(attempt, points) for one in found]
    training.trust.check("interrupted", problems, f"{count} signals")


def check_full(training, shim, draw, count):
    """A disk that is full when some write of a checkpoint comes: the one before it is whole."""
    def run(folder, nth, arguments, counted="/dev/null"):
        environment = training.trust.environment(
            shim, TRUST_FOLDER=folder, TRUST_NTH=nth, TRUST_HOW=28, TRUST_COUNT=counted)
        return training.trust.run([*FIT, *arguments, "--threads", "1"], folder, environment)

    often = ["--checkpoint", "state", "--checkpoint-every", "0.1"]
    folder, counted = training.folder(), os.path.join(training.trust.scratch, "calls")
    run(folder, 0, often, counted)
    with open(counted, encoding="ascii") as file:
        calls = len(file.read().split())

    def attempt(nth):
        folder = training.folder()
        ended = run(folder, nth, often)
        if ended.code == 0:  # fewer checkpoints this time
            return []
        what = f"call {nth}: exit {ended.code}, {ended.err!r}"
        if ended.code != 1 or len(ended.lines()) != 1 or "No space left" not in ended.err:
            return [what]
        if set(os.listdir(folder)) - {"in.csv", "state"}:
            return [what + f", left {sorted(os.listdir(folder))}"]
        more = (["--resume", "state"] if os.path.exists(os.path.join(folder, "state")) else [])
        model = training.finish(folder, more)
        return [] if model == training.whole else [what + ": another model"]

    points = sorted(draw.sample(range(1, calls + 1), min(count, calls)))
    problems = [one for found in training.trust.all(attempt, points) for one in found]
    training.trust.check("full disk", problems, f"{len(points)} of {calls} calls gone wrong")


def check_damaged(training, draw, count):
    """Checkpoints with one byte changed, or cut short, anywhere."""
    size = len(training.state)

    def refused(state):
        folder = training.folder(state)
        ended = training.trust.run([*FIT, "--resume", "state"], folder)
        good = (ended.code == 1 and len(ended.lines()) == 1 and "state" in ended.err and
                sorted(os.listdir(folder)) == ["in.csv", "state"] and
                read(os.path.join(folder, "state")) == state)
        return [] if good else [f"{len(state)} bytes: exit {ended.code}, {ended.err!r}"]

    def changed(place):
        return refused(training.state[:place] + bytes([training.state[place] ^ 0x10]) +
                       training.state[place + 1:])

    places = [0, 8, size - 1, *draw.sample(range(size), count)]
    lengths = [0, 1, 8, size - 1, *draw.sample(range(size), count // 2)]
    found = training.trust.all(changed, places)
    found += training.trust.all(lambda length: refused(training.state[:length]), lengths)
    found.append(refused(training.state + b"\0"))
    training.trust.check("damaged", [one for problems in found for one in problems],
                         f"{len(places)} bytes changed, {len(lengths)} lengths of {size}")


def check_moved(training):
    """A finished checkpoint, gone on with under another name: it is read, the other is written."""
    folder = training.folder(training.state)
    model = training.finish(folder, ["--resume", "state", "--checkpoint", "other"])
    problems = [] if model == training.whole else ["another model"]
    if read(os.path.join(folder, "state")) != training.state:
        problems.append("the checkpoint that was read has changed")
    if read(os.path.join(folder, "other")) is None:
        problems.append("no checkpoint under the new name")
    training.trust.check("moved", problems)


def main():
    options = harness.parser(__doc__)
    options.add_argument("--seed", type=int, default=0)
    options.add_argument("--moments", type=int, default=12)
    trust = harness.Trust(options.parse_args())
    draw, count = random.Random(trust.settings.seed), trust.settings.moments
    training = Training(trust)
    tests = {"killed": lambda: check_killed(training, draw, count),
             "interrupted": lambda: check_interrupted(training, draw, count),
             "full": lambda: check_full(training, trust.shim("fail_write"), draw, count),
             "damaged": lambda: check_damaged(training, draw, 2 * count),
             "moved": lambda: check_moved(training)}
    for name, test in tests.items():
        if trust.wanted(name):
            test()
    trust.end()


if __name__ == "__main__":
    main()
