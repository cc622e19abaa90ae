"""Manual pages: one a command, without a warning of groff, with all that --help tells."""

import os
import re
import shutil
import unittest

import installation
from installation import commands, installed, options, run


def groff(page, *arguments):
    """What groff makes of a page, warnings among it."""
    return run(["groff", "-man", "-Tutf8", "-P-cbou", "-ww", *arguments, page])


def words(text):
    """A text with all runs of blanks made one."""
    return " ".join(text.split())


class ManualTest(unittest.TestCase):
    def pages(self):
        if not shutil.which("groff"):
            self.skipTest("there is no groff")
        return {name: os.path.join(installed().manual, f"{name}.1")
                for name in ["steelyard", *(f"steelyard-{name}" for name in commands())]}

    def test_one_page_a_command(self):
        self.assertGreaterEqual(len(commands()), 5)
        self.assertEqual(sorted(os.listdir(installed().manual)),
                         sorted(os.path.basename(page) for page in self.pages().values()))

    def test_no_warnings(self):
        for name, page in self.pages().items():
            with self.subTest(page=name):
                self.assertEqual(groff(page, "-z"), "")
                with open(page, "rb") as file:
                    self.assertTrue(file.read().isascii())

    def test_sections(self):
        for name, page in self.pages().items():
            headings = re.findall(r"^[A-Z].*$", groff(page), re.M)
            for heading in ("NAME", "SYNOPSIS", "DESCRIPTION", "OPTIONS", "EXIT STATUS",
                            "EXAMPLES", "SEE ALSO"):
                self.assertIn(heading, headings, name)
            self.assertTrue(headings[0].startswith(name.upper() + "(1)"), headings[0])

    def test_every_option(self):
        for command in commands():
            page = groff(self.pages()[f"steelyard-{command}"])
            page = re.search(r"^OPTIONS$(.*?)^[A-Z]", page, re.M | re.S).group(1)
            terms = {words(line.split("   ")[0])
                     for line in re.findall(r"^ {7}(-.*)$", page, re.M)}
            told = {part for term in terms for part in re.split(r",? ", term)
                    if part.startswith("-")}
            self.assertEqual({name.partition("[")[0] for name in told}, set(options(command)),
                             command)

    def test_as_help_says(self):
        """Every word of --help's lines of options stands in the page, in its order."""
        for command in commands():
            page = words(groff(self.pages()[f"steelyard-{command}"]))
            told = run([installed().program, command, "--help"])
            lines = told.split("\nSOURCE is")[0].split("\nExample:")[0].split("\n\n", 1)[1]
            for entry in re.split(r"\n(?=  -|\S)", lines):
                self.assertIn(words(entry), page, command)

    def test_can_be_copied(self):
        """Dashes, quotes, carets and backslashes come out as they are typed, on any system."""
        page = groff(self.pages()["steelyard-fit"])
        self.assertIn("--cost 'yes:no=20' -o fraud.onnx", page)
        self.assertIn("^0.5", page)
        self.assertIn("'some=Minor,Medium' \\\n", page)
        self.assertFalse(set(page) & set("‐−–’‘“”ˆ˜"), page)
        with open(self.pages()["steelyard-fit"], encoding="utf-8") as file:
            self.assertEqual(re.findall(r"(?<!\\)-|'", file.read()), [])

    def test_installed_is_printed(self):
        for command in commands():
            with open(self.pages()[f"steelyard-{command}"], encoding="utf-8") as file:
                self.assertEqual(run([installed().program, "--man", command]), file.read())
