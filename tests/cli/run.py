#!/usr/bin/env python3
"""Golden tests of the command line: what a user types, and what must come of it.

Usage: run.py [--binary FILE] [--data FOLDER] [--cases FOLDER] [--jobs N] [--update] [NAME ...]

A case is a folder cases/NAME. Its files:
  cmd      shell lines (bash -eu), run in a fresh folder with $STEELYARD (the program), $DATA (real
           data; the case is skipped where it is absent) and $FIXTURES (tests/cli/fixtures)
  exit     the exit code; without this file 0
  stdout   what is printed; without this file nothing may be printed
  stderr   likewise
  absent   names or globs, one a line, of files that must not be there afterwards
In stdout and stderr a line `...` stands for any number of lines, and <*> for anything in a line.

NAME is a case or a glob over cases. --update writes what came into the named cases, keeping the
lines whose <*> still fit; look at the difference before you commit it.
"""

import argparse
import concurrent.futures
import difflib
import fnmatch
import glob
import os
import re
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
REPOSITORY = os.path.dirname(os.path.dirname(HERE))
TIMEOUT_SECONDS = 300


def read(path, default=""):
    """Text of a file that may be absent."""
    if not os.path.exists(path):
        return default
    with open(path, encoding="utf-8") as file:
        return file.read()


def line_pattern(line):
    """A regular expression for one expected line."""
    return ".*?".join(re.escape(part) for part in line.split("<*>"))


def matches(expected, actual):
    """Whether a text is what is expected, wildcards considered."""
    pattern = "".join(
        r"(?:.*\n)*?" if line == "..." else line_pattern(line) + r"\n"
        for line in expected.splitlines()
    )
    ended = actual if actual.endswith("\n") or not actual else actual + "\n"
    return re.fullmatch(pattern, ended) is not None


def with_wildcards(expected, actual):
    """The lines that came, each written as the expected line whose <*> it fits, if there is one."""
    patterns = [line for line in expected.splitlines() if "<*>" in line]

    def rewritten(line):
        for pattern in patterns:
            if re.fullmatch(line_pattern(pattern), line):
                return pattern
        return line

    return [rewritten(line) for line in actual.splitlines()]


def difference(name, expected, actual):
    """A readable difference of expected and actual text."""
    lines = difflib.unified_diff(expected.splitlines(), with_wildcards(expected, actual),
                                 f"{name} expected", f"{name} that came", lineterm="")
    return "\n".join("    " + line for line in lines)


class Case:
    """One folder of cases/, and what came of running it."""

    def __init__(self, folder, settings):
        self.folder = folder
        self.name = os.path.basename(folder)
        self.settings = settings
        self.command = read(os.path.join(folder, "cmd"))

    def expected(self, name):
        return read(os.path.join(self.folder, name))

    def skipped(self):
        uses_data = re.search(r"\$\{?DATA\b", self.command)
        return bool(uses_data) and not os.path.isdir(self.settings.data)

    def run(self):
        """Runs the command; a list of problems, empty where all is as expected."""
        if not self.command:
            return ["  there is no cmd"]
        environment = dict(
            os.environ,
            STEELYARD=self.settings.binary,
            DATA=self.settings.data,
            FIXTURES=os.path.join(os.path.dirname(self.settings.cases), "fixtures"),
        )
        with tempfile.TemporaryDirectory(prefix="steelyard-case-") as scratch:
            try:
                came = subprocess.run(
                    ["bash", "-eu", os.path.join(self.folder, "cmd")], cwd=scratch,
                    env=environment, stdin=subprocess.DEVNULL, capture_output=True, text=True,
                    errors="replace", timeout=TIMEOUT_SECONDS)
            except subprocess.TimeoutExpired:
                return [f"  still running after {TIMEOUT_SECONDS} seconds"]
            return self.problems(came, scratch)

    def problems(self, came, scratch):
        """Compares what came with what is expected, or takes it over with --update."""
        if self.settings.update:
            self.rewrite(came)
        problems = []
        code = int(self.expected("exit") or 0)
        if came.returncode != code:
            problems.append(f"  exit {came.returncode} instead of {code}")
        for name, text in (("stdout", came.stdout), ("stderr", came.stderr)):
            if not matches(self.expected(name), text):
                problems.append(f"  {name} differs\n{difference(name, self.expected(name), text)}")
        for pattern in self.expected("absent").split("\n"):
            if pattern and glob.glob(os.path.join(glob.escape(scratch), pattern)):
                problems.append(f"  {pattern} is there and must not be")
        return problems

    def rewrite(self, came):
        """Makes what came the expectation."""
        self.write("exit", f"{came.returncode}\n" if came.returncode else "")
        for name, text in (("stdout", came.stdout), ("stderr", came.stderr)):
            if not matches(self.expected(name), text):
                lines = with_wildcards(self.expected(name), text)
                self.write(name, "".join(line + "\n" for line in lines))

    def write(self, name, text):
        path = os.path.join(self.folder, name)
        if text:
            with open(path, "w", encoding="utf-8") as file:
                file.write(text)
        elif os.path.exists(path):
            os.remove(path)


def parse_arguments():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("names", nargs="*", metavar="NAME")
    parser.add_argument("--binary", default=os.path.join(REPOSITORY, "build", "steelyard"))
    parser.add_argument("--data", default=os.environ.get(
        "STEELYARD_DATA", os.path.join(os.path.dirname(REPOSITORY), "shared", "data")))
    parser.add_argument("--cases", default=os.path.join(HERE, "cases"))
    parser.add_argument("--jobs", type=int, default=os.cpu_count())
    parser.add_argument("--update", action="store_true")
    settings = parser.parse_args()
    for name in ("binary", "data", "cases"):
        setattr(settings, name, os.path.abspath(getattr(settings, name)))
    if settings.update and not settings.names:
        parser.error("--update needs the names of the cases to rewrite")
    return settings


def chosen_cases(settings):
    """The cases that are to run, in the order of their names."""
    folders = sorted(glob.glob(os.path.join(glob.escape(settings.cases), "*", "")))
    cases = [Case(folder.rstrip(os.sep), settings) for folder in folders]
    if settings.names:
        cases = [case for case in cases
                 if any(fnmatch.fnmatch(case.name, name) for name in settings.names)]
    return cases


def main():
    settings = parse_arguments()
    if not os.access(settings.binary, os.X_OK):
        sys.exit(f"cli: no program {settings.binary}: run make")
    cases = chosen_cases(settings)
    skipped = [case for case in cases if case.skipped()]
    running = [case for case in cases if not case.skipped()]
    failed = 0
    with concurrent.futures.ThreadPoolExecutor(settings.jobs) as pool:
        for case, problems in zip(running, pool.map(Case.run, running)):
            if problems:
                failed += 1
                print(f"FAILED {case.name}", *problems, sep="\n", flush=True)
    if skipped:
        print(f"skipped, no data in {settings.data}: {' '.join(case.name for case in skipped)}")
    if not cases:
        print("cli: there is no such case")
    print(f"cli: {len(running) - failed} passed, {failed} failed, {len(skipped)} skipped")
    sys.exit(1 if failed or not cases else 0)


if __name__ == "__main__":
    main()
