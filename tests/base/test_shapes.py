"""What a schema describes is what its shape shows: the same as marshmallow would, read once."""

from dataclasses import dataclass
from datetime import UTC, date, datetime
from enum import StrEnum
from uuid import UUID

from marshmallow import fields

from referencing.base.schemas import Schema, one_of
from referencing.base.shapes import computed, shape


class Colour(StrEnum):
    RED = "red"


@dataclass
class Owner:
    name: str


@dataclass
class Wheel:
    size: int


@dataclass
class Car:
    id: UUID
    colour: Colour
    built_on: date
    sold_at: datetime
    owner: Owner | None
    spare: Wheel | None
    wheels: list[Wheel]


class WheelOut(Schema):
    size = fields.Integer()


class CarOut(Schema):
    id = fields.UUID()
    colour = one_of(Colour)
    built_on = fields.Date()
    sold_at = fields.DateTime()
    owner = fields.String(attribute="owner.name", allow_none=True)
    spare = fields.Nested(WheelOut, allow_none=True)
    wheels = fields.List(fields.Nested(WheelOut))
    count = computed(fields.Integer(), lambda car: len(car.wheels))


def car(owner: Owner | None = None, spare: Wheel | None = None) -> Car:
    at = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
    return Car(UUID(int=1), Colour.RED, at.date(), at, owner, spare, [Wheel(15), Wheel(16)])


def test_each_field_reads_its_attribute() -> None:
    assert shape(CarOut)(car(Owner("Camille"), Wheel(14))) == {
        "id": UUID(int=1),
        "colour": Colour.RED,
        "built_on": date(2026, 3, 2),
        "sold_at": datetime(2026, 3, 2, 9, 0, tzinfo=UTC),
        "owner": "Camille",
        "spare": {"size": 14},
        "wheels": [{"size": 15}, {"size": 16}],
        "count": 2,
    }


def test_none_on_the_way_gives_none() -> None:
    shown = shape(CarOut)(car())
    assert shown["owner"] is None
    assert shown["spare"] is None


def test_a_schema_is_compiled_once() -> None:
    assert shape(CarOut) is shape(CarOut)


def test_nested_walruses_of_two_fields_do_not_mix() -> None:
    """Both the attribute of an attribute and the nested schema keep what they read on their way."""

    class Twice(Schema):
        first = fields.String(attribute="owner.name", allow_none=True)
        second = fields.Nested(WheelOut, attribute="spare", allow_none=True)
        third = fields.String(attribute="owner.name.upper", allow_none=True)

    assert shape(Twice)(car(None, Wheel(3))) == {"first": None, "second": {"size": 3}, "third": None}
