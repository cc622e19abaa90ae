#!/usr/bin/env python3
"""Keeps things small enough to read: functions, files and lines.

Usage: check_sizes.py [ROOT]
C functions are measured by Universal Ctags, those of Python and Cython by their indentation,
files by their lines.
"""

import re
import subprocess
import sys

import house

FUNCTION_LINES = 100
FILE_LINES = 500
COLUMNS = 100

PYTHON_FUNCTION = re.compile(
    r"^(\s*)(?:async\s+def|def|cpdef|cdef(?!\s+(?:class|extern|struct|enum)))\b[^=(]*?(\w+)\(")


def long_functions(root, paths):
    """(path, line, name, lines) of the functions that are too long; how many there are in all."""
    command = ["ctags", "--languages=C", "--langmap=C:.c.h", "--kinds-C=f", "--fields=+ne",
               "--sort=no", "-f", "-", "-L", "-"]
    result = subprocess.run(command, cwd=root, input="\n".join(paths), text=True,
                            capture_output=True, check=True)
    found, count = [], 0
    for tag in result.stdout.splitlines():
        name, path = tag.split("\t")[:2]
        first = re.search(r"\tline:(\d+)", tag)
        last = re.search(r"\tend:(\d+)", tag)
        if name.startswith("!_") or not first or not last:
            continue
        count += 1
        lines = int(last.group(1)) - int(first.group(1)) + 1
        if lines > FUNCTION_LINES:
            found.append((path, int(first.group(1)), name, lines))
    return found, count


def python_functions(text):
    """(line, name, lines) of the functions and methods of Python or Cython text."""
    lines = text.splitlines()
    for first, line in enumerate(lines):
        match = PYTHON_FUNCTION.match(line)
        if not match:
            continue
        last = first
        for number in range(first + 1, len(lines)):
            bare = lines[number].strip()
            indent = len(lines[number]) - len(lines[number].lstrip())
            if bare and indent <= len(match.group(1)) and not bare.startswith(")"):
                break
            last = number if bare else last
        yield first + 1, match.group(2), last - first + 1


def main():
    root, problems = house.root_folder(), []
    paths = [path for path in house.all_files(root)
             if path.endswith((".c", ".h", ".py", ".pyx", ".pxd"))]
    for path in paths:
        lines = house.read(root, path).splitlines()
        if len(lines) > FILE_LINES:
            problems.append(f"{path}:{FILE_LINES}: {len(lines)} lines, {FILE_LINES} at most")
        problems += [
            f"{path}:{number}: {len(line)} columns, {COLUMNS} at most"
            for number, line in enumerate(lines, 1)
            if len(line) > COLUMNS
        ]
        if not path.endswith((".c", ".h")):
            problems += [
                f"{path}:{line}: {name} has {length} lines, {FUNCTION_LINES} at most"
                for line, name, length in python_functions(house.read(root, path))
                if length > FUNCTION_LINES
            ]
    sources = [path for path in paths if path.endswith((".c", ".h"))]
    try:
        found, _ = long_functions(root, sources)
    except FileNotFoundError:
        sys.exit("sizes: no ctags: install Universal Ctags (scripts/setup.sh does)")
    problems += [
        f"{path}:{line}: {name} has {lines} lines, {FUNCTION_LINES} at most"
        for path, line, name, lines in found
    ]
    house.finish("sizes", problems, len(paths))


if __name__ == "__main__":
    main()
