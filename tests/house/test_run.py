"""Tests of tests/cli/run.py: it must fail whatever is not as expected, and nothing else."""

import os
import subprocess
import sys
import tempfile
import unittest

REPOSITORY = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
RUNNER = os.path.join(REPOSITORY, "tests", "cli", "run.py")


class RunnerTest(unittest.TestCase):
    def setUp(self):
        self.scratch = tempfile.TemporaryDirectory()
        self.addCleanup(self.scratch.cleanup)
        self.write("program", "#!/bin/sh\necho \"read  0.0$1 s\"\necho told >&2\ntouch left\n")
        os.chmod(self.path("program"), 0o755)

    def path(self, *names):
        return os.path.join(self.scratch.name, *names)

    def write(self, name, text):
        os.makedirs(os.path.dirname(self.path(name)), exist_ok=True)
        with open(self.path(name), "w", encoding="utf-8") as file:
            file.write(text)

    def case(self, name="case", **files):
        for file, text in files.items():
            self.write(f"cases/{name}/{file}", text)

    def run_cases(self, *arguments, data="no-such-folder"):
        command = [sys.executable, RUNNER, "--binary", self.path("program"), "--cases",
                   self.path("cases"), "--data", self.path(data), *arguments]
        return subprocess.run(command, capture_output=True, text=True, check=False)

    def assert_ends(self, result, last_line, code):
        self.assertEqual(result.stdout.splitlines()[-1], last_line, result.stdout)
        self.assertEqual(result.returncode, code)

    def test_equal_text_passes(self):
        self.case(cmd='"$STEELYARD" 5', stdout="read  0.05 s\n", stderr="told\n")
        self.assert_ends(self.run_cases(), "cli: 1 passed, 0 failed, 0 skipped", 0)

    def test_wildcards(self):
        self.case(cmd='"$STEELYARD" 5; echo a; echo b; echo end', stderr="...\n",
                  stdout="read  <*> s\n...\nend\n")
        self.assert_ends(self.run_cases(), "cli: 1 passed, 0 failed, 0 skipped", 0)

    def test_a_dot_is_a_dot(self):
        self.case(cmd="echo 1x5", stdout="1.5\n")
        self.assert_ends(self.run_cases(), "cli: 0 passed, 1 failed, 0 skipped", 1)

    def test_other_text_fails_and_shows_it(self):
        self.case(cmd='"$STEELYARD" 5', stdout="read  0.06 s\n", stderr="told\n")
        result = self.run_cases()
        self.assert_ends(result, "cli: 0 passed, 1 failed, 0 skipped", 1)
        self.assertIn("-read  0.06 s", result.stdout)
        self.assertIn("+read  0.05 s", result.stdout)

    def test_unexpected_stderr_fails(self):
        self.case(cmd='"$STEELYARD" 5', stdout="read  0.05 s\n")
        self.assert_ends(self.run_cases(), "cli: 0 passed, 1 failed, 0 skipped", 1)

    def test_exit_code(self):
        self.case("right", cmd="exit 2", exit="2\n")
        self.case("wrong", cmd="exit 1", exit="2\n")
        self.assert_ends(self.run_cases(), "cli: 1 passed, 1 failed, 0 skipped", 1)

    def test_commands_stop_at_the_first_failure(self):
        self.case(cmd="false\necho on", exit="1\n")
        self.assert_ends(self.run_cases(), "cli: 1 passed, 0 failed, 0 skipped", 0)

    def test_absent_files(self):
        self.case("good", cmd=":", absent="left\n")
        self.case("bad", cmd='"$STEELYARD" 5 >/dev/null 2>&1', absent="le*\n")
        self.assert_ends(self.run_cases(), "cli: 1 passed, 1 failed, 0 skipped", 1)

    def test_cases_without_their_data_are_skipped(self):
        self.case(cmd='ls "$DATA"', stdout="one\n")
        self.assert_ends(self.run_cases(), "cli: 0 passed, 0 failed, 1 skipped", 0)
        self.write("data/one", "")
        self.assert_ends(self.run_cases(data="data"), "cli: 1 passed, 0 failed, 0 skipped", 0)

    def test_fixtures_lie_beside_the_cases(self):
        self.write("fixtures/one.csv", "a\n")
        self.case(cmd='cat "$FIXTURES/one.csv"', stdout="a\n")
        self.assert_ends(self.run_cases(), "cli: 1 passed, 0 failed, 0 skipped", 0)

    def test_update_keeps_wildcards(self):
        self.case(cmd='"$STEELYARD" 5; echo new; exit 3', stdout="read  <*> s\nold\n", exit="1\n")
        result = self.run_cases("--update", "case")
        self.assert_ends(result, "cli: 1 passed, 0 failed, 0 skipped", 0)
        with open(self.path("cases/case/stdout"), encoding="utf-8") as file:
            self.assertEqual(file.read(), "read  <*> s\nnew\n")
        self.assert_ends(self.run_cases(), "cli: 1 passed, 0 failed, 0 skipped", 0)

    def test_no_case_is_a_failure(self):
        self.assert_ends(self.run_cases("nothing"), "cli: 0 passed, 0 failed, 0 skipped", 1)


if __name__ == "__main__":
    unittest.main()
