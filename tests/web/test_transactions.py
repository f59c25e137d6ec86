"""Who asks and what is done are one transaction, which waits for nothing that a client still sends."""

import io
import json
from collections.abc import Callable

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy.pool import QueuePool
from typing_extensions import Buffer

from referencing.base.permissions import Role
from tests.clients import Client
from tests.conftest import parts


class Body(io.BytesIO):
    """A JSON body; as each piece of it is read, it notes how many connections to the database are in use."""

    def __init__(self, app: Flask, length: int) -> None:
        words = {"name": "Alizé", "nil": "NIL-1", "ignored": "x" * length}
        super().__init__(json.dumps(words).encode())
        pool = parts(app).engine.pool
        assert isinstance(pool, QueuePool)
        self.pool, self.in_use = pool, set[int]()

    def readinto(self, buffer: Buffer, /) -> int:
        self.in_use.add(self.pool.checkedout())
        return super().readinto(buffer)


@pytest.mark.parametrize("length", [10, 100_000])
def test_none_is_open_while_a_body_comes_in(app: Flask, as_: Callable[..., Client], length: int) -> None:
    body, editor = Body(app, length), as_(Role.EDITOR)
    sent = {"input_stream": body, "content_length": len(body.getvalue()), "content_type": "application/json"}
    refused = editor.refused(422, "POST", "/softwares", **sent)
    assert refused["errors"][0]["pointer"] == "/ignored"
    assert body.in_use == {0}


def test_what_is_refused_leaves_none_open(app: Flask, as_: Callable[..., Client]) -> None:
    editor = as_(Role.EDITOR)
    editor.refused(422, "GET", "/softwares?limit=0")
    editor.refused(404, "GET", "/candidatures/00000000-0000-0000-0000-000000000000")
    Client(app.test_client(), "ref_unknown").refused(401, "GET", "/softwares")
    with parts(app).engine.connect() as connection:
        mine = sa.text(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
            " AND state LIKE 'idle in transaction%'"
        )
        assert connection.scalar(mine) == 0
