"""A day that somebody gives is one of the programme's time: a slip of the hand in its year is refused everywhere."""

from datetime import date

import marshmallow as ma
import pytest
from marshmallow import fields

from referencing.base.schemas import Day, Schema
from referencing.catalogue.imports.tables import day_of
from referencing.certificates.schemas import CertificateIn
from referencing.duo.conduct.schemas import SessionsArguments
from referencing.reviews.steering.schemas import AbsenceIn, BoostIn
from tests.structure.application import wired

SLIPS = ["0026-03-02", "2206-03-02", "9999-12-31"]


@pytest.mark.parametrize("slip", SLIPS)
@pytest.mark.parametrize(
    ("schema", "field"),
    [
        (CertificateIn, "valid_from"),
        (CertificateIn, "valid_until"),
        (BoostIn, "ends_on"),
        (AbsenceIn, "starts_on"),
        (AbsenceIn, "ends_on"),
        (SessionsArguments, "since"),
    ],
)
def test_a_year_that_is_a_slip_of_the_hand_is_pointed_at(
    schema: type[ma.Schema], field: str, slip: str
) -> None:
    zoned = "T09:00:00Z" if field == "since" else ""
    errors = schema().validate({field: f"{slip}{zoned}"})
    assert errors[field] == ["Vérifiez l'année : donnez un jour de 1990 à 2099."]
    assert field not in schema().validate({field: f"2026-03-02{zoned}"})


@pytest.mark.parametrize("day", ["1990-01-01", "2026-02-28", "2099-12-31"])
def test_a_day_of_the_programme_is_read(day: str) -> None:
    assert Day().deserialize(day) == date.fromisoformat(day)


@pytest.mark.parametrize("slip", [*SLIPS, "02/03/0026", "02/03/2206", "1989-12-31"])
def test_a_slip_in_a_table_names_no_day(slip: str) -> None:
    assert day_of(slip) is None
    assert [day_of(day) for day in ("2026-03-02", "02/03/2026")] == [date(2026, 3, 2)] * 2


def test_every_day_that_comes_in_is_checked_so() -> None:
    wired()  # all schemas are there
    unchecked = [
        f"{schema.__module__}.{schema.__name__}.{name}"
        for schema in inputs(Schema)
        for name, field in schema().declared_fields.items()
        if type(field.inner if isinstance(field, fields.List) else field)
        in {fields.Date, fields.DateTime, fields.AwareDateTime}
        and not field.dump_only
    ]
    assert unchecked == []


def inputs(schema: type[ma.Schema]) -> list[type[ma.Schema]]:
    """The schemas of what is sent; an answer's ends with `Out`, `Whole` or `Line`."""
    below = [one for kind in schema.__subclasses__() for one in inputs(kind)]
    return [*(one for one in [schema] if not one.__name__.endswith(("Out", "Whole", "Line"))), *below]
