#!/usr/bin/env python3
"""Draws docs/losses/*.svg: what each loss does to easy and hard rows, computed by the library.

Usage: loss_pictures.py [--check] [BUILD]
Needs a C compiler and libsteelyard.so in the folder BUILD: build/, which `make` fills. With --check
nothing is written, and it fails where a picture is not what would be drawn.
"""

import os
import subprocess
import sys
import tempfile

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
FIRST, LAST, STEPS = -6, 6, 41  # odd: no point lies where the decision jumps
UNUSED, ARGMAX, EXPECTED = 0, 1, 2  # sy_cost_use
SQRT = (0.745, 2.236)  # weights by policy sqrt of the 900 and 100 rows in loss_curves.c
GREY, BLUE, ORANGE = "#999", "#1a6fb5", "#d9680f"

# A panel: its title, and whether its curves differ by class. Then what makes the loss.
PICTURES = {
    "focal": {
        "top": 6, "pull": 1.5, "panels": [
            ("focal:gamma=0.5", False, {"parts": "focal:gamma=0.5"}),
            ("focal:gamma=2", False, {"parts": "focal:gamma=2"}),
            ("focal:gamma=5", False, {"parts": "focal:gamma=5"}),
            ("smoothing 0.1", False, {"smoothing": 0.1})]},
    "classes": {
        "top": 9, "pull": 2.4, "panels": [
            ("class weights, sqrt", True, {"weights": SQRT}),
            ("logit-adjustment", True, {"parts": "logit-adjustment"}),
            ("vs:gamma=0.3", True, {"parts": "vs:gamma=0.3"}),
            ("ldam:margin=3,scale=1", True, {"parts": "ldam:margin=3,scale=1"})]},
    "costs": {
        "top": 9, "pull": 2.4, "panels": [
            ("cost-expected, 1 a mistake", False, {"cost_use": EXPECTED}),
            ("cost-argmax, 1.5 a mistake", False, {"cost_use": ARGMAX, "cost": 1.5}),
            ("by-prediction, sqrt", True, {"weights": SQRT, "by_prediction": 1})]},
}

STEP, GAP, LEFT, HEAD = 5, 26, 44, 36  # pixels; the plots of a panel lie one above the other
PANEL, LOSS_HEIGHT, PULL_HEIGHT, BETWEEN, FOOT = STEP * STEPS, 150, 90, 26, 62
BELOW = 5  # what is left of a curve that goes below 0
JUMP = 12  # what no curve falls by in one step unless it jumps


def curve(binary, label, weights=(1, 1), smoothing=0, cost_use=UNUSED, cost=1, by_prediction=0,
          parts=None):
    """[(loss, pull)] of a row of class `label` from FIRST to LAST."""
    command = [binary, label, *weights, smoothing, cost_use, cost, by_prediction, FIRST, LAST,
               STEPS, *([parts] if parts else [])]
    printed = subprocess.run([str(word) for word in command], check=True, capture_output=True,
                             text=True).stdout
    return [tuple(map(float, line.split())) for line in printed.splitlines()]


def path(values, most, height):
    """A curve of which 0 is at the left end of the axis, in steps between points that are rounded
    themselves, so that errors do not add up; a jump is no line."""
    y = [round(height * (1 - value / most), 1) for value in values]
    words, run = [f"M0 {y[0]:g}"], 0
    for i in range(1, len(y)):
        run += 1
        step = y[i] - y[i - 1]
        if i + 1 < len(y) and abs(y[i + 1] - y[i] - step) < 0.05:
            continue  # a line that goes on
        words.append(f"{'lm'[abs(step) > JUMP]}{STEP * run} {step * run:.4g}")
        run = 0
    return "".join(words)


def text(x, y, words, anchor="middle", colour="#333", size=11):
    return (f'<text x="{x}" y="{y}" text-anchor="{anchor}" fill="{colour}" '
            f'font-size="{size}">{words}</text>')


def frame(height, most):
    """Axes of a plot: the decision in the middle, and numbers at the ends."""
    return [f'<path d="M0 0v{height}h{PANEL}" stroke="#bbb"/>',
            f'<path d="M{PANEL / 2} 0v{height}" stroke="#ddd"/>',
            text(-4, 8, f"{most:g}", "end", "#777", 10),
            text(-4, height + 3, "0", "end", "#777", 10)]


def plots(picture):
    """(name, which number of a point, top, height, most) of the two plots of a panel."""
    return [("loss", 0, HEAD, LOSS_HEIGHT, picture["top"]),
            ("pull", 1, HEAD + LOSS_HEIGHT + BETWEEN, PULL_HEIGHT, picture["pull"])]


