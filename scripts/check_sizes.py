#!/usr/bin/env python3
"""Keeps things small enough to read: functions, files and lines.

Usage: check_sizes.py [ROOT]
Functions are measured by Universal Ctags, C files and Python files by their lines.
"""

import re
import subprocess
import sys

import house

FUNCTION_LINES = 100
FILE_LINES = 500
COLUMNS = 100


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


def main():
    root, problems = house.root_folder(), []
    paths = [path for path in house.all_files(root) if path.endswith((".c", ".h", ".py"))]
    for path in paths:
        lines = house.read(root, path).splitlines()
        if len(lines) > FILE_LINES:
            problems.append(f"{path}:{FILE_LINES}: {len(lines)} lines, {FILE_LINES} at most")
        problems += [
            f"{path}:{number}: {len(line)} columns, {COLUMNS} at most"
            for number, line in enumerate(lines, 1)
            if len(line) > COLUMNS
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
