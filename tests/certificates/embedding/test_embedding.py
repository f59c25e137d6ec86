"""A component's certificate is entered once and serves each software that declares it, as long as it stands."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy.orm import Session

from referencing.base import db
from referencing.base.errors import Conflict, Forbidden, Invalid, NotFound
from referencing.base.models import Job
from referencing.base.permissions import Actor, Role
from referencing.candidatures.record.models import Candidature
from referencing.candidatures.record.states import ItemState
from referencing.certificates.embedding.copies import embed, follow_original
from referencing.certificates.embedding.queries import embeddings
from referencing.certificates.operations import Words, correct_certificate, enter_certificate
from referencing.certificates.queries import certificate as read
from referencing.equivalence.engine.facts import CertificateKind
from referencing.journal.models import INTERNAL
from referencing.revocations.expiries import notice_expiries
from referencing.revocations.foresight import what_if_expired
from referencing.revocations.impact import digest_of
from referencing.revocations.models import Fate
from referencing.revocations.operations import revoke, what_if_revoked
from referencing.solutions.models import Certificate, Solution
from tests.builders import (
    Asked,
    Story,
    entries,
    perform_jobs,
    person,
    publish_dsr,
    publish_rules,
    state,
    statements,
)
from tests.clients import Client
from tests.conftest import Time, parts
from tests.revocations.worlds import confirmed, reference, told

BOX, CODE = "DMP-Box@2.1", "LGC-V2:INS.1#01.01"
BEGIN, END = date(2025, 1, 1), date(2026, 3, 31)
BY_DMP = CertificateKind("DMP", ({"requirement": "INS.1"},))


@dataclass
class World:
    """A publisher's component, certified until the end of March; it is embedded at home and by another publisher."""

    maker: Story
    other: Story
    box: Solution
    home: Solution
    abroad: Solution
    original: Certificate
    dossiers: list[Candidature]

    @property
    def session(self) -> Session:
        return self.maker.session

    def embed(self, solution: Solution, component: str = BOX) -> Certificate:
        made = embed(self.session, self.maker.lead, self.original.id, solution.software_id, component)
        perform_jobs(self.session)
        return made

    def embed_all(self) -> list[Certificate]:
        return [self.embed(one) for one in (self.home, self.abroad)]

    def states(self) -> list[ItemState]:
        return [state(self.session, one) for one in self.dossiers]

    def standing(self, solution: Solution) -> list[tuple[str, date | None]]:
        rows = sa.select(Certificate.number, Certificate.valid_until).where(
            Certificate.software_id == solution.software_id, Certificate.revoked_on.is_(None)
        )
        return [(number, until) for number, until in self.session.execute(rows.order_by(Certificate.id))]


def built(session: Session) -> World:
    publish_dsr(session, "LGC-V2", Asked("INS.1"))
    publish_rules(session, kinds=[BY_DMP])
    maker, other = Story(session), Story(session, "Brise Santé")
    box, home = maker.solution("Box", "DMP-Box"), maker.solution("Alpha", "NIL-1")
    abroad = other.solution("Brise", "NIL-9")
    words = Words("DMP", "DMP-Box", "12", BEGIN, END)
    original = enter_certificate(session, maker.lead, box.software_id, words)
    dossiers = [
        story.draft(solution, "LGC-V2", composition={"dmp": BOX})
        for story, solution in ((maker, home), (other, abroad))
    ]
    perform_jobs(session)
    return World(maker, other, box, home, abroad, original, dossiers)


@pytest.fixture
def world(scratch: Session) -> World:
    return built(scratch)


def test_it_serves_who_declares_it_once_a_lead_says_so(world: World) -> None:
    assert world.states() == [ItemState.REQUIRED] * 2
    world.embed(world.abroad)
    assert world.states() == [ItemState.REQUIRED, ItemState.COVERED]
    world.embed(world.home)
    assert world.states() == [ItemState.COVERED] * 2


def test_who_could_have_it_and_who_has(world: World) -> None:
    made = world.embed(world.abroad)
    lead, first = world.maker.lead, world.original.id
    found = embeddings(world.session, lead, first, None, 10)
    assert [(one.software.id, one.component, one.certificate) for one in found] == [
        (world.home.software_id, BOX, None),
        (world.abroad.software_id, BOX, made.id),
    ]
    (last,) = embeddings(world.session, lead, first, [world.home.software_id, BOX], 10)
    assert last == found[1]


