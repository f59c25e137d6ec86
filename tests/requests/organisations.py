"""Two organisations with everything in them: Alizé's dossiers and all that people do with them, and Brise's own."""

from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from referencing.accounts.operations import identify
from referencing.base import db
from referencing.base.db import Base
from referencing.base.permissions import Role
from referencing.catalogue.proposals import ProofKind
from referencing.duo.booking import booking
from referencing.duo.conduct import captures
from referencing.files.operations import StoredFile
from tests.alike_versions.test_over_http import ATTESTATION, asked
from tests.audits import inquiry
from tests.candidatures.dossiers import ALIZE, OLD_IDENTITY, OLD_PART, OLD_TRAITS, Dossier, People, sha256
from tests.clients import Client
from tests.console.browser import Browser
from tests.contents import content_for
from tests.duo.live import Live, Memory
from tests.identities.test_over_http import declare
from tests.messages.exchange import enclose
from tests.reviews.second_readings.test_second_reading import set_rate
from tests.uploads.conftest import encoded

BRISE = "Brise Santé"
SECRET = "Secret d'Alizé"
#: What the agency keeps to itself, what is between it and Alizé, and between it and Brise.
INWARD, THEIRS, OF_BRISE = "Motif interne", "Mot d'Alizé", "Mot de Brise"
#: With which Alizé has asked for something, as anybody may.
KEY_OF_ALIZE = {"Idempotency-Key": "une clé comme une autre"}
FILE = ("secret d'alizé.txt", b"Rien pour Brise.")
FILE_OF_BRISE = ("note de brise.txt", b"De Brise.")


@dataclass
class Side(People):
    """The people around the dossiers of one organisation, what they write, and the file that they send."""

    name: str = "Camille"
    organisation: str = ALIZE
    words: str = THEIRS
    file: tuple[str, bytes] = FILE

    @property
    def editor(self) -> Client:
        return self(Role.EDITOR, self.name, self.organisation)


def filled(people: People) -> list[Dossier]:
    """Alizé's dossier that is reviewed, then Brise's draft on the same technical core; the rest of each as the other's.

    Brise has two more dossiers on softwares of its own: what is audited, and what is shown live.
    """
    shared = (people.app, people.known, people.softwares)
    alize, brise = Side(*shared), Side(*shared, "Bérénice", BRISE, OF_BRISE, FILE_OF_BRISE)
    ours = alize.in_review("LGC-V1", people.solution(SECRET))
    software = brise.software()
    theirs = brise.draft("LGC-V2", brise.solution("Zéphyr", software))
    for side, dossier in ((alize, ours), (brise, theirs)):
        _surround(side, dossier)
        _audit(side)
    said = declare(alize.editor, UUID(ours.read()["software"]), UUID(software))
    declare(brise.editor, UUID(software), UUID(ours.read()["software"]))
    people.lead.post(f"/identity-declarations/{said['id']}/acceptance", status=200)
    _review(ours)
    people.editor.post(f"{ours.path}/messages", {"text": THEIRS}, headers=KEY_OF_ALIZE)
    people.verifier.post(f"{ours.path}/messages", {"text": THEIRS})
    people.verifier.post(f"{ours.path}/messages", {"text": INWARD, "internal": True})
    _discuss(alize, ours, people.draft())
    _discuss(brise, theirs, theirs)
    for side, dossier in ((alize, ours), (brise, theirs)):
        _certify(side, dossier)
    for side in (alize, brise):
        _meet(side)
    people.jobs()
    return [ours, theirs]


def _surround(side: Side, dossier: Dossier) -> None:
    """A program that is let in, and what a person has of their own.

    That is an address, a key, a view, a browser; and whom they invited.
    """
    client, organisation = side.editor, side.organisation
    machine = side(Role.INTEGRATION, f"Machine de {organisation}", organisation)
    client.post(f"{dossier.path}/permissions", {"account": machine.get("/me")["id"]})
    name = organisation.split(maxsplit=1)[0].lower().replace("é", "e")
    client.put("/me/email", {"address": f"{name}@exemple.fr"})
    client.post("/me/keys", {"name": f"Clé de {organisation}"})
    client.post("/saved-views", {"list_of": "candidatures", "name": f"Vue de {organisation}", "filters": {}})
    client.post("/webhooks", {"label": organisation, "address": f"https://{name}.exemple.fr/"})
    invited = {"address": f"sacha.{name}@exemple.fr", "role": "editor", "function": "salarie"}
    client.post("/invitations", invited)
    Browser(side.app.test_client()).sign_in(client.key)


