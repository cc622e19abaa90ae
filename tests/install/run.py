#!/usr/bin/env python3
"""Tests of what `make install` leaves behind: installed below a folder of its own, then used.

Usage: run.py [--build FOLDER] [NAME ...]
FOLDER is a finished build (build). NAME is a test, as test_programs or
test_programs.StaticLibrary.test_moved.
"""

import argparse
import os
import sys
import unittest

import installation


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--build", default=installation.BUILD)
    parser.add_argument("names", nargs="*")
    arguments = parser.parse_args()
    installation.BUILD = os.path.abspath(arguments.build)
    loader = unittest.TestLoader()
    tests = (loader.loadTestsFromNames(arguments.names) if arguments.names
             else loader.discover(installation.HERE))
    result = unittest.TextTestRunner(verbosity=0).run(tests)
    # A test that fails in several of its parts is one.
    failed = len({getattr(test, "test_case", test).id()
                  for test, _ in result.failures + result.errors})
    skipped = len(result.skipped)
    for test, reason in result.skipped:
        print(f"skipped {test}: {reason}")
    print(f"install: {result.testsRun - failed - skipped} passed, {failed} failed, "
          f"{skipped} skipped")
    sys.exit(1 if failed or not result.testsRun else 0)


if __name__ == "__main__":
    main()
