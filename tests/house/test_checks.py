"""Tests of scripts/check_*.py: each is fed a tree that keeps its rule and trees that break it."""

import os
import re
import shutil
import subprocess
import sys
import tempfile
import unittest

REPOSITORY = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

HEADER = """/* labels.h: what a label is. */
#ifndef STEELYARD_LABELS_H
#define STEELYARD_LABELS_H

#include <steelyard/base.h>

#ifdef __cplusplus
extern "C" {
#endif

/** Marks what is taken out. */
#define SY_IGNORED (-1)

/** What a label is. */
typedef struct sy_label {
  int id; /**< class id */
  const char *name;
} sy_label;

/** Finds a label by name; also "x { y". */
SY_API int sy_label_find(const sy_label *labels, const char *name);

/** Called with each label. */
typedef void (*sy_label_fn)(void *context, const sy_label *label);

#ifdef __cplusplus
}
#endif
#endif
"""

SOURCE = """/* counts.c: how many. "printf(" in a comment is none. */
#include <steelyard/labels.h>

#include "base/error.h"
#include <math.h>
#include <stdio.h>

int sy_label_find(const sy_label *labels, const char *name) {
  char text[8];
  return snprintf(text, sizeof text, "exit(") + labels->id + name[0];
}
"""


class CheckTest(unittest.TestCase):
    def setUp(self):
        scratch = tempfile.TemporaryDirectory()
        self.addCleanup(scratch.cleanup)
        self.root = scratch.name
        self.write("include/steelyard/labels.h", HEADER)
        self.write("src/labels/counts.c", SOURCE)
        self.write("src/base/error.h", "/* error.h */\n#include <steelyard/base.h>\n")
        self.write("src/labels/near.h", "/* near.h */\n")
        self.write("table/table.h", "/* table.h */\n#include <steelyard/features.h>\n")
        self.write("cli/main.c", '#include <steelyard/steelyard.h>\n#include "table.h"\n')

    def write(self, name, text):
        path = os.path.join(self.root, name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "w", encoding="utf-8") as file:
            file.write(text)

    def check(self, name, *arguments):
        script = os.path.join(REPOSITORY, "scripts", f"check_{name}.py")
        return subprocess.run([sys.executable, script, *(arguments or [self.root])],
                              capture_output=True, text=True, check=False)

    def assert_passes(self, name):
        result = self.check(name)
        self.assertEqual(result.returncode, 0, result.stdout + result.stderr)

    def assert_fails(self, name, start):
        result = self.check(name)
        self.assertEqual(result.returncode, 1, result.stdout + result.stderr)
        starts = [line for line in result.stdout.splitlines() if line.startswith(start)]
        self.assertEqual(len(starts), 1, result.stdout + result.stderr)


PYTHON = '''"""A module."""

__all__ = ["Label"]


class Label:
    """A label."""

    def name(self, kind: str = "") -> str:
        """Its name."""

    def _hidden(self):
        pass
'''


