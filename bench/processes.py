"""Whole processes, started as a user would: how long they take and how much memory."""

import os
import subprocess
import sys
import tempfile

from contender import Failed

LAUNCH = os.path.join(os.path.dirname(os.path.abspath(__file__)), "launch.py")


def run(command):
    """Runs a program to its end: {"seconds", "memory" (bytes at the peak), "output"}. Failed where
    it fails."""
    with tempfile.NamedTemporaryFile("r") as result:
        done = subprocess.run([sys.executable, "-S", LAUNCH, result.name, *command], text=True,
                              capture_output=True, stdin=subprocess.DEVNULL, check=False)
        told = result.read().split()
    if not told or told[0] != "0":
        lines = done.stderr.strip().splitlines()
        raise Failed(lines[-1] if lines else f"ended with status {told[0] if told else '?'}")
    return {"seconds": float(told[1]), "memory": int(told[2]), "output": done.stdout}
