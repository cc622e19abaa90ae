#!/usr/bin/env python3
"""Every public symbol has its comment: functions, types, enums and macros of include/ and table.h,
and the functions, classes and methods that the Python package shows.

Usage: check_documented.py [ROOT]
A declaration is documented by a /** comment */ right before it. A block of #defines, without a
blank line between them, is one thing: a comment before it or inside it documents it. In Python
public is, without an underscore of its own, what lies in a module without one or what an __all__
names; its docstring documents it, a property also that of its class where that names it. Editors
and type checkers read hints: each of its parameters has one, and its result; so have those of the
__init__ and __call__ of its classes.
"""

import ast
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


FUNCTION = (ast.FunctionDef, ast.AsyncFunctionDef)
CALLED = ("__init__", "__call__")


def exported_names(trees):
    """What the lists called __all__ name."""
    return {
        element.value
        for tree in trees
        for node in tree.body
        if isinstance(node, ast.Assign) and isinstance(node.value, (ast.List, ast.Tuple))
        and any(isinstance(target, ast.Name) and target.id == "__all__" for target in node.targets)
        for element in node.value.elts
        if isinstance(element, ast.Constant)
    }


def is_documented_property(function, owner):
    """Whether it is a property that the docstring of its class names."""
    decorators = [ast.unparse(decorator) for decorator in function.decorator_list]
    text = ast.get_docstring(owner) or ""
    return any("property" in name for name in decorators) and \
        re.search(rf"\b{function.name}\b", text) is not None


def public_definitions(path, tree, exported):
    """(name, node, class or None) of what users meet: functions, classes, and the methods of
    these, with those that calls of a class and of its objects go to."""
    hidden = any(part.startswith("_") and part != "__init__.py" for part in path.split("/"))
    for node in tree.body:
        if not isinstance(node, (*FUNCTION, ast.ClassDef)) or node.name.startswith("_"):
            continue
        if hidden and node.name not in exported:
            continue
        yield node.name, node, None
        for inner in node.body if isinstance(node, ast.ClassDef) else []:
            if isinstance(inner, FUNCTION) and \
                    (inner.name in CALLED or not inner.name.startswith("_")):
                yield f"{node.name}.{inner.name}", inner, node


def needs_docstring(node, owner):
    """Whether nothing else than its docstring would say what it is."""
    return owner is None or not (node.name in CALLED or is_documented_property(node, owner))


def without_hints(function):
    """What of a function has no type hint: names of parameters, and "its result"."""
    of = function.args
    parameters = [*of.posonlyargs, *of.args, *of.kwonlyargs, of.vararg, of.kwarg]
    names = [one.arg for one in parameters
             if one and one.annotation is None and one.arg not in ("self", "cls")]
    return names if function.returns or function.name == "__init__" else [*names, "its result"]


def python_problems(root):
    """(problems, number checked) of the Python package."""
    paths = house.files_under(root, ["python"], [".py"])
    trees = {path: ast.parse(house.read(root, path)) for path in paths}
    exported = exported_names(trees.values())
    problems, checked = [], 0
    for path, tree in trees.items():
        for name, node, owner in public_definitions(path, tree, exported):
            checked += 1
            if needs_docstring(node, owner) and not ast.get_docstring(node):
                problems.append(f"{path}:{node.lineno}: no docstring says what {name} is")
            bare = without_hints(node) if isinstance(node, FUNCTION) else []
            if bare:
                problems.append(f"{path}:{node.lineno}: {name} has no type hint for "
                                f"{', '.join(bare)}")
    return problems, checked


def main():
    root, problems, checked = house.root_folder(), [], 0
    for path in house.files_under(root, ["include", "table"], [".h"]):
        if path.startswith("table/") and path != "table/table.h":
            continue
        items = list(items_of(house.read(root, path)))
        checked += sum(kind == "declaration" for kind, _, _ in items)
        found = list(undocumented_declarations(items)) + list(undocumented_macros(items))
        problems += [f"{path}:{line}: no comment says what {name} is" for line, name in found]
    found, count = python_problems(root)
    problems, checked = problems + found, checked + count
    house.finish("documented symbols", problems, checked)


if __name__ == "__main__":
    main()
