"""The table of events has what the program writes, and nothing else; the page for integrators says what it has."""

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from referencing.journal.events.table import EVENTS
from referencing.simulations import queries as simulations
from tests.structure.events import PAGE, page

ROOT = Path(__file__).parents[2]
DECLARED = {action for events in EVENTS.values() for action in events}
#: The functions that write an event, or pass its name on to one that does.
WRITERS = {
    "record",
    "Line",
    "record_event",
    "add_event",
    "put_in_force",
    "_record_on_dossier",
    "_move",
    "_remind",
}


@cache
def trees() -> list[ast.Module]:
    paths = [
        path for room in ("referencing", "demonstration") for path in sorted((ROOT / room).rglob("*.py"))
    ]
    return [ast.parse(path.read_text()) for path in paths if path.parent.name != "events"]


def texts() -> Iterator[str]:
    for tree in trees():
        for node in ast.walk(tree):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                yield node.value


def beginnings() -> Iterator[str]:
    """What names begin with that are put together: `item.` of `f"item.{action}"`."""
    for tree in trees():
        for node in ast.walk(tree):
            match node:
                case ast.JoinedStr(values=[ast.Constant(value=str(beginning)), ast.FormattedValue()]):
                    yield beginning


def named_events() -> Iterator[str]:
    """The names that are given to what writes events, where they stand there in full."""
    for tree in trees():
        for node in ast.walk(tree):
            match node:
                case ast.Call(func=ast.Name(id=called) | ast.Attribute(attr=called), args=given):
                    if called in WRITERS:
                        yield from (
                            part.value
                            for part in given
                            if isinstance(part, ast.Constant)
                            and isinstance(part.value, str)
                            and "." in part.value
                        )


def test_every_name_that_is_written_is_declared() -> None:
    assert set(named_events()) - DECLARED == set()
    assert len(set(named_events())) > 50, "the source is read"


def test_every_event_that_is_declared_is_written_somewhere() -> None:
    written, begun = set(texts()), {beginning for beginning in beginnings() if "." in beginning}

    def is_written(action: str) -> bool:
        put_together = (action.removeprefix(beginning) for beginning in begun if action.startswith(beginning))
        return action in written or any(what in written for what in put_together)

    assert {action for action in DECLARED if not is_written(action)} == set()


@pytest.mark.parametrize("beginning", [*simulations.NO_FACTS, *simulations.NO_CHANGES])
def test_what_a_simulation_passes_over_is_declared(beginning: str) -> None:
    names = {f"{kind}:" for kind in EVENTS} if beginning.endswith(":") else DECLARED
    assert any(name.startswith(beginning) for name in names)


def test_the_page_of_events_says_what_the_table_has() -> None:
    assert PAGE.read_text().splitlines() == "\n".join(page()).splitlines(), "`make openapi` writes it anew"
