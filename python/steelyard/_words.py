"""Remarks of the library in the words of Python: `--calibrate refit` is calibrate='refit' here."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterator

from steelyard._core.base import FileError

_SAID_OTHERWISE = (
    (r"--exclude ('[^']*') leaves it out", r"X without \1 leaves it out"),
    (r"--exclude leaves it out", "X without it leaves it out"),
    (r"--null ('[^']*') makes them missing", r"NaN in the place of \1 makes them missing"),
    (r"--max-iterations", "max_iter"),
    (r"--held-out ([0-9.]+)", r"held_out=\1"),
    (r"\(--json has them all\)", "(metrics has them all)"),
)


@contextlib.contextmanager
def errors_in_python() -> Iterator[None]:
    """Errors of the library, in Python's words."""
    try:
        yield
    except FileError as error:
        raise FileError(in_python(str(error))) from None
    except ValueError as error:
        raise ValueError(in_python(str(error))) from None


def in_python(text: str) -> str:
    """A remark, an error or a screen whose hints are of Python's arguments."""
    for pattern, words in _SAID_OTHERWISE:
        text = re.sub(pattern, words, text)
    text = re.sub(r"--([a-z][a-z0-9-]*) ('[^']*')", _argument, text)
    text = re.sub(r"--(class-weight|calibrate|test) ([a-z0-9:]+)", _argument, text)
    return re.sub(r"--([a-z][a-z0-9-]*)", lambda found: _name(found[1]), text)


def _argument(found: re.Match) -> str:
    value = found[2]
    return f"{_name(found[1])}={value if value.startswith(chr(39)) else repr(value)}"


def _name(option: str) -> str:
    return option.replace("-", "_")
