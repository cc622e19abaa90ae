#!/usr/bin/env python3
"""No work left for later in the files, and nothing that is true of one machine only.

Usage: check_text.py [ROOT]
"""

import os
import re

import house

# Written in pieces, so that this file passes its own check.
PATTERNS = [
    (re.compile(r"\b(?:TO" + r"DO|FIX" + r"ME|XX" + r"X|HA" + r"CK)\b"),
     "do it now, or file it as an issue"),
    (re.compile(r"(?<![\w.$}])/(?:wo" + r"rk|ho" + r"me|ro" + r"ot|Us" + r"ers)/\w"),
     "a path of one machine"),
]


def main():
    root, problems, checked = house.root_folder(), [], 0
    for path in house.all_files(root):
        with open(os.path.join(root, path), "rb") as file:
            content = file.read()
        if b"\0" in content:
            continue
        checked += 1
        for number, line in enumerate(content.decode("utf-8", "replace").splitlines(), 1):
            for pattern, reason in PATTERNS:
                match = pattern.search(line)
                if match:
                    problems.append(f"{path}:{number}: {match.group()}: {reason}")
    house.finish("texts", problems, checked)


if __name__ == "__main__":
    main()
