"""Texts that come in: what nobody sees in them is refused."""

import marshmallow as ma
import pytest

from referencing.base.schemas import Schema, remark, text


class Words(Schema):
    name = text(50)
    comment = remark()


@pytest.mark.parametrize("field", ["name", "comment"])
@pytest.mark.parametrize(
    "character", ["\u200b", "\u200d", "\u2060", "\ufeff", "\u202e", "\u00ad", "\u2028", "\0", "\ud800"]
)
def test_what_nobody_sees_is_refused(field: str, character: str) -> None:
    with pytest.raises(ma.ValidationError) as refused:
        Words().load({"name": "Héron", field: f"Hé{character}ron"})
    assert [*refused.value.messages] == [field]


def test_the_invisible_character_is_named_with_its_place() -> None:
    with pytest.raises(ma.ValidationError, match=r"U\+200B \(3e du texte\)"):
        Words().load({"name": "Hé\u200bron"})


@pytest.mark.parametrize("written", ["L’Été — n° 3 : « œuvre »", "ligne\nligne\tsuite", "日本語 🩺"])
def test_what_people_write_is_taken(written: str) -> None:
    assert Words().load({"name": written}) == {"name": written, "comment": ""}
