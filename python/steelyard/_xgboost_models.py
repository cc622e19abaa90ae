"""Models that XGBoost trained, of files, bytes, boosters and classifiers, as our own."""

from __future__ import annotations

import os
from collections.abc import Iterable
from typing import Any

from steelyard import _classes
from steelyard._core.base import FileError
from steelyard._core.models import CoreModel
from steelyard._core.trees import XGBoostFile

# That XGBoost itself is not imported: what is given is known by what it can do.
_SOURCES = ("a path or the bytes of what Booster.save_model wrote, a Booster or an XGBClassifier "
            "would be right")


def read_model(source: Any, classes: Any, features: Any) -> tuple[CoreModel, list]:
    """The model and its (K) labels; see Model.from_xgboost."""
    file = _read_source(source)
    if classes is None:
        classes = getattr(source, "classes_", None)
    labels = _labels(file, classes)
    names = _classes.texts_of(labels)
    return file.to_model(names, _features(file, features)), labels


def _read_source(source: Any) -> XGBoostFile:
    if isinstance(source, (str, os.PathLike)):
        return XGBoostFile(_content(source), os.fsdecode(source))
    if isinstance(source, (bytes, bytearray, memoryview)):
        return XGBoostFile(bytes(source), "what was given")
    kind = type(source).__name__
    booster = _as_predicted(source) if hasattr(source, "get_booster") else source
    if not hasattr(booster, "save_raw"):
        raise TypeError(f"source is of type {kind}: {_SOURCES}")
    return XGBoostFile(bytes(booster.save_raw(raw_format="ubj")), f"the {kind}")


def _content(path: str | os.PathLike) -> bytes:
    try:
        with open(path, "rb") as file:
            return file.read()
    except OSError as error:
        raise FileError(f"{os.fsdecode(path)} cannot be read: {error.strerror}") from error


def _as_predicted(classifier: Any) -> Any:
    """The booster of an estimator, of the rounds that its predict uses: where training was stopped
    early those up to the best."""
    booster = classifier.get_booster()
    if getattr(classifier, "booster", None) == "gblinear":  # has no rounds; reading says so
        return booster
    try:
        best = classifier.best_iteration
    except AttributeError:  # it was not stopped early
        return booster
    return booster[: best + 1] if best + 1 < booster.num_boosted_rounds() else booster


def _labels(file: XGBoostFile, classes: Any) -> list:
    """XGBoost knows classes as 0, 1, ..: their names are given, or they are these numbers."""
    if classes is None:
        return list(range(file.n_classes))
    labels = _classes.class_list(classes)
    if len(labels) != file.n_classes:
        raise ValueError(f"classes: {len(labels)} are given, and {file.what} tells "
                         f"{file.n_classes}")
    return labels


def _features(file: XGBoostFile, features: Iterable[str] | None) -> list[str]:
    if features is None:
        return file.features or [f"x{j}" for j in range(file.n_features)]
    if isinstance(features, str):
        raise TypeError("features is a text: a list of names would be right")
    names = [str(name) for name in features]
    if len(names) != file.n_features:
        raise ValueError(f"features: {len(names)} are given, and {file.what} takes "
                         f"{file.n_features}")
    return names
