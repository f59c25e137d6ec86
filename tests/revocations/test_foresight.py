"""What will expire until a day, and what that will do to each item, is told before and changes nothing."""

from collections.abc import Callable
from datetime import date, timedelta

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy.orm import Session

from referencing.base import db
from referencing.base.errors import Conflict, Forbidden, Invalid, NotFound
from referencing.base.permissions import Role
from referencing.candidatures.record.models import Candidature
from referencing.candidatures.record.states import ItemState
from referencing.equivalence.engine.facts import CertificateKind, Correspondence, Relation
from referencing.journal.models import Entry
from referencing.revocations.expiries import notice_expiries
from referencing.revocations.foresight import FURTHEST, CoreExpiries, expiries, what_if_expired
from referencing.revocations.models import Consequence, Fate, Flag, Revocation
from referencing.solutions.models import Certificate, Solution
from tests.builders import (
    ALIZE,
    Asked,
    Story,
    perform_jobs,
    person,
    publish_dsr,
    publish_rules,
    state,
    statements,
)
from tests.clients import Client
from tests.conftest import Time, parts
from tests.identities.worlds import accepted
from tests.revocations.worlds import Told, reference, told

OLD, NEW = "LGC-V1:INS.1#01.01", "LGC-V2:INS.1#01.01"
MARCH, APRIL, MAY = date(2026, 3, 31), date(2026, 4, 30), date(2026, 5, 31)
BY_DMN = CertificateKind("DMN", ({"requirement": "INS.1"},))


@pytest.fixture
def story(scratch: Session) -> Story:
    publish_dsr(scratch, "LGC-V1", Asked("INS.1"))
    publish_dsr(scratch, "LGC-V2", Asked("INS.1"))
    publish_rules(scratch, kinds=[BY_DMN])
    return Story(scratch)


def until(story: Story, day: date) -> list[CoreExpiries]:
    return [*expiries(story.session, story.lead, day, None, 100)]


def by_day(found: CoreExpiries) -> list[tuple[date, list[Told]]]:
    return [(one.on, told(one.effects)) for one in found.expiries]


def counts(session: Session) -> list[int]:
    tables = (Revocation, Consequence, Flag, Entry)
    return [session.scalars(sa.select(sa.func.count()).select_from(one)).one() for one in tables]


def both(story: Story, solution: Solution) -> tuple[Candidature, Candidature]:
    """One referenced, one open."""
    listed = story.verified(solution, "LGC-V2")
    reference(story, listed)
    return listed, story.draft(solution, "LGC-V2")


def test_each_end_in_a_row_is_foreseen_and_then_happens(story: Story, time: Time) -> None:
    session, solution = story.session, story.solution()
    first = story.certificate(solution, "DMN", until=MARCH)
    second = story.certificate(solution, "DMN", until=APRIL)
    dossiers = both(story, solution)
    perform_jobs(session)
    before = counts(session)

    (found,) = until(story, MAY)
    assert counts(session) == before
    assert [one.certificate for one in found.expiries] == [first.id, second.id]
    one = told(what_if_expired(session, story.lead, second.id).effects)
    assert by_day(found)[1] == (APRIL, one)
    assert {(dossier, fate, at) for dossier, _, fate, at in one} == {
        (dossiers[0].id, Fate.FLAGGED, ItemState.COVERED),
        (dossiers[1].id, Fate.REOPENED, ItemState.REQUIRED),
    }
    assert {fate for _, _, fate, _ in by_day(found)[0][1]} == {Fate.COVERED_OTHERWISE}

    for day, effects in by_day(found):
        time.now = db.end_of(day - timedelta(days=1))
        notice_expiries(session)
        session.flush()
        perform_jobs(session)
        revocation = session.scalars(sa.select(Revocation).order_by(Revocation.id.desc()).limit(1)).one()
        rows = sa.select(Consequence).where(Consequence.revocation_id == revocation.id)
        happened = [
            (row.candidature_id, row.code, row.fate, row.state)
            for row in session.scalars(rows.order_by(Consequence.id))
        ]
        assert happened == effects


def test_what_begins_before_the_end_is_counted(story: Story) -> None:
    session, solution = story.session, story.solution()
    ending = story.certificate(solution, "DMN", until=APRIL)
    following = story.certificate(solution, "DMN")
    dossier = story.draft(solution, "LGC-V2")
    session.execute(sa.update(Certificate).where(Certificate.id == following.id).values(valid_from=MARCH))
    from referencing.candidatures.resolution.resolution import resolve_core  # noqa: PLC0415

    resolve_core(session, dossier.core_id)
    session.flush()
    session.expire_all()
    # The later certificate is used from its day on, so that on the last day of the other nothing leans on it.
    assert told(what_if_expired(session, story.lead, ending.id).effects) == []


def test_a_correspondence_that_ends_is_foreseen_for_each_core_that_leans_on_it(story: Story) -> None:
    session = story.session
    ends = Correspondence("C", ("LGC-V1:INS.1",), "LGC-V2:INS.1", Relation.EQUAL, None, valid_until=MARCH)
    publish_rules(session, ends, kinds=[BY_DMN])
    dossiers = []
    for number in (1, 2, 3):
        solution = story.solution(f"Nom {number}", f"NIL-{number}")
        story.verified(solution, "LGC-V1")
        dossiers += [story.draft(solution, "LGC-V2")] if number < 3 else []
    found = until(story, MARCH)
    assert [one.correspondence for core in found for one in core.expiries] == ["C", "C"]
    assert {effect for core in found for _, effects in by_day(core) for effect in effects} == {
        (one.id, NEW, Fate.REOPENED, ItemState.REQUIRED) for one in dossiers
    }
    assert {state(session, one) for one in dossiers} == {ItemState.COVERED}


