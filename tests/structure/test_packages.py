"""What may lie in a package, what a pure module may load, and that the name `referencing` is ours alone."""

import ast
import subprocess
import sys
from collections import Counter
from importlib.metadata import packages_distributions
from pathlib import Path

import grimp
import pytest

from tests.structure.house import House
from tests.structure.sources import ROOT, nodes, paths

INITS = sorted(
    path.relative_to(ROOT)
    for package in ("referencing", "storage", "migrations", "demonstration", "tests")
    for path in (ROOT / package).rglob("__init__.py")
)
PACKAGES = [path.parent for path in INITS if path.parts[0] == "referencing"]
#: About a dozen: a package that holds more holds rooms.
MOST_MODULES = 14
MOST_LINES = 49  # of a function


def modules(package: Path) -> list[str]:
    return sorted(path.stem for path in (ROOT / package).glob("*.py") if path.name != "__init__.py")


@pytest.mark.parametrize("path", INITS, ids=str)
def test_an_init_file_is_empty(path: Path) -> None:
    assert (ROOT / path).read_bytes() == b""


@pytest.mark.parametrize("package", PACKAGES, ids=str)
def test_a_package_holds_about_a_dozen_modules(package: Path) -> None:
    assert len(modules(package)) <= MOST_MODULES


@pytest.mark.parametrize("package", PACKAGES, ids=str)
def test_a_prefix_that_three_modules_share_is_a_package(package: Path) -> None:
    prefixes = Counter(name.partition("_")[0] for name in modules(package))
    assert [prefix for prefix, count in prefixes.items() if count >= 3] == []


def test_no_function_is_longer_than_a_screen() -> None:
    long = [
        (str(path.relative_to(ROOT)), node.name, lines)
        for path in paths("referencing")
        for node in nodes(path)
        if isinstance(node, ast.FunctionDef)
        and (lines := (node.end_lineno or 0) - node.lineno + 1) > MOST_LINES
    ]
    assert long == []


def test_pure_modules_load_neither_flask_nor_sqlalchemy() -> None:
    graph = grimp.build_graph("referencing", include_external_packages=True, cache_dir=None)
    program = "referencing.files.inspection.identifiers.pdf_child"  # runs when it is imported
    pure = sorted(House(graph, frozenset({"referencing.base", "referencing.web"})).pure - {program})
    assert len(pure) > 80  # the engine, the clock, the lives: what decides
    imports = "; ".join(
        f"import {module}"
        for module in pure
        if module != "referencing.files.inspection.identifiers.pdf_child"
    )
    script = (
        f"import sys; {imports}; print(*sorted({{'flask', 'sqlalchemy', 'marshmallow'}} & set(sys.modules)))"
    )
    run = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert run.stdout.split() == []


def test_no_other_distribution_provides_the_package_referencing() -> None:
    """One of that name comes with `jsonschema`; in one environment the two would overwrite each other."""
    providers = set(packages_distributions().get("referencing", []))  # ours is not named when it is editable
    assert providers <= {"segur-referencing"}
