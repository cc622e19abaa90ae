#!/usr/bin/env bash
# All that `make check` runs, after set-up: house checks, a build without warnings, unit and property
# tests, command-line tests; then build and tests once more under the sanitizers. It goes on after a
# failure, and ends with one line over all of it.
set -uo pipefail
cd "$(dirname "$0")/.."

jobs=$(getconf _NPROCESSORS_ONLN)
# As many programs as processors run at once: a thread that has nothing to do shall not keep one
# from the others.
export OMP_WAIT_POLICY=${OMP_WAIT_POLICY:-passive}
passed=0 failed=0 skipped=0
failures=()

begin() { printf '\n--- %s (after %d s)\n' "$1" "$SECONDS"; }

# one NAME COMMAND...: a step that is one test; its status is the command's.
one() {
  local name=$1
  shift
  if "$@"; then
    passed=$((passed + 1))
  else
    failed=$((failed + 1))
    failures+=("$name")
    return 1
  fi
}

# counted NAME PATTERN COMMAND...: a step that tells its own numbers. PATTERN is a sed expression
# that makes "passed failed skipped" of the line that tells them.
counted() {
  local name=$1 pattern=$2 output numbers status
  shift 2
  output=$(mktemp)
  "$@" 2>&1 | tee "$output"
  status=$?
  numbers=$(sed -nE "$pattern" "$output" | tail -1)
  rm -f "$output"
  read -r good bad left <<<"${numbers:-0 0 0}"
  # A step that fails without saying in which test has failed as a whole.
  if ((status != 0 && bad == 0)) || [[ -z $numbers ]]; then bad=$((bad + 1)); fi
  passed=$((passed + good)) failed=$((failed + bad)) skipped=$((skipped + left))
  if ((bad)); then failures+=("$name"); fi
}

build() { # PRESET
  cmake --preset "$1" -DSTEELYARD_WERROR=ON --log-level=WARNING && cmake --build --preset "$1"
}

unit_tests() { # NAME PRESET
  # "98% tests passed, 1 tests failed out of 50": turned round, since ctest counts only failures.
  counted "$1" 's/^.* tests passed, ([0-9]+) tests failed out of ([0-9]+)$/\2-\1 \1 0/p' \
    run_ctest "$2"
}

run_ctest() {
  ctest --preset "$1" --parallel "$jobs" --no-tests=error | sed -E \
    '/^ *(Start|[0-9]+\/[0-9]+ .* Passed)/d; /^(Test project|Total Test time|$)/d'
}

command_line() { # NAME BINARY
  counted "$1" 's/^cli: ([0-9]+) passed, ([0-9]+) failed, ([0-9]+) skipped$/\1 \2 \3/p' \
    tests/cli/run.py --binary "$2" --jobs "$jobs"
}

bad_inputs() { # NAME BINARY
  counted "$1" 's/^bad: ([0-9]+) passed, ([0-9]+) failed, ([0-9]+) skipped$/\1 \2 \3/p' \
    tests/bad/run.py --binary "$2" --jobs "$jobs"
}

trust() { # NAME SCRIPT ARGUMENTS...
  local name=$1 script=$2
  shift 2
  counted "$name" 's/^trust: ([0-9]+) passed, ([0-9]+) failed, ([0-9]+) skipped$/\1 \2 \3/p' \
    "tests/trust/$script" "$@"
}

python_tests() { # NAME BUILD ARGUMENTS...
  local name=$1 build=$2
  shift 2
  PYTHONPATH=$build/python \
    counted "$name" 's/^python: ([0-9]+) passed, ([0-9]+) failed, ([0-9]+) skipped$/\1 \2 \3/p' \
    .cache/python/bin/python -m pytest -q -p no:cacheprovider tests/python "$@"
}

# The library is instrumented and Python is not, so the sanitizers come first; Python leaves memory
# to the end of the process, which is no leak.
python_fuzz() { # BUILD
  local preload
  preload=$(gcc -print-file-name=libasan.so):$(gcc -print-file-name=libubsan.so)
  LD_PRELOAD=$preload ASAN_OPTIONS=detect_leaks=0 PYTHONMALLOC=malloc \
    python_tests "Python fuzzing with sanitizers" "$1" -m fuzz --capture=no # reports are to be seen
}

