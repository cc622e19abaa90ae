#!/usr/bin/env python3
"""Address space that does not suffice (ulimit -v): one line, and nothing written.

Usage: limits.py [--binary FILE] [--jobs N] [NAME ...]

Each family is fitted to a table made as it is read, so that what does not fit is ours and not the
reader's, under one limit after the other: the program says that it is out of memory, on one line,
ends with 1 and leaves no file; or there was enough, as under the last there must be. Below the
first, OpenBLAS does not start and DuckDB ends the process while it reads.
"""

import resource

import harness

COLUMNS = ", ".join(f"sin(range * {k + 1}.7) AS x{k}" for k in range(40))
TABLE = f"SELECT range % 7 < 3 AS label, {COLUMNS} FROM range(300000)"
FAMILIES = {
    "logistic": ["--max-iterations", "5"],
    "mlp": ["--epochs", "1", "--hidden", "4"],
    "boosted": ["--rounds", "2", "--max-depth", "2"],
}
MEGABYTES = [600, 700, 800, 900, 1000, 4000]


def run(trust, family, megabytes):
    """OpenBLAS takes 128 MB a thread as it is loaded: two, on any machine."""
    def before():
        harness.default_signals()
        resource.setrlimit(resource.RLIMIT_AS, (megabytes << 20, megabytes << 20))

    folder = trust.folder()
    ended = trust.run(["fit", TABLE, "--label", "label", "--model", family, *FAMILIES[family],
                       "--test", "none", "--threads", "2", "--quiet", "-o", "m.onnx"], folder,
                      trust.environment(OMP_NUM_THREADS=2), before=before)
    return ended, sorted(harness.contents(folder))


def problems(megabytes, ended, files):
    told = f"{megabytes} MB: exit {ended.code}, {ended.err[:200]!r}, {files}"
    if ended.code == 0:
        return [] if files == ["m.onnx"] else [told]
    lines = ended.lines()
    refused = ended.code == 1 and len(lines) == 1 and "memory" in lines[0].lower()
    return [] if refused and not files and megabytes != MEGABYTES[-1] else [told]


def main():
    trust = harness.Trust(harness.parser(__doc__).parse_args())
    for family in FAMILIES:
        if not trust.wanted(family):
            continue
        found = [(limit, *run(trust, family, limit)) for limit in MEGABYTES]
        wrong = [line for one in found for line in problems(*one)]
        refused = sum(ended.code == 1 for _, ended, _ in found)
        trust.check(family, wrong or ([] if refused else ["no limit was too low"]),
                    f"{refused} of {len(MEGABYTES)} limits too low")
    trust.end()


if __name__ == "__main__":
    main()
