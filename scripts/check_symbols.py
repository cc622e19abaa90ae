#!/usr/bin/env python3
"""The shared library exports exactly what the public headers declare, and that is on record.

Usage: check_symbols.py LIBRARY [--root ROOT] [--update]
       check_symbols.py ARCHIVE.a
Compares three lists: what LIBRARY exports, what include/steelyard declares with SY_API, and a
record that is committed so that a change of the interface shows in a review: tests/symbols.txt for
libsteelyard, tests/symbols-score.txt for libsteelyard-score, which exports a part of the interface.
--update rewrites that file. Of an archive: no two of its objects choose among clones of functions
of one name.
"""

import argparse
import collections
import os
import re
import subprocess

import house


def part_of(library):
    """What a library's name says after libsteelyard: "" for the whole interface, or "-score"."""
    match = re.match(r"libsteelyard(-\w+)?\.", os.path.basename(library))
    return match.group(1) or "" if match else ""


def exported_symbols(library):
    """Names of the functions and data that a shared library exports."""
    command = ["nm", "--dynamic", "--defined-only", "--format=posix", library]
    listed = subprocess.run(command, check=True, capture_output=True, text=True)
    return {line.split()[0].split("@")[0] for line in listed.stdout.splitlines() if line.strip()}


def declared_symbols(root):
    """Names declared with SY_API, each with its place."""
    declared = {}
    for path in house.files_under(root, ["include"], [".h"]):
        text = house.without_comments(house.read(root, path))
        text = re.sub(r"^[ \t]*#(?:\\\n|[^\n])*", lambda match: "\n" * match.group().count("\n"),
                      text, flags=re.MULTILINE)
        for match in re.finditer(r"\bSY_API\b[^;{]*?(\w+)\s*\(", text):
            declared[match.group(1)] = f"{path}:{text.count(chr(10), 0, match.end()) + 1}"
    return declared


def compare(declared, exported, record, recorded, library):
    """Problems, one line each."""
    for name in sorted(set(declared) - exported if not part_of(library) else []):
        yield f"{declared[name]}: {name} is declared, but {library} does not export it"
    for name in sorted(exported - set(declared)):
        yield f"{library}: exports {name}, which no public header declares with SY_API"
    for name in sorted(exported - recorded):
        yield f"{record}: lacks {name}; if it is meant to be there, run with --update"
    for name in sorted(recorded - exported):
        yield f"{record}: names {name}, which is exported no more; if so meant, run with --update"


def defined_symbols(archive):
    """Each symbol that each object of an archive defines, as (object, name); names may be equal."""
    command = ["nm", "-A", "--defined-only", archive]
    listed = subprocess.run(command, check=True, capture_output=True, text=True)
    for line in listed.stdout.splitlines():
        place, _, name = line.split()[:3]
        yield place.split(":")[-2], name


# What target_clones makes of a static function holds a NAME.resolver, which chooses the clone at
# the start of the program. gcc keeps it local to its object; clang 14 makes it global, and objects
# with resolvers of one name do not link. Seen here, it is seen without a build by clang.
def clashes(symbols):
    """Problems, one line each."""
    objects = collections.defaultdict(list)
    for place, name in symbols:
        if name.endswith(".resolver"):
            objects[name].append(place)
    for name, places in sorted(objects.items()):
        if len(places) > 1:
            yield f"{name}: in {', '.join(sorted(places))}; clang links only one: rename the others"


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("library")
    parser.add_argument("--root", default=os.path.dirname(os.path.dirname(__file__)) or ".")
    parser.add_argument("--update", action="store_true", help="rewrite the record")
    arguments = parser.parse_args()
    if arguments.library.endswith(".a"):
        symbols = list(defined_symbols(arguments.library))
        house.finish("resolvers", list(clashes(symbols)), len(symbols))
    root = os.path.abspath(arguments.root)
    exported = exported_symbols(arguments.library)
    record = f"tests/symbols{part_of(arguments.library)}.txt"
    path = os.path.join(root, record)
    if arguments.update:
        with open(path, "w", encoding="utf-8") as file:
            file.writelines(f"{name}\n" for name in sorted(exported))
    recorded = set(house.read(root, record).split()) if os.path.exists(path) else set()
    library = os.path.basename(arguments.library)
    problems = list(compare(declared_symbols(root), exported, record, recorded, library))
    house.finish("symbols", problems, len(exported))


if __name__ == "__main__":
    main()