class IncludesTest(CheckTest):
    def test_a_tree_in_order_passes(self):
        self.assert_passes("includes")

    def test_forbidden_includes(self):
        for name, line, reason in [
            ("src/labels/a.c", "#include <steelyard/weights.h>", "labels may not include weights"),
            ("src/labels/a.c", '#include "store/map.h"', "labels may not include store"),
            ("src/labels/a.c", "#include <steelyard/steelyard.h>", "no room is called steelyard"),
            ("src/labels/a.c", '#include "../base/error.h"', "../base/error.h is in no room"),
            ("src/labels/a.c", '#include "steelyard/base.h"', "public headers are included as"),
            ("src/labels/a.c", "#include <cblas.h>", "cblas.h belongs to src/fit alone"),
            ("src/labels/a.c", "#include <curl/curl.h>", "curl/curl.h is a header that nobody"),
            ("src/attic/a.c", "#include <math.h>", "src/attic is no room of the house"),
            ("include/steelyard/fit.h", '#include "base/error.h"', "a public header includes"),
            ("include/steelyard/fit.h", "#include <steelyard/study.h>", "fit may not include"),
            ("table/a.c", '#include "base/error.h"', "table/ includes public headers only"),
            ("cli/a.c", '#include "labels/near.h"', "cli/ includes public headers only"),
            ("cli/a.c", "#include <duckdb.h>", "duckdb.h belongs to table alone"),
        ]:
            with self.subTest(line=line, file=name):
                self.write(name, f"/* a\n */\n{line}\n")
                self.assert_fails("includes", f"{name}:3: {reason}")
                os.remove(os.path.join(self.root, name))

    def test_cython_declares_public_headers_only(self):
        for header, reason in [
            ("base/error.h", "python/ stands on public headers only"),
            ("<cblas.h>", "python/ stands on public headers only"),
            ("<steelyard/other.h>", "steelyard/other.h is no public header"),
        ]:
            for name in ("python/steelyard/a.pyx", "python/steelyard/a.pxd"):
                with self.subTest(header=header, file=name):
                    self.write(name, f'# a\ncdef extern from "{header}" nogil:\n    pass\n')
                    self.assert_fails("includes", f"{name}:2: {reason}")
                    os.remove(os.path.join(self.root, name))
        self.write("python/steelyard/a.pxd", 'cdef extern from "<steelyard/labels.h>":\n    pass\n'
                   'cdef extern from "Python.h":\n    pass\ncdef extern from "<math.h>":\n')
        self.assert_passes("includes")

    def test_arrows_are_followed(self):
        self.write("src/fit/a.c", '#include "base/error.h"\n#include <steelyard/loss.h>\n')
        self.write("src/labels/b.c", '#include "near.h"\n')
        self.assert_passes("includes")

    def test_forbidden_calls(self):
        for line, name in [
            ('printf("x");', "printf"),
            ("fputs(text, stderr);", "stderr"),
            ("exit(1);", "exit"),
            ("abort();", "abort"),
            ("assert(n > 0);", "assert"),
            ("x = strtod(text, NULL);", "strtod"),
            ("p = malloc(8);", "malloc"),
            ('f = fopen(path, "rb");', "fopen"),
        ]:
            with self.subTest(line=line):
                self.write("src/labels/a.c", f"void f(void) {{\n  {line}\n}}\n")
                self.assert_fails("includes", f"src/labels/a.c:2: {name}: ")

    def test_the_rooms_of_the_wrapped_calls_may_make_them(self):
        self.write("src/base/memory.c", "void *f(void) { return malloc(8); }\n")
        self.write("src/store/file.c", "void f(void) { fopen(0, 0); }\n")
        self.assert_passes("includes")