def test_what_is_refused(world: World) -> None:
    lead, session, of = world.maker.lead, world.session, world.original.id
    software = world.home.software_id
    with pytest.raises(Invalid):
        world.embed(world.home, "Autre@1")
    with pytest.raises(Conflict, match="déclare d'abord"):
        world.embed(world.home, "DMP-Box@3")
    with pytest.raises(Conflict, match="déjà celui"):
        world.embed(world.box)
    made = world.embed(world.home)
    assert world.embed(world.home) is made  # the second click
    with pytest.raises(Conflict, match="partez de celui"):
        embed(session, lead, made.id, world.abroad.software_id, BOX)
    with pytest.raises(Conflict, match="corrigez celui-là"):
        correct_certificate(session, lead, made.id, Words("DMP", BOX, "13", BEGIN, END), "?")
    with pytest.raises(NotFound):
        embed(session, lead, software, software, BOX)
    with pytest.raises(NotFound):
        embed(session, lead, of, of, BOX)
    for role in set(Role) - {Role.LEAD}:
        with pytest.raises(Forbidden):
            embed(session, person(session, role), of, software, BOX)
        with pytest.raises(Forbidden):
            embeddings(session, person(session, role), of, None, 10)


def test_its_revocation_reaches_all_and_is_foreseen(world: World) -> None:
    session, auditor = world.session, person(world.session, Role.AUDITOR)
    world.embed_all()
    listed = world.other.verified(world.abroad, "LGC-V2", composition={"dmp": BOX, "essai": "Autre@1"})
    reference(world.other, listed)
    perform_jobs(session)
    words = (session, auditor, Certificate, world.original.id, "Retiré à la suite d'un audit.")
    asked = what_if_revoked(*words)
    assert world.states() == [ItemState.COVERED] * 2
    done = revoke(*words, digest_of(asked))
    assert told(asked) == told(done)
    assert {(one.candidature, one.fate) for one in done} == {
        (world.dossiers[0].id, Fate.REOPENED),
        (world.dossiers[1].id, Fate.REOPENED),
        (listed.id, Fate.FLAGGED),
    }
    session.expire_all()
    assert world.states() == [ItemState.REQUIRED] * 2
    (told_abroad,) = [one for one in entries(session, world.dossiers[1]) if "affected" in one.action]
    assert "reason" not in told_abroad.detail
    assert told_abroad.detail[INTERNAL]["reason"] == "Retiré à la suite d'un audit."


def test_what_one_software_has_of_it_is_taken_back_alone(world: World) -> None:
    made, _ = world.embed_all()
    auditor = person(world.session, Role.AUDITOR)
    words = (world.session, auditor, Certificate, made.id, "Il ne l'embarque plus.")
    confirmed(revoke, what_if_revoked, *words)
    world.session.expire_all()
    assert world.states() == [ItemState.REQUIRED, ItemState.COVERED]


def test_its_end_reaches_all_and_is_foreseen(world: World, time: Time) -> None:
    world.embed_all()
    session = world.session
    asked = what_if_expired(session, world.maker.lead, world.original.id).effects
    assert {(one.candidature, one.fate) for one in asked} == {
        (one.id, Fate.REOPENED) for one in world.dossiers
    }
    time.now = db.end_of(END - timedelta(days=1))
    notice_expiries(session)
    session.flush()
    perform_jobs(session)
    assert world.states() == [ItemState.REQUIRED] * 2


def test_a_renewal_and_a_correction_are_followed_once(world: World) -> None:
    session, lead = world.session, world.maker.lead
    world.embed_all()
    later = date(2027, 3, 31)
    enter_certificate(session, lead, world.box.software_id, Words("DMP", "DMP-Box", "12", END, later))
    perform_jobs(session)
    expected = [("12", END), ("12", later)]
    assert [world.standing(one) for one in (world.home, world.abroad)] == [expected] * 2
    correct_certificate(
        session, lead, world.original.id, Words("DMP", "DMP-Box", "12-B", BEGIN, END), "Numéro."
    )
    perform_jobs(session)
    again(session)
    expected = [("12", later), ("12-B", END)]
    assert [world.standing(one) for one in (world.home, world.abroad)] == [expected] * 2
    assert world.states() == [ItemState.COVERED] * 2


