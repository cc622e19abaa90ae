"""What is measured, and how it is told: on the terminal, as JSON, as the tables of the docs."""

import dataclasses
import importlib.metadata
import json
import os
import re

REPOSITORY = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
OURS = "steelyard"
PEERS = ("scikit-learn", "liblinear-multicore", "numpy", "pandas", "polars", "onnxruntime")
DOCS = os.path.join(REPOSITORY, "docs", "benchmarks.md")
MARK = "<!-- written by bench/run.py --docs -->\n"


@dataclasses.dataclass
class Result:
    """One contender on one case. Seconds are medians; the ratio is to ours, taken in turns."""

    case: str
    contender: str
    seconds: float | None = None
    ratio: float | None = None
    equal: str = ""  # what shows that the results are equal
    remark: str = ""
    over: float | None = None  # a peer that did not get there: the ratio it has at least
    runs: list = dataclasses.field(default_factory=list)


@dataclasses.dataclass
class Aim:
    """What a row should reach, and what it did."""

    text: str
    measured: str
    verdict: str  # met, missed, or open: a peer was stopped before it could tell


@dataclasses.dataclass
class Row:
    """A row of the benchmark: its name, its results, its aims."""

    name: str
    title: str
    results: list = dataclasses.field(default_factory=list)
    aims: list = dataclasses.field(default_factory=list)

    def add(self, *arguments, **named):
        """Adds a result and returns it."""
        self.results.append(Result(*arguments, **named))
        return self.results[-1]

    def aim(self, text, measured, met):
        """Adds an aim; `met` is None where it stays open."""
        verdict = "open" if met is None else "met" if met else "missed"
        self.aims.append(Aim(text, measured, verdict))

    def aim_ratio(self, case, least, peer=""):
        """Adds the aim to be `least` times as fast as each peer measured on a case, or as the ones
        whose names begin so."""
        wanted = [result for result in self.results
                  if result.case == case and result.contender.startswith(peer)]
        ratios = [(result.ratio or result.over, result) for result in wanted
                  if result.ratio or result.over]
        text = f"{case}: {least:g}x {peer or 'the fastest peer'}"
        if not ratios:
            return self.aim(text, "no peer to compare with", False)
        ratio, nearest = min(ratios, key=lambda pair: pair[0])
        if nearest.ratio:
            return self.aim(text, f"{ratio_text(ratio)} {nearest.contender}", ratio >= least)
        return self.aim(text, f"over {ratio_text(ratio)} {nearest.contender}",
                        True if ratio >= least else None)

    def forget(self, name):
        """Drops what there is of a case, or of those whose names begin with that and a comma."""
        self.results = [one for one in self.results if not is_of(one.case, name)]
        self.aims = [aim for aim in self.aims if not is_of(aim.text, name)]

    def put_in_order(self, names):
        """Sorts results and aims as their cases stand in a list."""
        def place(text):
            return next((i for i, name in enumerate(names) if is_of(text, name)), len(names))

        self.results.sort(key=lambda one: place(one.case))
        self.aims.sort(key=lambda aim: place(aim.text))


def is_of(text, name):
    """Whether a case, or the text of an aim, is about what has this name."""
    return text == name or text.startswith((f"{name},", f"{name}:"))


def seconds_text(seconds):
    """Seconds with three digits, in a unit that suits them."""
    if seconds is None:
        return "-"
    for unit, scale in (("s", 1), ("ms", 1e3), ("us", 1e6)):
        if seconds * scale >= 1 or unit == "us":
            value = seconds * scale
            return f"{value:.0f} {unit}" if value >= 100 else f"{value:.3g} {unit}"
    return ""


def ratio_text(ratio):
    """A ratio with a digit after the point where it is small."""
    return f"{ratio:.1f}x" if ratio < 100 else f"{ratio:,.0f}x"


def cells(result):
    """A result as the cells of a line."""
    ratio = ratio_text(result.ratio) if result.ratio else ""
    if result.over:
        ratio = "> " + ratio_text(result.over)
    note = "; ".join(part for part in (result.equal, result.remark) if part)
    return [result.case, result.contender, seconds_text(result.seconds), ratio, note]


def versions():
    """The peers as they are installed, in words."""
    found = []
    for name in PEERS:
        try:
            found.append(f"{name} {importlib.metadata.version(name)}")
        except importlib.metadata.PackageNotFoundError:
            found.append(f"{name} missing")
    return ", ".join(found)


def section(row):
    """A row as Markdown, with its aims."""
    lines = [f"### {row.name}", "", row.title, "",
             "| case | contender | median | ratio | equal results, remarks |",
             "|---|---|---:|---:|---|"]
    last = None
    for result in row.results:
        line = cells(result)
        if line[0] == last:
            line[0] = ""
        last = result.case
        lines.append("| " + " | ".join(line) + " |")
    if row.aims:
        lines += ["", "| aim | measured | |", "|---|---|---|"]
        lines += [f"| {aim.text} | {aim.measured} | {aim.verdict} |" for aim in row.aims]
    return "\n".join(lines) + "\n"


def markdown(rows):
    """All rows as Markdown."""
    return "\n".join([f"Peers: {versions()}.\n", *map(section, rows)])


def write_docs(rows, order):
    """Puts rows into the docs, after the mark; sections of rows that are not among them stay.
    `order` has the names of all rows as they are to follow each other."""
    with open(DOCS, encoding="utf-8") as file:
        words, _, tables = file.read().partition(MARK)
    sections = re.split(r"^(?=### )", tables, flags=re.MULTILINE)[1:]
    kept = {one.split("\n", 1)[0][len("### "):]: one.rstrip("\n") + "\n" for one in sections}
    kept |= {row.name: section(row) for row in rows}
    found = [kept[name] for name in order if name in kept]
    with open(DOCS, "w", encoding="utf-8") as file:
        file.write("\n".join([words + MARK, f"Peers: {versions()}.\n", *found]))


def text(row):
    """A row for the terminal."""
    table = [cells(result) for result in row.results]
    widths = [max(len(line[column]) for line in table) for column in range(4)] if table else []
    lines, last = [f"{row.name}: {row.title}"], None
    for line in table:
        shown = "" if line[0] == last else line[0]
        last = line[0]
        lines.append(f"  {shown:{widths[0]}}  {line[1]:{widths[1]}}  {line[2]:>{widths[2]}}  "
                     f"{line[3]:>{widths[3]}}  {line[4]}".rstrip())
    lines += [f"  {aim.verdict.upper():6}  {aim.text}: {aim.measured}" for aim in row.aims]
    return "\n".join(lines)


def save(path, rows):
    """Writes rows as JSON; rows of the same file that were not measured now stay."""
    kept = {row.name: row for row in load(path)}
    kept.update({row.name: row for row in rows})
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "w", encoding="utf-8") as file:
        json.dump([dataclasses.asdict(row) for row in kept.values()], file, indent=1)


def resumed(path, row):
    """A row with what a file has of it already, for rows that keep each part once it is done."""
    for kept in load(path):
        if kept.name == row.name:
            row.results, row.aims = kept.results, kept.aims
    return row


def load(path):
    """The rows of a file; none where there is no file."""
    if not os.path.exists(path):
        return []
    with open(path, encoding="utf-8") as file:
        return [Row(row["name"], row["title"], [Result(**one) for one in row["results"]],
                    [Aim(**one) for one in row["aims"]]) for row in json.load(file)]
