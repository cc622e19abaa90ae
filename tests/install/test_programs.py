"""Programs of somebody else's, built against the installed library in every way, in every place."""

import os
import re
import shlex
import shutil
import tempfile
import unittest

import installation
from installation import installed, moved, run

CONSUMER = os.path.join(installation.HERE, "consumer")

# One in four rows at x = 0 is a yes, three in four at x = 1; see consumer/train.c.
EXPECTED = "x = 0: class 0, p 0.250000\nx = 1: class 1, p 0.750000\n"


class ProgramsTest(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.mkdtemp(dir=installation.scratch())
        self.model = os.path.join(self.folder, "model.onnx")

    def check(self, tree, program, shared):
        """A program needs the shared library of its name or none, and its answers are right."""
        library = "libsteelyard-score.so.0" if "decide" in program else "libsteelyard.so.0"
        needed = re.findall(r"NEEDED.*\[(libsteelyard.*)\]", run(["readelf", "--dynamic", program]))
        self.assertEqual(needed, [library] if shared else [])
        environment = dict(os.environ, LD_LIBRARY_PATH=tree.library_folder if shared else "")
        self.assertEqual(run([program, self.model], env=environment), EXPECTED)

    def by_pkg_config(self, tree, shared):
        for name, library in (("train", "steelyard"), ("decide", "steelyard-score")):
            flags = tree.pkg_config("--cflags", "--libs", library)
            if not shared:
                # Where both kinds lie side by side, the linker takes the shared one unless told.
                flags = tree.pkg_config("--cflags", "--libs", "--static", library)
                flags = flags.replace(f"-l{library} ", f"-l:lib{library}.a ")
            program = os.path.join(self.folder, name)
            run(["cc", "-std=c17", "-Wall", "-Wextra", "-Werror",
                 os.path.join(CONSUMER, f"{name}.c"), *shlex.split(flags), "-o", program])
            self.check(tree, program, shared)

    def by_cmake(self, tree):
        source, build = os.path.join(self.folder, "source"), os.path.join(self.folder, "build")
        shutil.copytree(CONSUMER, source)
        generator = ["-G", "Ninja"] if shutil.which("ninja") else []
        run(["cmake", "-S", source, "-B", build, *generator, f"-DCMAKE_PREFIX_PATH={tree.root}"])
        run(["cmake", "--build", build])
        for name in ("train", "decide"):
            self.check(tree, os.path.join(build, name), True)
            self.check(tree, os.path.join(build, f"{name}_static"), False)

    def test_pkg_config_shared(self):
        self.by_pkg_config(installed(), True)
        # The installed command line reads what the program wrote, and decides the same.
        rows = os.path.join(self.folder, "rows.csv")
        with open(rows, "w", encoding="utf-8") as file:
            file.write("x\n0\n1\n")
        decided = run([installed().program, "predict", self.model, rows]).splitlines()
        self.assertEqual([line.split(",")[0] for line in decided], ["predicted", "0", "1"])
        self.assertEqual([f"{float(line.split(',')[2]):.6f}" for line in decided[1:]],
                         ["0.250000", "0.750000"])

    def test_pkg_config_static(self):
        self.by_pkg_config(installed(), False)

    def test_pkg_config_moved(self):
        with moved() as tree:
            self.by_pkg_config(tree, True)
            self.by_pkg_config(tree, False)

    def test_cmake(self):
        self.by_cmake(installed())

    def test_cmake_moved(self):
        with moved() as tree:
            self.by_cmake(tree)

    def test_cmake_of_another_version(self):
        """A later version than the installed one is not found."""
        source = os.path.join(self.folder, "source")
        os.mkdir(source)
        with open(os.path.join(source, "CMakeLists.txt"), "w", encoding="utf-8") as file:
            file.write("cmake_minimum_required(VERSION 3.16)\nproject(later LANGUAGES NONE)\n"
                       "find_package(steelyard 99.0 CONFIG REQUIRED)\n")
        with self.assertRaisesRegex(AssertionError, r'compatible with requested\s+version "99.0"'):
            run(["cmake", "-S", source, "-B", f"{self.folder}/build",
                 f"-DCMAKE_PREFIX_PATH={installed().root}"])
