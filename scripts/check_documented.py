#!/usr/bin/env python3
"""Every public symbol has its comment: functions, types, enums and macros of include/ and table.h.

Usage: check_documented.py [ROOT]
A declaration is documented by a /** comment */ right before it. A block of #defines, without a
blank line between them, is one thing: a comment before it or inside it documents it.
"""

import re

import house

# One header is read as a sequence of comments, preprocessor lines, blank lines and declarations.
ITEM = re.compile(
    r"""(?P<doc>/\*\*(?!<).*?\*/)
      | (?P<comment>/\*.*?\*/ | //[^\n]*)
      | (?P<directive>\#(?:\\\n|[^\n])*)
      | (?P<blank>\n[ \t]*(?=\n))
      | (?P<space>\s+)
      | (?P<code>[;{}/] | [^\s\#/;{}][^;{}\#/]*)""",
    re.VERBOSE | re.DOTALL,
)


def items_of(text):
    """(kind, text, line) of each item; a declaration is joined up to its outermost semicolon."""
    text = re.sub(r'extern "C" \{', lambda match: " " * len(match.group()), text)
    declaration, depth, start = "", 0, 0
    for match in ITEM.finditer(text):
        kind, token = match.lastgroup, match.group()
        line = text.count("\n", 0, match.start()) + 1
        if kind == "code":
            start = start if declaration else line
            depth += {"{": 1, "}": -1}.get(token, 0)
            declaration += token + " "
            if depth < 0:  # the end of extern "C"
                declaration, depth = "", 0
            elif depth == 0 and token == ";":
                yield "declaration", declaration, start
                declaration = ""
        elif not declaration and kind != "space":
            yield kind, token, line


def name_of(declaration):
    """The name that a declaration declares."""
    plain = re.sub(r"\{.*\}", " ", declaration, flags=re.DOTALL)
    plain = re.sub(r"SY_PRINTF\s*\([^)]*\)", " ", plain)
    pointer = re.search(r"\(\s*\*\s*(\w+)\s*\)\s*\(", plain)
    function = re.search(r"(\w+)\s*\(", plain)
    words = re.findall(r"\w+", plain)
    return (pointer or function).group(1) if pointer or function else words[-1] if words else "?"


def undocumented_declarations(items):
    """(line, name) of the declarations without a comment right before them."""
    previous = None
    for kind, token, line in items:
        if kind == "declaration" and previous != "doc":
            yield line, name_of(token)
        previous = kind


def undocumented_macros(items):
    """(line, names) of the blocks of #defines without a comment before or among them."""
    block, commented = [], False
    for kind, token, line in items + [("blank", "", 0)]:
        macro = re.match(r"#\s*define\s+(\w+)", token) if kind == "directive" else None
        if macro and not re.fullmatch(r"STEELYARD_\w*H", macro.group(1)):
            block.append((line, macro.group(1)))
        elif kind in ("doc", "comment"):
            commented = True
        elif kind in ("blank", "declaration"):
            if block and not commented:
                yield block[0][0], ", ".join(name for _, name in block)
            block, commented = [], False


def main():
    root, problems, checked = house.root_folder(), [], 0
    for path in house.files_under(root, ["include", "table"], [".h"]):
        if path.startswith("table/") and path != "table/table.h":
            continue
        items = list(items_of(house.read(root, path)))
        checked += sum(kind == "declaration" for kind, _, _ in items)
        found = list(undocumented_declarations(items)) + list(undocumented_macros(items))
        problems += [f"{path}:{line}: no comment says what {name} is" for line, name in found]
    house.finish("documented symbols", problems, checked)


if __name__ == "__main__":
    main()
