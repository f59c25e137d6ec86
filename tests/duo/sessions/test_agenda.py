"""What a session has time for."""

from random import Random
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from referencing.catalogue.proposals import ProofKind
from referencing.duo.sessions.agenda import AROUND, DEFAULT, Candidate, estimate, propose, too_long

CANDIDATES = st.lists(
    st.builds(Candidate, st.uuids(), st.integers(1, 500), st.integers(1, 60)), unique_by=lambda one: one.id
)


def of(*minutes: int) -> list[Candidate]:
    return [Candidate(UUID(int=at), at, one) for at, one in enumerate(minutes)]


def test_the_shortest_come_first_and_what_does_not_fit_is_left() -> None:
    proposal = propose(of(30, 5, 20, 5), 40)
    assert [one.minutes for one in proposal.chosen] == [5, 5, 20]
    assert [one.minutes for one in proposal.left] == [30]


def test_one_that_is_longer_than_any_session_is_not_left_out_for_ever() -> None:
    assert [one.minutes for one in propose(of(90), 60).chosen] == [90]


@given(candidates=CANDIDATES, length=st.integers(15, 240))
def test_every_item_is_chosen_or_left_and_what_is_chosen_fits(
    candidates: list[Candidate], length: int
) -> None:
    proposal = propose(candidates, length)
    assert sorted([*proposal.chosen, *proposal.left], key=lambda one: one.id) == sorted(
        candidates, key=lambda one: one.id
    )
    assert len(proposal.chosen) <= 1 or proposal.minutes <= length - AROUND
    assert bool(proposal.chosen) is bool(candidates)


@given(candidates=CANDIDATES, length=st.integers(15, 240), shuffled=st.randoms())
def test_the_order_in_which_they_are_found_does_not_matter(
    candidates: list[Candidate], length: int, shuffled: Random
) -> None:
    other = list(candidates)
    shuffled.shuffle(other)
    assert propose(candidates, length) == propose(other, length)


def test_what_was_learned_counts_and_else_the_kind_and_the_steps() -> None:
    assert estimate(ProofKind.DEMONSTRATION, 3, None) == DEFAULT[ProofKind.DEMONSTRATION] + 3
    assert estimate(ProofKind.DEMONSTRATION, 3, 11.6) == 12
    assert estimate(ProofKind.DEMONSTRATION, 3, 0.1) == 1


def test_what_is_added_is_measured_with_what_is_there_and_what_would_fit_is_told() -> None:
    assert too_long([20, 20], of(10), 60) is None
    excess = too_long([20, 20], of(10, 30, 5), 60)
    assert excess is not None
    assert (excess.minutes, [one.minutes for one in excess.fits]) == (90, [10, 5])
    full = too_long([55], of(1), 60)
    assert full is not None
    assert not full.fits


def test_an_item_alone_is_never_too_long() -> None:
    assert too_long([], of(90), 60) is None
    assert too_long([90], of(), 60) is None
    assert too_long([], of(90, 1), 60) is not None


@given(candidates=CANDIDATES, length=st.integers(15, 240))
def test_what_is_proposed_is_never_too_long(candidates: list[Candidate], length: int) -> None:
    assert too_long([], propose(candidates, length).chosen, length) is None
