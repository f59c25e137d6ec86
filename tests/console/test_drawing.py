"""Links are drawn from left to right, and the chain of a requirement holds all that leads to it and on from it."""

from referencing.console.drawing import Link, drawn
from referencing.console.rulebooks.chains import chain, links, pairs
from referencing.equivalence.engine.facts import Correspondence, Relation


def rule(source: str, target: str, relation: Relation = Relation.EQUAL) -> Correspondence:
    return Correspondence(f"{source} → {target}", (source,), target, relation)


FIRST, SECOND = rule("A-V1:1", "A-V2:1"), rule("A-V2:1#01.01", "A-V3:1", Relation.SUBSET)
ASIDE = rule("A-V1:2", "A-V3:2")


def test_each_stands_after_all_that_leads_to_it() -> None:
    drawing = drawn(links([SECOND, FIRST, rule("A-V1:1", "A-V3:1")]))
    places = {box.name: box.x for box in drawing.boxes}
    assert places["A-V1:1"] < places["A-V2:1"] < places["A-V3:1"]
    assert [arrow.link.words for arrow in drawing.arrows] == ["en partie", "égale", "égale"]
    assert all(box.x + box.width <= drawing.width for box in drawing.boxes)


def test_links_that_go_round_are_drawn_too() -> None:
    drawing = drawn([Link("A", "B", "now", ""), Link("B", "A", "now", ""), Link("A", "A", "now", "")])
    assert sorted(box.name for box in drawing.boxes) == ["A", "B"]


def test_nothing_is_drawn_of_no_links() -> None:
    assert drawn([])[2:] == (0, 0)


def test_a_chain_is_followed_both_ways_through_proofs_and_no_further() -> None:
    rules = [FIRST, SECOND, ASIDE]
    assert chain(rules, "A-V2:1").correspondences == [FIRST, SECOND]
    assert chain(rules, "A-V1:2").correspondences == [ASIDE]
    assert chain(rules, "A-V2:1", most=1) == ([FIRST], 1)
    assert chain(rules, "X").correspondences == []


def test_dsrs_are_linked_by_the_number_of_their_correspondences() -> None:
    assert [tuple(pair) for pair in pairs([FIRST, SECOND, ASIDE])] == [
        ("A-V1", "A-V2", 1),
        ("A-V1", "A-V3", 1),
        ("A-V2", "A-V3", 1),
    ]
