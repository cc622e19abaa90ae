"""A peer's scoring of rows in memory by the same model, as often as told; speaks as predict.c does.

Usage: predict.py scikit-learn|onnxruntime|onnxruntime-matrix MODEL ROWS N D
MODEL is a file that steelyard wrote, of two classes and D numbers; ROWS holds N x D float32.
onnxruntime runs that file as it is, one input a column; onnxruntime-matrix runs the same model as
one would write it for speed alone: one float32 matrix in, nothing but a product and a softmax.
  blocks     scores all rows, BLOCK at a time
  rows N     scores the first N rows, one at a time
  save FILE  writes the (N, 2) probabilities of all rows, float64
"""

import json
import sys
import time

import numpy

BLOCK = 16384


def numbers(path):
    """Mean, scale, coefficients of the model, and its intercept with the class weights undone."""
    import onnx

    constants = {constant.name.split("/", 1)[1]: onnx.numpy_helper.to_array(constant).ravel()
                 for constant in onnx.load(path).graph.initializer if "/" in constant.name}
    weights = constants["class_weights"]
    intercept = constants["intercepts"][0] - numpy.log(weights[1] / weights[0])
    mean, scale = constants["numbers/mean"], constants["numbers/scale"]
    return mean, scale, constants["coefficients"], intercept


class ScikitLearn:
    """A pipeline of scaler and logistic regression with our numbers in it."""

    def __init__(self, path, rows):
        from sklearn.linear_model import LogisticRegression
        from sklearn.pipeline import make_pipeline
        from sklearn.preprocessing import StandardScaler

        mean, scale, coefficients, intercept = numbers(path)
        scaler, model = StandardScaler(), LogisticRegression()
        scaler.fit(rows[:2])
        scaler.mean_, scaler.scale_, scaler.var_ = mean, scale, scale**2
        model.fit(rows[:2], [0, 1])
        model.coef_, model.intercept_ = coefficients[None, :], numpy.array([intercept])
        self.pipeline, self.rows = make_pipeline(scaler, model), rows

    def score(self, begin, end):
        """Probabilities of some rows."""
        return self.pipeline.predict_proba(self.rows[begin:end])


class Columns:
    """onnxruntime on our file, each column a double array of its own."""

    def __init__(self, path, rows):
        import onnxruntime

        self.session = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])
        self.columns = [
            (wanted.name, numpy.ascontiguousarray(rows[:, [column]], numpy.float64))
            for column, wanted in enumerate(self.session.get_inputs())
        ]

    def score(self, begin, end):
        """Probabilities of some rows."""
        inputs = {name: values[begin:end] for name, values in self.columns}
        return self.session.run(["probabilities"], inputs)[0]


class Matrix:
    """onnxruntime on the least graph that can do it."""

    def __init__(self, path, rows):
        import onnxruntime
        from onnx import TensorProto, helper, numpy_helper

        mean, scale, coefficients, intercept = numbers(path)
        slope = coefficients / scale
        shift = intercept - slope @ mean
        constants = {"slopes": numpy.column_stack([0 * slope, slope]).astype(numpy.float32),
                     "shifts": numpy.array([0, shift], numpy.float32)}
        graph = helper.make_graph(
            [helper.make_node("Gemm", ["rows", "slopes", "shifts"], ["logits"]),
             helper.make_node("Softmax", ["logits"], ["probabilities"], axis=1)], "model",
            [helper.make_tensor_value_info("rows", TensorProto.FLOAT, ["n", len(slope)])],
            [helper.make_tensor_value_info("probabilities", TensorProto.FLOAT, ["n", 2])],
            [numpy_helper.from_array(value, name) for name, value in constants.items()])
        model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 15)], ir_version=8)
        self.session = onnxruntime.InferenceSession(model.SerializeToString(),
                                                    providers=["CPUExecutionProvider"])
        self.rows = rows

    def score(self, begin, end):
        """Probabilities of some rows."""
        return self.session.run(["probabilities"], {"rows": self.rows[begin:end]})[0]


KINDS = {"scikit-learn": ScikitLearn, "onnxruntime": Columns, "onnxruntime-matrix": Matrix}


def main():
    kind, model, rows_path, n, d = sys.argv[1:]
    n, d = int(n), int(d)
    peer = KINDS[kind](model, numpy.fromfile(rows_path, numpy.float32, n * d).reshape(n, d))
    for line in sys.stdin:
        command, *argument = line.split()
        begin = time.perf_counter()
        if command == "blocks":
            for start in range(0, n, BLOCK):
                peer.score(start, start + BLOCK)
        elif command == "rows":
            for row in range(int(argument[0])):
                peer.score(row, row + 1)
        else:
            blocks = [peer.score(start, start + BLOCK) for start in range(0, n, BLOCK)]
            numpy.concatenate(blocks).astype(numpy.float64).tofile(argument[0])
        print(json.dumps({"seconds": time.perf_counter() - begin}), flush=True)


if __name__ == "__main__":
    main()
