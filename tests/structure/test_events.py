"""The table of events has what the program writes, and nothing else; the page for integrators says what it has."""

import ast
from collections.abc import Iterator

import pytest

from referencing.journal.events.table import EVENTS
from referencing.simulations import queries as simulations
from tests.structure.events import PAGE, page
from tests.structure.sources import nodes, paths

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


def said() -> Iterator[ast.AST]:
    for path in paths("referencing", "demonstration"):
        if path.parent.name != "events":
            yield from nodes(path)


def texts() -> Iterator[str]:
    for node in said():
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value


def beginnings() -> Iterator[str]:
    """What names begin with that are put together: `item.` of `f"item.{action}"`."""
    for node in said():
        match node:
            case ast.JoinedStr(values=[ast.Constant(value=str(beginning)), ast.FormattedValue()]):
                yield beginning


def named_events() -> Iterator[str]:
    """The names that are given to what writes events, where they stand there in full."""
    for node in said():
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
    named = set(named_events())
    assert named - DECLARED == set()
    assert len(named) > 50, "the source is read"


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
