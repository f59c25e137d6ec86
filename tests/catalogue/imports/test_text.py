"""Cleaning a text: laws that hold for any, and what two spellings share."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from referencing.catalogue.imports.text import (
    clean_code,
    clean_label,
    clean_text,
    code_fault,
    fold,
    heading_key,
    quoted,
)

ANY = st.text(st.characters(), max_size=60)  # surrogates and controls included


@given(ANY)
def test_cleaning_twice_is_cleaning_once(text: str) -> None:
    for clean in (clean_text, clean_label, clean_code):
        assert clean(clean(text)) == clean(text)


@given(ANY)
def test_a_clean_text_can_be_stored(text: str) -> None:
    stored = clean_text(text)
    assert "\0" not in stored
    assert "\r" not in stored
    assert stored.encode().decode() == stored


@given(ANY)
def test_a_label_is_one_line_and_a_code_one_word_or_none(text: str) -> None:
    assert len(clean_label(text).splitlines()) <= 1
    code = clean_code(text)
    assert len(code.split()) <= 1 or code_fault(code)


@pytest.mark.parametrize("other", ["L’ÉDITEUR  doit", "l'e\u0301diteur\u00a0doit", "L'editeur\ndoit"])
def test_folding_forgets_case_accents_spaces_and_apostrophes(other: str) -> None:
    assert fold(other) == fold("L'éditeur doit")


def test_headings_are_the_same_without_their_spaces() -> None:
    assert heading_key("N°\u00a0preuve ") == heading_key("n°PREUVE")


def test_profil_and_profil_historique_are_two_headings() -> None:
    assert heading_key("Profil") != heading_key("Profil historique")


@pytest.mark.parametrize("code", ["INS.01", "INS/va1.60", "VI-CS.02", "VI_SO.3", "SC.CDA/DD.04", "04p"])
def test_the_codes_in_use_have_no_fault(code: str) -> None:
    assert code_fault(code) is None


@pytest.mark.parametrize("code", ["A#1", "A:1", "A;1", "...", "", "A\u202e1", "A" * 101])
def test_a_code_that_would_break_a_reference_has_one(code: str) -> None:
    assert code_fault(code)


def test_a_long_text_is_quoted_by_its_beginning() -> None:
    assert quoted("un\ndeux " * 20, 12) == "« un deux un… »"
