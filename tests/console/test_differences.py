"""Two texts side by side: joined, the pieces are the texts; what differs is marked, and nothing else."""

from hypothesis import given
from hypothesis import strategies as st

from referencing.console.tasks.differences import MOST_WORDS, compare

texts = st.lists(st.sampled_from(["Le", "système", "DOIT", "afficher", ",", "l'identité"]), max_size=12).map(
    " ".join
)


@given(texts, texts)
def test_the_pieces_of_each_text_joined_are_the_text(before: str, after: str) -> None:
    compared = compare(before, after)
    assert "".join(piece.text for piece in compared.before) == before
    assert "".join(piece.text for piece in compared.after) == after


@given(texts)
def test_a_text_does_not_differ_from_itself_whatever_its_capitals(text: str) -> None:
    assert compare(text, text.upper()).same


def test_only_the_words_that_differ_are_marked() -> None:
    compared = compare("Le système affiche le nom.", "Le système affiche le prénom.")
    assert [piece.text for piece in compared.before if piece.differs] == ["nom"]
    assert [piece.text for piece in compared.after if piece.differs] == ["prénom"]


def test_very_long_texts_are_shown_without_a_comparison() -> None:
    long = "mot " * (MOST_WORDS + 1)
    assert compare(long, "autre").same
