"""Numbers as tables show them, and tables for notebooks: styles inline, texts escaped.

Colours come from the notebook, so that light and dark ones are both legible.
"""

from __future__ import annotations

import html
import math


def fixed(value: float, decimals: int) -> str:
    """So many decimals, halves away from 0 as in the library's own tables; "-" for nan."""
    if math.isnan(value) or math.isinf(value):
        return "-" if math.isnan(value) else "inf" if value > 0 else "-inf"
    scaled = math.floor(abs(value) * 10 ** decimals + 0.5) / 10 ** decimals
    return f"{-scaled if value < 0 and scaled else scaled:,.{decimals}f}"


def number(value: float) -> str:
    """Three decimals."""
    return fixed(value, 3)


def percent(share: float) -> str:
    """"12.3 %"; more decimals where a small share would read as none, or a large one as all."""
    value = 100 * share
    rest = min(value, 100 - value)
    decimals = 1
    while 0 < rest < 0.05 and decimals < 4 and rest * 10 ** decimals < 1:
        decimals += 1
    return "-" if math.isnan(share) else f"{fixed(value, decimals)} %"


def money(value: float) -> str:
    """Three digits or so: "1.25", "331", "12,345", "1.25M"."""
    size = abs(value)
    for unit, least in (("G", 999.5e6), ("M", 999.5e3), ("k", 99999.5)):
        if least <= size < math.inf:
            return money(value / {"k": 1e3, "M": 1e6, "G": 1e9}[unit]) + unit
    return fixed(value, 0 if size >= 99.95 else 1 if size >= 9.995 else 2)


def interval(ends) -> str:
    """"0.1 to 0.2", or nothing where there is none."""
    if ends is None or math.isnan(ends[0]):
        return ""
    return f"{number(ends[0])} to {number(ends[1])}"


# --- HTML ---

_CELL = "padding:2px 10px;text-align:{};border:0;white-space:nowrap;background:none;color:inherit"


def cell(text: str, first: bool = False, tag: str = "td", style: str = "") -> str:
    """A cell of a table."""
    side = "left" if first else "right"
    return f'<{tag} style="{_CELL.format(side)}{style}">{html.escape(text)}</{tag}>'


def row(*texts: str, style: str = "") -> str:
    """A line of a table, the first cell being its name."""
    cells = "".join(cell(text, i == 0, style=style) for i, text in enumerate(texts))
    return f'<tr style="background:none">{cells}</tr>'


def heads(*texts: str) -> str:
    """The line above a table."""
    line = ";border-bottom:1px solid currentColor;font-weight:600"
    cells = "".join(cell(text, i == 0, "th", line) for i, text in enumerate(texts))
    return f'<tr style="background:none">{cells}</tr>'


def table(rows: str) -> str:
    """A table of lines."""
    style = ("border-collapse:collapse;border:0;margin:0 0 1em 0;font-variant-numeric:tabular-nums;"
             "color:inherit")
    return f'<table style="{style}">{rows}</table>'


def sentence(text: str, style: str = "") -> str:
    """A line of words under a table."""
    return f'<div style="margin:0 0 0.4em 10px{style}">{html.escape(text)}</div>'


def heading(text: str) -> str:
    """A line of words above a table."""
    return f'<div style="font-weight:600;margin:0 0 0.5em 10px">{html.escape(text)}</div>'


def frame(inside: str) -> str:
    """What a notebook shows of an object."""
    return f'<div style="font-size:13px;line-height:1.45;overflow-x:auto">{inside}</div>'
