"""A docstring reads alone: it never begins where the one above it ended."""

import ast
from pathlib import Path

ROOT = Path(__file__).parents[2]
#: What a sentence begins with that leans on another.
LEANING = ("The same", "Those", "These", "Of", "In", "Its", "It", "Their", "Also", "As above", "Likewise")


def docstrings(path: Path) -> list[str]:
    documented = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
    nodes = (node for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, documented))
    return [text for node in nodes if (text := ast.get_docstring(node))]


def test_no_docstring_leans_on_its_neighbour() -> None:
    paths = [path for room in ("referencing", "storage") for path in sorted((ROOT / room).rglob("*.py"))]
    texts = [(path.name, text) for path in paths for text in docstrings(path)]
    assert len(texts) > 1500
    beginnings = tuple(f"{words} " for words in LEANING)
    assert [(name, text) for name, text in texts if text.startswith(beginnings)] == []