def shared(binary, picture):
    """Plain cross-entropy, which every panel has, and the rooms of the plots."""
    points, drawn = curve(binary, 0), ["<defs>"]
    for name, which, _, height, most in plots(picture):
        line = path([point[which] for point in points], most, height)
        drawn += [f'<clipPath id="in-{name}"><rect y="-1" width="{PANEL}" '
                  f'height="{height + BELOW}"/></clipPath>',
                  f'<g id="{name}" clip-path="url(#in-{name})">'
                  f'<path d="{line}" stroke="{GREY}" stroke-width="1.2"/></g>']
    return drawn + ["</defs>"]


def panel(binary, picture, title, by_class, options, left):
    """Both plots of a panel."""
    lines = [(curve(binary, 0, **options), BLUE)]
    lines += [(curve(binary, 1, **options), ORANGE)] if by_class else []
    drawn = [text(left + PANEL / 2, HEAD - 12, title, size=12)]
    for name, which, top, height, most in plots(picture):
        drawn += [f'<g transform="translate({left} {top})">', *frame(height, most),
                  f'<use href="#{name}"/>',
                  f'<g clip-path="url(#in-{name})" stroke-width="2">']
        drawn += [f'<path d="{path([point[which] for point in points], most, height)}" '
                  f'stroke="{colour}"/>' for points, colour in lines]
        drawn.append("</g></g>")
    foot = HEAD + LOSS_HEIGHT + BETWEEN + PULL_HEIGHT + 16
    return drawn + [text(left, foot, "hard", "start", "#777"),
                    text(left + PANEL / 2, foot, "0", colour="#777"),
                    text(left + PANEL, foot, "easy", "end", "#777")]


def legend(by_class):
    """What the colours mean, and what is across."""
    entries = [(GREY, "cross-entropy")]
    entries += [(BLUE, "row of the frequent class"),
                (ORANGE, "row of the rare class")] if by_class else [(BLUE, "a row")]
    drawn, x, y = [], LEFT, HEAD + LOSS_HEIGHT + BETWEEN + PULL_HEIGHT + FOOT - 26
    for colour, words in entries:
        drawn += [f'<path d="M{x} {y - 4}h18" stroke="{colour}" stroke-width="2"/>',
                  text(x + 23, y, words, "start")]
        x += 45 + 6 * len(words)
    note = f"across: the logit of its class less that of the other, {FIRST} to {LAST}"
    return drawn + [text(LEFT, y + 18, note, "start", "#777")]


def draw(binary, picture):
    panels = picture["panels"]
    width = LEFT + len(panels) * (PANEL + GAP)
    height = HEAD + LOSS_HEIGHT + BETWEEN + PULL_HEIGHT + FOOT
    by_class = any(differs for _, differs, _ in panels)
    drawn = [f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" '
             f'width="{width}" height="{height}" font-family="sans-serif" fill="none">',
             f'<rect width="{width}" height="{height}" fill="#fff"/>', *shared(binary, picture)]
    for i, (title, differs, options) in enumerate(panels):
        drawn += panel(binary, picture, title, differs, options, LEFT + i * (PANEL + GAP))
    for name, _, top, tall, _ in plots(picture):
        drawn.append(f'<g transform="translate(14 {top + tall / 2}) rotate(-90)">'
                     f'{text(0, 0, name)}</g>')
    return "\n".join(drawn + legend(by_class) + ["</svg>", ""])


def draw_all(build):
    """{file name: picture}."""
    with tempfile.TemporaryDirectory() as scratch:
        binary = os.path.join(scratch, "loss_curves")
        subprocess.run([os.environ.get("CC", "cc"), "-std=c17", f"-I{ROOT}/include",
                        f"{ROOT}/scripts/loss_curves.c", "-o", binary, f"-L{build}",
                        "-lsteelyard", f"-Wl,-rpath,{build}"], check=True)
        return {f"{name}.svg": draw(binary, picture) for name, picture in PICTURES.items()}


def main():
    arguments = [word for word in sys.argv[1:] if word != "--check"]
    build = os.path.abspath(arguments[0] if arguments else f"{ROOT}/build")
    stale = []
    for name, drawn in draw_all(build).items():
        path_ = os.path.join(ROOT, "docs", "losses", name)
        if "--check" not in sys.argv:
            with open(path_, "w", encoding="utf-8") as file:
                file.write(drawn)
        elif not os.path.exists(path_) or open(path_, encoding="utf-8").read() != drawn:
            stale.append(name)
    if stale:
        sys.exit(f"docs/losses: {', '.join(stale)}: not as drawn; run scripts/loss_pictures.py")


if __name__ == "__main__":
    main()
