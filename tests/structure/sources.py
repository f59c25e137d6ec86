"""The sources of the project, read once for all the rules that look through them."""

import ast
from collections.abc import Sequence
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[2]


def paths(*rooms: str) -> list[Path]:
    """The files of these rooms, in order."""
    return [path for room in rooms for path in sorted((ROOT / room).rglob("*.py"))]


@cache
def nodes(path: Path) -> Sequence[ast.AST]:
    """All that a file says, the whole before its parts."""
    return tuple(ast.walk(ast.parse(path.read_text())))
