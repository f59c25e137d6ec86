"""A core is what identities join, however they are given."""

from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from referencing.solutions.components import cores

SOFTWARES = [UUID(int=number) for number in range(1, 9)]
PAIRS = st.lists(st.tuples(*[st.sampled_from(SOFTWARES)] * 2))


def walked(identities: list[tuple[UUID, UUID]]) -> dict[UUID, UUID]:
    found = {}
    for software in SOFTWARES:
        reached = {software}
        for _ in SOFTWARES:
            reached |= {two for pair in identities if reached & set(pair) for two in pair}
        found[software] = min(reached)
    return found


@given(PAIRS)
def test_it_has_the_name_of_the_smallest_that_one_can_reach(identities: list[tuple[UUID, UUID]]) -> None:
    assert cores(SOFTWARES, identities) == walked(identities)


@given(PAIRS)
def test_the_order_does_not_matter(identities: list[tuple[UUID, UUID]]) -> None:
    shuffled = [pair[::-1] for pair in reversed(identities)]
    assert cores(SOFTWARES, identities) == cores(reversed(SOFTWARES), shuffled)


def test_what_is_not_asked_of_does_not_count() -> None:
    one, other, stranger, *_ = SOFTWARES
    assert cores([one, other], [(one, stranger), (stranger, other)]) == {one: one, other: other}