def test_what_is_further_away_revoked_or_used_by_nobody_is_not_told(story: Story) -> None:
    session = story.session
    unused = story.certificate(story.solution(), "AUTRE", until=MARCH)
    used = story.solution("Bêta", "NIL-2")
    story.certificate(used, "DMN", "NIL-2", until=APRIL)
    story.draft(used, "LGC-V2")
    assert [by_day(one) for one in until(story, MARCH)] == [[]]
    assert told(what_if_expired(session, story.lead, unused.id).effects) == []
    assert [len(one.expiries) for one in until(story, APRIL)] == [0, 1]


def test_a_day_that_is_not_to_come_is_refused(story: Story, time: Time) -> None:
    session, solution = story.session, story.solution()
    today = db.today(session)
    for day in (today, today + timedelta(days=FURTHEST + 1), date.max):
        with pytest.raises(Invalid):
            until(story, day)
    for end in (None, date.max):
        endless = story.certificate(solution, "DMN", until=end)
        with pytest.raises(Conflict, match="rien à prévoir"):
            what_if_expired(session, story.lead, endless.id)
    ended = story.certificate(solution, "DMN", until=MARCH)
    time.now = db.end_of(MARCH)
    with pytest.raises(Conflict, match="depuis le 31/03/2026"):
        what_if_expired(session, story.lead, ended.id)


def test_an_editor_asks_for_its_own_and_not_how_long_anothers_last(story: Story) -> None:
    session, solution = story.session, story.solution()
    other = Story(session, "Brise Santé")
    theirs = other.solution("Brise", "NIL-9")
    own = story.certificate(solution, "DMN", until=MARCH)
    dossier = story.draft(solution, "LGC-V2")
    asked = what_if_expired(session, story.editor, own.id)
    assert told(asked.effects) == [(dossier.id, NEW, Fate.REOPENED, ItemState.REQUIRED)]
    with pytest.raises(NotFound):
        what_if_expired(session, other.editor, own.id)
    for role in (Role.VERIFIER, Role.EXPERT):
        with pytest.raises(Forbidden):
            what_if_expired(session, person(session, role), own.id)
    with pytest.raises(Forbidden):
        expiries(session, story.editor, MARCH, None, 10)

    accepted(story.lead, (story, solution), (other, theirs))
    with pytest.raises(Conflict, match="demandez à l'agence"):
        what_if_expired(session, story.editor, own.id)
    assert told(what_if_expired(session, story.lead, own.id).effects) == told(asked.effects)


def test_the_statements_do_not_grow_with_what_does_not_end(story: Story, shared: sa.Engine) -> None:
    solution = story.solution()
    story.certificate(solution, "DMN", until=MARCH)
    story.draft(solution, "LGC-V2")
    until(story, APRIL)
    sent_before = []
    for number in (2, 3):
        elsewhere = story.solution(f"Nom {number}", f"NIL-{number}")
        story.certificate(elsewhere, "DMN", f"NIL-{number}")
        story.draft(elsewhere, "LGC-V2")
        story.withdraw(story.draft(solution, "LGC-V2", composition={"mss": f"Boîte@{number}"}))
        with statements(shared) as sent:
            until(story, APRIL)
        sent_before.append(len(sent))
    assert sent_before[0] == sent_before[1]


def test_over_http_ends_are_read_page_by_page_and_one_by_one(app: Flask, as_: Callable[..., Client]) -> None:
    with db.transaction(parts(app).sessions) as session:
        publish_dsr(session, "LGC-V2", Asked("INS.1"))
        publish_rules(session, kinds=[BY_DMN])
        story = Story(session)
        for number in (1, 2, 3):
            solution = story.solution(f"Nom {number}", f"NIL-{number}")
            certificate = story.certificate(solution, "DMN", f"NIL-{number}", MARCH).id
            filed = story.draft(solution, "LGC-V2")
            story.submit(filed)
            dossier = filed.id
    lead, auditor, editor = as_(Role.LEAD), as_(Role.AUDITOR), as_(Role.EDITOR)
    stranger = as_(Role.EDITOR, organisation="Brise Santé")

    path = "/expiries?until=2026-03-31"
    whole = lead.get(path)["items"]
    first = lead.get(f"{path}&limit=2")
    rest = auditor.get(f"{path}&limit=2&cursor={first['next']}")
    assert (first["items"] + rest["items"], rest["next"]) == (whole, None)
    last = whole[-1]
    assert [one["nil"] for one in last["softwares"]] == ["NIL-3"]
    (expiry,) = last["expiries"]
    assert expiry == lead.get(f"/certificates/{certificate}/expiry")
    assert (expiry["dry_run"], expiry["on"], expiry["summary"]) == (True, "2026-03-31", {"reopened": 1})
    assert expiry["reason"].endswith(" n'est plus valable depuis le 31/03/2026.")
    (effect,) = expiry["effects"]
    assert (effect["candidature"], effect["code"], effect["fate"]) == (str(dossier), NEW, "reopened")

    lead.refused(422, "GET", "/expiries")
    lead.refused(422, "GET", "/expiries?until=2026-03-02")
    lead.refused(422, "GET", "/expiries?until=demain")
    lead.refused(400, "GET", f"{path}&cursor=x")
    editor.refused(403, "GET", path)
    assert editor.get(f"/certificates/{certificate}/expiry") == expiry
    stranger.refused(404, "GET", f"/certificates/{certificate}/expiry")

    auditor.post("/conflicts", {"organisation": ALIZE, "verifier": auditor.get("/me")["id"]})
    assert auditor.get(path)["items"] == []
    auditor.refused(403, "GET", f"/certificates/{certificate}/expiry")
