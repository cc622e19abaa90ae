# What the cases share; run.py reads it before each of them.

steelyard() { "$STEELYARD" "$@"; }

# A table with which nothing is wrong.
plain() {
  printf '%s\n' x,z,y 1,2,a 2,3,b 3,1,a 4,5,b 5,1,a 6,2,b 7,3,a 8,8,b 9,1,a 10,2,b
}

# fit FILE [OPTION..]: the shortest training. Its report is not what these cases look at.
fit() { steelyard fit "$@" --test none -o m.onnx >/dev/null; }

# reads_right FILE [OPTION..]: the model of the file is, to the byte, that of the plain table.
reads_right() {
  plain >plain.csv
  steelyard fit plain.csv --label y --test none --quiet -o plain.onnx >/dev/null
  steelyard fit "$@" --label y --test none --quiet -o nasty.onnx >/dev/null
  cmp plain.onnx nasty.onnx
}

# columns FILE [OPTION..]: the names and types that come of its features.
columns() {
  fit "$@" --quiet
  steelyard inspect m.onnx | sed -n '/columns* in/,/^$/{/columns* in/d;/^$/d;s/  */ /g;p}'
}

# counted SOURCE [OPTION..]: a line for each class or label, with its count.
counted() {
  steelyard weights "$@" --class-weight none --quiet --json >counted.json
  python3 -c 'import json
for one in (found := json.load(open("counted.json"))).get("classes") or found["labels"]:
  print(repr(one.get("class") or one["label"]), one["count"])'
}

# classes FILE [OPTION..]: the classes that come of its labels, with their counts.
classes() { counted "$@" --label y; }

# npy FILE TYPE SHAPE NUMBER..: an array as NumPy saves it: npy y.npy '<i8' '(2, 3)' 1 2 3 0 0 0
npy() { python3 "$FIXTURES/npy.py" "$@"; }

# unprivileged COMMAND..: root may read and write everything, but for the powers taken here.
unprivileged() {
  if [ "$(id -u)" -ne 0 ]; then
    "$@"
  else
    setpriv --inh-caps=-all --bounding-set=-all "$@"
  fi
}

# given_model: model.onnx, trained on the plain table.
given_model() {
  plain >plain.csv
  steelyard fit plain.csv --label y --test none --quiet -o model.onnx >/dev/null
  rm plain.csv
}

# given_dated_model: model.onnx, whose one column holds dates.
given_dated_model() {
  printf '%s\n' d,y 2020-01-01,a 2021-01-01,b 2022-01-01,a 2023-01-01,b >plain.csv
  steelyard fit plain.csv --label y --test none --quiet -o model.onnx >/dev/null
  rm plain.csv
}

# given_tiny_model: model.onnx, trained on numbers next to nothing.
given_tiny_model() {
  printf '%s\n' x,z,y 1e-30,1e-30,a 2e-30,-2e-30,b 3e-30,3e-30,a -4e-30,4e-30,b 5e-30,1e-30,a \
    -1e-30,-3e-30,b >plain.csv
  steelyard fit plain.csv --label y --test none --quiet -o model.onnx >/dev/null
  rm plain.csv
}

# given_checkpoint: t.csv, the plain table, and state, what a network trained on it kept; m.onnx is
# gone.
given_checkpoint() {
  plain >t.csv
  fit t.csv --label y --model mlp --epochs 3 --quiet --checkpoint state
  rm m.onnx
}
