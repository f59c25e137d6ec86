"""What is held about people, on the command line: a copy, an erasure, what goes by age."""

import json

from referencing.base import db
from referencing.journal.operations import verify
from referencing.upkeep.periods import PERIODS
from tests.cli.conftest import Referencing

WHO = ("Apolline Quatremère", "--role", "expert")


def test_a_person_is_copied_and_erased(on_database: Referencing, sessions: db.Sessions) -> None:
    on_database("accounts", "create", *WHO)
    copy = json.loads(on_database("accounts", "copy", *WHO).out)
    (account,) = [kind["rows"] for kind in copy["kinds"] if kind["kind"] == "account"]
    assert account[0]["name"] == WHO[0]

    assert "--reason" in on_database("accounts", "erase", *WHO).refusal
    foreseen = on_database("accounts", "erase", *WHO, "--dry-run").out
    assert "Clés\tà remplacer\t1\t" in foreseen
    assert WHO[0] in on_database("accounts", "list").out, "nothing was changed"

    erased = on_database("accounts", "erase", *WHO, "--reason", "Demande du 2 mars.")
    assert (erased.code, erased.out.startswith("Personne effacée n° ")) == (0, True)
    assert WHO[0] not in on_database("accounts", "list", "--closed").out
    assert "Aucun compte" in on_database("accounts", "erase", *WHO, "--reason", "Encore.").refusal
    with db.transaction(sessions) as session:
        assert list(verify(session)) == []


def test_what_was_kept_for_its_time_is_counted_and_goes(on_database: Referencing) -> None:
    counted = on_database("forget", "--dry-run").out
    assert [line.partition("\t")[0] for line in counted.splitlines()] == [*PERIODS]
    assert on_database("forget").out == counted