def _review(ours: Dossier) -> None:
    people = ours.people
    ours.find(OLD_IDENTITY, comment=THEIRS)
    ours.find(OLD_PART, "complement", THEIRS)
    task = people.verifier.post(f"/tasks/{ours.task(OLD_TRAITS)}/claim", status=200)["id"]
    expert = people(Role.EXPERT, "Xavière")
    words = {"experts": [expert.get("/me")["id"]], "question": INWARD, "due_on": "2026-03-20"}
    people.verifier.post(f"/tasks/{task}/opinions", words)
    words = {"party": "CNDA", "reason": INWARD, "expected_on": "2026-03-20"}
    people.verifier.post(f"/tasks/{task}/third-party", words)
    later = {"expected_on": "2026-03-30", "reason": INWARD}
    people.verifier.post(f"/tasks/{task}/third-party/rescheduling", later, status=200)
    set_rate(people)
    ours.find(ours.codes("under_review")[-1], comment=INWARD)


def _discuss(side: Side, dossier: Dossier, draft: Dossier) -> None:
    """A message with a file, and a file for the draft that has not come whole."""
    client, file = side.editor, side.file
    enclose(client, dossier, file)
    item = next(item for item in client.every(f"{draft.path}/items") if item["state"] == "required")
    named = {"candidature": draft.id, "item": item["code"], "filename": file[0]}
    headers = {"Tus-Resumable": "1.0.0", "Upload-Length": "99", "Upload-Metadata": encoded(named)}
    client.expect(201, client.send("POST", "/uploads", headers=headers))


def _certify(side: Side, dossier: Dossier) -> None:
    """A certificate with its file, a component that is declared, and two versions that are to count as alike."""
    software = dossier.read()["software"]
    words = {
        "kind": "CNDA-DMP",
        "holder": dossier.read()["nil"],
        "number": side.words,
        "valid_from": "2026-01-01",
    }
    entered = side.lead.post(f"/softwares/{software}/certificates", words)
    side.lead.upload(f"/certificates/{entered['id']}/files", content_for(ProofKind.CERTIFICATE, side.file[1]))
    component = {
        "component": f"{side.words.upper().replace(' ', '-')}@1",
        "counter": "editor",
        "number": "E-1",
    }
    words = {**component, "declared_on": "2026-02-01"}
    side.editor.post(f"/softwares/{software}/edc-psc-declarations", words)
    request = asked(ATTESTATION, software=software)
    side.editor.expect(201, side.editor.send("POST", "/alike-versions", **request))


def _meet(side: Side) -> None:
    """A session that is held, with a capture, and an hour that is kept for another one."""
    clock: Any = side.parts.sessions.kw["info"]["clock"]
    before = clock.now
    with db.transaction(side.parts.sessions) as session:
        live = Live(session, clock, storage=Memory())
        live.editor = live.story.editor = identify(session, side.editor.key)
        later, nils = live.offer(day=date(2026, 3, 5)), [f"NIL-{side.name}-{n}" for n in (1, 2)]
        booking.hold(session, live.editor, live.dossier("DPI-V2", nils[0]).id, later.id)
        running = live.book(live.dossier("DPI-V2", nils[1]), live.offer(), editor=live.editor)
        live.opened(running)
        name, content = side.file
        screen = StoredFile(name, "text/plain", sha256(content), len(content))
        code = "DPI-V2:X1#01.01"
        captures.capture(session, live.verifier, live.vault, running.id, code, [screen], timecode=12)
    clock.now = before


def _audit(side: Side) -> None:
    """What an audit found, what the editor answers, and a sanction that is announced."""
    solution = side.solution(side.words)
    audited = inquiry.of(side.referenced("LGC-V1", solution), size=2)
    raised = audited.open().raise_(requirement="INS.01", description=side.words)
    audited.find_all()
    audited.do("notification")
    audited.propose(raised, description=side.words, working_days=10)
    audited.add(side.editor, side.file, nonconformity=raised["id"])
    audited.announce()


def of(session: Session, name: str) -> dict[str, list[str]]:
    """By table, the ids of all that hangs on an organisation, by whatever reference but to what it says of others."""
    owner = session.scalars(sa.text("SELECT id FROM organisation WHERE name = :name"), {"name": name}).one()
    owned: dict[str, set[UUID]] = {"organisation": {owner}}
    for table in Base.metadata.sorted_tables:
        hanging = [
            key.parent.in_(owned[key.column.table.name])
            for key in table.foreign_keys
            if key.column.table.name in owned
            and key.column.name == "id"
            and not key.parent.name.startswith("other_")
        ]
        if "id" in table.c and hanging:
            owned[table.name] = set(session.scalars(sa.select(table.c.id).where(sa.or_(*hanging))))
    return {table: sorted(map(str, ids)) for table, ids in owned.items() if ids}
