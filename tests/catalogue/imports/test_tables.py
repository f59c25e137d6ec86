"""Opening a CSV file as a spreadsheet saves it, and refusing what cannot be one."""

from io import BytesIO

import pytest

from referencing.catalogue.imports.tables import ForeignTable, read_table

COLUMNS = ("exigence", "socle")
FIRST = {"exigence": "INS.01", "socle": "SC.1"}


def rows(content: bytes | str) -> list[tuple[int, dict[str, str]]]:
    return list(read_table(BytesIO(content.encode() if isinstance(content, str) else content), COLUMNS))


def refusal(content: bytes | str) -> str:
    with pytest.raises(ForeignTable) as caught:
        rows(content)
    return caught.value.detail


@pytest.mark.parametrize(
    "content",
    [
        "exigence,socle\nINS.01,SC.1\n",
        "exigence;socle\nINS.01;SC.1",
        "exigence\tsocle\r\nINS.01\tSC.1\r\n",
        "\ufeffexigence,socle\nINS.01,SC.1\n",
        '"exigence","socle"\n"INS.01","SC.1"\n',
        "Socle ; EXIGENCE;note\n SC.1;INS.01\u00a0;rien",
        "exigence,socle\rINS.01,SC.1\r",
        "socle;exigence\rSC.1;INS.01\r",
    ],
    ids=[
        "comma",
        "semicolon",
        "tab",
        "byte order mark",
        "quoted",
        "other order and columns",
        "old line ends",
        "old line ends and semicolon",
    ],
)
def test_the_usual_ways_to_save_one_table_read_the_same(content: str) -> None:
    assert rows(content) == [(2, {"exigence": "INS.01", "socle": "SC.1"})]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_a_table_is_read_in_each_encoding_and_with_each_delimiter(encoding: str, delimiter: str) -> None:
    content = "exigence;socle\r\nINS.01;Identité « d’été » à 20 €\r\n".replace(";", delimiter).encode(
        encoding
    )
    assert rows(content) == [(2, {"exigence": "INS.01", "socle": "Identité « d’été » à 20 €"})]


def test_a_table_in_capitals_saved_for_windows_is_not_taken_for_utf8() -> None:
    """`É»` in Windows-1252 is also a letter of UTF-8."""
    assert rows("exigence;socle\nINS.01;«ÉTÉ»".encode("cp1252"))[0][1]["socle"] == "«ÉTÉ»"


@pytest.mark.parametrize("above", ["Socles du référentiel;;\n", "sep=;\n"])
def test_the_headings_are_found_below_what_a_spreadsheet_puts_above(above: str) -> None:
    assert rows(f"{above}exigence;socle;note\nINS.01;SC.1;\n") == [(3, FIRST)]


def test_headings_repeated_in_the_table_are_no_row() -> None:
    content = "Exigence;Socle\nINS.01;SC.1\nEXIGENCE;SOCLE\nINS.02;SC.2\n"
    assert [number for number, _ in rows(content)] == [2, 4]


def test_rows_are_numbered_as_a_spreadsheet_shows_them() -> None:
    content = 'exigence,socle\n"INS\n01",SC.1\n,\n\nINS.02,SC.2\n'
    assert [number for number, _ in rows(content)] == [2, 5]


def test_a_quoted_cell_may_hold_the_separator_and_quotes() -> None:
    assert rows('exigence,socle\n"INS.01, ""bis""",SC.1')[0][1]["exigence"] == 'INS.01, "bis"'


def test_cells_missing_at_the_end_are_empty() -> None:
    assert rows("exigence,socle\nINS.01\n") == [(2, {"exigence": "INS.01", "socle": ""})]


def test_a_table_of_headings_alone_has_no_rows() -> None:
    assert rows("exigence,socle\n") == []


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "vide"),
        (b" \r\n", "vide"),
        ("exigence,socle\nété,1 à 2".encode() + b"\xe9", "n'est pas en UTF-8 d'un bout à l'autre"),
        ("exigence,socle\n".encode("utf-16") + b"\0", "n'est pas en UTF-8 d'un bout à l'autre"),
        (b"exigence,socle\n\x81,1", "ni en UTF-8 ni en Windows-1252"),
        (b"exigence,socle\nINS\0,1", "pas un texte"),
        (b"PK\x03\x04", "classeur"),
        ("exigence,texte\n", "n'a pas : « socle »"),
        ("rien du tout", "n'a pas : « exigence », « socle »"),
        ("exigence,socle,Socle\n", "plusieurs fois : « socle »"),
        ("exigence,socle\nINS.01,SC.1,perdu\n", "ligne 2 a 3 cellules pour 2 colonnes"),
        ('exigence,socle\nINS.01,"SC.1\n', "La ligne 2 ne se laisse pas lire"),
        ("exigence,socle\n" + "a" * 200_000, "La ligne 2 ne se laisse pas lire"),
        ("exigence,socle\n" + "\n" * 50_001, "50000 lignes"),
        (b"a" * (5 * 1024 * 1024 + 1), "5 Mio"),
    ],
)
def test_what_is_no_such_table_is_refused(content: bytes | str, sentence: str) -> None:
    assert sentence in refusal(content)


def test_blank_cells_beyond_the_last_heading_do_no_harm() -> None:
    assert len(rows("exigence,socle\nINS.01,SC.1,,\n")) == 1


def test_missing_columns_are_told_before_any_row_is_asked_for() -> None:
    with pytest.raises(ForeignTable):
        read_table(BytesIO(b"exigence\n"), COLUMNS)
