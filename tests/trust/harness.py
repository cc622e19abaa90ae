"""What the scripts of this folder share: running the program under a preloaded library, looking at
what it left behind, and telling the numbers that scripts/check.sh adds up."""

import argparse
import concurrent.futures
import hashlib
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import threading

HERE = os.path.dirname(os.path.abspath(__file__))
REPOSITORY = os.path.dirname(os.path.dirname(HERE))
FIXTURES = os.path.join(REPOSITORY, "tests", "cli", "fixtures")

# Guards against a program that hangs, and is no limit on what is fast.
WATCHDOG_SECONDS = 60


def parser(description):
    """The options every script has."""
    made = argparse.ArgumentParser(
        description=description, formatter_class=argparse.RawDescriptionHelpFormatter)
    made.add_argument("names", nargs="*", metavar="NAME", help="run these tests alone")
    made.add_argument("--binary", default=os.path.join(REPOSITORY, "build", "steelyard"))
    made.add_argument("--jobs", type=int, default=os.cpu_count())
    return made


def default_signals():
    """Undoes what a shell does to programs in the background: they ignore Ctrl-C."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


class Ended:
    """What came of a run: exit code (None where it hung), stdout and stderr."""

    def __init__(self, code, out, err):
        self.code, self.out, self.err = code, out, err

    def lines(self):
        return self.err.splitlines()


def without_seconds(text):
    """Text whose durations, which differ from run to run, are gone."""
    text = re.sub(r'"(read|fit|total)": [0-9.e-]+', r'"\1": -', text)
    return re.sub(r" *[0-9.]+ s(?=\s|$) *", " - s ", text)


def contents(folder):
    """Name -> digest of all files below a folder."""
    found = {}
    for place, folders, names in os.walk(folder):
        for name in names + folders:
            path = os.path.join(place, name)
            name = os.path.relpath(path, folder)
            if os.path.isfile(path):
                with open(path, "rb") as file:
                    found[name] = hashlib.sha256(file.read()).hexdigest()
            else:
                found[name] = "folder" if os.path.isdir(path) else "special"
    return found


class Trust:
    """The tests of one script, and their numbers."""

    def __init__(self, settings):
        self.settings = settings
        self.binary = os.path.abspath(settings.binary)
        if not os.access(self.binary, os.X_OK):
            sys.exit(f"trust: no program {self.binary}: run make")
        self.passed = self.failed = self.skipped = 0
        self.scratch = tempfile.mkdtemp(prefix="steelyard-trust-")
        self.lock = threading.Lock()

    def folder(self, prefix="run-"):
        """A new, empty folder."""
        return tempfile.mkdtemp(prefix=prefix, dir=self.scratch)

    def shim(self, name):
        """Compiles NAME.c of this folder to a library that can be preloaded. With frame pointers
        the leak checker sees past it who allocates: what the dynamic linker keeps is no leak."""
        target = os.path.join(self.scratch, name + ".so")
        subprocess.run(
            [os.environ.get("CC", "cc"), "-std=gnu17", "-O1", "-fno-omit-frame-pointer", "-shared",
             "-fPIC", "-fexceptions", "-Wall", "-Wextra", "-Werror", "-o", target,
             os.path.join(HERE, name + ".c"), "-ldl"],
            check=True)
        return target

    def command(self, arguments):
        return [self.binary, *arguments]

    def environment(self, shim=None, **more):
        """Our own, so that no setting of the caller's tells; with a library preloaded."""
        made = dict(os.environ, TMPDIR=self.scratch, LC_ALL="C.UTF-8")
        made.update({name: str(value) for name, value in more.items()})
        if shim:
            made["LD_PRELOAD"] = shim
            options = made.get("ASAN_OPTIONS", "")
            made["ASAN_OPTIONS"] = f"{options}:verify_asan_link_order=0".lstrip(":")
            made["LSAN_OPTIONS"] = "print_suppressions=0"  # stderr is the program's
        return made

    def run(self, arguments, folder, environment=None, **options):
        """Runs the program to its end in a folder."""
        options.setdefault("stdin", subprocess.DEVNULL)
        options.setdefault("stdout", subprocess.PIPE)
        options.setdefault("stderr", subprocess.PIPE)
        patience = options.pop("watchdog", WATCHDOG_SECONDS)
        process = subprocess.Popen(
            self.command(arguments), cwd=folder, env=environment or self.environment(),
            text=True, errors="replace", preexec_fn=options.pop("before", default_signals),
            **options)
        try:
            out, err = process.communicate(timeout=patience)
        except subprocess.TimeoutExpired:
            process.kill()
            process.communicate()
            return Ended(None, "", "")
        return Ended(process.returncode, out or "", err or "")

    def all(self, function, items):
        """function(item) of all items, on as many processors as are ours."""
        with concurrent.futures.ThreadPoolExecutor(self.settings.jobs) as pool:
            return list(pool.map(function, items))

    def wanted(self, name):
        return not self.settings.names or name in self.settings.names

    def check(self, name, problems, remark=""):
        """Counts a test; the first problems are shown."""
        with self.lock:
            if problems:
                self.failed += 1
                print(f"FAILED {name}: {len(problems)} problems", flush=True)
                for problem in problems[:8]:
                    print(f"  {problem}", flush=True)
            else:
                self.passed += 1
                if remark:
                    print(f"{name}: {remark}", flush=True)

    def skip(self, name, why):
        self.skipped += 1
        print(f"skipped {name}: {why}", flush=True)

    def end(self):
        """Tells the numbers and exits."""
        shutil.rmtree(self.scratch, ignore_errors=True)
        print(f"trust: {self.passed} passed, {self.failed} failed, {self.skipped} skipped")
        sys.exit(1 if self.failed or not self.passed + self.skipped else 0)
