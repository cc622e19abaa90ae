"""Which class a label is: labels as they are in Python, and as the library's texts."""

from __future__ import annotations

import difflib

import numpy as np

# More are taken for a mistake: lists of them would fill the memory.
MAX_CLASSES = 2**20

# Pairs that mean no and yes, the yes last.
_YES = [("no", "yes"), ("n", "y"), ("negative", "positive"), ("neg", "pos"), ("false", "true"),
        ("0", "1"), ("-1", "1")]


def python_labels(labels) -> list:
    """Labels as Python's own numbers and texts."""
    return [label.item() if isinstance(label, np.generic) else label for label in labels]


def text_of(label) -> str:
    """What the library calls a class: 1.0 is "1"."""
    if isinstance(label, float) and label.is_integer():
        return str(int(label))
    return str(label)


def texts_of(classes) -> list[str]:
    """The names of classes; ValueError where two are alike."""
    texts = [text_of(label) for label in classes]
    if len(set(texts)) < len(texts):
        twice = next(text for i, text in enumerate(texts) if text in texts[:i])
        raise ValueError(f"classes: {twice!r} is there twice: each once would be right")
    return texts


def shown(classes, most: int = 8) -> str:
    """Classes in a message."""
    names = [repr(label) for label in list(classes)[:most]]
    return ", ".join(names + ["..."] * (len(classes) > most))


def numbered(count: int) -> range:
    """The classes 0 .. count - 1; ValueError where that can only be a mistake."""
    if not 0 < count <= MAX_CLASSES:
        raise ValueError(f"classes={count}: a number from 1 to {MAX_CLASSES}, or a list of the "
                         "classes in their order, would be right")
    return range(count)


def class_list(classes) -> list:
    """Declared classes; of a number K, those called 0 .. K - 1."""
    if isinstance(classes, (int, np.integer)) and not isinstance(classes, bool):
        classes = numbered(int(classes))
    classes = python_labels(classes)
    if len(classes) < 2:
        raise ValueError(f"{len(classes)} classes: at least two would be right")
    return classes


def index_of(label, classes, what: str = "classes") -> int:
    """Place of a label among the classes; ValueError with the nearest where it is none."""
    for i, known in enumerate(classes):
        if label is known or (label == known and isinstance(label, str) == isinstance(known, str)):
            return i
    texts = [str(known) for known in classes]
    near = difflib.get_close_matches(str(label), texts, n=1)
    hint = f"; did you mean {classes[texts.index(near[0])]!r}?" if near else ""
    raise ValueError(f"{what}: {label!r} is none of the classes {shown(classes)}{hint}")


def means_yes(classes) -> int | None:
    """Of two classes that mean no and yes the yes; else None."""
    low, high = (text_of(label).strip().lower() for label in classes)
    if (low, high) in _YES:
        return 1
    return 0 if (high, low) in _YES else None
