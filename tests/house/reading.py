"""Reads the code of the house as trees, for the tests that judge its order."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PORTAL = ROOT / "portal"
TEMPLATES = PORTAL / "templates"


def files(name: str = "*") -> list[Path]:
    """Return the Python files of the features, `name` without its ending."""
    return sorted(PORTAL.glob(f"*/{name}.py"))


def feature_of(file: Path) -> str:
    return file.relative_to(PORTAL).parts[0]


def shown(file: Path) -> str:
    return file.relative_to(ROOT).as_posix()


@cache
def tree_of(file: Path) -> ast.Module:
    return ast.parse(file.read_text(encoding="utf-8"), str(file))


def imports(file: Path) -> Iterator[tuple[int, str]]:
    """Yield (line, module) of each import, wherever it stands in the file.

    `from portal import x` and `from portal.x import y` both name what they bring; what
    `import_module` brings by a literal counts too.
    """
    for node in ast.walk(tree_of(file)):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield node.lineno, alias.name
        elif isinstance(node, ast.ImportFrom) and node.module:
            for alias in node.names:
                yield node.lineno, f"{node.module}.{alias.name}"
        elif isinstance(node, ast.Call) and called(node) in {"import_module", "__import__"}:
            first = node.args[0] if node.args else None
            if isinstance(first, ast.Constant) and isinstance(first.value, str):
                yield node.lineno, first.value


def called(node: ast.Call) -> str:
    """Return the last name of what is called: `commit` of `db.session.commit()`."""
    if isinstance(node.func, ast.Attribute):
        return node.func.attr
    return node.func.id if isinstance(node.func, ast.Name) else ""


def calls(file: Path) -> Iterator[tuple[int, str]]:
    """Yield (line, last name) of each call."""
    for node in ast.walk(tree_of(file)):
        if isinstance(node, ast.Call):
            yield node.lineno, called(node)
