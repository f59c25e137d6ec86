"""Texts that come in: what nobody sees in them is refused."""

from typing import Any

import marshmallow as ma
import pytest

from referencing.base.schemas import Schema, remark, text


class Words(Schema):
    name = text(50)
    comment = remark()
    few = ma.fields.List(text(), validate=ma.validate.Length(max=3, error="{max} au plus."))
    some = ma.fields.List(ma.fields.Integer())
    many = ma.fields.List(ma.fields.Integer(), validate=ma.validate.Length(1))


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


class Never(str):
    """A text that nobody may look at character by character."""

    def __iter__(self) -> Any:
        raise AssertionError("it is looked at")


@pytest.mark.parametrize(
    ("words", "field"),
    [
        ({"name": Never("x" * 51)}, "name"),
        ({"comment": Never("x" * 10_001)}, "comment"),
        ({"few": [Never("")] * 4}, "few"),
        ({"some": [Never("")] * 2_001}, "some"),
        ({"many": [Never("")] * 2_001}, "many"),
        (dict.fromkeys(map(str, range(201))), "_schema"),
    ],
    ids=lambda one: one if isinstance(one, str) else "",
)
def test_what_is_too_much_is_refused_before_it_is_read(words: Any, field: str) -> None:
    with pytest.raises(ma.ValidationError, match="au plus") as refused:
        Words().load({"name": "Héron", **words})
    assert [*refused.value.messages] == [field]
