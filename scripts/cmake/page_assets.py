#!/usr/bin/env python3
"""Writes the style and the script of the report page as C strings, while building.

Usage: page_assets.py ASSETS UPLOT OUTPUT.c
ASSETS is src/report/assets, UPLOT the folder with uPlot.iife.min.js, uPlot.min.css and LICENSE. The
page's Content-Security-Policy allows these two texts alone, by their digests, so they are written
here once for all and never changed while a page is made.
"""

import base64
import hashlib
import os
import re
import sys

STYLES = ["page.css", "live.css"]
SCRIPTS = ["numbers.js", "decide.js", "engine.js", "plots.js", "page.js"]


def read(*names):
    with open(os.path.join(*names), encoding="utf-8") as file:
        return file.read().replace("\r\n", "\n").strip() + "\n"


def without_comments(text, line_comments):
    """What readers of the page do not need: comments and the blanks before lines."""
    text = re.sub(r"/\*.*?\*/", "", text, flags=re.DOTALL)
    if line_comments:
        text = re.sub(r"^\s*//.*$", "", text, flags=re.MULTILINE)
    return re.sub(r"\n\s*", "\n", text).strip() + "\n"


def style(assets, uplot):
    return read(uplot, "uPlot.min.css") + "".join(
        without_comments(read(assets, name), False) for name in STYLES)


def script(assets, uplot):
    notice = "/*! uPlot 1.6.32\n" + read(uplot, "LICENSE") + "*/\n"
    own = "".join(without_comments(read(assets, name), True) for name in SCRIPTS)
    return (notice + read(uplot, "uPlot.iife.min.js") + '(function () {\n"use strict";\n' + own +
            "})();\n")


def digest(text):
    return "'sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode() + "'"


def c_string(name, text):
    """Strings side by side, none long; octal escapes end by themselves after three digits."""
    pieces = []
    raw = text.encode()
    for start in range(0, len(raw), 80):
        piece = ""
        for byte in raw[start:start + 80]:
            if byte in b'"\\':
                piece += "\\" + chr(byte)
            elif 32 <= byte < 127 and byte != ord("?"):
                piece += chr(byte)
            else:
                piece += f"\\{byte:03o}"
        pieces.append(f'    "{piece}"')
    return f"const char {name}[] =\n" + "\n".join(pieces) + ";\n"


def main():
    if len(sys.argv) != 4:
        sys.exit(__doc__)
    assets, uplot, output = sys.argv[1:]
    css, js = style(assets, uplot), script(assets, uplot)
    if "</style" in css.lower() or "</script" in js.lower() or "<!--" in js:
        sys.exit("page_assets.py: a text that would end the element it stands in")
    policy = (f"default-src 'none'; style-src {digest(css)}; script-src {digest(js)}; "
              "base-uri 'none'; form-action 'none'")
    with open(output, "w", encoding="ascii") as file:
        file.write('/* Made of src/report/assets by scripts/cmake/page_assets.py. */\n'
                   '#include "report/page.h"\n\n')
        file.write(c_string("sy_page_style", css) + "\n")
        file.write(c_string("sy_page_script", js) + "\n")
        file.write(c_string("sy_page_policy", policy))


if __name__ == "__main__":
    main()
