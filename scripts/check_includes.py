#!/usr/bin/env python3
"""Holds the dependency rule: who may include whom, and what the library must never call.

Usage: check_includes.py [ROOT]
The arrows are those of CONTRIBUTING.md; a room may include all it can reach along them.
"""

import os
import re

import house

# room -> the rooms it builds on
ARROWS = {
    "base": [],
    "store": ["base"],
    "labels": ["base"],
    "weights": ["labels"],
    "loss": ["weights"],
    "features": ["labels"],
    "model": ["loss"],
    "fit": ["model"],
    "decide": ["weights"],
    "evaluate": ["decide"],
    "classifier": ["features", "model", "decide"],
    "onnx": ["classifier", "store"],
    "study": ["fit", "evaluate", "classifier", "store"],
    "report": ["study"],
    "dialect": ["weights"],
}

# Headers of other projects, and the only places that may know them.
FOREIGN = {
    r"Random123/.*": ["src/base"],
    r"omp\.h": ["src/base", "src/fit"],
    r"cblas\.h|lapacke\.h": ["src/fit"],
    r"protobuf-c/.*|onnx\.pb-c\.h": ["src/onnx"],
    r"duckdb\.h": ["table"],
    r"jansson\.h": ["cli", "src/fit/boosted"],
    r"dlfcn\.h": ["src/fit/boosted", "src/fit/logistic"],
    r"xgboost/c_api\.h": ["src/fit/boosted"],
}

# ISO C17, and the POSIX headers in use.
SYSTEM = set(
    """assert complex ctype errno fenv float inttypes iso646 limits locale math setjmp signal
    stdalign stdarg stdatomic stdbool stddef stdint stdio stdlib stdnoreturn string strings tgmath
    threads time uchar wchar wctype
    dirent fcntl fnmatch getopt glob poll pthread regex sched termios unistd
    sys/ioctl sys/mman sys/resource sys/stat sys/time sys/types sys/wait""".split()
)

FORBIDDEN = [
    (r"(?:v?printf|puts|putchar|perror)\s*\(", "src/ never prints"),
    (r"(?:stdout|stderr)", "src/ never prints"),
    (r"(?:exit|_exit|_Exit|quick_exit|abort)\s*\(", "src/ never exits"),
    (r"assert\s*\(", "src/ never asserts: return a status"),
    (r"(?:strtod|strtof|atof|setlocale|sscanf)\s*\(", "depends on the locale: sy_number_parse"),
    (r"(?:malloc|calloc|realloc|aligned_alloc|strdup|strndup|asprintf)\s*\(",
     "allocate through base/memory.h"),
    (r"(?:fopen|freopen|tmpfile|mkstemp|opendir)\s*\(", "files are store/'s work"),
]

# Where the wrapped call itself lives.
EXCEPTIONS = {
    "src/base/": ["strtod"],
    "src/base/memory.": ["malloc", "calloc", "realloc", "aligned_alloc", "strdup", "strndup"],
    "src/store/": ["fopen", "freopen", "mkstemp", "opendir"],
}

INCLUDE = re.compile(r'^\s*#\s*include\s*([<"])([^>"]+)[>"]')
EXTERN = re.compile(r"""^\s*cdef\s+extern\s+from\s+['"]([^'"]+)['"]""")


def reachable(room):
    """The room itself and every room it may include."""
    rooms, waiting = set(), [room]
    while waiting:
        current = waiting.pop()
        if current not in rooms:
            rooms.add(current)
            waiting += ARROWS.get(current, [])
    return rooms


def room_of(header):
    """The room of a public header: study.h is of study, and so is study_monitor.h, a part of it."""
    stem = os.path.splitext(header)[0]
    return stem if stem in ARROWS else stem.split("_")[0]


def place_of(path):
    """Where a file lives: ("src", "labels"), ("public", "labels"), ("table", None), ..."""
    parts = path.split("/")
    if parts[0] == "src":
        return "src", parts[1]
    if parts[0] == "include":
        return "public", room_of(parts[-1])
    return parts[0], None


