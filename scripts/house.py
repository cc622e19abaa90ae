"""What the house checks share: finding files, reading C without its comments, reporting.

A check is a script `check_*.py [ROOT]`. It prints `file:line: what is wrong` for each problem and
exits 1 if there was one. tests/house/test_checks.py feeds each of them a tree that breaks its rule.
"""

import os
import re
import subprocess
import sys

GENERATED = re.compile(r"(^|/)(build[^/]*|\.cache|\.git|__pycache__)(/|$)")


def root_folder():
    """The tree to check: the first argument, or the repository this script lies in."""
    if len(sys.argv) > 1 and not sys.argv[1].startswith("-"):
        return os.path.abspath(sys.argv[1])
    return os.path.dirname(os.path.dirname(os.path.abspath(__file__)))


def all_files(root):
    """Paths relative to root of the files that are, or are about to be, in the repository."""
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(command, cwd=root, check=False, capture_output=True, text=True)
    paths = set(listed.stdout.splitlines())
    if listed.returncode != 0:  # an unpacked archive, no repository
        paths = {
            os.path.relpath(os.path.join(folder, name), root)
            for folder, _, names in os.walk(root)
            for name in names
        }
    return sorted(
        path
        for path in paths
        if not GENERATED.search(path) and os.path.isfile(os.path.join(root, path))
    )


def files_under(root, folders, endings):
    """Files of all_files in one of the top folders whose names end so."""
    return [
        path
        for path in all_files(root)
        if path.split(os.sep)[0] in folders and path.endswith(tuple(endings))
    ]


def read(root, path):
    """The text of a file."""
    with open(os.path.join(root, path), encoding="utf-8") as file:
        return file.read()


C_TOKEN = re.compile(
    r"""/\*.*?\*/ | //[^\n]* | "(?:\\.|[^"\\\n])*" | '(?:\\.|[^'\\\n])*' """, re.VERBOSE | re.DOTALL
)


def without_comments(text, keep_strings=False):
    """C text with comments (and what is inside string literals) blanked, line numbers as before."""

    def blank(match):
        token = match.group()
        if token[0] in "\"'":
            return token if keep_strings else token[0] * 2
        return re.sub(r"[^\n]", " ", token)

    return C_TOKEN.sub(blank, text)


def finish(name, problems, checked):
    """Reports and ends the script: 0 without problems, 1 with some or where nothing was checked."""
    for problem in problems:
        print(problem)
    if not checked:
        print(f"{name}: found nothing to check")
    elif not problems:
        print(f"{name}: {checked} checked")
    sys.exit(1 if problems or not checked else 0)
