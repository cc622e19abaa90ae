"""Whole processes, started as a user would: how long they take and how much memory."""

import os
import subprocess
import tempfile
import time

from contender import Failed


def run(command):
    """Runs a program to its end: {"seconds", "memory" (bytes at the peak), "output"}. Failed where
    it fails."""
    with tempfile.TemporaryFile("w+") as output, tempfile.TemporaryFile("w+") as errors:
        begin = time.perf_counter()
        process = subprocess.Popen(command, stdout=output, stderr=errors,
                                   stdin=subprocess.DEVNULL)
        _, status, used = os.wait4(process.pid, 0)
        seconds = time.perf_counter() - begin
        process.returncode = os.waitstatus_to_exitcode(status)
        output.seek(0)
        errors.seek(0)
        if process.returncode:
            lines = errors.read().strip().splitlines()
            raise Failed(lines[-1] if lines else f"ended with status {process.returncode}")
        return {"seconds": seconds, "memory": used.ru_maxrss * 1024, "output": output.read()}
