"""Runs a program and tells how long it took and how much memory: launch.py RESULT COMMAND...

A process of its own, which imports next to nothing: Linux counts what the starting process holds
towards the peak of the one it starts.
"""

import os
import sys
import time

begin = time.perf_counter()
child = os.fork()
if not child:
    os.execvp(sys.argv[2], sys.argv[2:])
_, status, used = os.wait4(child, 0)
seconds = time.perf_counter() - begin
with open(sys.argv[1], "w", encoding="ascii") as result:
    print(os.waitstatus_to_exitcode(status), seconds, used.ru_maxrss * 1024, file=result)
