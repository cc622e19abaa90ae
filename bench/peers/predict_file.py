"""The script that people write instead of `steelyard predict`: a table and a model file become a
table of predictions.

Usage: predict_file.py MODEL TABLE OUTPUT
MODEL is a pickled scikit-learn pipeline.
"""

import pickle
import sys

import pandas

path, table, output = sys.argv[1:]
with open(path, "rb") as file:
    model = pickle.load(file)
frame = (pandas.read_parquet if table.endswith(".parquet") else pandas.read_csv)(table)
probabilities = model.predict_proba(frame.drop(columns="class").to_numpy())
predicted = pandas.DataFrame({"predicted": model.classes_[probabilities.argmax(axis=1)],
                              "p_0": probabilities[:, 0], "p_1": probabilities[:, 1]})
if output.endswith(".parquet"):
    predicted.to_parquet(output, index=False)
else:
    predicted.to_csv(output, index=False)
