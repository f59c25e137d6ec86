"""A letter's template: what it may name, and what a person who wrote it wrongly is told."""

import pytest

from referencing.outreach.wording import TEXT, Line, fault, filled

LINES = [Line("Alizé Cabinet", "LGC-V2", 120, 3, 280), Line("Alizé Labo", "SGL-V2", 4, 0, 90)]


def test_the_template_that_one_begins_with_is_without_fault() -> None:
    assert fault(TEXT) is None
    letter = filled(TEXT, "Éditions Alizé", LINES)
    assert "- Alizé Cabinet, LGC-V2 : 120 couvertes, 3 à confirmer, sur 280" in letter
    assert "- Alizé Labo, SGL-V2 : 4 couvertes, sur 90" in letter
    assert "de nouveau : 124" in letter
    assert "{" not in letter


@pytest.mark.parametrize(
    ("template", "told"),
    [
        ("Bonjour {nom}, {solutions}", "« {nom} » n'est pas connu : écrivez {editeur}"),
        ("Bonjour {editeur}", "écrivez {solutions}"),
        ("{solutions} {", "Une accolade est seule"),
        ("{solutions} }", "Une accolade est seule"),
        ("{solutions.__class__}", "n'est pas connu"),
        ("{solutions!r}", "n'est pas connu"),
        ("{solutions:>40}", "n'est pas connu"),
        ("{}{solutions}", "n'est pas connu"),
    ],
)
def test_what_is_wrong_is_told(template: str, told: str) -> None:
    assert told in str(fault(template))


def test_a_brace_that_is_meant_is_doubled() -> None:
    assert filled("{{x}} {solutions}", "A", LINES[1:]) == "{x} - Alizé Labo, SGL-V2 : 4 couvertes, sur 90"
