"""The whole is what its steps make of it."""

import pytest

from referencing.reviews.queues.outcomes import Outcome, incoherence

C, N, M = Outcome.CONFORM, Outcome.NONCONFORM, Outcome.COMPLEMENT


@pytest.mark.parametrize(
    ("steps", "possible"),
    [
        ([C, C], {C}),
        ([C, N], {N, M}),
        ([C, M], {M}),
        ([N, N], {N, M}),
        ([M, N], {N, M}),
        ([M, M], {M}),
    ],
)
@pytest.mark.parametrize("outcome", Outcome)
def test_an_outcome_follows_from_the_steps(
    steps: list[Outcome], possible: set[Outcome], outcome: Outcome
) -> None:
    assert (incoherence(outcome, steps) is None) == (outcome in possible)
