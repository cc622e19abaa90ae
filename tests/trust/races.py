#!/usr/bin/env python3
"""The thread sanitizer sees a race between our blocks, and none where there is none.

Usage: races.py [--build FOLDER]

Without this, a run of all tests that reports nothing would say nothing. FOLDER was built by
clang with STEELYARD_SANITIZE_THREADS (preset tsan).
"""

import os
import shutil
import subprocess
import sys

import harness

SEEN = 66  # the sanitizer's exit code


def main():
    options = harness.parser(__doc__)
    options.add_argument("--build", default=os.path.join(harness.REPOSITORY, "build-tsan"))
    settings = options.parse_args()
    settings.binary = sys.executable  # none of ours is run
    trust = harness.Trust(settings)
    if not shutil.which("clang-14"):
        trust.skip("races", "there is no clang-14")
        trust.end()
    program = os.path.join(trust.scratch, "race")
    subprocess.run(
        ["clang-14", "-std=c17", "-g", "-O1", "-fsanitize=thread", "-fopenmp=libomp",
         "-I" + os.path.join(harness.REPOSITORY, "include"),
         "-I" + os.path.join(harness.REPOSITORY, "src"), "-o", program,
         os.path.join(harness.HERE, "race.c"), os.path.join(settings.build, "libsteelyard.a"),
         "-Wl,-rpath,/usr/lib/llvm-14/lib", "-lprotobuf-c", "-llapacke", "-lblas", "-lm"],
        check=True)
    environment = trust.environment(TSAN_OPTIONS="ignore_noninstrumented_modules=1")
    for name, words, code in (("a race is seen", ["race"], SEEN), ("no race is seen", [], 0)):
        ended = subprocess.run([program, *words], env=environment, capture_output=True,
                               text=True, check=False)
        problems = [] if ended.returncode == code else [f"exit {ended.returncode}: {ended.stderr}"]
        trust.check(name, problems)
    trust.end()


if __name__ == "__main__":
    main()