class DocumentedTest(CheckTest):
    def break_header(self, old, new):
        self.assertIn(old, HEADER)
        self.write("include/steelyard/labels.h", HEADER.replace(old, new))

    def test_a_documented_header_passes(self):
        self.assert_passes("documented")

    def test_what_lacks_a_comment_is_named(self):
        for comment, line, name in [
            ("/** Marks what is taken out. */\n", 11, "SY_IGNORED"),
            ("/** What a label is. */\n", 14, "sy_label"),
            ('/** Finds a label by name; also "x { y". */\n', 20, "sy_label_find"),
            ("/** Called with each label. */\n", 23, "sy_label_fn"),
        ]:
            with self.subTest(name=name):
                self.break_header(comment, "")
                self.assert_fails("documented", f"include/steelyard/labels.h:{line}: no comment "
                                                f"says what {name} is")

    def test_an_ordinary_comment_documents_no_function(self):
        self.break_header("/** Finds", "/* Finds")
        self.assert_fails("documented", "include/steelyard/labels.h:21: ")

    def test_a_comment_further_up_documents_nothing(self):
        self.break_header('also "x { y". */\n', 'also "x { y". */\n\n')
        self.assert_fails("documented", "include/steelyard/labels.h:22: ")


    def test_public_python_has_docstrings(self):
        for old, line, name in [('    """A label."""', 6, "Label"),
                                ('        """Its name."""', 9, "Label.name")]:
            for file in ("python/steelyard/labels.py", "python/steelyard/_labels.py"):
                with self.subTest(name=name, file=file):
                    self.write(file, PYTHON)
                    self.assert_passes("documented")
                    self.write(file, PYTHON.replace(old.strip(), "pass"))
                    self.assert_fails("documented", f"{file}:{line}: no docstring says what {name}")
                    os.remove(os.path.join(self.root, file))

    def test_public_python_has_type_hints(self):
        for file in ("python/steelyard/labels.py", "python/steelyard/_labels.py"):
            for old, new, bare in [(": str", "", "kind"), (" -> str", "", "its result"),
                                   ("name(self, kind: str", "__call__(self, *rest, kind",
                                    "kind, rest"),
                                   ("name(self, kind: str", "__init__(self, kind", "kind"),
                                   ("self, kind: str", "self, *, kind", "kind"),
                                   ("kind: str = \"\"", "**kinds", "kinds")]:
                with self.subTest(file=file, new=new, bare=bare):
                    self.write(file, PYTHON.replace(old, new))
                    called = re.search(r"def (\w+)", PYTHON.replace(old, new)).group(1)
                    self.assert_fails("documented", f"{file}:9: Label.{called} has no type hint "
                                                    f"for {bare}")
            self.write(file, PYTHON.replace("name(self, kind: str = \"\") -> str",
                                            "__init__(self, kind: str)"))
            self.assert_passes("documented")
            os.remove(os.path.join(self.root, file))

    def test_properties_that_their_class_documents_have_type_hints(self):
        text = PYTHON.replace("A label.", "A label of a name.").replace(
            '        """Its name."""', "        pass").replace(
            "    def name(self, kind: str = \"\")", "    @property\n    def name(self)")
        self.write("python/steelyard/labels.py", text)
        self.assert_passes("documented")
        self.write("python/steelyard/labels.py", text.replace(" -> str", ""))
        self.assert_fails("documented", "python/steelyard/labels.py:10: Label.name has no type "
                                        "hint for its result")

    def test_private_python_may_go_without(self):
        text = PYTHON.replace('"""A label."""', "pass").replace('"Label"', "").replace(
            " -> str", "")
        self.write("python/steelyard/_labels.py", text)
        self.assert_passes("documented")


class SizesTest(CheckTest):
    def body(self, lines):
        return "int f(void) {\n" + "  f();\n" * (lines - 3) + "  return 0;\n}\n"

    def test_limits_are_inclusive(self):
        self.write("src/labels/a.c", self.body(100))
        self.write("src/labels/b.c", "//\n" * 499 + "/*" + "x" * 96 + "*/\n")
        self.assert_passes("sizes")

    def test_a_long_function(self):
        self.write("src/labels/a.c", self.body(101))
        self.assert_fails("sizes", "src/labels/a.c:1: f has 101 lines")

    def test_a_long_python_function(self):
        for name, start in [("a.py", "def f(a,\n      b):\n"), ("a.pyx", "cdef int f(int a,\n"
                            "           int b):\n"), ("a.pxd", "def f(\n    a,\n):\n")]:
            rest = 100 - start.count("\n")
            with self.subTest(file=name):
                self.write(f"python/{name}", start + "    a += 1\n" * rest + "\n\nb = 1\n")
                self.assert_passes("sizes")
                self.write(f"python/{name}", start + "    a += 1\n" * (rest + 1))
                self.assert_fails("sizes", f"python/{name}:1: f has 101 lines")
                os.remove(os.path.join(self.root, f"python/{name}"))

    def test_a_long_file(self):
        self.write("cli/a.c", "//\n" * 501)
        self.assert_fails("sizes", "cli/a.c:500: 501 lines")

    def test_a_file_of_tests_is_no_exception(self):
        self.write("tests/unit/a.c", "//\n" * 500)
        self.assert_passes("sizes")
        self.write("tests/unit/a.c", "//\n" * 501)
        self.assert_fails("sizes", "tests/unit/a.c:500: 501 lines")

    def test_a_long_line(self):
        self.write("scripts/a.py", "#" * 101 + "\n")
        self.assert_fails("sizes", "scripts/a.py:1: 101 columns")


