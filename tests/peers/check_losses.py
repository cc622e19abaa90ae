#!/usr/bin/env python3
"""Our losses must be those of PyTorch and Keras, and docs/losses.md must be right about them.

Usage: check_losses.py UNIT_LOSS_GOLDEN
Random losses, other ones with each run, are put to the test program that checks the golden files:
value, gradient, losses, in float64 and float32. Then come the claims of docs/losses.md about what
other systems do. The last line is "losses: N passed, N failed".
"""

import os
import random
import subprocess
import sys
import tempfile

import loss_claims

HERE = os.path.dirname(os.path.abspath(__file__))
N_CASES = 1000


def random_losses_problem(program):
    """What differs in random losses, or None."""
    seed = random.randrange(1000000)
    command = [sys.executable, os.path.join(HERE, "random_losses.py"), str(seed), str(N_CASES)]
    print("random losses:", *map(os.path.basename, command[1:]))
    made = subprocess.run(command, capture_output=True, text=True, check=False)
    if made.returncode:
        return made.stderr
    with tempfile.TemporaryDirectory() as scratch:
        path = os.path.join(scratch, "losses.txt")
        with open(path, "w", encoding="utf-8") as file:
            file.write(made.stdout)
        came = subprocess.run([program, path], capture_output=True, text=True, check=False)
    return came.stdout + came.stderr if came.returncode else None


def claim_problem(claim):
    try:
        claim()
    except AssertionError as failure:
        return str(failure) or "it does not hold"
    return None


def main():
    problems = {"random losses": random_losses_problem(os.path.abspath(sys.argv[1]))}
    problems.update((claim.__doc__, claim_problem(claim)) for claim in loss_claims.CLAIMS)
    for name, problem in problems.items():
        print(f"{name}: {f'FAILED {problem}' if problem else 'so it is'}")
    failed = sum(problem is not None for problem in problems.values())
    print(f"losses: {len(problems) - failed} passed, {failed} failed")
    sys.exit(1 if failed else 0)


main()
