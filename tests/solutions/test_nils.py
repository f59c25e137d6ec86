"""A NIL in one form, and what looks alike."""

import pytest

from referencing.solutions.nils import clean_nil, look


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        (" NIL-1 ", "NIL-1"),
        ("NIL\u20101", "NIL-1"),  # hyphen
        ("NIL\u20131", "NIL-1"),  # en dash
        ("NIL\u22121", "NIL-1"),  # minus
        ("\uff2e\uff29\uff2c-\uff11", "NIL-1"),  # full width
        ("NIL\u00a01", "NIL 1"),
        ("NIL-ALIZE\u0301", "NIL-ALIZÉ"),
    ],
)
def test_a_nil_is_kept_in_one_form(written: str, kept: str) -> None:
    assert clean_nil(written) == clean_nil(kept) == kept


@pytest.mark.parametrize(
    "other",
    [
        "nil-demo-0001",
        "NIL\u2010DEMO\u20100001",
        "NIL-DEMO-OOO1",  # letters for digits
        "NIL-DEM\u041e-0001",  # Cyrillic
        "N\u0399L-DEMO-0001",  # Greek
    ],
)
def test_look_alikes_share_their_key(other: str) -> None:
    assert look(other) == look("NIL-DEMO-0001")


@pytest.mark.parametrize("other", ["NIL-DEMO-0002", "NIL-DEMO-001", "NIL DEMO 0001", "NIL-DÉMO-0001"])
def test_what_a_reader_tells_apart_has_keys_of_its_own(other: str) -> None:
    assert look(other) != look("NIL-DEMO-0001")