class TextTest(CheckTest):
    def test_a_tree_in_order_passes(self):
        self.write("a.sh", 'ls "$ROOT/folder/x" ./home/y\n')
        self.assert_passes("text")

    def test_work_left_for_later(self):
        self.write("docs/a.md", "fine\nTO" + "DO: the rest\n")
        self.assert_fails("text", "docs/a.md:2: TO" + "DO: ")

    def test_a_path_of_one_machine(self):
        self.write("docs/a.md", "see /ho" + "me/someone/x\n")
        self.assert_fails("text", "docs/a.md:1: /ho" + "me/s: ")


@unittest.skipUnless(shutil.which("cc"), "needs a C compiler")
class SymbolsTest(CheckTest):
    def build(self, *functions, library="library.so"):
        source = "".join(f"int {name}(void) {{ return 1; }}\n" for name in functions)
        self.write("library.c", source)
        self.library = os.path.join(self.root, library)
        subprocess.run(["cc", "-shared", "-fPIC", "-o", self.library,
                        os.path.join(self.root, "library.c")], check=True)

    def symbols(self, *arguments):
        return self.check("symbols", self.library, "--root", self.root, *arguments)

    def test_an_update_then_passes(self):
        self.build("sy_label_find")
        self.write("tests/symbols.txt", "")
        self.assertEqual(self.symbols().returncode, 1)
        self.assertEqual(self.symbols("--update").returncode, 0)
        self.assertEqual(self.symbols().returncode, 0)

    def test_an_undeclared_export(self):
        self.build("sy_label_find", "helper")
        self.write("tests/symbols.txt", "")
        result = self.symbols("--update")
        self.assertEqual(result.returncode, 1)
        self.assertIn("exports helper, which no public header declares", result.stdout)

    def test_a_declared_function_that_is_not_there(self):
        self.build("sy_other")
        result = self.symbols()
        self.assertEqual(result.returncode, 1)
        self.assertIn("include/steelyard/labels.h:21: sy_label_find is declared", result.stdout)

    def test_a_part_has_a_record_of_its_own(self):
        self.build("sy_label_find", library="libsteelyard-score.so")
        self.write("tests/symbols.txt", "sy_label_find\nsy_label_add\n")
        self.write("tests/symbols-score.txt", "sy_label_find\nsy_label_add\n")
        self.assertIn("symbols-score.txt: names sy_label_add", self.symbols().stdout)
        self.assertEqual(self.symbols("--update").returncode, 0)
        self.write("include/steelyard/labels.h", HEADER.replace(
            "/** Called with", "/** Adds. */\nSY_API int sy_label_add(int id);\n\n/** Called with"))
        self.assertEqual(self.symbols().returncode, 0)

    def archive(self, *objects):
        """Objects of local functions with the names given for each."""
        self.library = os.path.join(self.root, "library.a")
        for place, names in objects:
            self.write(place + ".c", "".join(
                f'static int f{i}(void) __asm__("{name}") __attribute__((used));\n'
                f"static int f{i}(void) {{ return 1; }}\n" for i, name in enumerate(names)))
            subprocess.run(["cc", "-c", place + ".c"], check=True, cwd=self.root)
            subprocess.run(["ar", "qc", self.library, place + ".o"], check=True, cwd=self.root)

    def test_two_resolvers_of_one_name(self):
        self.archive(("one", ["many.resolver", "few.resolver"]), ("two", ["many.resolver"]))
        result = self.symbols()
        self.assertEqual(result.returncode, 1)
        self.assertIn("many.resolver: in one.o, two.o; ", result.stdout)
        self.assertNotIn("few", result.stdout)

    def test_local_functions_of_one_name_may_be(self):
        self.archive(("one", ["one.resolver", "help"]), ("two", ["two.resolver", "help"]))
        self.assertEqual(self.symbols().returncode, 0)


if __name__ == "__main__":
    unittest.main()
