"""The bound that a record allows, beside published values and beside its definition."""

from math import comb

import pytest
from hypothesis import given
from hypothesis import strategies as st

from referencing.equivalence.records.record import RuleKind, RuleRecord, upper_bound


@pytest.mark.parametrize(
    ("false", "share", "verified"),
    # The sizes of samples that demonstrate a reliability at 95 % with so many failures: tables of success runs,
    # MIL-HDBK-338B and ISO 16269-6 among others.
    [
        (0, 0.10, 29),
        (0, 0.05, 59),
        (1, 0.05, 93),
        (2, 0.05, 124),
        (3, 0.05, 153),
        (0, 0.01, 299),
        (1, 0.01, 473),
    ],
)
def test_so_many_and_no_fewer_show_a_share_as_published(false: int, share: float, verified: int) -> None:
    assert upper_bound(false, verified) <= share < upper_bound(false, verified - 1)


@given(st.integers(1, 60), st.data())
def test_the_bound_is_where_so_few_have_one_chance_in_twenty(verified: int, data: st.DataObject) -> None:
    false = data.draw(st.integers(0, verified - 1))
    bound = upper_bound(false, verified)
    chance = sum(comb(verified, n) * bound**n * (1 - bound) ** (verified - n) for n in range(false + 1))
    assert chance == pytest.approx(0.05, rel=1e-6)


def test_without_anything_verified_nothing_is_excluded() -> None:
    record = RuleRecord("policy:x", RuleKind.POLICY, "1", {"granted": 4_000})
    assert record.bound == 1
    assert record.sentence.startswith("Rien ne le dit encore")
    assert upper_bound(3, 3) == 1


@pytest.mark.parametrize(
    ("upheld", "false", "doubt"), [(0, 0, 1), (100, 0, 1), (60, 1, 1), (9, 1, 2), (1, 1, 3)]
)
def test_what_was_found_false_is_looked_at_again_and_what_nobody_looked_at_as_ever(
    upheld: int, false: int, doubt: int
) -> None:
    counts = {"upheld": upheld, "false_by_audit": false}
    assert RuleRecord("policy:x", RuleKind.POLICY, "1", counts).doubt == doubt


def test_the_numbers_are_said_with_their_confidence() -> None:
    record = RuleRecord("policy:x", RuleKind.POLICY, "1", {"upheld": 9, "false_by_audit": 1})
    assert record.sentence == (
        "Au plus 39,4 % de réemplois faux, avec une confiance de 95 % : 1 trouvé faux sur 10 vérifiés de nouveau."
    )
