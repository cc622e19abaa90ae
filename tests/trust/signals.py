#!/usr/bin/env python3
"""SIGINT and SIGTERM at random moments.

Usage: signals.py [--binary FILE] [--jobs N] [--seed N] [--moments N] [NAME ...]

Each command runs undisturbed once; then again and again, each time stopped at another moment of it.
It must end with 130 and at most one line, leave the output that was there before and nothing
beside it; or have come to its end, with all of its output. How long it took to end is told, not
judged: a machine under load may take its time.
"""

import os
import random
import signal
import subprocess
import threading
import time

import harness

ROWS = 60000
OLD = "what was there before\n"
LINE = "steelyard: interrupted, nothing was written"


def make_table(path):
    """A table whose reading, fitting and scoring each take a while."""
    draw = random.Random(1)
    with open(path, "w", encoding="utf-8") as file:
        file.write("label,kind," + ",".join(f"x{i}" for i in range(10)) + "\n")
        for _ in range(ROWS):
            numbers = [draw.gauss(0, 1) for _ in range(10)]
            label = "abc"[(numbers[0] + numbers[1] > 1) + (numbers[2] + draw.gauss(0, 1) > 2)]
            values = ",".join(f"{number:.4f}" for number in numbers)
            file.write(f"{label},kind {draw.randrange(40)},{values}\n")


# All rounds, with no rows that would end them sooner: growing takes longer than reading.
TREES = ["--label", "label", "--model", "boosted", "--rounds", "40", "--held-out", "0",
         "--test", "none"]

# name -> arguments, output and number of moments; in.csv, in.onnx are absolute before they run.
FIT = ["--label", "label", "--cost", "a:b=3", "--test", "cv:3"]
COMMANDS = {
    "weights": (["weights", "in.csv", "--label", "label"], None, 6),
    "fit": (["fit", "in.csv", *FIT, "-o", "m.onnx"], "m.onnx", 20),
    "fit-boosted": (["fit", "in.csv", *TREES, "-o", "m.onnx"], "m.onnx", 10),
    "predict-csv": (["predict", "in.onnx", "in.csv", "--keep", "*", "-o", "p.csv"], "p.csv", 10),
    "predict-jsonl": (["predict", "in.onnx", "in.csv", "-o", "p.jsonl"], "p.jsonl", 6),
    "predict-parquet": (["predict", "in.onnx", "in.csv", "-o", "p.parquet"], "p.parquet", 12),
    "evaluate": (["evaluate", "in.onnx", "in.csv"], None, 6),
}


def is_caught(process, number):
    """Whether the program has its handler by now: before, the system alone can answer."""
    try:
        with open(f"/proc/{process.pid}/status", encoding="ascii") as file:
            caught = next(line for line in file if line.startswith("SigCgt"))
    except (OSError, StopIteration):
        return True
    return bool(int(caught.split()[1], 16) >> (number - 1) & 1)


class Interrupted:
    """A run that was stopped."""

    def __init__(self, code, out, lines, seconds, caught, files):
        self.code, self.out, self.lines = code, out, lines
        self.seconds, self.caught, self.files = seconds, caught, files

    def problems(self, what, before, whole=None):
        """What is wrong with it; whole = stdout and files of a run that came to its end."""
        told = f"{what}: exit {self.code}, {self.lines[:3]}, {sorted(self.files)}"
        if whole and self.code == 0:
            return [] if (self.out, self.files) == whole else [told + ", not whole"]
        if self.files != before:
            return [told + ": files changed"]
        if not self.caught and self.code in (-signal.SIGINT, -signal.SIGTERM):
            return []
        return [] if self.code == 130 and self.lines in ([], [LINE]) else [told]


