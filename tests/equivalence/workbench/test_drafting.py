"""What the data suggests between two DSRs: likeness word for word, socles, and always the same answer."""

import random
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from referencing.equivalence.engine.facts import Relation
from referencing.equivalence.workbench.drafting import Part, Wording, compare, from_likeness, from_socles
from referencing.equivalence.workbench.likeness import Difference, differences, likeness, words_of
from tests.effort import calls_of

VERSION = UUID(int=1)
TEXTS = st.text(st.sampled_from("aàbB 'é,."), max_size=30)


def wording(code: str, text: str, scenario: str = "", socle: str | None = None, **more: Any) -> Wording:
    return Wording(code, VERSION, "INS", text, scenario, socle, **more)


def alike(one: str, other: str) -> float:
    return likeness(words_of(one), words_of(other))


@given(TEXTS, TEXTS)
def test_likeness_is_a_share_and_the_same_both_ways(one: str, other: str) -> None:
    assert 0 <= alike(one, other) == alike(other, one) <= 1


@given(TEXTS, TEXTS)
def test_texts_are_wholly_alike_exactly_when_no_word_differs(one: str, other: str) -> None:
    found = list(differences(words_of(one), words_of(other)))
    if words_of(one).folded and words_of(other).folded:
        assert (alike(one, other) == 1) == (found == [])


@given(TEXTS, TEXTS)
def test_the_differing_words_are_all_that_is_not_common(one: str, other: str) -> None:
    """What is left of either text without its differing words is the same."""
    before, after = words_of(one), words_of(other)
    found = list(differences(before, after))
    taken = [" ".join(side).split() for side in zip(*((one.before, one.after) for one in found), strict=True)]
    lost, gained = taken or [[], []]
    assert len(before.folded) - len(lost) == len(after.folded) - len(gained)


def test_case_accents_and_punctuation_do_not_count() -> None:
    assert alike("Le système DOIT, l’éditeur…", "le systeme doit l'editeur") == 1


def test_a_text_without_words_is_like_nothing() -> None:
    assert alike("", "") == alike("…", "le") == 0


def test_differing_words_are_told_as_they_are_written() -> None:
    found = differences(
        words_of("Le logiciel DOIT afficher l'INS."), words_of("Le logiciel PEUT afficher l'INS qualifiée.")
    )
    assert list(found) == [Difference("DOIT", "PEUT"), Difference("", "qualifiée")]


@pytest.mark.parametrize(
    ("source", "target", "relation"),
    [
        ("Afficher le nom.", "afficher le nom", Relation.EQUAL),
        ("Afficher le nom.", "Afficher le nom et le prénom.", Relation.SUBSET),
        ("Afficher le nom et le prénom.", "Afficher le nom.", Relation.SUPERSET),
        ("Afficher le nom.", "Afficher le prénom.", Relation.INTERSECTS),
    ],
)
def test_the_words_suggest_a_relation(source: str, target: str, relation: Relation) -> None:
    assert compare([wording("A-V1:1", source)], wording("A-V2:1", target)).relation is relation


def test_scenarios_count_for_a_third_where_both_have_one() -> None:
    source = wording("A-V1:1", "un deux trois", "quatre cinq")
    assert compare([source], wording("A-V2:1", "un deux trois", "six sept")).score == pytest.approx(0.6667)
    alone = compare([source], wording("A-V2:1", "un deux trois"))
    assert (alone.score, alone.likeness[Part.SCENARIO]) == (1, None)
    assert alone.relation is Relation.SUPERSET, "what is asked beside the text still differs"


def test_several_sources_are_read_one_after_the_other() -> None:
    sources = [wording("A-V1:1", "Afficher le nom."), wording("A-V1:2", "Afficher le prénom.")]
    target = wording("A-V2:1", "Afficher le nom. Afficher le prénom.")
    assert compare(sources, target).relation is Relation.EQUAL


def test_a_target_gets_the_most_alike_and_no_more_than_asked() -> None:
    sources = [
        wording(f"A-V1:{code}", text)
        for code, text in [("C", "un deux trois"), ("B", "un deux trois"), ("A", "un deux"), ("D", "neuf")]
    ]
    target = wording("A-V2:1", "un deux trois")
    found = [one.sources for one in from_likeness(sources, [target], most=3)]
    assert found == [("A-V1:B",), ("A-V1:C",), ("A-V1:A",)]
    assert len(list(from_likeness(sources, [target], least=0.9))) == 2


@given(st.lists(TEXTS, min_size=1, max_size=8), st.lists(TEXTS, min_size=1, max_size=8), st.randoms())
def test_the_same_requirements_in_any_order_give_the_same_suggestions(
    ones: list[str], others: list[str], chance: random.Random
) -> None:
    sources = [wording(f"A-V1:{rank}", text, ones[0]) for rank, text in enumerate(ones)]
    targets = [wording(f"A-V2:{rank}", text, others[0]) for rank, text in enumerate(others)]
    expected = list(from_likeness(sources, targets))
    chance.shuffle(sources)
    chance.shuffle(targets)
    assert list(from_likeness(sources, targets)) == expected


@given(st.lists(TEXTS, max_size=6), st.lists(TEXTS, max_size=6), st.floats(0, 1))
def test_looking_no_further_than_needed_loses_nothing(
    ones: list[str], others: list[str], least: float
) -> None:
    sources = [wording(f"A-V1:{rank}", text, "un deux") for rank, text in enumerate(ones)]
    targets = [wording(f"A-V2:{rank}", text, "deux un") for rank, text in enumerate(others)]
    found = {(one.sources[0], one.target) for one in from_likeness(sources, targets, least, most=10)}
    scored = {(a.code, b.code): compare([a], b) for a in sources for b in targets}
    assert found == {pair for pair, one in scored.items() if one.score >= least and one.likeness[Part.TEXT]}


def test_requirements_of_one_socle_are_equal_where_both_kept_its_text() -> None:
    sources = [
        wording("A-V2:1", "x", socle="S"),
        wording("A-V2:2", "y", socle="S", identical=False),
        wording("A-V2:3", "z"),
    ]
    found = list(from_socles(sources, [wording("B-V2:1", "x", socle="S"), wording("B-V2:2", "x")]))
    assert [(one.sources, one.relation) for one in found] == [
        (("A-V2:1",), Relation.EQUAL),
        (("A-V2:2",), Relation.INTERSECTS),
    ]
    assert found[1].basis == {"socle": "S", "from": "overridden", "to": "identical"}


def _lists(count: int) -> tuple[list[Wording], list[Wording]]:
    """As many requirements of words drawn from eight hundred, and the same ones in another list."""
    chance = random.Random(7)
    words = [f"mot{rank}" for rank in range(800)]
    made = [
        (" ".join(chance.choices(words, k=60)), " ".join(chance.choices(words, k=100))) for _ in range(count)
    ]
    sources = [wording(f"A-V1:{rank}", *texts) for rank, texts in enumerate(made)]
    return sources, [wording(f"A-V2:{rank}", *texts) for rank, texts in enumerate(made)]


def test_each_of_three_hundred_requirements_finds_itself() -> None:
    found = from_likeness(*_lists(300))
    assert {(one.sources[0][5:], one.target[5:]) for one in found} == {(str(n), str(n)) for n in range(300)}


def test_most_pairs_of_requirements_are_not_looked_at_closely() -> None:
    def work(count: int) -> int:
        sources, targets = _lists(count)
        return calls_of(lambda: list(from_likeness(sources, targets)))

    assert work(300) < 5 * work(100)  # for nine times the pairs