def public_problem(place, room, header):
    """Why <steelyard/header> may not be included there, or None."""
    target = room_of(header)
    if place in ("table", "cli") or room == "steelyard":
        return None
    if target not in ARROWS:
        return f"no room is called {target}; name the header of the room that is needed"
    if target not in reachable(room):
        return f"{room} may not include {target}: no arrow leads from {target} to {room}"
    return None


def private_problem(root, place, room, path, header):
    """Why "header" may not be included there, or None."""
    beside = os.path.join(root, os.path.dirname(path), header)
    if "/" not in header and os.path.exists(beside):
        return None
    if place == "cli" and header == "table.h":
        return None
    if place in ("table", "cli"):
        return f"{place}/ includes public headers only, and its own: not {header}"
    if place == "public":
        return "a public header includes public headers only, as <steelyard/...>"
    target = header.split("/")[0]
    if "/" not in header or target not in ARROWS:
        return f"{header} is in no room of src/"
    if target not in reachable(room):
        return f"{room} may not include {target}: no arrow leads from {target} to {room}"
    return None


def include_problem(root, path, quote, header):
    """Why the file at path may not include header, or None."""
    place, room = place_of(path)
    if place == "src" and room not in ARROWS:
        return f"src/{room} is no room of the house"
    for pattern, allowed in FOREIGN.items():
        if re.fullmatch(pattern, header):
            if any(path.startswith(folder + "/") for folder in allowed):
                return None
            return f"{header} belongs to {' and '.join(allowed)} alone"
    if header.startswith("steelyard/"):
        if quote != "<":
            return "public headers are included as <steelyard/...>"
        return public_problem(place, room, header[len("steelyard/") :])
    if quote == "<":
        known = header.endswith(".h") and header[:-2] in SYSTEM
        return None if known else f"{header} is a header that nobody declared in this script"
    return private_problem(root, place, room, path, header)


def extern_problem(root, header):
    """Why a Cython file may not declare what is in a header, as `cdef extern from` names it."""
    inner = header[1:-1] if header.startswith("<") else None
    if header == "Python.h" or (inner and inner.endswith(".h") and inner[:-2] in SYSTEM):
        return None
    if inner and inner.startswith("steelyard/"):
        exists = os.path.exists(os.path.join(root, "include", inner))
        return None if exists else f"{inner} is no public header"
    return f"python/ stands on public headers only, as <steelyard/...>: not {header}"


def python_problems(root, paths):
    """Forbidden headers of the Python package's compiled half."""
    for path in paths:
        for number, line in enumerate(house.read(root, path).splitlines(), 1):
            match = EXTERN.match(line)
            problem = match and extern_problem(root, match.group(1))
            if problem:
                yield f"{path}:{number}: {problem}"


def call_problems(path, text):
    """Calls that the library must never make, as (line number, message)."""
    excepted = {name for start, names in EXCEPTIONS.items() if path.startswith(start)
                for name in names}
    for number, line in enumerate(house.without_comments(text).splitlines(), 1):
        for pattern, reason in FORBIDDEN:
            for match in re.finditer(rf"(?<![\w.>]){pattern}", line):
                name = re.match(r"\w+", match.group()).group()
                if name not in excepted:
                    yield number, f"{name}: {reason}"


def main():
    root, problems = house.root_folder(), []
    paths = house.files_under(root, ["include", "src", "table", "cli"], [".c", ".h"])
    for path in paths:
        text = house.read(root, path)
        lines = house.without_comments(text, keep_strings=True).splitlines()
        for number, line in enumerate(lines, 1):
            match = INCLUDE.match(line)
            problem = match and include_problem(root, path, *match.groups())
            if problem:
                problems.append(f"{path}:{number}: {problem}")
        if path.startswith("src/"):
            problems += [f"{path}:{number}: {what}" for number, what in call_problems(path, text)]
    cython = house.files_under(root, ["python"], [".pyx", ".pxd"])
    problems += python_problems(root, cython)
    house.finish("includes", problems, len(paths) + len(cython))


if __name__ == "__main__":
    main()
