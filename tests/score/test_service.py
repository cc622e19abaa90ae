#!/usr/bin/env python3
"""examples/service.c as a service would run it, and what libsteelyard-score needs to be loaded.

Usage: test_service.py SERVICE LIBRARY
"""

import os
import re
import subprocess
import sys
import unittest

TESTS = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
MODEL = os.path.join(TESTS, "golden", "model_v1.onnx")

# logit = -0.75 + 1.5 (x - 1) / sqrt(8/3) - 0.25 [x missing] + 0.125 [a] + 2 [Köln] + 0.5 [no label]
# - ln 2.5, and damage is said from a probability of 1/6 on.
ANSWERS = """damage None=0.417338 damage=0.582662
None None=0.857085 damage=0.142915
None None=0.992159 damage=0.007841
damage None=0.804756 damage=0.195244
None None=0.841081 damage=0.158919
"""


def serve(requests, model=MODEL):
    """What the example answers to lines of requests: (exit code, stdout, stderr)."""
    came = subprocess.run([SERVICE, model], input=requests, capture_output=True, text=True,
                          check=False, timeout=60)
    return came.returncode, came.stdout, came.stderr


class Service(unittest.TestCase):
    def test_answers(self):
        requests = "x=1\tlabel=Köln\nlabel=a\nx=-3\n\nx=1\tlabel=unheard of\n"
        self.assertEqual(serve(requests), (0, ANSWERS, ""))

    def test_wrong_requests_are_told_and_the_next_one_is_served(self):
        requests = "speed=1\nx=fast\nx\nx=1\tlabel=Köln\n"
        answers = ("error: the model uses no column 'speed'\n"
                   "error: this is no number for column 'x'\n"
                   "error: there is no '=' in 'x'\n") + ANSWERS.splitlines(keepends=True)[0]
        self.assertEqual(serve(requests), (0, answers, ""))

    def test_a_file_that_is_no_model(self):
        code, out, err = serve("x=1\n", model=os.path.abspath(__file__))
        self.assertEqual((code, out), (1, ""))
        self.assertRegex(err, r"^service: .*test_service\.py is no ONNX file\n$")


class Library(unittest.TestCase):
    def test_needs_libc_libm_and_protobuf_c_alone(self):
        dynamic = subprocess.run(["readelf", "--dynamic", "--wide", LIBRARY], check=True,
                                 capture_output=True, text=True).stdout
        needed = set(re.findall(r"\(NEEDED\).*\[(.+?)\.so", dynamic))
        # The loader is a part of glibc's; a build with sanitizers needs theirs.
        besides = {name for name in needed if re.match(r"ld-linux|lib[atu]b?san$", name)}
        self.assertEqual(needed - besides, {"libc", "libm", "libprotobuf-c"})
        self.assertRegex(dynamic, r"\(SONAME\).*\[libsteelyard-score\.so\.\d+\]")


if __name__ == "__main__":
    SERVICE, LIBRARY = sys.argv[1:3]
    unittest.main(argv=sys.argv[:1])
