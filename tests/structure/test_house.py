"""A module in the wrong place is told where it belongs."""

from grimp import ImportGraph

from tests.structure.house import House


def house(*imports: tuple[str, str]) -> House:
    """A house in which each first module imports the second; names leave the root out, but for what is outside."""
    graph = ImportGraph()
    graph.add_module("referencing")
    for importer, imported in imports:
        for name in (importer, imported):
            outside = name in {"flask", "sqlalchemy"}
            parts = [name] if outside else ["referencing", *name.split(".")]
            for length in range(1, len(parts) + 1):
                module = ".".join(parts[:length])
                if module not in graph.modules:
                    graph.add_module(module, is_squashed=outside)
        target = imported if imported in {"flask", "sqlalchemy"} else f"referencing.{imported}"
        graph.add_import(importer=f"referencing.{importer}", imported=target)
    return House(graph, frozenset({"referencing.base", "referencing.web"}))


def test_rooms_that_import_each_other_are_named() -> None:
    circle = house(
        ("duo.slots.queries", "duo.sessions.queries"), ("duo.sessions.routes", "duo.slots.schemas")
    )
    (fault,) = circle.circles()
    assert fault.startswith("referencing.duo: sessions and slots import each other")


def test_a_circle_through_a_third_room_is_found() -> None:
    through = house(("duo.a.x", "duo.b.x"), ("duo.b.x", "duo.c.x"), ("duo.c.x", "duo.a.x"))
    assert len(list(through.circles())) == 3


def test_a_chain_is_no_circle() -> None:
    assert list(house(("duo.b.x", "duo.a.x"), ("duo.c.x", "duo.b.x"), ("duo.c.x", "duo.a.x")).circles()) == []


def test_queries_that_import_a_verb_are_told_so() -> None:
    (fault,) = house(("duo.slots.queries", "duo.slots.booking"), ("duo.slots.booking", "sqlalchemy")).climbs()
    assert "referencing.duo.slots.queries is queries by its name and imports" in fault
    assert "referencing.duo.slots.booking, which is a verb" in fault


def test_queries_may_import_what_is_pure() -> None:
    assert list(house(("duo.slots.queries", "duo.slots.offers")).climbs()) == []


def test_the_name_that_follows_a_prefix_says_the_layer() -> None:
    assert list(house(("duo.slots.hold_queries", "duo.slots.models")).climbs()) == []
    assert len(list(house(("duo.slots.models", "duo.slots.hold_queries")).climbs())) == 1


def test_a_verb_that_knows_http_is_told_so() -> None:
    (fault,) = house(("duo.slots.booking", "flask"), ("duo.slots.routes", "flask")).speakers()
    assert fault.startswith("referencing.duo.slots.booking imports flask")


def test_a_module_that_loads_a_verb_is_not_pure() -> None:
    stained = house(("duo.slots.offers", "duo.slots.booking"), ("duo.slots.booking", "sqlalchemy"))
    assert stained.pure == frozenset()
