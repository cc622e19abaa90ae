"""steelyard.keras on each backend of Keras, which a process has one of."""

import os
import subprocess
import sys

import pytest

pytest.importorskip("keras")
HERE = os.path.dirname(os.path.abspath(__file__))
BACKENDS = ["tensorflow", "jax", "torch"]


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize("checks", ["keras_losses.py", "keras_weighted.py"])
def test_on_backend(backend, checks):
    environment = {**os.environ, "KERAS_BACKEND": backend, "TF_CPP_MIN_LOG_LEVEL": "3",
                   "CUDA_VISIBLE_DEVICES": ""}
    command = [sys.executable, "-m", "pytest", "-q", "-x", "-W", "ignore", "--tb=native", "-p",
               "no:cacheprovider", os.path.join(HERE, checks)]
    came = subprocess.run(command, capture_output=True, text=True, env=environment, check=False)
    assert came.returncode == 0, came.stdout + came.stderr
