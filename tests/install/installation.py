"""The installation under test: made once, below DESTDIR, so that nothing lies where PREFIX says."""

import atexit
import contextlib
import functools
import glob
import os
import shutil
import subprocess
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
REPOSITORY = os.path.dirname(os.path.dirname(HERE))
BUILD = os.path.join(REPOSITORY, "build")  # run.py --build sets another
PREFIX = "/opt/steelyard"


def run(command, **options):
    """What a command prints; raises with all it said where it fails."""
    done = subprocess.run(command, check=False, text=True, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, **options)
    if done.returncode != 0:
        raise AssertionError(f"{' '.join(command)}: exit code {done.returncode}\n{done.stdout}")
    return done.stdout


@functools.cache
def scratch():
    """A folder that is gone when the tests end."""
    folder = tempfile.mkdtemp(prefix="steelyard-install-")
    atexit.register(shutil.rmtree, folder)
    return folder


class Tree:
    """An installed tree."""

    def __init__(self, root):
        self.root = root
        self.program = os.path.join(root, "bin", "steelyard")
        # lib, lib64 or lib/x86_64-linux-gnu, as the system has it.
        [library] = glob.glob(os.path.join(root, "lib*", "**", "libsteelyard.so"), recursive=True)
        self.library_folder = os.path.dirname(library)
        self.include = os.path.join(root, "include")
        self.manual = os.path.join(root, "share", "man", "man1")
        self.completion = os.path.join(root, "share", "bash-completion", "completions",
                                       "steelyard")

    def files(self):
        """Paths of all its files, relative to it, with what each link leads to."""
        return sorted(
            os.path.relpath(path, self.root)
            + (f" -> {os.readlink(path)}" if os.path.islink(path) else "")
            for folder, _, names in os.walk(self.root)
            for path in (os.path.join(folder, name) for name in names)
        )

    def pkg_config(self, *arguments):
        """Flags that pkg-config tells."""
        environment = dict(os.environ, PKG_CONFIG_PATH=f"{self.library_folder}/pkgconfig")
        return run(["pkg-config", *arguments], env=environment)


def install():
    """Installs as a user does; with a build elsewhere, as the Makefile would."""
    destination = os.path.join(scratch(), "staged")
    if BUILD == os.path.join(REPOSITORY, "build"):
        # The front door, but without building again: only what is installed is under test.
        run(["make", "--old-file=build", "install", f"DESTDIR={destination}", f"PREFIX={PREFIX}"],
            cwd=REPOSITORY)
    else:
        run(["cmake", "--install", BUILD, "--prefix", PREFIX],
            env=dict(os.environ, DESTDIR=destination))
    return Tree(destination + PREFIX)


@functools.cache
def installed():
    """The tree as installed."""
    return install()


@contextlib.contextmanager
def moved():
    """The tree at another place, and nothing where it was."""
    tree = installed()
    place = os.path.join(scratch(), "moved to", "there")
    os.makedirs(os.path.dirname(place), exist_ok=True)
    os.rename(tree.root, place)
    try:
        yield Tree(place)
    finally:
        os.rename(place, tree.root)


@functools.cache
def commands():
    """Names of the commands, as --help lists them."""
    lines = run([installed().program, "--help"]).splitlines()
    return [line.split()[0] for line in lines if line.startswith("  ")]


@functools.cache
def options(command):
    """Options of a command as --help lists them: {"--label": "COL", "--json": ""}, -o apart."""
    found = {}
    for line in run([installed().program, command, "--help"]).splitlines():
        if not line.startswith("  -"):
            continue
        words = line.split()
        if words[0].endswith(","):
            found[words[0].rstrip(",")] = words[2]
            words = words[1:]
        # The text begins two blanks after the option, or on the next line. --intervals[=N] is
        # --intervals, which may go without a value.
        name, optional, _ = words[0].partition("[")
        value = line.strip().split("  ")[0].partition(words[0])[2].strip()
        found[name] = "" if optional else value
    return found
