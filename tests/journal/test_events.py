"""An event that nobody declared is a fault of the program: it is refused before anything is written."""

from typing import Any
from uuid import uuid4

import pytest

from referencing.base import db
from referencing.base.permissions import Actor, Role
from referencing.journal import queries
from referencing.journal.disclosure import disclosed
from referencing.journal.events.table import EVENTS, Undeclared, refuse_undeclared, sentence
from referencing.journal.models import Entry
from referencing.journal.operations import SYSTEM, Line, record, record_all
from tests.journal.conftest import Write


@pytest.mark.parametrize(
    ("action", "detail"),
    [
        ("candidature.forgotten", {}),
        ("signal.author_read", {}),
        ("candidature.submitted", {"version": 1}),
        ("candidature.submitted", {"version": 1, "deposited_on": "2026-03-02", "colour": "blue"}),
    ],
    ids=["no event", "of another stream", "lacks a field", "a field too many"],
)
def test_an_undeclared_event_is_not_written(
    write: Write, sessions: db.Sessions, stream: str, action: str, detail: dict[str, Any]
) -> None:
    write({"n": 1})
    with pytest.raises(Undeclared), db.transaction(sessions) as session:
        record(session, SYSTEM, action, stream, detail)
    with pytest.raises(Undeclared), db.transaction(sessions) as session:
        record_all(session, [Line(SYSTEM, action, stream, detail)])
    with db.transaction(sessions) as session:
        assert len(queries.stream(session, stream)) == 1


@pytest.mark.parametrize("detail", [{}, {"missing": {"CNDA": 2}}])
def test_what_is_said_only_sometimes_may_be_left_out(
    sessions: db.Sessions, stream: str, detail: dict[str, Any]
) -> None:
    with db.transaction(sessions) as session:
        filed = {"deposited_on": "2026-03-02", "version": 1, **detail}
        record(session, SYSTEM, "candidature.submitted", stream, filed)
        assert queries.stream(session, stream)[-1].detail == filed


def test_every_event_has_a_french_sentence_of_its_own() -> None:
    for kind, events in EVENTS.items():
        sentences = [event.sentence for event in events.values()]
        assert all(one[0].isupper() and not one.endswith(".") for one in sentences), kind
        assert len(set(sentences)) == len(sentences), kind


@pytest.mark.parametrize(
    ("outcome", "said"),
    [
        ("referenced", "Solution référencée"),
        ("refused", "Candidature refusée"),
        ("sent_back", "Dossier renvoyé en instruction"),
        ("send_back", "Décision"),
    ],
)
def test_a_decision_says_what_was_decided(outcome: str, said: str) -> None:
    assert sentence("candidature:1", "candidature.decided", {"outcome": outcome}) == said


@pytest.mark.parametrize(
    ("stream", "action", "detail"),
    [
        ("candidature:1", "candidature.admitted", {"comment": "", "to_come": ["LGC-V1:DMP.01#01.01"]}),
        ("candidature:1", "proof.dated", {"item": "LGC-V1:SSI.01#01.01", "proof": "1", "on": "2026-03-02"}),
        ("audit:1", "audit.found", {"sampled": "1", "item": "P", "finding": "conform", "comment": ""}),
    ],
)
def test_fields_of_the_first_release_are_told_under_the_names_of_today(
    stream: str, action: str, detail: dict[str, Any]
) -> None:
    entry = Entry(stream=stream, action=action, actor="Lou", role="lead", detail=detail)
    refuse_undeclared(stream, action, disclosed(entry, Actor(uuid4(), "Lou", Role.LEAD)).detail)


def test_an_entry_of_an_older_release_is_told_by_its_name() -> None:
    assert sentence("candidature:1", "candidature.forgotten", {}) == "candidature.forgotten"