def again(session: Session) -> None:
    """As after a crash that came before a job was marked as done."""
    rows = session.scalars(sa.select(Job).where(Job.task == "follow_original").order_by(Job.id)).all()
    assert len(rows) == 4
    for one in rows:
        follow_original(session, **one.arguments)
    session.flush()


def test_what_changes_twice_before_it_is_followed_is_followed(world: World) -> None:
    session, lead, software = world.session, world.maker.lead, world.box.software_id
    world.embed(world.home)
    ends = [date(year, 3, 31) for year in (2027, 2028)]
    enter_certificate(session, lead, software, Words("DMP", "DMP-Box", "12", END, ends[0]))
    enter_certificate(session, lead, software, Words("DMP", "DMP-Box", "12", *ends))
    first = correct_certificate(session, lead, world.original.id, Words("DMP", BOX, "13", BEGIN, END), "?")
    correct_certificate(session, lead, first.id, Words("DMP", BOX, "14", BEGIN, END), "?")
    perform_jobs(session)
    assert sorted(world.standing(world.home)) == [("12", ends[0]), ("12", ends[1]), ("14", END)]


def test_nothing_is_told_of_the_maker_but_what_the_certificate_says(world: World) -> None:
    made = world.embed(world.abroad)
    session, stranger = world.session, world.other.editor
    with pytest.raises(NotFound):
        read(session, stranger, world.original.id)
    known = read(session, stranger, made.id).certificate
    assert (known.holder, known.number, known.valid_until) == (BOX, "12", END)


def test_revoking_takes_as_many_statements_however_many_do_not_embed(world: World, shared: sa.Engine) -> None:
    auditor: Actor = person(world.session, Role.AUDITOR)
    world.embed(world.abroad)
    counts = []
    for number in range(2):
        solution = world.maker.solution(f"Nom {number}", f"NIL-N{number}")
        world.maker.draft(solution, "LGC-V2", composition={"dmp": BOX})
        with statements(shared) as sent:
            what_if_revoked(world.session, auditor, Certificate, world.original.id, "?")
        counts.append(len(sent))
    assert counts[0] == counts[1]


def test_over_http(app: Flask, as_: Callable[..., Client], jobs: Callable[[], int]) -> None:
    with db.transaction(parts(app).sessions) as session:
        made = built(session)
        original, software, dossier = made.original.id, made.abroad.software_id, made.dossiers[1].id
    lead, editor = as_(Role.LEAD), as_(Role.EDITOR, organisation="Brise Santé")
    path = f"/certificates/{original}/embeddings"
    first = lead.get(f"{path}?limit=1")
    (declared,) = lead.get(f"{path}?limit=1&cursor={first['next']}")["items"]
    assert (declared["organisation"], declared["component"]) == ("Brise Santé", BOX)
    assert (declared["software"]["id"], declared["certificate"]) == (str(software), None)

    words = {"software": str(software), "component": BOX}
    certificate = lead.post(path, words)
    jobs()
    assert (certificate["embedded"], certificate["held_by"], certificate["files"]) == (True, "component", [])
    assert lead.get(path)["items"][1]["certificate"] == certificate["id"]
    assert certificate["actions"] == ["add_files", "withdraw"], "the rest is done to the component's"
    assert editor.get(f"/certificates/{certificate['id']}") == certificate | {"actions": []}
    assert editor.get(f"/candidatures/{dossier}/items")["items"][0]["state"] == "covered"
    assert lead.post(path, words) == certificate
    lead.refused(422, "POST", path, json={"software": str(software)})
    lead.refused(400, "GET", f"{path}?cursor=x")
    editor.refused(403, "POST", path, json=words)
    editor.refused(403, "GET", path)
    editor.refused(404, "GET", f"/certificates/{original}")

    lead.post("/conflicts", {"organisation": "Brise Santé", "verifier": lead.get("/me")["id"]})
    assert {one["organisation"] for one in lead.get(path)["items"]}.isdisjoint({"Brise Santé"})
    lead.refused(403, "POST", path, json=words)
