#!/usr/bin/env python3
"""The page of --report: well formed, harmless, and in Chromium as exact as the library.

Usage: run.py [--binary FILE] [--pictures FOLDER] [PATTERN]
What needs Chromium (scripts/setup.sh chromium) says that it is skipped without it. --pictures keeps
a picture of each page in each window and scheme, for people to look at.
"""

import argparse
import collections
import csv
import fnmatch
import json
import math
import os
import random
import shutil
import subprocess
import sys
import tempfile
import urllib.error

import browser
import outline

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
HOSTILE = "</script><img src=x onerror=alert(1)>\"'&"


class Skipped(Exception):
    """There is no Chromium."""


class World:
    """The program, a folder with its pages, and one browser for all tests that need it."""

    def __init__(self, binary, folder):
        self.binary, self.folder, self.chromium = binary, folder, None

    def path(self, name):
        return os.path.join(self.folder, name)

    def run(self, *arguments):
        done = subprocess.run([self.binary, *arguments], capture_output=True, check=False,
                              cwd=self.folder)
        assert done.returncode == 0, f"{' '.join(arguments)}: {done.stderr.decode()}"
        return done.stdout.decode()

    def page(self, name, *arguments):
        """A page that is made once, from fit on NAME.csv with these arguments."""
        html = f"{name}.html"
        if not os.path.exists(self.path(html)):
            self.run("fit", f"{name}.csv", "--label", "y", "-o", f"{name}.onnx", "--report", html,
                     "--quiet", *arguments)
        with open(self.path(html), encoding="utf-8") as file:
            return file.read()

    def show(self, name, width=1280, scheme="light"):
        """The browser with a page in it."""
        if not browser.programs():
            raise Skipped("there is no Chromium (scripts/setup.sh chromium)")
        if not self.chromium:
            self.chromium = browser.Browser()
        self.chromium.window(width)
        self.chromium.media(scheme)
        self.chromium.log("browser"), self.chromium.log("performance")
        self.chromium.open(self.path(f"{name}.html"))
        return self.chromium

    def close(self):
        if self.chromium:
            self.chromium.close()


# --- data, and what the library says of it ---

NAMES = {"two": ["fine", "broken"], "three": ["calm", "rain", "storm"],
         "hostile": [HOSTILE, "plain"]}


