"""Plans on small drawn worlds, beside one that tries every supply, and beside the resolution of all of it at once."""

from collections.abc import Callable, Iterator
from itertools import combinations

import pytest

from referencing.candidatures.resolution.resolved import Resolved
from referencing.equivalence.engine.resolution import Status, resolve
from referencing.equivalence.grants.known import KnownFacts
from referencing.plans.planning import CERTAIN, LIKELY, Plan, plan
from referencing.plans.search import Wanted, smallest_supply
from tests.plans.worlds import World, drawn_world
from tests.thoroughness import examples

BATCH = 50
#: 5,000 small worlds, and half of them where what is asked takes longer, in `make endurance`.
every_batch = pytest.mark.parametrize("first", range(0, examples(500), BATCH))
half_the_batches = pytest.mark.parametrize("first", range(0, examples(250), BATCH))


def drawn_plans(first: int) -> Iterator[tuple[World, frozenset[Status], Plan]]:
    """Worlds, each with what is enough in it, for certain or not, and its plan."""
    for seed in range(first, first + BATCH):
        world, enough = drawn_world(seed), LIKELY if seed % 2 else CERTAIN
        yield world, enough, plan(world.suppositions, enough)


def supplies_of(world: World, size: int) -> Iterator[frozenset[int]]:
    """Every supply of this size, with what is asked in any case."""
    for chosen in combinations(world.undecided, size - len(world.asked)):
        yield world.asked.union(chosen)


def resolved_statuses(world: World, supplied: frozenset[int]) -> Callable[[int], Status]:
    """The status of each line by resolution of its whole dossier, when this is supplied and found conform."""
    given = {number for number, line in enumerate(world.lines) if line.given}
    shown = [world.fact_of(number) for number in sorted(given | supplied)]
    statuses = []
    for dossier in world.dossiers:
        facts = [*dossier.known.facts, *shown]
        items = resolve(dossier.rules.knowledge, facts, dossier.target).items
        statuses.append({item.proof: item.status for item in items})

    def status_of(number: int) -> Status:
        line = world.lines[number]
        return statuses[line.dossier][line.code]

    return status_of


def suffices(world: World, supplied: frozenset[int], enough: frozenset[Status]) -> bool:
    status_of = resolved_statuses(world, supplied)
    return all(number in supplied or status_of(number) in enough for number in world.undecided)


@every_batch
def test_no_smaller_supply_is_found_by_trying_every_one(first: int) -> None:
    for world, enough, made in drawn_plans(first):
        supplied = frozenset(supply.line for supply in made.supplies)
        assert suffices(world, supplied, enough)
        assert len(supplied) == made.at_least
        if len(supplied) > len(
            world.asked
        ):  # more facts never show less: what is smaller still is in one of these
            assert not any(suffices(world, fewer, enough) for fewer in supplies_of(world, len(supplied) - 1))


@half_the_batches
def test_what_follows_by_a_plan_is_what_resolution_answers(first: int) -> None:
    leaning = 0
    for world, enough, made in drawn_plans(first):
        supplied = frozenset(supply.line for supply in made.supplies)
        status_of = resolved_statuses(world, supplied)
        assert supplied | made.answers.keys() == {*world.undecided, *world.asked}
        for line, answer in made.answers.items():
            assert answer.status is status_of(line)
            assert answer.status in enough
            leaning += bool(made.needs[line])
            assert resolved_statuses(world, made.needs[line])(line) is answer.status
    assert leaning


@half_the_batches
def test_what_a_verifier_refused_is_counted_on_by_no_plan(first: int) -> None:
    for world in (drawn_world(seed, refusals=True) for seed in range(first, first + BATCH)):
        made = plan(world.suppositions, LIKELY)
        shown = {supply.line for supply in made.supplies}
        shown |= {number for number, line in enumerate(world.lines) if line.given}
        facts = tuple(world.fact_of(number) for number in sorted(shown))
        for number, answer in made.answers.items():
            line = world.lines[number]
            basis = world.dossiers[line.dossier]
            known = KnownFacts((*basis.known.facts, *facts), frozenset())
            resolved = Resolved.of(basis.target, None, basis.rules, known)
            assert resolved.answer(line.code, basis.refused.get(line.code, ())).status is answer.status


def test_what_is_supplied_for_a_component_serves_who_embeds_it() -> None:
    across = 0
    for seed in range(200):
        world = drawn_world(seed)
        made = plan(world.suppositions, LIKELY)
        for line, needs in made.needs.items():
            product = world.dossiers[world.lines[line].dossier].target.product
            across += any(
                world.dossiers[world.lines[supply].dossier].target.product != product for supply in needs
            )
    assert across > 10


def test_every_supply_is_told_once_and_every_line_opens_once() -> None:
    for world in map(drawn_world, range(50)):
        made = plan(world.suppositions, LIKELY)
        there = frozenset[int]()
        for supply in made.supplies:
            assert supply.line not in there
            there |= {supply.line}
            for line in supply.opens:
                assert made.needs[line] <= there
                assert supply.line in made.needs[line]
        opened = [line for supply in made.supplies for line in supply.opens]
        assert sorted(opened) == sorted(line for line, needs in made.needs.items() if needs)
        assert sum(filing.supplies for filing in made.filings) == len(made.supplies)


@pytest.mark.parametrize(("steps", "questions"), [(0, 10**6), (10**6, 0), (10**6, 6), (8, 12)])
def test_cut_short_a_plan_suffices_and_says_how_small_it_could_be(steps: int, questions: int) -> None:
    loose = 0
    for world in map(drawn_world, range(60)):
        suppositions = world.suppositions
        exact = plan(suppositions, CERTAIN)
        supply = smallest_supply(
            Wanted(world.undecided, suppositions.reach, world.asked),
            lambda number, there: suppositions.status(number, there) in CERTAIN,  # noqa: B023
            steps=steps,
            questions=questions,
        )
        assert suffices(world, supply.lines, CERTAIN)
        assert supply.at_least <= len(exact.supplies) <= len(supply.lines)
        loose += supply.at_least < len(supply.lines)
    assert loose or questions > 10


def test_a_plan_is_the_same_whenever_it_is_asked() -> None:
    for seed in range(30):
        first, second = (plan(drawn_world(seed).suppositions, LIKELY) for _ in range(2))
        assert first == second
