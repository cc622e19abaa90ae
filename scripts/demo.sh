#!/usr/bin/env bash
# `make demo`, once the program is built and the data is there: train on bird strikes, a missed
# damage priced five times a false alarm, and check the model file with another program.
set -euo pipefail
cd "$(dirname "$0")/.."

mkdir -p build/demo
model=build/demo/birds.onnx
page=build/demo/birds.html
cat <<EOT
\$ build/steelyard fit .cache/birdstrikes.csv --label 'Effect Amount of damage' \\
    --group-classes 'damage=Minor,Medium,Substantial,B,C' --exclude 'Cost*' \\
    --cost 'damage:None=5' -o $model --report $page
EOT
build/steelyard fit .cache/birdstrikes.csv --label 'Effect Amount of damage' \
  --group-classes 'damage=Minor,Medium,Substantial,B,C' --exclude 'Cost*' \
  --cost 'damage:None=5' -o "$model" --report "$page" | tee build/demo/report.txt
echo
echo "model: $model   report: build/demo/report.txt   page to open in a browser: $page"

python=python3
[[ ! -x .cache/peers/bin/python ]] || python=.cache/peers/bin/python
if "$python" -c 'import onnxruntime' 2>/dev/null; then
  "$python" scripts/check_onnx.py "$model" .cache/birdstrikes.csv
else
  echo "onnxruntime is not installed, so the model file was not run with it (make check-peers does)"
fi
