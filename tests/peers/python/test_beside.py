"""Other packages in the same process, each with its own threads and its own linear algebra:
whoever is imported first, we compute the same bits, and so does a child of fork()."""

import itertools
import subprocess
import sys
import textwrap

import pytest

PATIENCE = 600  # seconds until a test that hangs is a failure

OTHERS = {
    "sklearn": """
        from sklearn.ensemble import HistGradientBoostingClassifier
        HistGradientBoostingClassifier(max_iter=3).fit(X, y)""",
    "torch": """
        import torch
        torch.nn.Linear(20, 2)(torch.randn(2000, 20)).sum().backward()""",
    "tensorflow": """
        import tensorflow
        float(tensorflow.reduce_sum(tensorflow.random.normal((300, 300)) ** 2))""",
    "xgboost": """
        import xgboost
        xgboost.train({}, xgboost.DMatrix(X, y), 3)""",
    "lightgbm": """
        import lightgbm
        lightgbm.train({"verbose": -1}, lightgbm.Dataset(X, y), 3)""",
}

OURS = """
    import steelyard
    logits = np.cos(np.arange(600_000)).reshape(-1, 3)
    loss, gradient = steelyard.losses.cross_entropy(logits, np.arange(200_000) % 3)
    weights = steelyard.sample_weights(np.arange(300_000) % 7 > 2)
    said.append((loss, gradient.tobytes(), weights.tobytes()))"""

START = """
    import os, warnings
    import numpy as np
    warnings.simplefilter("ignore")
    X = np.random.default_rng(0).normal(size=(5000, 20))
    y = (X[:, 0] > 0).astype(int)
    said = []"""

END = """
    child = os.fork()
    if child == 0:
        {ours}
        os._exit(0 if said[-1] == said[0] else 3)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    assert all(one == said[0] for one in said)"""


@pytest.mark.parametrize("name, ours_first", itertools.product(OTHERS, [True, False]))
def test_beside(name, ours_first):
    pytest.importorskip(name)
    parts = [textwrap.dedent(OURS), textwrap.dedent(OTHERS[name])]
    parts = parts if ours_first else parts[::-1]
    end = textwrap.dedent(END).replace(
        "    {ours}", textwrap.indent(textwrap.dedent(OURS).strip("\n"), "    "))
    program = "\n".join([textwrap.dedent(START), *parts, *parts[::-1], textwrap.dedent(OURS), end])
    came = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True,
                          timeout=PATIENCE, check=False)
    assert came.returncode == 0, came.stderr
