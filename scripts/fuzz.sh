#!/usr/bin/env bash
# Runs the fuzz targets of tests/fuzz, as many at once as there are processors.
#
#   scripts/fuzz.sh [TIME [NAME]]    TIME seconds each (60), all of them or NAME alone
#
# What a run finds worth keeping goes to .cache/fuzz/NAME and is where the next one begins. An input
# that breaks something stays beside it: the run says where, and how to see it again; mended, it
# belongs in tests/fuzz/regressions/NAME, which every build goes through. The last line is
# "fuzz: N passed, N failed, N skipped".
set -uo pipefail
cd "$(dirname "$0")/.."

seconds=${1:-60} only=${2:-}
found=$PWD/.cache/fuzz inputs=$PWD/tests/fuzz programs=$PWD/build-fuzz/tests/fuzz
jobs=$(getconf _NPROCESSORS_ONLN)
names=()
for source in tests/fuzz/fuzz_*.c; do
  name=$(basename "$source" .c)
  names+=("${name#fuzz_}")
done
if [[ -n $only ]]; then
  if [[ " ${names[*]} " != *" $only "* ]]; then
    echo "fuzz: there is no target $only; there are ${names[*]}" >&2
    exit 2
  fi
  names=("$only")
fi

# The compiler of the preset, and whether it has libFuzzer.
compiler=clang-14
if ! echo 'int LLVMFuzzerTestOneInput(void); int LLVMFuzzerTestOneInput(void) { return 0; }' |
  $compiler -fsanitize=fuzzer,address,undefined -fopenmp -x c -o /dev/null - 2>/dev/null; then
  echo "fuzz: skipped: no $compiler with libFuzzer and OpenMP: install what Debian calls clang-14," \
    "libclang-rt-14-dev and libomp-14-dev"
  echo "fuzz: 0 passed, 0 failed, ${#names[@]} skipped"
  exit 0
fi

cmake --preset fuzz --log-level=WARNING >/dev/null &&
  cmake --build --preset fuzz --target "${names[@]/#/fuzz_}" || exit 1

# Small inputs are quick: no more freed memory is kept from use than what was freed of late.
export ASAN_OPTIONS=quarantine_size_mb=16:detect_stack_use_after_return=1:allocator_may_return_null=1
export UBSAN_OPTIONS=print_stacktrace=1

scratch=$(mktemp -d)
trap 'rm -rf "$scratch"; exit 130' INT TERM
trap 'rm -rf "$scratch"' EXIT

fuzz() { # NAME: its log is $scratch/NAME.log, its status in $scratch/NAME.status
  local name=$1 folders=() options=()
  mkdir -p "$found/$name" "$scratch/$name"
  for folder in "$inputs/corpus/$name" "$inputs/regressions/$name" "$programs/seeds/$name"; do
    [[ -d $folder ]] && folders+=("$folder")
  done
  # A target whose inputs hold no words has no dictionary.
  [[ -e $inputs/dictionaries/$name ]] && options+=(-dict="$inputs/dictionaries/$name")
  # DuckDB keeps memory from one input to the next, and libFuzzer would look for a leak after each:
  # there all is looked through once, at the end. So few runs are not to begin with short inputs.
  [[ $name == source ]] && options+=(-detect_leaks=0 -len_control=0)
  TMPDIR=$scratch/$name nice -n 10 "$programs/fuzz_$name" -max_total_time="$seconds" \
    -timeout=60 -rss_limit_mb=2048 -print_final_stats=1 \
    -artifact_prefix="$found/$name-" ${options[@]+"${options[@]}"} "$found/$name" "${folders[@]}" \
    >"$scratch/$name.log" 2>&1
  echo $? >"$scratch/$name.status"
}

tell() { # NAME
  local log=$scratch/$1.log input
  if [[ $(cat "$scratch/$1.status") == 0 ]]; then
    printf 'fuzz: %-8s %s, %s executions a second\n' "$1" \
      "$(grep -aoE 'cov: [0-9]+ ft: [0-9]+' "$log" | tail -1)" \
      "$(sed -n 's/^stat::average_exec_per_sec: *//p' "$log")"
    return
  fi
  input=$(sed -nE 's/^.*Test unit written to (.*)$/\1/p' "$log" | tail -1)
  grep -aE 'not true:|^of: |ERROR:|runtime error:|^ +#[0-9]+ .*(src|cli|table|tests)/' "$log" | head -20
  echo "fuzz: $1 failed${input:+ on $input; again: $programs/fuzz_$1 $input}"
  cp "$log" "$found/$1.log"
  echo "fuzz: the whole log is $found/$1.log"
}

for name in "${names[@]}"; do
  while (($(jobs -rp | wc -l) >= jobs)); do wait -n; done
  fuzz "$name" &
done
wait

passed=0 failed=0
for name in "${names[@]}"; do
  tell "$name"
  if [[ $(cat "$scratch/$name.status") == 0 ]]; then
    passed=$((passed + 1))
  else
    failed=$((failed + 1))
  fi
done
echo "fuzz: $passed passed, $failed failed, 0 skipped"
((failed == 0))
