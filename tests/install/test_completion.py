"""Completion, in a real bash: the installed script is sourced and its function called."""

import os
import tempfile
import unittest

import installation
from installation import commands, installed, options, run

# As readline calls it: $2 is the word to complete, COMP_WORDS is apart at '=' and ':' as well.
CALL = """
set -u
source "$1"
shift
word=$1
shift
COMP_WORDS=("$@")
COMP_CWORD=$(($# - 1))
_steelyard steelyard "$word" "${COMP_WORDS[COMP_CWORD - 1]}"
printf '%s\\n' "${COMPREPLY[@]}"
"""


class CompletionTest(unittest.TestCase):
    def offered(self, *typed, word=None, folder=None):
        """What is offered for the last of the words typed."""
        word = typed[-1] if word is None else word
        told = run(["bash", "--norc", "-c", CALL, "bash", installed().completion, word,
                    "steelyard", *typed], cwd=folder)
        return [line for line in told.splitlines() if line]

    def test_is_registered(self):
        told = run(["bash", "--norc", "-c", 'source "$1"; complete -p steelyard', "bash",
                    installed().completion])
        self.assertEqual(told, "complete -o default -F _steelyard steelyard\n")

    def test_commands(self):
        self.assertEqual(self.offered(""),
                         [*commands(), "--help", "--version", "--man", "--completion"])
        self.assertEqual(self.offered("e"), ["evaluate"])
        self.assertEqual(self.offered("--man", "f"), ["fit"])
        self.assertEqual(self.offered("--completion", ""), ["bash"])

    def test_every_option(self):
        for command in commands():
            self.assertEqual(sorted(self.offered(command, "x.csv", "-")),
                             sorted(options(command)), command)
        self.assertEqual(self.offered("fit", "x.csv", "--class-"), ["--class-weight"])
        self.assertEqual(self.offered("inspect", "--class-"), [])

    def test_values(self):
        self.assertEqual(self.offered("fit", "--header", ""), ["auto", "yes", "no"])
        self.assertEqual(self.offered("fit", "--header", "=", "y"), ["yes"])
        self.assertEqual(self.offered("fit", "--header", "=", word=""), ["auto", "yes", "no"])
        self.assertEqual(self.offered("weights", "--class-weight", "pow"), ["power:"])
        self.assertEqual(self.offered("weights", "--class-weight", "power", ":", word=""), [])
        self.assertEqual(self.offered("fit", "--test", "n"), ["none"])

    def test_names_of_files(self):
        """Nothing is offered, so that bash offers files; but after @ the function must."""
        with tempfile.TemporaryDirectory(dir=installation.scratch()) as folder:
            for name in ("a.csv", "an other.csv", "b.csv"):
                open(os.path.join(folder, name), "w", encoding="utf-8").close()
            os.mkdir(os.path.join(folder, "c"))
            for typed in (["fit", "a"], ["fit", "-o", "a"], ["fit", "--json", "a"],
                          ["predict", "m.onnx", "a"], ["fit", "--test", "a"]):
                self.assertEqual(self.offered(*typed, folder=folder), [], typed)
            for option in ("--cost", "--classes", "--class-weight"):
                files = self.offered("fit", option, "@", "a", word="@a", folder=folder)
                self.assertEqual(sorted(files), ["@a.csv", "@an\\ other.csv"])
            self.assertEqual(self.offered("fit", "--cost", "@", word="@c", folder=folder), ["@c/"])

    def test_values_are_taken(self):
        """Each word offered for an option is one that the program takes."""
        with tempfile.TemporaryDirectory(dir=installation.scratch()) as folder:
            with open(os.path.join(folder, "t.csv"), "w", encoding="utf-8") as file:
                file.write("x,y\n1,0\n2,0\n3,1\n4,1\n1,0\n2,0\n3,1\n4,1\n")
            tried = 0
            told = run([installed().program, "fit", "--help"])
            networks = told.split("Networks: --model mlp\n")[1].split("\n\n")[0]
            networks += told.split("Networks and boosted trees\n")[1].split("\n\n")[0]
            trees = told.split("Boosted trees: --model boosted\n")[1].split("\n\n")[0]
            for option, argument in options("fit").items():
                # After an option that takes no value come other options, or names of files.
                for word in self.offered("fit", option, "") if argument else []:
                    if word == "pos":  # of several labels a row, which fit does not learn
                        continue
                    value = word + {"cv:": "2", "power:": "0.5", "smoothing:": "0.1"}.get(word, "")
                    beside = {"cost": ["--cost", "0:1=5"],
                              "cost-expected": ["--cost", "0:1=5"],
                              "cost-argmax": ["--cost", "0:1=5"],
                              "by-prediction": ["--class-weight", "balanced"],
                              "refit": ["--class-weight", "balanced"]}.get(word, [])
                    if f"  {option} " in networks:
                        beside = [*beside, "--model", "mlp", "--epochs", "2"]
                    if f"  {option} " in trees:
                        beside = [*beside, "--model", "boosted", "--rounds", "2"]
                    run([installed().program, "fit", "t.csv", "--label", "2", "-o", "m.onnx",
                         option, value, *beside], cwd=folder)
                    tried += 1
            self.assertGreater(tried, 40)
