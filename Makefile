# The front door. Each target sets up what it needs first; nothing is set up twice.
.DEFAULT_GOAL := build
.PHONY: build setup demo python check check-peers bench fuzz install format clean help

build: setup ## build build/steelyard and the libraries (what plain `make` does)
	@test -f build/build.ninja || cmake --preset release
	@cmake --build build

setup: ## install and fetch what building and testing needs
	@scripts/setup.sh

demo: build ## train on bird strikes with a missed damage priced 5, and check the model
	@scripts/setup.sh demo
	@scripts/demo.sh

python: build ## build the Python package for .cache/python, importable from build-python/python
	@scripts/setup.sh python
	@cmake --preset python --log-level=WARNING && cmake --build --preset python

check: ## build strictly and run every test and house check, sanitizers included
	@scripts/setup.sh clang valgrind chromium mnist python
	@scripts/check.sh

check-peers: python ## compare with scikit-learn, onnxruntime and others, in environments of their own
	@scripts/setup.sh demo peers dialects
	@.cache/peers/bin/python scripts/check_peers.py

bench: build ## measure us and our peers on the same arrays, in turns; NAME for some rows alone
	@scripts/setup.sh peers
	@.cache/peers/bin/python bench/run.py $(NAME)

fuzz: ## try to break the parsers: TIME seconds each (60), NAME for one of them alone
	@scripts/setup.sh clang
	@scripts/fuzz.sh "$(or $(TIME),60)" "$(NAME)"

install: build ## install into DESTDIR and PREFIX (/usr/local)
	@cmake --install build --prefix "$(or $(PREFIX),/usr/local)"

format: ## lay out the C code as .clang-format says
	@scripts/setup.sh format
	@git ls-files --cached --others --exclude-standard '*.c' '*.h' | xargs clang-format -i

clean: ## remove what was built, keep what was fetched
	@rm -rf build build-debug build-asan build-fuzz build-tsan build-python build-python-asan \
		build-wheel

help: ## list these targets
	@sed -n 's/^\([a-z-]*\):.*## /  make \1|/p' Makefile | column -t -s '|'