def write_table(path, classes, n, seed):
    """Numbers and a text that say something about rare classes; w are row weights."""
    draw = random.Random(seed)
    with open(path, "w", encoding="utf-8", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(["x", "z", "colour", "w", "y"])
        for _ in range(n):
            x, z, colour = draw.gauss(0, 1), draw.gauss(0, 1), draw.choice("rgb")
            scores = [1.2] + [1.4 * (x, z)[k % 2] - 1.2 * k - (colour == "r")
                              for k in range(1, len(classes))]
            chances = [math.exp(score) for score in scores]
            rows.writerow([f"{x:.4f}", f"{z:.4f}", colour, draw.choice([1, 2, 2.5]),
                           draw.choices(classes, chances)[0]])


BY_ROW = "broken:fine=4*w, fine:broken=w/2, fine:fine=0.25"
PAGES = {
    "two": ["--cost", "broken:fine=6"],
    "plain": [],
    "weighted": ["--class-weight", "balanced", "--sample-weight", "w"],
    "three": ["--cost", "storm:calm=20, storm:rain=5, rain:calm=3"],
    "hostile": ["--class-weight", "balanced"],
    "rows": ["--exclude", "w", "--cost", BY_ROW],
}


def make_tables(world):
    for i, name in enumerate(PAGES):
        write_table(world.path(f"{name}.csv"), NAMES.get(name, NAMES["two"]), 500, i)


def make_pages(world):
    return {name: world.page(name, *arguments) for name, arguments in PAGES.items()}


def judged(world, name, costs):
    """A page of a model on all rows, and what the library says of these rows under other costs: the
    costs of a model change its decisions alone."""
    world.run("fit", f"{name}.csv", "--label", "y", "--exclude", "w", "--test", "none",
              "-o", f"{name}-a.onnx", "--quiet", *[a for a in PAGES[name] if a != "w"])
    world.run("evaluate", f"{name}-a.onnx", f"{name}.csv", "--report", f"{name}-judged.html")
    world.run("fit", f"{name}.csv", "--label", "y", "--exclude", "w", "--test", "none",
              "-o", f"{name}-b.onnx", "--quiet", "--cost", costs)
    return json.loads(world.run("evaluate", f"{name}-b.onnx", f"{name}.csv", "--json"))


def flat(confusion):
    return [count for row in confusion for count in row]


def shown_confusion(page):
    return page.run("return [...document.querySelectorAll('#confusion td')]"
                    ".map((cell) => Number(cell.dataset.value))")


def shown(page, figure):
    """A live figure in full, and as it is read."""
    return page.run("const tile = document.querySelector(`[data-figure=\"${arguments[0]}\"]`);"
                    "return [Number(tile.dataset.value), tile.querySelector('.value').textContent]",
                    figure)


def near(value, wanted):
    assert abs(value - wanted) <= 1e-12 * max(1, abs(wanted)), (value, wanted)


def check_two_classes(page, metrics, positive=0):
    """The live figures are those of the metrics, to the last digits."""
    assert shown_confusion(page) == flat(metrics["confusion"]), metrics["confusion"]
    one = metrics["per_class"][positive]
    flagged = sum(row[positive] for row in metrics["confusion"]) / metrics["weighted_rows"]
    near(shown(page, "flagged")[0], flagged)
    near(shown(page, "caught")[0], one["recall"])
    near(shown(page, "precision")[0], one["precision"])
    near(shown(page, "balanced")[0], metrics["balanced_accuracy"])
    near(shown(page, "cost")[0], 1000 * metrics["average_cost"])


# --- without a browser ---

def well_formed(world):
    """Elements end where they should, ids are one of a kind, nothing is loaded from anywhere."""
    for name, text in make_pages(world).items():
        found = outline.Outline(text)
        assert not found.problems, (name, found.problems)
        assert len(text) < 2_000_000, (name, len(text))
        assert "http://" not in text, name
        assert text.count("https://") == text.count("https://github.com/leeoniya/uPlot"), name
        assert "Permission is hereby granted, free of charge" in text, name


def same_bytes(world):
    """A page of the same data is the same, whatever the number of threads."""
    text = world.page("two", *PAGES["two"])
    world.run("fit", "two.csv", "--label", "y", "-o", "again.onnx", "--report", "again.html",
              "--threads", "1", *PAGES["two"])
    with open(world.path("again.html"), encoding="utf-8") as file:
        assert file.read() == text


def names_are_texts(world):
    """Names of classes are text wherever they stand."""
    found = outline.Outline(world.page("hostile", *PAGES["hostile"]))
    assert found.count("img") == 0 and found.count("script") == 2, found.elements
    assert HOSTILE in "".join(found.texts)


def figures_stand(world):
    """The figures of the screen are on the page without any script."""
    found = outline.Outline(world.page("two", *PAGES["two"]))
    text = " ".join(" ".join(found.texts).split())
    screen = world.run("fit", "two.csv", "--label", "y", "-o", "s.onnx", *PAGES["two"])
    stored = next(line for line in screen.splitlines() if "<- stored" in line).split()
    percents = [f"{stored[i]} %" for i, word in enumerate(stored) if stored[i + 1:i + 2] == ["%"]]
    assert len(percents) == 2 and all(percent in text for percent in percents), (percents, text)
    assert "p ≥ 0.143" in text and "never flag" in text, text


def files_are_whole(world):
    """What cannot be written is refused before any work."""
    for arguments, said in [(["--report", "two.csv"], "would overwrite what is read"),
                            (["--report", "-"], "give the page a file name"),
                            (["--report", "m.onnx"], "would overwrite the file of -o"),
                            (["--report", "no/such/page.html"], "no/such")]:
        done = subprocess.run([world.binary, "fit", "two.csv", "--label", "y", "-o", "m.onnx",
                               *arguments], capture_output=True, check=False, cwd=world.folder)
        assert done.returncode in (1, 2) and said in done.stderr.decode(), done.stderr
        assert not os.path.exists(world.path("m.onnx"))


# --- in Chromium ---

def quiet_everywhere(world):
    """No word on the console, no request but for the page itself, no scrolling sideways."""
    make_pages(world)
    for name in PAGES:
        for width, scheme in [(1280, "light"), (1280, "dark"), (390, "light"), (360, "dark")]:
            page = world.show(name, width, scheme)
            wide = page.run("return document.documentElement.scrollWidth - innerWidth")
            assert wide <= 0, (name, width, wide)
            assert page.run("return document.documentElement.classList.contains('is-live')"), name
            assert not page.log("browser"), name
            messages = [json.loads(entry["message"])["message"]
                        for entry in page.log("performance")]
            asked = [message["params"]["request"]["url"] for message in messages
                     if message["method"] == "Network.requestWillBeSent"]
            assert all(url.startswith("file://") and url.endswith(f"/{name}.html")
                       for url in asked), asked
            assert page.run("return document.images.length") == 0, name
            if world.pictures:
                page.picture(os.path.join(world.pictures, f"{name}-{width}-{scheme}.png"))


def begins_with_the_stored_rule(world):
    """At first the live figures are those of the table."""
    for name in ("two", "plain", "weighted", "three"):
        world.page(name, *PAGES[name])
        page = world.show(name)
        told = json.loads(world.run("fit", f"{name}.csv", "--label", "y", "-o", "t.onnx", "--json",
                                    *PAGES[name]))["test"]
        for value, wanted in zip(shown_confusion(page), flat(told["confusion"])):
            near(value, wanted)
        near(shown(page, "balanced")[0], told["balanced_accuracy"])
        near(shown(page, "cost")[0], 1000 * told["average_cost"])
        assert page.run("return document.getElementById('reset').disabled")


def fields_move_two_classes(world):
    """Costs typed into the fields decide as the library does under these costs."""
    wanted = judged(world, "two", "broken:fine=9.5, fine:broken=1.5, broken:broken=0.5, "
                                  "fine:fine=0.25")
    page = world.show("two-judged")
    # classes in order: broken is 0, fine is 1
    for cell, cost in [(1, "9.5"), (2, "1.5"), (0, "0.5"), (3, "0.25")]:
        page.type(f"input[data-cell='{cell}']", cost)
    check_two_classes(page, wanted)
    implied = page.run("return Number(document.getElementById('implied').dataset.value)")
    near(implied, (1.5 - 0.25) / (1.5 - 0.25 + 9.5 - 0.5))
    page.click("#reset")
    stored = json.loads(world.run("evaluate", "two-a.onnx", "two.csv", "--json"))
    check_two_classes(page, stored)
    assert page.run("return document.querySelector(\"input[data-cell='1']\").value") == "6"


def threshold_moves_two_classes(world):
    """A threshold typed, or reached by keys, flags what the library flags at that threshold."""
    wanted = judged(world, "two", "broken:fine=0.7, fine:broken=0.3")
    page = world.show("two-judged")
    page.type("#threshold", "0.3")
    metrics = dict(wanted)
    counts = wanted["confusion"]  # priced by the costs of the page: a missed one 6, an alarm 1
    metrics["average_cost"] = (6 * counts[0][1] + counts[1][0]) / wanted["weighted_rows"]
    check_two_classes(page, metrics)
    assert not page.run("return document.getElementById('follow').checked")


def keys_move_the_slider(world):
    """The slider goes from flagging all to flagging none by keys alone, one way all along."""
    judged(world, "two", "broken:fine=2")
    page = world.show("two-judged")
    page.keys("#slider", "Home")
    assert shown(page, "flagged")[0] == 1 and shown(page, "caught")[0] == 1
    before = 1
    for _ in range(12):
        page.keys("#slider", "PageUp")
        flagged = shown(page, "flagged")[0]
        assert flagged <= before, (flagged, before)
        before = flagged
    page.keys("#slider", "End")
    assert shown(page, "flagged")[0] == 0 and shown(page, "precision")[1] == "-"
    assert page.run("return document.getElementById('slider').getAttribute('aria-valuetext')"
                    ) == "Never flag"
    page.keys("#slider", "Left", "Left")
    text = page.run("return document.getElementById('slider').getAttribute('aria-valuetext')")
    assert text.startswith("p ≥ 0."), text
    page.keys("#reset", "Space")
    assert page.run("return document.getElementById('reset').disabled")


def fields_move_many_classes(world):
    """Each row is decided anew at least expected cost, as the library decides it."""
    costs = {(0, 1): 2.5, (0, 2): 1, (1, 0): 4, (1, 2): 0.5, (2, 0): 12, (2, 1): 7}
    names = NAMES["three"]
    wanted = judged(world, "three", ", ".join(f"{names[a]}:{names[b]}={cost}"
                                              for (a, b), cost in costs.items()))
    page = world.show("three-judged")
    for (actual, said), cost in costs.items():
        page.type(f"input[data-cell='{3 * actual + said}']", str(cost))
    assert shown_confusion(page) == flat(wanted["confusion"])
    near(shown(page, "accuracy")[0], wanted["accuracy"])
    near(shown(page, "macro_f1")[0], wanted["macro_f1"])
    near(shown(page, "cost")[0], 1000 * wanted["average_cost"])
    recalls = page.run("return [...document.querySelectorAll('[data-of=recall]')]"
                       ".map((cell) => Number(cell.dataset.value))")
    for value, one in zip(recalls, wanted["per_class"]):
        near(value, one["recall"])


def factors_move_costs_by_row(world):
    """Costs that differ by row, multiplied in their fields, decide each row as the library does."""
    world.run("fit", "rows.csv", "--label", "y", "--exclude", "w", "--test", "none", "-o",
              "rows-a.onnx", "--quiet", "--cost", "broken:fine=2")
    world.run("evaluate", "rows-a.onnx", "rows.csv", "--cost", BY_ROW,
              "--report", "rows-judged.html")
    wanted = json.loads(world.run(
        "evaluate", "rows-a.onnx", "rows.csv", "--json", "--cost",
        "broken:fine=3*(4*w), fine:broken=0.5*(w/2), broken:broken=1.5, fine:fine=0"))
    page = world.show("rows-judged")
    for cell, cost in [(1, "3"), (2, "0.5"), (0, "1.5"), (3, "0")]:
        page.type(f"input[data-cell='{cell}']", cost)
    check_two_classes(page, wanted)
    assert "for each row" in page.run("return document.getElementById('implied').textContent")
    page.keys("#slider", "Home")  # one threshold for all rows: what is flagged, and priced by row
    assert shown(page, "flagged")[0] == 1
    with open(world.path("rows.csv"), encoding="utf-8") as file:
        costs = [1.5 if row["y"] == "broken" else float(row["w"]) / 4
                 for row in csv.DictReader(file)]
    near(shown(page, "cost")[0], 1000 * sum(costs) / len(costs))


def nonsense_is_refused(world):
    """What is no cost is marked and told, and the figures stay."""
    world.page("two", *PAGES["two"])
    page = world.show("two")
    before = shown_confusion(page)
    page.keys("input[data-cell='1']", "All", "Backspace")
    assert page.run("return document.querySelector(\"input[data-cell='1']\")"
                    ".getAttribute('aria-invalid')") == "true"
    assert "is a number" in page.run("return document.getElementById('problem').textContent")
    assert shown_confusion(page) == before
    page.type("input[data-cell='1']", "5")
    page.type("input[data-cell='0']", "7")  # catching one dearer than missing it
    assert "would cost more" in page.run("return document.getElementById('problem').textContent")
    page.type("#threshold", "7")
    assert page.run("return document.getElementById('threshold').getAttribute('aria-invalid')"
                    ) == "true"


def is_reached_by_keys(world):
    """Everything that is moved has a name and is reached by the tabulator."""
    for name in ("two", "three"):
        world.page(name, *PAGES[name])
        page = world.show(name)
        moved = page.run("return [...document.querySelectorAll('input, button')]"
                         ".map((one) => '#' + one.id)")
        assert all(page.label(selector) for selector in moved)
        assert page.label("input[data-cell='1']") in (
            "A missed broken costs", "calm called rain costs"), page.label("input[data-cell='1']")
        page.run("document.querySelector('#decide').scrollIntoView();"
                 "document.querySelector('.controls input').focus()")
        reached = set()
        for _ in range(40):
            reached.add("#" + page.run("return document.activeElement.id"))
            page.keys("body" if page.run("return document.activeElement === document.body")
                      else "#" + page.run("return document.activeElement.id || "
                                          "(document.activeElement.id = 'here')"), "Tab")
        missing = [one for one in moved if one not in reached and one != "#reset"]
        assert not missing, missing


CONTRAST = """
const luminance = ([r, g, b]) => {
  const part = (v) => (v /= 255) <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4;
  return 0.2126 * part(r) + 0.7152 * part(g) + 0.0722 * part(b);
};
const parse = (text) => text.match(/[\\d.]+/g).map(Number);
const behind = (element) => {
  const layers = [];
  for (let at = element; at; at = at.parentElement) {
    const [r, g, b, a = 1] = parse(getComputedStyle(at).backgroundColor);
    layers.push([r, g, b, a]);
    if (a === 1) break;
  }
  return layers.reverse().reduce((under, [r, g, b, a]) =>
    [r, g, b].map((v, i) => a * v + (1 - a) * under[i]), [255, 255, 255]);
};
const poor = [];
for (const element of document.querySelectorAll('body *')) {
  const own = [...element.childNodes].some((n) => n.nodeType === 3 && n.textContent.trim());
  if (!own || !element.checkVisibility() || element.closest('script, style, .u-wrap')) continue;
  if (element.disabled) continue;
  const style = getComputedStyle(element);
  const ink = parse(element instanceof SVGElement ? style.fill : style.color);
  const [a, b] = [luminance(ink), luminance(behind(element))].sort((x, y) => y - x);
  const ratio = (a + 0.05) / (b + 0.05);
  if (ratio < 4.5) poor.push([element.outerHTML.slice(0, 120), ratio]);
}
return poor;
"""


def contrast(world):
    """Text stands out at 4.5 to 1 at least, light and dark."""
    make_pages(world)
    for name in ("two", "weighted", "three"):
        for scheme in ("light", "dark"):
            page = world.show(name, 1280, scheme)
            page.run("document.querySelectorAll('details').forEach((d) => { d.open = true; })")
            poor = page.run(CONTRAST)
            assert not poor, (name, scheme, poor[:5])
            dark = page.run("return getComputedStyle(document.documentElement).backgroundColor")
            assert (dark == "rgb(255, 255, 255)") == (scheme == "light"), dark


def stands_without_script(world):
    """Without JavaScript all plots and tables are there, and nothing that cannot be moved."""
    world.page("two", *PAGES["two"])
    page = world.show("two")
    page.command("Emulation.setScriptExecutionDisabled", value=True)
    try:
        page.open(world.path("two.html"))
    finally:
        page.command("Emulation.setScriptExecutionDisabled", value=False)
    assert page.run("return [...document.querySelectorAll('svg.still')]"
                    ".filter((svg) => svg.getBoundingClientRect().width > 100).length") == 5
    assert page.run("return [...document.querySelectorAll('input, button, .grip')]"
                    ".every((one) => !one.checkVisibility())")
    assert page.run("return document.querySelectorAll('.ways tbody tr').length") >= 3


def prints_light(world):
    """On paper: light, the drawn plots in the place of the moving ones, nothing to move."""
    world.page("two", *PAGES["two"])
    page = world.show("two", 800, "dark")
    page.media("dark", "print")
    assert page.run("return getComputedStyle(document.documentElement).backgroundColor"
                    ) == "rgb(255, 255, 255)"
    assert page.run("return [...document.querySelectorAll('svg.still')]"
                    ".every((svg) => svg.checkVisibility())")
    assert page.run("return [...document.querySelectorAll('input, button, .uplot')]"
                    ".every((one) => !one.checkVisibility())")
    assert not page.run(CONTRAST)


TESTS = [well_formed, same_bytes, names_are_texts, figures_stand, files_are_whole,
         quiet_everywhere, begins_with_the_stored_rule, fields_move_two_classes,
         threshold_moves_two_classes, keys_move_the_slider, fields_move_many_classes,
         factors_move_costs_by_row, nonsense_is_refused, is_reached_by_keys, contrast,
         stands_without_script, prints_light]


def attempt(test, world):
    """Runs one test; "passed", "failed" or "skipped"."""
    try:
        test(world)
        return "passed"
    except Skipped as why:
        print(f"skipped: {test.__name__}: {why}")
        return "skipped"
    except (AssertionError, KeyError, RuntimeError, urllib.error.URLError) as problem:
        print(f"failed: {test.__name__}: {type(problem).__name__}: {str(problem)[:2000]}")
        return "failed"


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--binary", default=os.path.join(ROOT, "build", "steelyard"))
    parser.add_argument("--pictures", help="a folder to keep pictures in")
    parser.add_argument("pattern", nargs="?", default="*")
    given = parser.parse_args()
    folder = tempfile.mkdtemp(prefix="steelyard-page-")
    world = World(os.path.abspath(given.binary), folder)
    world.pictures = given.pictures and os.path.abspath(given.pictures)
    try:
        make_tables(world)
        results = collections.Counter(attempt(test, world) for test in TESTS
                                      if fnmatch.fnmatch(test.__name__, given.pattern))
    finally:
        world.close()
        shutil.rmtree(folder)
    print(f"page: {results['passed']} passed, {results['failed']} failed, "
          f"{results['skipped']} skipped")
    return 1 if results["failed"] or not results else 0


if __name__ == "__main__":
    sys.exit(main())