class Runner:
    """Runs commands and stops them."""

    def __init__(self, trust):
        self.trust = trust
        self.inputs = trust.folder("inputs-")
        make_table(self.path("in.csv"))
        ended = trust.run(["fit", "in.csv", *FIT[:4], "--test", "none", "-o", "in.onnx"],
                          self.inputs)
        if ended.code != 0:
            raise SystemExit(f"trust: no model: {ended.err}")
        self.seconds, self.early = [], 0

    def path(self, name):
        return os.path.join(self.inputs, name)

    def folder(self, output):
        folder = self.trust.folder()
        if output:
            with open(os.path.join(folder, output), "w", encoding="utf-8") as file:
                file.write(OLD)
        return folder

    def start(self, arguments, folder, **options):
        words = [self.path(word) if word.startswith("in.") else word for word in arguments]
        options.setdefault("stdin", subprocess.DEVNULL)
        options.setdefault("stdout", subprocess.PIPE)
        return subprocess.Popen(
            self.trust.command(words), cwd=folder, env=self.trust.environment(),
            stderr=subprocess.PIPE, text=True, preexec_fn=harness.default_signals, **options)

    def stop(self, process, folder, numbers, moment):
        """Waits for the moment, sends the signals, and waits for the end."""
        time.sleep(moment)
        caught = is_caught(process, numbers[0])
        for number in numbers:
            process.send_signal(number)
        begun = time.monotonic()
        try:
            out, err = process.communicate(timeout=harness.WATCHDOG_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            out, err = process.communicate()
        seconds = time.monotonic() - begun
        with self.trust.lock:
            self.early += not caught
            self.seconds.append(seconds)
        return Interrupted(process.returncode, harness.without_seconds(out or ""),
                           err.splitlines(), seconds, caught, harness.contents(folder))

    def distribution(self):
        times = sorted(self.seconds)
        return (f"{len(times)} signals, {self.early} of them before the program could catch them; "
                f"it ended after {times[len(times) // 2]:.2f} s in the middle, "
                f"{times[-1]:.2f} s at most")


def check_command(runner, name, draw):
    """One command stopped at many moments."""
    arguments, output, count = COMMANDS[name]
    count = runner.trust.settings.moments or count
    folder = runner.folder(output)
    before = harness.contents(folder)
    begun = time.monotonic()
    process = runner.start(arguments, folder)
    out, err = process.communicate()
    duration = time.monotonic() - begun
    whole = harness.without_seconds(out), harness.contents(folder)
    if process.returncode != 0:
        runner.trust.check(name, [f"undisturbed: exit {process.returncode}, {err}"])
        return

    def attempt(point):
        index, moment = point
        numbers = [[signal.SIGINT], [signal.SIGTERM], [signal.SIGINT, signal.SIGTERM]][index % 3]
        place = runner.folder(output)
        ended = runner.stop(runner.start(arguments, place), place, numbers, moment)
        return ended.problems(f"{[n.name for n in numbers]} after {moment:.3f} s", before, whole)

    points = list(enumerate(sorted(draw.uniform(0, duration) for _ in range(count))))
    problems = []
    for found in runner.trust.all(attempt, points):
        problems += found
    runner.trust.check(name, problems, f"{count} moments of {duration:.1f} s")


def feed_slowly(stdin, path):
    """Writes a table as if it were typed."""
    try:
        with open(path, encoding="utf-8") as file:
            for line in file:
                stdin.write(line)
                stdin.flush()
                time.sleep(0.02)
        stdin.close()
    except OSError:
        pass  # its reader has gone, as it should


def check_slow(runner, draw):
    """Reading what comes slowly from a pipe."""
    problems = []
    for arguments in (["fit", "-", *FIT, "-o", "m.onnx"], ["weights", "-", "--label", "label"]):
        output = "m.onnx" if arguments[0] == "fit" else None
        folder = runner.folder(output)
        before = harness.contents(folder)
        process = runner.start(arguments, folder, stdin=subprocess.PIPE)
        stdin, process.stdin = process.stdin, None  # the feeder's now
        feeder = threading.Thread(target=feed_slowly, args=(stdin, runner.path("in.csv")))
        feeder.start()
        moment = draw.uniform(0.2, 0.8)
        problems += runner.stop(process, folder, [signal.SIGTERM], moment).problems(
            f"{arguments[0]} from a slow pipe", before)
        feeder.join()
    runner.trust.check("slow pipe", problems, "2 commands")


def check_waiting(runner):
    """Waiting: for a writer of a pipe that never comes, and for a reader who does not read."""
    problems = []
    waits = [["weights", "pipe", "--label", "label"], ["inspect", "pipe"],
             ["predict", "pipe", "in.csv"], ["predict", "in.onnx", "pipe", "-o", "p.csv"],
             ["fit", "in.csv", *FIT, "-o", "pipe"]]
    for arguments in waits:
        folder = runner.folder(None)
        os.mkfifo(os.path.join(folder, "pipe"))
        before = harness.contents(folder)
        process = runner.start(arguments, folder)
        problems += runner.stop(process, folder, [signal.SIGINT], 0.5).problems(
            " ".join(arguments), before)
    folder = runner.folder(None)
    reader, writer = os.pipe()
    process = runner.start(["predict", "in.onnx", "in.csv"], folder, stdout=writer)
    problems += runner.stop(process, folder, [signal.SIGTERM], 2).problems("unread pipe", {})
    os.close(reader)
    os.close(writer)
    runner.trust.check("waiting", problems, f"{len(waits) + 1} waits")


def check_ignored(runner):
    """What is ignored by whoever starts the program (nohup) stays ignored."""
    def ignore():
        signal.signal(signal.SIGHUP, signal.SIG_IGN)
        signal.signal(signal.SIGINT, signal.SIG_IGN)

    process = subprocess.Popen(
        runner.trust.command(["weights", runner.path("in.csv"), "--label", "label"]),
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, preexec_fn=ignore)
    while process.poll() is None:
        process.send_signal(signal.SIGHUP)
        process.send_signal(signal.SIGINT)
        time.sleep(0.01)
    code = process.returncode
    runner.trust.check("ignored signals", [] if code == 0 else [f"exit {code}"], "all through")


def main():
    options = harness.parser(__doc__)
    options.add_argument("--seed", type=int, default=0)
    options.add_argument("--moments", type=int, default=0)
    trust = harness.Trust(options.parse_args())
    runner = Runner(trust)
    draw = random.Random(trust.settings.seed)
    for name in COMMANDS:
        if trust.wanted(name):
            check_command(runner, name, draw)
    if trust.wanted("slow"):
        check_slow(runner, draw)
    if trust.wanted("waiting"):
        check_waiting(runner)
    if runner.seconds:
        print(runner.distribution())
    if trust.wanted("ignored"):
        check_ignored(runner)
    trust.end()


if __name__ == "__main__":
    main()
