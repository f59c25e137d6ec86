"""Names leave the record: release 0.1 sealed an entry with its author's name, release 0.2 with their account's id.

Whoever changes what a seal is made of seals anew. What did not hold before does not hold after: the first entry that
was altered, and those after it, keep the digests that they have, and `referencing journal verify` goes on telling so.
"""

from collections.abc import Callable, Iterator, Mapping
from itertools import groupby, islice
from operator import attrgetter
from typing import Any

import sqlalchemy as sa
from alembic import op

from referencing.journal.chain import GENESIS, digest

Names = Mapping[str, str]
Detail = dict[str, Any]
#: Whose names release 0.1 wrote into a detail: under `internal`, and beside ids or in the person's own stream.
_HANDED_OVER = ("task.assigned", "task.taken_over", "session.verifier_replaced")
_NAMED = ("account.created", "account.disabled", "account.key_renewed")
_READ = ("reading.undone", "readings.compared")
#: Whose rows are found by an index from now on: a person is given all that is held of them.
_OF_PEOPLE = {
    "message": "account_id",
    "upload": "account_id",
    "verdict": "verifier_id",
    "reading": "verifier_id",
    "duo_presence": "account_id",
    "duo_signature": "account_id",
}
_PROTECTED = {"journal_entry": "kept_as_written", "duo_event": "kept_as_told"}
_AT_ONCE = 1_000

_ENTRIES = """
SELECT position, stream, number, at, action, account_id, {actor} AS actor, role, detail, digest FROM journal_entry
ORDER BY stream, number
"""
#: Of the agency's people, those whose name says who they are: a verifier and a lead may have one name.
_AGENCY = """
SELECT name, min(id::text) AS id FROM account WHERE role IN ('verifier', 'lead') GROUP BY name HAVING count(*) = 1
"""
_NAME = "coalesce((SELECT name FROM account WHERE id = account_id), 'referencing')"


