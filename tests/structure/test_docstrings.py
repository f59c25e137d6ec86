"""A docstring reads alone: it never begins where the one above it ended."""

import ast
from pathlib import Path

from tests.structure.sources import nodes, paths

#: What a sentence begins with that leans on another.
LEANING = ("The same", "Those", "These", "Of", "In", "Its", "It", "Their", "Also", "As above", "Likewise")


def docstrings(path: Path) -> list[str]:
    documented = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
    return [
        text for node in nodes(path) if isinstance(node, documented) and (text := ast.get_docstring(node))
    ]


def test_no_docstring_leans_on_its_neighbour() -> None:
    texts = [(path.name, text) for path in paths("referencing", "storage") for text in docstrings(path)]
    assert len(texts) > 1500
    beginnings = tuple(f"{words} " for words in LEANING)
    assert [(name, text) for name, text in texts if text.startswith(beginnings)] == []
