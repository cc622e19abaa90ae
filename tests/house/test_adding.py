"""Holds docs/adding.md to its word: a copy of the sources gets what the page says, nothing else."""

import glob
import os
import re
import shutil
import subprocess
import tempfile
import unittest

REPOSITORY = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

# Uses the new policy as any program would.
POLICY_PROGRAM = """
#include <stdio.h>
#include <steelyard/weights.h>

int main(void) {
  const char *classes[] = {"a", "b", "c"};
  const double counts[] = {10, 30, 0};
  double weights[3];
  sy_error error = {0};
  sy_policy *policy = NULL;
  if (sy_policy_parse("surprisal:2", &policy, &error) != SY_OK) puts(error.text);
  if (sy_policy_parse("surprisl", &policy, &error) != SY_OK) puts(error.text);
  if (sy_policy_parse("surprisal", &policy, &error) != SY_OK) return 1;
  if (sy_class_weights(policy, SY_NORMALIZE_NONE, classes, counts, 3, weights, &error) != SY_OK)
    return 1;
  for (size_t i = 0; sy_policy_listed(i); i++) printf("%s ", sy_policy_listed(i));
  printf("%.4f %.4f %.4f\\n", weights[0], weights[1], weights[2]);
  sy_policy_free(policy);
  return 0;
}
"""

# Writes and reads class weights in the new dialect.
DIALECT_PROGRAM = """
#include <stdio.h>
#include <stdlib.h>
#include <steelyard/dialect.h>

int main(void) {
  const char *classes[] = {"a", "b"}, *dialect;
  char *text;
  sy_policy *policy;
  const double weights[] = {1, 5};
  if (sy_dialect_write("ranger", classes, weights, 2, &text, NULL) != SY_OK) return 1;
  if (sy_dialect_read(text, &policy, &dialect, NULL) != SY_OK || !policy) return 1;
  printf("%s%s %s\\n", text, dialect, sy_policy_text(policy));
  sy_policy_free(policy);
  free(text);
  return 0;
}
"""

# Has the loss of a row bent by the new part, with its gradient and its Hessian; and two errors.
LOSS_PROGRAM = """
#include <math.h>
#include <stdio.h>
#include <steelyard/loss.h>

int main(void) {
  sy_error error = {0};
  sy_loss_options options = sy_loss_options_default(2);
  sy_loss *loss;
  options.parts = "poly1:epsilon=-2";
  if (sy_loss_new(&options, &loss, &error) != SY_OK) puts(error.text);
  options.parts = "focal + poly1";
  if (sy_loss_new(&options, &loss, &error) != SY_OK) puts(error.text);
  options.parts = "logit-adjustment + poly1:epsilon=3";
  options.counts = (const double[]){3, 1};
  if (sy_loss_new(&options, &loss, &error) != SY_OK) return 1;
  const size_t shape[] = {1, 2};
  const double logits[] = {0, 0};
  double gradient[2], hessian[2];
  const int32_t label = 1;
  sy_loss_batch batch = {.logits = sy_array_of(logits, SY_F64, 2, shape), .class_axis = 1};
  batch.labels.values = sy_array_of(&label, SY_I32, 1, shape);
  sy_loss_result result = {.gradient = gradient, .hessian = hessian};
  if (sy_loss_evaluate(loss, &batch, &result, &error) != SY_OK) return 1;
  printf("%.6f %.6f %.6f\\n", result.value - log(4), gradient[1], hessian[1]);
  for (size_t i = 0; sy_loss_part_form(i); i++) printf("%s ", sy_loss_part_form(i));
  sy_loss_free(loss);
  return 0;
}
"""

# Has decisions judged by the new objective.
OBJECTIVE_PROGRAM = """
#include <stdio.h>
#include <steelyard/evaluate.h>

int main(void) {
  sy_error error = {0};
  sy_objective objective;
  const double confusion[] = {4, 1, 2, 3};
  if (sy_objective_parse("jaccard:2", &objective, &error) != SY_OK) puts(error.text);
  if (sy_objective_parse("jacard", &objective, &error) != SY_OK) puts(error.text);
  if (sy_objective_parse("jaccard", &objective, &error) != SY_OK) return 1;
  for (size_t i = 0; sy_objective_form(i); i++) printf("%s ", sy_objective_form(i));
  printf("%g\\n", sy_objective_value(&objective, confusion, 2, 1, 0));
  return 0;
}
"""


def section(name):
    """The text of docs/adding.md under a heading of the second level."""
    with open(os.path.join(REPOSITORY, "docs", "adding.md"), encoding="utf-8") as file:
        return re.search(rf"^## {name}\n(.*?)(?=^## |\Z)", file.read(), re.S | re.M).group(1)


def code_blocks(text):
    """Its blocks of C, without the indentation of a list around them."""
    blocks = re.findall(r"^( *)```c\n(.*?)^ *```$", text, re.S | re.M)
    return [re.sub(rf"^{indent}", "", block, flags=re.M) for indent, block in blocks]


