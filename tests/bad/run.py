#!/usr/bin/env python3
"""Bad and nasty inputs: what is given, what is typed, what is said; all three side by side.

Usage: run.py [--binary FILE] [--jobs N] [--update] [NAME ...]

The files *.txt beside this one hold cases. A case is

  # what is bad
  $ shell lines (bash -eu), run in a fresh folder after prelude.sh
  the lines that come of it, on stdout and stderr
  [exit code, where it is not 0]

In a line that comes, <*> stands for anything. Where the exit code is not 0, more is asked without
saying: one line, by steelyard, and no output: neither m.onnx nor out.* nor a *.part may be there.

NAME is a glob over the names of the files or over what is bad. --update takes over what came into
the chosen cases; look at the difference before you commit it.
"""

import argparse
import concurrent.futures
import fnmatch
import glob
import importlib.util
import os
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
REPOSITORY = os.path.dirname(os.path.dirname(HERE))
FIXTURES = os.path.join(REPOSITORY, "tests", "cli", "fixtures")
TIMEOUT_SECONDS = 300  # guards against hanging alone
OUTPUTS = ["m.onnx", "out.*", "*.part"]


def load_cli_runner():
    """tests/cli/run.py, which knows how a text is compared with an expected one."""
    path = os.path.join(REPOSITORY, "tests", "cli", "run.py")
    spec = importlib.util.spec_from_file_location("cli_run", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


CLI = load_cli_runner()


class Case:
    """What is bad, the commands, the lines and the exit code expected."""

    def __init__(self, title):
        self.title = title
        self.commands = []
        self.expected = []
        self.exit = 0

    def take(self, line):
        """Takes one line of a file of cases."""
        if line.startswith("$ "):
            self.commands.append(line[2:])
        elif line.startswith("[") and line.endswith("]") and line[1:-1].isdigit():
            self.exit = int(line[1:-1])
        elif line:
            self.expected.append(line)

    def text(self):
        """The case as it stands in its file."""
        code = [f"[{self.exit}]"] if self.exit else []
        lines = [f"# {self.title}", *("$ " + command for command in self.commands)]
        return "\n".join([*lines, *self.expected, *code]) + "\n"

    def run(self, binary):
        """Runs the commands; (exit code, lines that came, outputs that are there)."""
        script = f". {HERE}/prelude.sh\n" + "\n".join(self.commands)
        with tempfile.TemporaryDirectory(prefix="steelyard-bad-") as scratch:
            came = subprocess.run(
                ["bash", "-eu", "-c", script], cwd=scratch,
                env=dict(os.environ, STEELYARD=binary, FIXTURES=FIXTURES, CASES=HERE,
                         LC_ALL="C.UTF-8"),
                stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                text=True, errors="replace", timeout=TIMEOUT_SECONDS)
            left = [name for pattern in OUTPUTS
                    for name in glob.glob(os.path.join(glob.escape(scratch), pattern))]
        return came.returncode, came.stdout.splitlines(), left

    def problems(self, binary, update):
        """What is not as expected; with update, what came becomes what is expected."""
        try:
            code, lines, left = self.run(binary)
        except subprocess.TimeoutExpired:
            return [f"  still running after {TIMEOUT_SECONDS} seconds"]
        problems = []
        if update:
            self.exit = code
            self.expected = CLI.with_wildcards("\n".join(self.expected), "\n".join(lines))
        if code != self.exit:
            problems.append(f"  exit {code} instead of {self.exit}")
        expected, came = "".join(f"{line}\n" for line in self.expected), "".join(
            f"{line}\n" for line in lines)
        if not CLI.matches(expected, came):
            problems.append(CLI.difference("output", expected, came))
        if self.exit not in (0, 1, 2):
            problems.append(f"  exit {self.exit}: bad inputs end with 1, bad commands with 2")
        if self.exit and (len(lines) != 1 or not lines[0].startswith("steelyard: ")):
            problems.append("  one line, by steelyard, is all that may come")
        if self.exit and left:
            problems.append(f"  {', '.join(map(os.path.basename, left))} must not be there")
        return problems


def read_cases(path):
    """What stands before the first case of a file, and its cases."""
    head, cases = [], []
    with open(path, encoding="utf-8") as file:
        for line in file.read().splitlines():
            if line.startswith("# "):
                cases.append(Case(line[2:]))
            elif cases:
                cases[-1].take(line)
            else:
                head.append(line)
    return head, cases


def write_cases(path, head, cases):
    with open(path, "w", encoding="utf-8") as file:
        file.write("".join(line + "\n" for line in head))
        file.write("\n".join(case.text() for case in cases))


def parse_arguments():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("names", nargs="*", metavar="NAME")
    parser.add_argument("--binary", default=os.path.join(REPOSITORY, "build", "steelyard"))
    parser.add_argument("--jobs", type=int, default=os.cpu_count())
    parser.add_argument("--update", action="store_true")
    settings = parser.parse_args()
    settings.binary = os.path.abspath(settings.binary)
    if settings.update and not settings.names:
        parser.error("--update needs the names of what to rewrite")
    return settings


def main():
    settings = parse_arguments()
    if not os.access(settings.binary, os.X_OK):
        sys.exit(f"bad: no program {settings.binary}: run make")
    files = {path: read_cases(path) for path in sorted(glob.glob(os.path.join(HERE, "*.txt")))}

    def is_chosen(path, case):
        stem = os.path.splitext(os.path.basename(path))[0]
        return not settings.names or any(
            fnmatch.fnmatch(text, name) for name in settings.names for text in (stem, case.title))

    chosen = [(path, case) for path, (_, cases) in files.items() for case in cases
              if is_chosen(path, case)]
    failed = 0
    with concurrent.futures.ThreadPoolExecutor(settings.jobs) as pool:
        results = pool.map(lambda one: one[1].problems(settings.binary, settings.update), chosen)
        for (path, case), problems in zip(chosen, results):
            if problems:
                failed += 1
                print(f"FAILED {os.path.basename(path)}: {case.title}", *problems, sep="\n",
                      flush=True)
    if settings.update:
        for path, (head, cases) in files.items():
            write_cases(path, head, cases)
    if not chosen:
        print("bad: there is no such case")
    print(f"bad: {len(chosen) - failed} passed, {failed} failed, 0 skipped")
    sys.exit(1 if failed or not chosen else 0)


if __name__ == "__main__":
    main()
