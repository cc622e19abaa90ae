#!/usr/bin/env python3
"""Outputs in places where they cannot or must not be: the program says so, and all stays as it was.

Usage: places.py [--binary FILE] [--jobs N] [NAME ...]
"""

import ctypes
import os
import shutil
import signal
import subprocess

import harness

TABLE = os.path.join(harness.FIXTURES, "loans.csv")
FIT = ["--label", "outcome", "--features", "age,job", "--test", "none"]
CLONE_NEWNS, CLONE_NEWUSER, MS_PRIVATE_ALL = 0x20000, 0x10000000, 0x44000
NOBODY = 65534


class Places:
    """A folder with a table, a model and a file of old, for each test anew."""

    def __init__(self, trust):
        self.trust, self.ways = trust, 0
        self.source = trust.folder("inputs-")
        shutil.copy(TABLE, os.path.join(self.source, "rows.csv"))
        with open(os.path.join(self.source, "old.csv"), "w", encoding="utf-8") as file:
            file.write("old\n")
        ended = trust.run(["fit", "rows.csv", *FIT, "-o", "model.onnx"], self.source)
        if ended.code != 0:
            raise SystemExit(f"trust: no model: {ended.err}")
        os.chmod(trust.scratch, 0o755)

    def check(self, name, problems):
        self.trust.check(name, problems, f"{self.ways} ways" if self.ways else "")
        self.ways = 0

    def make(self):
        folder = self.trust.folder()
        shutil.copytree(self.source, folder, dirs_exist_ok=True)
        os.chmod(folder, 0o777)
        return folder

    def refused(self, arguments, code, words, prepare=None, **options):
        """Problems of a run that must fail with `words` on one line and change nothing."""
        folder = self.make()
        if prepare:
            prepare(folder)
        before = harness.contents(folder)
        ended = self.trust.run(arguments, folder, **options)
        self.ways += 1
        told = f"{' '.join(arguments)}: exit {ended.code}, {ended.err[:300]!r}"
        if harness.contents(folder) != before:
            return [f"{told}; now there are {sorted(harness.contents(folder))}"]
        if ended.code != code or len(ended.lines()) != 1 or words not in ended.err:
            return [f"{told}, where {code} and {words!r} are right"]
        return []


def run_as_nobody():
    """To root everything may be written: the tests of rights run as nobody."""
    harness.default_signals()
    if os.geteuid() == 0:
        os.setgroups([])
        os.setgid(NOBODY)
        os.setuid(NOBODY)


def make_small_file_system():
    """Mounts a file system of 64 KiB at ./small, in a namespace of this process alone."""
    harness.default_signals()
    libc = ctypes.CDLL(None, use_errno=True)
    own = CLONE_NEWNS if os.geteuid() == 0 else CLONE_NEWNS | CLONE_NEWUSER
    if libc.unshare(own) != 0 or libc.mount(b"none", b"/", None, MS_PRIVATE_ALL, None) != 0 or \
            libc.mount(b"none", b"small", b"tmpfs", 0, b"size=64k") != 0:
        raise OSError(ctypes.get_errno(), "no file system can be mounted here")


def may_mount(folder):
    os.mkdir(os.path.join(folder, "small"))
    try:
        return subprocess.run(["true"], cwd=folder, preexec_fn=make_small_file_system,
                              check=False).returncode == 0
    except (subprocess.SubprocessError, OSError):
        return False


def outputs(path):
    """Each command that writes to `path`, with a name it takes."""
    return [(["fit", "rows.csv", *FIT, "-o", path + ".onnx"], path + ".onnx"),
            (["predict", "model.onnx", "rows.csv", "-o", path + ".csv"], path + ".csv"),
            (["predict", "model.onnx", "rows.csv", "-o", path + ".jsonl"], path + ".jsonl"),
            (["predict", "model.onnx", "rows.csv", "-o", path + ".parquet"], path + ".parquet")]


def check_inputs(places):
    """An output that is also read, under another name."""
    def links(folder):
        for name in ("rows.csv", "model.onnx"):
            os.symlink(name, os.path.join(folder, "soft-" + name))
            os.link(os.path.join(folder, name), os.path.join(folder, "hard-" + name))
        os.symlink("rows.csv", os.path.join(folder, "rows.onnx"))
        os.symlink("model.onnx", os.path.join(folder, "model.csv"))

    problems = []
    words = "would overwrite what is read from it"
    for name in ("rows.csv", "soft-rows.csv", "hard-rows.csv", "./rows.csv", "rows.onnx"):
        problems += places.refused(["fit", "rows.csv", *FIT, "-o", name], 2, words, links)
        problems += places.refused(
            ["fit", "old.csv", *FIT[:4], "--test", "rows.csv", "-o", name], 2, words, links)
        if name.endswith(".csv"):
            problems += places.refused(
                ["predict", "model.onnx", "rows.csv", "-o", name], 2, words, links)
    problems += places.refused(
        ["predict", "model.onnx", "rows.csv", "-o", "model.csv"], 2, words, links)
    places.check("output is input", problems)


def check_places(places):
    """No folder, no file, a folder, a device that is full."""
    def prepare(folder):
        for ending in (".onnx", ".csv", ".jsonl", ".parquet"):
            os.mkdir(os.path.join(folder, "folder" + ending))
            os.symlink("/dev/full", os.path.join(folder, "full" + ending))

    problems = []
    for arguments, name in outputs("absent/out"):
        problems += places.refused(arguments, 1, name + ": cannot be written: its folder", prepare)
    for arguments, name in outputs("old.csv/out"):
        problems += places.refused(arguments, 1, "Not a directory", prepare)
    for arguments, name in outputs("folder"):
        problems += places.refused(arguments, 1, name + ": cannot be written: this is a folder",
                                   prepare)
    for arguments, name in outputs("full"):
        words = "needs a file" if name.endswith("parquet") else "No space left on device"
        problems += places.refused(arguments, 1, words, prepare)
    places.check("impossible places", problems)