class AddingTest(unittest.TestCase):
    def setUp(self):
        scratch = tempfile.TemporaryDirectory()
        self.addCleanup(scratch.cleanup)
        self.root = scratch.name
        for folder in ("include", "src"):
            shutil.copytree(os.path.join(REPOSITORY, folder), os.path.join(self.root, folder))

    def write(self, path, text):
        with open(os.path.join(self.root, path), "w", encoding="utf-8") as file:
            file.write(text)

    def add_line(self, path, table, line):
        """Puts a line at the head of a table, where continuation lines follow."""
        with open(os.path.join(self.root, path), encoding="utf-8") as file:
            text = file.read()
        head = re.search(rf"#define {table}\(X\) *\\\n", text)
        self.assertIsNotNone(head, f"{path} has no table {table}")
        rest = text[head.end():]
        # Behind the first line of the table, so that `none` stays the first policy.
        first, rest = rest.split("\n", 1)
        self.write(path, f"{text[:head.end()]}{first}\n{line.rstrip()} \\\n{rest}")

    def run_program(self, program, rooms):
        self.write("program.c", program)
        sources = [s for room in rooms for s in glob.glob(f"{self.root}/src/{room}/*.c")]
        binary = os.path.join(self.root, "program")
        command = [os.environ.get("CC", "cc"), "-std=c17", "-Wall", "-Wextra", "-Werror",
                   "-ffp-contract=off", f"-I{self.root}/include", f"-I{self.root}/src",
                   os.path.join(self.root, "program.c"), *sources, "-o", binary, "-lm", "-lpthread"]
        built = subprocess.run(command, capture_output=True, text=True, check=False)
        self.assertEqual(built.returncode, 0, built.stderr)
        return subprocess.run([binary], capture_output=True, text=True, check=True).stdout

    def test_adding_a_policy(self):
        file, line = code_blocks(section("Adding a policy"))
        self.write("src/weights/policy_surprisal.c", file)
        self.add_line("src/weights/policies.h", "SY_POLICY_TABLE", line)
        parameter, unknown, weights = self.run_program(
            POLICY_PROGRAM, ("base", "labels", "weights")).splitlines()
        self.assertIn("'surprisal' takes no parameter", parameter)
        self.assertIn("did you mean 'surprisal'?", unknown)
        self.assertEqual(weights, "none surprisal balanced inverse max-ratio median sqrt log "
                                  "log:auto effective effective:auto enet cost pos "
                                  "2.3863 1.2877 1.0000")

    def test_adding_a_dialect(self):
        file, line = code_blocks(section("Adding a dialect"))
        self.write("src/dialect/ranger.c", file)
        self.add_line("src/dialect/dialects.h", "SY_DIALECT_TABLE", line)
        printed = self.run_program(DIALECT_PROGRAM, ("base", "labels", "weights", "dialect"))
        self.assertEqual(printed, "# levels: 1 = 'a', 2 = 'b'\nclass.weights=c(1.0, 5.0)\n"
                                  "ranger [1,5]\n")

    def test_adding_a_loss_part(self):
        file, line = code_blocks(section("Adding a loss part"))
        self.write("src/loss/part_poly1.c", file)
        self.add_line("src/loss/parts.h", "SY_LOSS_PART_TABLE", line)
        refused, twice_bent, numbers, forms = self.run_program(
            LOSS_PROGRAM, ("base", "labels", "weights", "loss")).splitlines()
        self.assertIn("epsilon '-2' of loss part 'poly1'", refused)
        self.assertIn("'focal' and 'poly1' do not go together", twice_bent)
        # p = 1/4: 3 (1 - p); (-1 - 3 p) (1 - p); -3 p (1 - p)^2 + (1 + 3 p) p (1 - p)
        self.assertEqual(numbers, "2.250000 -1.312500 -0.093750")
        self.assertEqual(forms, "focal[:gamma=2] poly1[:epsilon=1] logit-adjustment[:tau=1] "
                                "ldam[:margin=0.5,scale=30] vs[:gamma=0.15,tau=1] ")

    def test_adding_an_objective(self):
        file, line = code_blocks(section("Adding an objective"))
        self.write("src/evaluate/objective_jaccard.c", file)
        self.add_line("src/evaluate/objectives.h", "SY_OBJECTIVE_TABLE", line)
        parameter, unknown, value = self.run_program(
            OBJECTIVE_PROGRAM, ("base", "labels", "weights", "decide", "evaluate")).splitlines()
        self.assertIn("'jaccard' takes no parameter", parameter)
        self.assertIn("did you mean 'jaccard'?", unknown)
        # Of 6 rows that are positive or flagged, 3 are both.
        self.assertEqual(value, "cost jaccard f1 fbeta:BETA balanced_accuracy accuracy mcc g_mean "
                                "youden precision recall macro_f1 weighted_f1 0.5")


if __name__ == "__main__":
    unittest.main()
