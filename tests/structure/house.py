"""The rules of the house as a contract of import-linter: rooms form chains, and a file's name says its layer."""

from collections import defaultdict
from collections.abc import Iterator
from typing import cast

from grimp import ImportGraph
from importlinter import Contract, ContractCheck, fields, output

#: From what answers over HTTP or performs jobs down to the tables; a module of another name is a verb, or pure.
RANKS = {
    "routes": 5,
    "tasks": 5,
    "streams": 5,
    "downloads": 5,
    "schemas": 4,
    "views": 4,
    "queries": 2,
    "models": 1,
}
VERB, PURE = 3, 0
NAMES = {5: "routes or tasks", 4: "schemas", VERB: "a verb", 2: "queries", 1: "models", PURE: "pure"}
#: What makes a module more than pure.
STATEFUL = frozenset(
    {"dramatiq", "flask", "flask_smorest", "marshmallow", "minio", "psycopg", "sqlalchemy", "werkzeug"}
)
HTTP = frozenset({"flask", "flask_smorest", "marshmallow", "werkzeug"})


class HouseContract(Contract):
    """`foundations` are the packages that any module may import, `pages` those that answer over HTTP as a whole.

    What is loose at the top is wiring.
    """

    foundations = fields.SetField(subfield=fields.StringField())
    pages = fields.SetField(subfield=fields.StringField())

    def check(self, graph: ImportGraph, verbose: bool) -> ContractCheck:  # noqa: ARG002 - import-linter's
        house = House(
            graph, frozenset(cast("set[str]", self.foundations)), frozenset(cast("set[str]", self.pages))
        )
        faults = [*house.circles(), *house.climbs(), *house.speakers()]
        return ContractCheck(kept=not faults, metadata={"faults": faults})

    def render_broken_contract(self, check: ContractCheck) -> None:
        for fault in check.metadata["faults"]:
            output.print_error(fault, bold=False)


class House:
    """The modules of the graph with their layers; each method answers sentences, one for each fault."""

    def __init__(
        self, graph: ImportGraph, foundations: frozenset[str], pages: frozenset[str] = frozenset()
    ) -> None:
        self.graph = graph
        self.root = "referencing"
        ours = {name for name in graph.modules if name.split(".")[0] == self.root}
        self.packages = {name for name in ours if graph.find_children(name)}
        self.modules = ours - self.packages
        self.foundations = foundations
        self.pages = pages
        self.pure = self._pure()

    def circles(self) -> Iterator[str]:
        """Rooms, or modules of one room, that import each other."""
        for package in sorted(self.packages):
            below = self._below(package)
            arrows = sorted((room, other) for room in below for other in below[room])
            for room, other in arrows:
                said_already = other < room and (other, room) in arrows
                if room in _reached(below, other) and not said_already:
                    yield (
                        f"{package}: {room} and {other} import each other, directly or through others. Rooms form "
                        "a chain: move what the lower one needs of the upper one down."
                    )

    def climbs(self) -> Iterator[str]:
        """Modules that import a layer above their own."""
        for module in sorted(self.modules):
            if self._is_foundation(module):
                continue
            for imported in sorted(self.graph.find_modules_directly_imported_by(module) & self.modules):
                if not self._is_foundation(imported) and self.rank(module) < self.rank(imported):
                    yield (
                        f"{module} is {NAMES[self.rank(module)]} by its name and imports {imported}, which is "
                        f"{NAMES[self.rank(imported)]}: rename it for what it does, or move what it needs down."
                    )

    def speakers(self) -> Iterator[str]:
        """Modules below the schemas that know HTTP."""
        for module in sorted(self.modules):
            if self._is_foundation(module) or self.rank(module) > VERB:
                continue
            for imported in sorted(self.graph.find_modules_directly_imported_by(module)):
                of_web = imported.startswith(f"{self.root}.web.") and not imported.endswith(".models")
                if imported in HTTP or of_web:
                    yield (
                        f"{module} imports {imported}: only routes, tasks and schemas know HTTP. Take values, and "
                        "raise an error of the domain."
                    )

    def rank(self, module: str) -> int:
        if ".".join(module.split(".")[:2]) in self.pages:
            return max(RANKS.values())
        name = module.rpartition(".")[2].rpartition("_")[2]
        return RANKS.get(name, PURE if module in self.pure else VERB)

    def _is_foundation(self, module: str) -> bool:
        parts = module.split(".")
        return len(parts) == 2 or ".".join(parts[:2]) in self.foundations

    def _pure(self) -> frozenset[str]:
        """The modules that load nothing stateful, whatever they load in their turn."""
        pure = {
            module
            for module in self.modules
            if module.rpartition(".")[2].rpartition("_")[2] not in RANKS
            and not self.graph.find_modules_directly_imported_by(module) & STATEFUL
        }
        while stained := {
            module
            for module in pure
            if self.graph.find_modules_directly_imported_by(module) & self.modules - pure
        }:
            pure -= stained
        return frozenset(pure)

    def _below(self, package: str) -> dict[str, set[str]]:
        """What each child of a package imports of its siblings."""
        below: dict[str, set[str]] = defaultdict(set)
        for module in self.modules:
            if not module.startswith(f"{package}."):
                continue
            child = module.removeprefix(f"{package}.").split(".")[0]
            for imported in self.graph.find_modules_directly_imported_by(module):
                if imported.startswith(f"{package}."):
                    sibling = imported.removeprefix(f"{package}.").split(".")[0]
                    if sibling != child:
                        below[child].add(sibling)
        return below


def _reached(below: dict[str, set[str]], start: str) -> set[str]:
    seen: set[str] = set()
    waiting = [start]
    while waiting:
        for room in below.get(waiting.pop(), set()) - seen:
            seen.add(room)
            waiting.append(room)
    return seen
