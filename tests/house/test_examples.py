"""Programs in the documentation compile, without a warning, against the headers as they are."""

import pathlib
import re
import subprocess
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
BLOCK = re.compile(r"^```c\n(#include .*?)^```$", re.MULTILINE | re.DOTALL)


def programs():
    """(page, text) of every block of C that includes something."""
    pages = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
    return [(page.name, text) for page in pages
            for text in BLOCK.findall(page.read_text(encoding="utf-8"))]


class Examples(unittest.TestCase):
    def test_there_are_some(self):
        self.assertIn("labels.md", [page for page, _ in programs()])

    def test_programs_compile(self):
        for page, text in programs():
            with self.subTest(page=page):
                result = subprocess.run(
                    ["cc", "-std=c17", "-Wall", "-Wextra", "-Wconversion", "-Werror",
                     "-fsyntax-only", "-I", ROOT / "include", "-x", "c", "-"],
                    input=text, text=True, capture_output=True, check=False)
                self.assertEqual(result.returncode, 0, result.stderr)


if __name__ == "__main__":
    unittest.main()
