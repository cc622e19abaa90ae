"""Row `predict`: rows a second from a model file: in memory by block, one row at a time, and as
processes from table to table."""

import os
import pickle
import sys
import tempfile

import numpy

import datasets
import processes
import tables
from contender import Contender, Failed, median_seconds, say, take_turns
from peers.predict import ScikitLearn
from results import OURS, Row, seconds_text

HERE = os.path.dirname(os.path.abspath(__file__))
PEERS = os.path.join(os.path.dirname(HERE), "peers")
KINDS = {"scikit-learn": "scikit-learn predict_proba",
         "onnxruntime": "onnxruntime, the same file",
         "onnxruntime-matrix": "a graph for one float32 matrix, onnxruntime"}
BLOCKS, SINGLE = "a row, of 1 M x 30 by block", "a row, one at a time"
ROWS = {OURS: 100_000, "scikit-learn": 2_000, "onnxruntime": 5_000, "onnxruntime-matrix": 20_000}


def scores(contender, n):
    """The (n, 2) probabilities a contender gives."""
    with tempfile.NamedTemporaryFile() as file:
        contender.ask(f"save {file.name}")
        return numpy.fromfile(file.name).reshape(n, 2)


def speed(seconds):
    """Seconds a row, the other way round."""
    return f"{1 / seconds:,.0f} rows a second"


def measure_memory(row, case, model, settings):
    """All contenders on rows in memory, all of them by block or some of them one at a time."""
    data = datasets.load("million")
    arguments = [model, data.rows_path, str(data.n), str(data.d)]
    count = {kind: data.n if case == BLOCKS else ROWS[kind] for kind in ROWS}

    def run(contender, kind):
        return contender.ask("blocks" if case == BLOCKS else f"rows {count[kind]}")

    first, all_ours = row.add(case, OURS), []
    with Contender(OURS, [settings.program("predict"), *arguments]) as ours:
        expected = scores(ours, data.n)
        for kind, name in KINDS.items():
            say(f"  {case}: {name}")
            command = [sys.executable, os.path.join(PEERS, "predict.py"), kind, *arguments]
            with Contender(name, command) as peer:
                try:
                    gap = abs(scores(peer, data.n) - expected).max()
                except Failed as failure:
                    row.add(case, name, remark=f"missing: {failure}")
                    continue
                mine, theirs = take_turns([lambda: run(ours, OURS), lambda: run(peer, kind)],
                                          settings.repetitions, settings.budget)
            all_ours += mine
            each = median_seconds(theirs) / count[kind]
            row.add(case, name, each, each / (median_seconds(mine) / count[OURS]),
                    f"probabilities within {gap:.0e}", speed(each))
        first.seconds = median_seconds(all_ours or [run(ours, OURS)]) / count[OURS]
        first.remark = speed(first.seconds)
    return first.seconds


def table_gap(ours, theirs):
    """By how much two written tables of predictions differ at most."""
    import pandas

    read = pandas.read_parquet if ours.endswith(".parquet") else pandas.read_csv
    return abs(read(ours)["p_1"] - read(theirs)["p_1"]).max()


def measure_tables(row, model, settings):
    """`steelyard predict` and a script with the same model, from table to table."""
    with tempfile.TemporaryDirectory() as scratch:
        pipeline = os.path.join(scratch, "model.pickle")
        with open(pipeline, "wb") as file:
            pickle.dump(ScikitLearn(model, datasets.load("million").rows()).pipeline, file)
        for kind in ("csv", "parquet"):
            table = tables.path(f"table.{kind}")
            outputs = [os.path.join(scratch, f"{name}.{kind}") for name in ("ours", "theirs")]
            case = f"{'CSV' if kind == 'csv' else 'Parquet'} to the same, 284,807 rows, a process"
            say(f"  {case}")
            ours = [settings.command_line(), "predict", model, table, "--quiet", "-o", outputs[0]]
            script = [sys.executable, os.path.join(PEERS, "predict_file.py"), pipeline, table,
                      outputs[1]]
            mine, theirs = take_turns([lambda: processes.run(ours), lambda: processes.run(script)],
                                      settings.repetitions, settings.budget)
            ratio = median_seconds(theirs) / median_seconds(mine)
            row.add(case, OURS, median_seconds(mine))
            row.add(case, "pandas + scikit-learn", median_seconds(theirs), ratio,
                    f"probabilities within {table_gap(*outputs):.0e}")


def predict(settings):
    """All of it, by one model."""
    row = Row("predict", "Probabilities of two classes from 30 numbers, from a model file that "
              "`steelyard fit` wrote; times are a row's, or a whole process's.")
    tables.write("table.csv", "table.parquet")
    with tempfile.TemporaryDirectory() as scratch:
        model = os.path.join(scratch, "model.onnx")
        processes.run([settings.command_line(), "fit", tables.path("table.parquet"), "--label",
                       tables.LABEL, "--class-weight", "balanced", "--test", "none", "--quiet",
                       "-o", model])
        measure_memory(row, BLOCKS, model, settings)
        single = measure_memory(row, SINGLE, model, settings)
        measure_tables(row, model, settings)
    row.aim_ratio(BLOCKS, 2, KINDS["onnxruntime"])
    row.aim(f"{SINGLE}: under 2 us", seconds_text(single), single < 2e-6)
    return row