def check_rights(places):
    """Read-only files and folders, seen by someone who is not root."""
    if os.geteuid() == 0:
        probe = subprocess.run(["env", places.trust.binary, "--version"], check=False,
                               preexec_fn=run_as_nobody, capture_output=True)
        if probe.returncode != 0:
            places.trust.skip("rights", "nobody may not run the program where it is")
            return

    def closed(folder):
        os.mkdir(os.path.join(folder, "closed"), 0o555)
        for ending in (".onnx", ".csv", ".jsonl", ".parquet"):
            path = os.path.join(folder, "mine" + ending)
            shutil.copy(os.path.join(folder, "old.csv"), path)
            os.chmod(path, 0o444)

    problems = []
    for where in ("closed/out", "mine"):
        for arguments, name in outputs(where):
            problems += places.refused(arguments, 1, name + ": cannot be written: ", closed,
                                       before=run_as_nobody)
    places.check("rights", problems)


# Writes into ./small what does not fit; what was there and nothing else must be there then.
FILL = """cp old.csv small/$1; name=$1; shift; "$@" -o small/$name; code=$?
cmp -s old.csv small/$name && test "$(ls -A small)" = $name || echo changed >&2; exit $code"""


def check_small(places):
    """A disk that is full after 64 KiB: what was on it stays, and nothing is left behind."""
    if not may_mount(places.trust.folder()):
        places.trust.skip("small disk", "no file system can be mounted here")
        return
    problems = []
    with open(os.path.join(places.source, "rows.csv"), encoding="utf-8") as file:
        header, *rows = file.read().splitlines()
    for name in ("out.csv", "out.jsonl", "out.parquet"):
        folder = places.make()
        os.mkdir(os.path.join(folder, "small"))
        with open(os.path.join(folder, "many.csv"), "w", encoding="utf-8") as file:
            file.write(header + "\n")
            for i in range(20000):  # too many different names to be packed
                file.write(f"{i * 7919 % 1000003}{rows[i % len(rows)]}\n")
        ended = subprocess.run(
            ["sh", "-c", FILL, "sh", name, places.trust.binary, "predict", "model.onnx",
             "many.csv", "--keep", "id"], cwd=folder, preexec_fn=make_small_file_system,
            capture_output=True, text=True, check=False)
        good = (ended.returncode == 1 and "No space left on device" in ended.stderr and
                len(ended.stderr.splitlines()) == 1)
        if not good:
            problems.append(f"{name}: exit {ended.returncode}, {ended.stderr!r}")
    places.check("small disk", problems)


def check_streams(places):
    """Readers that go away, streams that are closed: no result is lost without a word."""
    problems = []
    commands = [["predict", "model.onnx", "rows.csv"], ["weights", "rows.csv", "--label",
                "outcome", "--json", "--quiet"], ["inspect", "model.onnx"], ["--help"]]
    shell = {"gone": '"$@" | true; exit ${PIPESTATUS[0]}', "head": '"$@" | head -1 >&2; exit '
             '${PIPESTATUS[0]}', "full": '"$@" > /dev/full', "closed": '"$@" >&-'}
    for how, script in shell.items():
        for command in commands:
            ended = subprocess.run(
                ["bash", "-c", script, "bash", places.trust.binary, *command], cwd=places.source,
                capture_output=True, text=True, check=False, preexec_fn=harness.default_signals)
            lines = ended.stderr.splitlines()
            quiet = ended.returncode == 0 and len(lines) <= (how == "head")
            told = ended.returncode == 1 and len(lines) == 1 and "stdout" in lines[0]
            if not (quiet if how in ("gone", "head") else told):
                problems.append(f"{how}: {' '.join(command)}: {ended.returncode}, {lines}")
    before = harness.contents(places.source)
    for script in ('"$@" 2>&-', '"$@" 2>/dev/full', '"$@" <&- >&- 2>&-'):
        folder = places.make()
        ended = subprocess.run(
            ["bash", "-c", script, "bash", places.trust.binary, "predict", "model.onnx",
             "rows.csv", "-o", "new.csv"], cwd=folder, check=False, stderr=subprocess.DEVNULL)
        after = harness.contents(folder)
        if ended.returncode != 0 or set(after) != {*before, "new.csv"}:
            problems.append(f"{script}: {ended.returncode}, {sorted(after)}")
        with open(os.path.join(folder, "new.csv"), encoding="utf-8") as file:
            if len(file.readlines()) != 161:
                problems.append(f"{script}: new.csv is not whole")
    places.check("streams", problems)


def check_endless(places):
    """A model is read from anything, but not without end."""
    problems = []
    for device in ("/dev/zero", "/dev/urandom"):
        problems += places.refused(["inspect", device], 1, device + ": larger than 64 MiB")
        problems += places.refused(["predict", device, "rows.csv"], 1, "larger than 64 MiB")
    places.check("endless models", problems)


def main():
    signal.signal(signal.SIGPIPE, signal.SIG_IGN)
    places = Places(harness.Trust(harness.parser(__doc__).parse_args()))
    tests = {"inputs": check_inputs, "places": check_places, "rights": check_rights,
             "small": check_small, "streams": check_streams, "endless": check_endless}
    for name, test in tests.items():
        if places.trust.wanted(name):
            test(places)
    places.trust.end()


if __name__ == "__main__":
    main()
