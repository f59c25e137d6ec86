"""Sealed entries, and how items stood: what every write keeps besides."""

from typing import Any
from uuid import UUID

import orjson
from psycopg import Cursor
from psycopg.rows import DictRow

from referencing.journal.chain import GENESIS, digest

_STREAM = """
INSERT INTO journal_stream (name, length, head, organisation_id) VALUES (%s, 1, %s, %s)
ON CONFLICT (name) DO UPDATE SET length = journal_stream.length + 1 RETURNING length, head, organisation_id, now() AS at
"""
_ENTRY = """
WITH sealed AS (UPDATE journal_stream SET head = %(digest)s WHERE name = %(stream)s)
INSERT INTO journal_entry (stream, number, at, action, account_id, role, detail, digest, organisation_id)
VALUES (%(stream)s, %(number)s, %(at)s, %(action)s, %(account)s, %(role)s, %(detail)s::jsonb, %(digest)s,
    %(owner)s)
"""
_ENDED = "UPDATE item_standing SET ended_at = now() WHERE item_id = ANY(%s) AND ended_at IS NULL"
_BEGUN = """
INSERT INTO item_standing (id, item_id, state, grant_id, started_at)
SELECT gen_random_uuid(), id, state, grant_id, now() FROM item WHERE id = ANY(%s)
"""


def record(
    cursor: Cursor[DictRow], account: DictRow, dossier: UUID, action: str, detail: dict[str, Any]
) -> None:
    stream = f"candidature:{dossier}"
    row = cursor.execute(_STREAM, [stream, GENESIS, account["organisation_id"]]).fetchone() or {}
    sealed = {
        "stream": stream,
        "number": row["length"],
        "at": row["at"].timestamp(),
        "action": action,
        "account_id": str(account["id"]),
        "role": account["role"],
        "detail": detail,
    }
    words = {**sealed, "at": row["at"], "account": account["id"], "owner": row["organisation_id"]}
    words |= {"detail": orjson.dumps(detail).decode(), "digest": digest(row["head"], sealed)}
    cursor.execute(_ENTRY, words)


def keep_standings(cursor: Cursor[DictRow], items: list[UUID]) -> None:
    """These items were changed."""
    cursor.execute(_ENDED, [items])
    cursor.execute(_BEGUN, [items])
