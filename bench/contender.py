"""Contenders: processes that repeat one job on demand, and how they are made to take turns.

A contender loads its arrays once, then answers each command on stdin with one line of JSON (see
repeat.h). One that takes longer than allowed is killed, and that is its result.
"""

import json
import select
import statistics
import subprocess
import sys
import tempfile
import time


class Failed(Exception):
    """A contender that ended before it answered."""


class TookTooLong(Failed):
    """A contender that was killed for taking longer than allowed."""


class Contender:
    """A running process that obeys commands; leave with `close` or a `with` block."""

    def __init__(self, name, command):
        self.name = name
        self.errors = tempfile.TemporaryFile("w+")
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                        stderr=self.errors, text=True, bufsize=1)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def ask(self, command, seconds=600.0):
        """One command, its answer as a dictionary; Failed after so many seconds without one."""
        try:
            self.process.stdin.write(command + "\n")
            self.process.stdin.flush()
        except BrokenPipeError:
            raise Failed(self.why()) from None
        if not select.select([self.process.stdout], [], [], seconds)[0]:
            self.process.kill()
            raise TookTooLong(f"stopped after {seconds:.0f} s")
        line = self.process.stdout.readline()
        if not line:
            raise Failed(self.why())
        return json.loads(line)

    def why(self):
        """The last line that a process which ended has left on stderr."""
        self.process.wait()
        self.errors.seek(0)
        lines = self.errors.read().strip().splitlines()
        return lines[-1] if lines else f"ended with status {self.process.returncode}"

    def close(self):
        """Ends the process."""
        if self.process.poll() is None:
            self.process.kill()
        self.process.communicate()
        self.errors.close()


# Threads of the last one (BLAS, OpenMP) spin for some time before they sleep; the next one should
# not pay for that.
REST = 0.3


def take_turns(runs, repetitions, budget):
    """Calls the given functions in turn and returns the list of results of each. The first turn
    warms up and is dropped where others follow; none begins that would end beyond the budget of
    seconds."""
    results = [[] for _ in runs]
    begin = time.monotonic()
    for turn in range(repetitions + 1):
        spent = time.monotonic() - begin
        if turn and spent * (turn + 1) / turn > budget:
            break
        for run, collected in zip(runs, results):
            time.sleep(REST)
            collected.append(run())
    return [collected[1:] or collected for collected in results]


def median_seconds(results):
    """Median of the seconds of several answers."""
    return statistics.median(result["seconds"] for result in results)


def say(text):
    """Progress, for whoever watches."""
    print(text, file=sys.stderr, flush=True)
