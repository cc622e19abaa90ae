"""Every program of docs/python.md runs as it stands and prints what the page says.

A block of ```python is a program; a block of ```text right behind it is what it prints. Programs
that need a package which is not installed are skipped, and run where it is (make check-peers).
Run as a program, this file writes into the page what its programs print now.
"""

import contextlib
import importlib.util
import io
import os
import pathlib
import re
import sys

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs" / "python.md"
LONGEST = 24  # lines of a program: answers are short
PROGRAM = re.compile(r"^```python\n(.*?)^```\n(?:```text\n(.*?)^```$)?", re.MULTILINE | re.DOTALL)
# How long it took, and how far rounding let a gradient fall, are no part of an answer.
INCIDENTAL = re.compile(r" +\d+\.\d+ s$|\(gradient [^)]*\)", re.MULTILINE)
IMPORT = re.compile(r"^ *(?:import|from) (\w+)(?:\.(\w+))?", re.MULTILINE)


def run(program):
    """What a program prints."""
    output = io.StringIO()
    with contextlib.redirect_stdout(output):
        exec(compile(program, str(PAGE), "exec"), {"__name__": "__main__"})
    return output.getvalue()


def missing_package(program):
    """The first package that a program imports, itself or through our adapter, and that is not
    installed; or None."""
    for package, part in IMPORT.findall(program):
        needed = part if package == "steelyard" and part else package
        if importlib.util.find_spec(needed) is None and needed not in ("compat", "losses"):
            return needed
    return None


def programs():
    """(question, program, what it prints or None) of every block."""
    page = PAGE.read_text(encoding="utf-8")
    found = []
    for match in PROGRAM.finditer(page):
        question = re.findall(r"^## (.*)$", page[: match.start()], re.MULTILINE)[-1]
        found.append(pytest.param(match[1], match[2], id=question))
    return found


def test_the_page_has_programs():
    assert len(programs()) >= 10


@pytest.mark.parametrize("program, printed", programs())
def test_a_program_prints_what_the_page_says(program, printed, tmp_path, monkeypatch):
    missing = missing_package(program)
    if missing:
        pytest.skip(f"{missing} is not installed")
    assert len(program.splitlines()) <= LONGEST
    monkeypatch.chdir(tmp_path)
    output = run(program)
    if printed is not None:
        assert INCIDENTAL.sub("", output) == INCIDENTAL.sub("", printed)


def update():
    """Writes into the page what its programs print now, as far as they can run here."""
    def fill(match):
        if match[2] is None or missing_package(match[1]):
            return match[0]
        return f"```python\n{match[1]}```\n```text\n{run(match[1])}```"

    page = PAGE.read_text(encoding="utf-8")
    PAGE.write_text(PROGRAM.sub(fill, page), encoding="utf-8")


if __name__ == "__main__":
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    sys.path.insert(0, "")
    update()