def let_people_be_erased() -> None:
    """Names leave the record, and who is erased has a number."""
    op.execute(
        "DELETE FROM email_address USING account WHERE account.id = account_id AND disabled_at IS NOT NULL"
    )
    op.add_column("account", sa.Column("erased_at", sa.DateTime(timezone=True), nullable=True))
    op.create_check_constraint(
        op.f("ck_account_erased_is_closed"), "account", "erased_at IS NULL OR disabled_at IS NOT NULL"
    )
    op.create_table(
        "erasure",
        sa.Column("number", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("erased_by", sa.Uuid(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("erased_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_erasure_account_id_account")),
        sa.ForeignKeyConstraint(["erased_by"], ["account.id"], name=op.f("fk_erasure_erased_by_account")),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_erasure")),
        sa.UniqueConstraint("account_id", name=op.f("uq_erasure_account_id")),
    )
    placed = sa.text("last_used_from IS NOT NULL")
    op.create_index("ix_account_key_last_used_at", "account_key", ["last_used_at"], postgresql_where=placed)
    for table, column in _OF_PEOPLE.items():
        op.create_index(f"ix_{table}_{column}", table, [column, "id"])
    _leave_names_out()


def keep_people_named() -> None:
    """Take that back, under the names of that day."""
    _write_names_in()
    for table, column in _OF_PEOPLE.items():
        op.drop_index(f"ix_{table}_{column}", table)
    op.drop_table("erasure")
    op.drop_column("account", "erased_at")


def _leave_names_out() -> None:
    ids: Names = dict(op.get_bind().execute(sa.text(_AGENCY)).all())
    _protect("DISABLE")
    _seal_anew("actor", lambda entry: _without_names(entry, ids), named=False)
    op.execute(
        "UPDATE duo_event SET detail = detail || jsonb_build_object('account', agency.id)"  # noqa: S608 - ours
        f" FROM ({_AGENCY}) AS agency"
        " WHERE action = 'session.verifier_replaced' AND agency.name = detail ->> 'name'"
    )
    op.execute(
        "UPDATE duo_event SET detail = detail - 'name'"
        " WHERE detail ? 'account' OR action = 'session.verifier_replaced'"
    )
    op.drop_column("journal_entry", "actor")
    _protect("ENABLE")


def _write_names_in() -> None:
    everybody = "SELECT id::text, name FROM account"
    names: Names = dict(op.get_bind().execute(sa.text(everybody)).all())
    _protect("DISABLE")
    op.execute(
        "UPDATE duo_event SET detail = detail || jsonb_build_object('name', account.name)"
        " FROM account WHERE account.id::text = detail ->> 'account'"
    )
    op.add_column("journal_entry", sa.Column("actor", sa.Text(), nullable=True))
    op.execute(f"UPDATE journal_entry SET actor = {_NAME}")  # noqa: S608 - ours
    _seal_anew(_NAME, lambda entry: _with_names(entry, names), named=True)
    op.alter_column("journal_entry", "actor", nullable=False)
    _protect("ENABLE")


def _protect(how: str) -> None:
    """Nobody changes these tables but an upgrade, which holds them meanwhile."""
    for table, trigger in _PROTECTED.items():
        op.execute(f"ALTER TABLE {table} {how} TRIGGER {trigger}")


def _seal_anew(actor: str, reworded: Callable[[sa.Row[Any]], Detail], *, named: bool) -> None:
    """Seal every entry that holds with its detail as `reworded`; `named` says whether its author's name is sealed.

    Entries are read in blocks and written in blocks, so memory does not grow with the record.
    """
    write = sa.text("UPDATE journal_entry SET detail = :detail, digest = :digest WHERE position = :position")
    write = write.bindparams(sa.bindparam("detail", type_=sa.dialects.postgresql.JSONB()))
    entries = _sealed(actor, reworded, named=named)
    while block := list(islice(entries, _AT_ONCE)):
        op.get_bind().execute(write, [entry for entry, _ in block])
        op.get_bind().execute(
            sa.text("UPDATE journal_stream SET head = :head WHERE name = :name AND head = :before"),
            list({end["name"]: end for _, end in block}.values()),
        )


def _sealed(
    actor: str, reworded: Callable[[sa.Row[Any]], Detail], *, named: bool
) -> Iterator[tuple[Detail, dict[str, str]]]:
    """What is written of each entry that holds, with the end that its stream has, should it be the last."""
    bind = op.get_bind()
    rows = bind.execution_options(stream_results=True, max_row_buffer=_AT_ONCE).execute(
        sa.text(_ENTRIES.format(actor=actor)).columns(detail=sa.dialects.postgresql.JSONB())
    )
    bind.execution_options(stream_results=False)
    for stream, entries in groupby(rows, attrgetter("stream")):
        before = head = GENESIS
        for number, entry in enumerate(entries, start=1):
            old = _content(entry, entry.detail, named=not named)
            if entry.number != number or digest(before, old) != entry.digest:
                break
            detail = reworded(entry)
            before, head = entry.digest, digest(head, _content(entry, detail, named=named))
            end = {"name": stream, "before": before, "head": head}
            yield {"position": entry.position, "detail": detail, "digest": head}, end


def _content(entry: sa.Row[Any], detail: Detail, *, named: bool) -> Detail:
    """What these two releases seal, written out as they do: a release to come may seal something else."""
    return {
        "stream": entry.stream,
        "number": entry.number,
        "at": entry.at.timestamp(),
        "action": entry.action,
        "account_id": str(entry.account_id) if entry.account_id else None,
        "role": entry.role,
        "detail": detail,
    } | ({"actor": entry.actor} if named else {})


def _without_names(entry: sa.Row[Any], ids: Names) -> Detail:
    detail: Detail = entry.detail
    if entry.action in _HANDED_OVER and "internal" in detail:
        return {**detail, "internal": _exchanged(detail["internal"], ids.get)}
    if entry.action in _READ and entry.stream.startswith("task:"):
        readings = [_nameless(reading) for reading in detail.get("readings", ())]
        return _nameless(detail) | ({"readings": readings} if readings else {})
    return _nameless(detail) if entry.action in _NAMED else detail


def _with_names(entry: sa.Row[Any], names: Names) -> Detail:
    detail: Detail = entry.detail
    if entry.action in _HANDED_OVER and "internal" in detail:
        return {**detail, "internal": _exchanged(detail["internal"], lambda id_: names.get(id_, id_))}
    if entry.action in _NAMED:
        return {**detail, "name": names[entry.stream.partition(":")[2]]}
    return detail


def _nameless(told: Detail) -> Detail:
    return {key: value for key, value in told.items() if key != "name"}


def _exchanged(internal: Detail, of: Callable[[str], str | None]) -> Detail:
    return {k: of(v) if k in ("from", "to") and v is not None else v for k, v in internal.items()}
