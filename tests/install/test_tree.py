"""What lies where, and that it holds for any compiler and any place."""

import glob
import os
import re
import shutil
import subprocess
import unittest

import installation
from installation import installed, run


class TreeTest(unittest.TestCase):
    def test_twice_is_once(self):
        before = installed().files()
        self.assertEqual(installation.install().files(), before)
        self.assertGreater(len(before), 20)

    def test_names_no_place(self):
        """Text files know neither this machine's folders nor the prefix."""
        for file in installed().files():
            path = os.path.join(installed().root, file.split(" -> ")[0])
            with open(path, "rb") as opened:
                content = opened.read() if os.path.getsize(path) < 1_000_000 else b"\0"
            if b"\0" in content:
                continue
            for place in (installation.PREFIX, installation.REPOSITORY, installation.BUILD,
                          installation.scratch()):
                self.assertNotIn(place.encode(), content, file)

    def test_soname(self):
        folder = installed().library_folder
        version = run([installed().program, "--version"]).split()[1]
        major = version.split(".")[0]
        for name in glob.glob(os.path.join(folder, "lib*.so")):
            base = os.path.basename(name)
            self.assertEqual(os.readlink(name), f"{base}.{major}")
            self.assertEqual(os.readlink(f"{name}.{major}"), f"{base}.{version}")
            dynamic = run(["readelf", "--dynamic", name])
            self.assertIn(f"soname: [{base}.{major}]", dynamic)
            self.assertNotIn("PATH)", dynamic)
        self.assertTrue(os.path.exists(os.path.join(folder, "libsteelyard.so")))

    def test_duckdb_is_beside(self):
        self.assertEqual(os.listdir(os.path.join(installed().library_folder, "steelyard")),
                         ["libduckdb.so"])
        dynamic = run(["readelf", "--dynamic", installed().program])
        self.assertIn("[$ORIGIN/../lib/steelyard]", dynamic)


class HeadersTest(unittest.TestCase):
    def compile_each(self, compiler, *flags):
        if not shutil.which(compiler):
            self.skipTest(f"there is no {compiler}")
        headers = sorted(os.listdir(os.path.join(installed().include, "steelyard")))
        known = os.listdir(os.path.join(installation.REPOSITORY, "include", "steelyard"))
        self.assertEqual(headers, sorted(known))
        for header in headers:
            source = f"#include <steelyard/{header}>\nint main(void) {{ return 0; }}\n"
            told = subprocess.run(
                [compiler, *flags, "-Wall", "-Wextra", "-Wpedantic", "-Werror", "-fsyntax-only",
                 "-I", installed().include, "-"],
                input=source, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                check=False)
            with self.subTest(header=header):
                self.assertEqual(told.returncode, 0, told.stdout)

    def test_each_alone_in_c(self):
        self.compile_each("cc", "-x", "c", "-std=c17", "-Wstrict-prototypes")

    def test_each_alone_in_c_plus_plus(self):
        self.compile_each("g++", "-x", "c++", "-std=c++17")


class ProgramTest(unittest.TestCase):
    def counts(self, program):
        table = os.path.join(installation.scratch(), "table.csv")
        with open(table, "w", encoding="utf-8") as file:
            file.write("x,y\n1,no\n2,no\n3,no\n4,yes\n")
        screen = run([program, "weights", table, "--label", "y", "--class-weight", "balanced"])
        return re.findall(r"^(\w+) +(\d+) .* % +([\d.]+) ", screen, re.M)

    def test_in_place(self):
        self.assertEqual(self.counts(installed().program),
                         [("no", "3", "0.66667"), ("yes", "1", "2.00000")])

    def test_moved(self):
        with installation.moved() as tree:
            self.assertEqual(self.counts(tree.program),
                             [("no", "3", "0.66667"), ("yes", "1", "2.00000")])
