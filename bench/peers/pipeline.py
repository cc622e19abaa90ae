"""The script that people write instead of `steelyard fit`: a table becomes a model file.

Usage: pipeline.py pandas|polars SOLVER TOLERANCE TABLE MODEL
"""

import pickle
import sys

from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

reader, solver, tolerance, table, path = sys.argv[1:]
if reader == "pandas":
    import pandas

    read = pandas.read_parquet if table.endswith(".parquet") else pandas.read_csv
    frame = read(table)
    labels = frame["class"].to_numpy()
    rows = frame.drop(columns="class").to_numpy()
else:
    import polars

    read = polars.read_parquet if table.endswith(".parquet") else polars.read_csv
    frame = read(table)
    labels = frame["class"].to_numpy()
    rows = frame.drop("class").to_numpy()

model = make_pipeline(
    StandardScaler(),
    LogisticRegression(solver=solver, tol=float(tolerance), max_iter=1000,
                       class_weight="balanced"))
model.fit(rows, labels)
with open(path, "wb") as file:
    pickle.dump(model, file)