# A source archive of the tree, a wheel of that archive, and the wheel in an environment that has
# NumPy alone. What is tested is what a wheel carries and needs: it is built as quickly as can be.
python_wheel() {
  local scratch python=$PWD/.cache/python/bin/python status
  scratch=$(mktemp -d)
  "$python" -m build --no-isolation --config-setting=cmake.build-type=Debug \
    --outdir "$scratch" . >"$scratch/log" 2>&1 &&
    "$python" -m venv "$scratch/empty" &&
    "$scratch/empty/bin/python" -m pip install --quiet \
      "$(grep ^numpy== tests/python/requirements.txt)" "$scratch"/*.whl &&
    "$scratch/empty/bin/python" tests/python/installed.py
  status=$?
  if ((status)); then tail -30 "$scratch/log"; fi
  rm -rf "$scratch"
  return $status
}

house_checks() {
  one "the checks' own tests" python3 -m unittest discover --quiet -s tests/house
  one "scripts/check_includes.py" scripts/check_includes.py
  one "scripts/check_documented.py" scripts/check_documented.py
  one "scripts/check_sizes.py" scripts/check_sizes.py
  one "scripts/check_text.py" scripts/check_text.py
}

begin "house checks"
house_checks

begin "build, warnings are errors"
if one "build" build release; then
  one "symbols of libsteelyard" scripts/check_symbols.py build/libsteelyard.so
  one "symbols of libsteelyard-score" scripts/check_symbols.py build/libsteelyard-score.so
  one "clones in libsteelyard" scripts/check_symbols.py build/libsteelyard.a
  one "pictures of losses" scripts/loss_pictures.py --check
  begin "unit and property tests"
  unit_tests "unit tests" release
  begin "command line"
  command_line "command line" build/steelyard
  begin "bad inputs"
  bad_inputs "bad inputs" build/steelyard
  begin "labels of every source"
  counted "sources" 's/^sources: ([0-9]+) passed, ([0-9]+) failed, ([0-9]+) skipped$/\1 \2 \3/p' \
    tests/sources/run.py
  begin "what weights cost and calibration brings back"
  counted "study" 's/^study: ([0-9]+) passed, ([0-9]+) failed, ([0-9]+) skipped$/\1 \2 \3/p' \
    tests/study/run.py
  begin "the page of a report"
  counted "page" 's/^page: ([0-9]+) passed, ([0-9]+) failed, ([0-9]+) skipped$/\1 \2 \3/p' \
    tests/page/run.py
  begin "every allocation failed once"
  trust "allocations" allocations.py
  begin "every write cut once"
  trust "writes" writes.py
  trust "places of outputs" places.py
  trust "limits of memory" limits.py
  begin "signals at random moments"
  trust "signals" signals.py
  trust "trainings broken off" resume.py
  begin "valgrind"
  trust "valgrind" memcheck.py
  begin "installation"
  counted "installation" 's/^install: ([0-9]+) passed, ([0-9]+) failed, ([0-9]+) skipped$/\1 \2 \3/p' \
    tests/install/run.py
fi

begin "the Python package: its tests, and the wheel in an empty environment"
if one "build of the Python package" build python; then
  python_tests "Python" build-python
fi
counted "Python wheel" 's/^installed: ([0-9]+) passed, ([0-9]+) failed$/\1 \2 0/p' python_wheel

export ASAN_OPTIONS=${ASAN_OPTIONS:-detect_leaks=1:detect_stack_use_after_return=1}
export UBSAN_OPTIONS=${UBSAN_OPTIONS:-print_stacktrace=1}

begin "build with sanitizers"
if one "build with sanitizers" build asan; then
  begin "unit and property tests with sanitizers"
  unit_tests "unit tests with sanitizers" asan
  begin "command line with sanitizers"
  command_line "command line with sanitizers" build-asan/steelyard
  begin "bad inputs with sanitizers"
  bad_inputs "bad inputs with sanitizers" build-asan/steelyard
  begin "allocations failed with sanitizers"
  trust "allocations with sanitizers" allocations.py --binary build-asan/steelyard --every 29
  begin "the Python package fuzzed, with sanitizers"
  if one "build of the Python package with sanitizers" build python-asan; then
    python_fuzz build-python-asan
  fi
fi

begin "thread sanitizer, with clang"
if ! command -v clang-14 >/dev/null; then
  echo "skipped: there is no clang-14"
  skipped=$((skipped + 1))
elif one "build with thread sanitizer" build tsan; then
  trust "races" races.py
  unit_tests "unit tests with thread sanitizer" tsan
fi

begin "fuzzing, 20 seconds each"
counted "fuzzing" 's/^fuzz: ([0-9]+) passed, ([0-9]+) failed, ([0-9]+) skipped$/\1 \2 \3/p' \
  scripts/fuzz.sh 20

begin "in all"
for name in ${failures[@]+"${failures[@]}"}; do echo "failed: $name"; done
echo "$passed passed, $failed failed, $skipped skipped"
((failed == 0))
