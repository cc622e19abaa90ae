"""Weights and losses for Keras 3, on TensorFlow, JAX and PyTorch.

`weighted` gives sample weights to what Keras's class_weight refuses or gets wrong: generators,
sequences, images, several outputs, several labels a row. The losses have class weights, costs and
corrections for rare classes inside.
"""

try:
    import keras
except ImportError as problem:
    raise ImportError("steelyard.keras needs Keras 3 and one of its backends: pip install keras "
                      "tensorflow (or jax, or torch)") from problem

if int(keras.__version__.split(".")[0]) < 3:
    raise ImportError(f"steelyard.keras needs Keras 3, and this is Keras {keras.__version__}: "
                      "pip install --upgrade keras")

from steelyard.keras._losses import (BalancedSoftmax, BinaryCrossEntropy, BinaryFocal, CostArgmax,
                                     CostExpected, CrossEntropy, Focal, LDAM, LogitAdjusted, Loss,
                                     VectorScaling)
from steelyard.keras._sources import WeightedDataset, weighted
from steelyard.keras._weigher import Weigher

__all__ = [
    "BalancedSoftmax",
    "BinaryCrossEntropy",
    "BinaryFocal",
    "CostArgmax",
    "CostExpected",
    "CrossEntropy",
    "Focal",
    "LDAM",
    "LogitAdjusted",
    "Loss",
    "VectorScaling",
    "WeightedDataset",
    "Weigher",
    "weighted",
]
