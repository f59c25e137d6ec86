"""Many rows written in one statement."""

from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from referencing.accounts.models import Organisation
from referencing.base.db import _document, insert_rows, new_id, update_rows
from tests.builders import statements


def organisations(session: Session, *names: str) -> list[UUID]:
    ids = [new_id() for _ in names]
    insert_rows(
        session, Organisation, [{"id": id_, "name": name} for id_, name in zip(ids, names, strict=True)]
    )
    return ids


def names(session: Session, ids: list[UUID]) -> list[str]:
    select = sa.select(Organisation.name).where(Organisation.id.in_(ids)).order_by(Organisation.id)
    return list(session.scalars(select))


def test_rows_are_inserted_in_one_statement_with_the_defaults_of_the_rest(scratch: Session) -> None:
    with statements(scratch.get_bind()) as sent:  # type: ignore[arg-type]
        ids = organisations(scratch, "Alizé", 'dit "le\\"', "☤ \U0001f9ea")
    assert len(sent) == 1
    assert names(scratch, ids) == ["Alizé", 'dit "le\\"', "☤ \U0001f9ea"]
    assert all(scratch.scalars(sa.select(Organisation.created_at).where(Organisation.id.in_(ids))))


def test_no_row_is_no_statement(scratch: Session) -> None:
    with statements(scratch.get_bind()) as sent:  # type: ignore[arg-type]
        insert_rows(scratch, Organisation, [])
        update_rows(scratch, Organisation, [])
    assert sent == []


def test_rows_are_updated_and_objects_of_the_session_follow(scratch: Session) -> None:
    first, second, _ = ids = organisations(scratch, "A", "B", "C")
    held = scratch.get_one(Organisation, first)
    update_rows(scratch, Organisation, [{"id": first, "name": "A2"}, {"id": second, "name": "B2"}])
    assert (held.name, names(scratch, ids)) == ("A2", ["A2", "B2", "C"])


def test_an_integer_beyond_64_bits_is_written_as_it_is() -> None:
    assert _document([{"number": 2**70}]) == '[{"number": 1180591620717411303424}]'
