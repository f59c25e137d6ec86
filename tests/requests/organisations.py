"""Two organisations with everything in them: Alizé's dossiers and all that people do with them, and Brise's own."""

from datetime import date
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from referencing.base import db
from referencing.base.db import Base
from referencing.base.permissions import Role
from referencing.duo.booking import booking
from referencing.duo.conduct import captures
from referencing.files.operations import StoredFile
from tests.alike_versions.test_over_http import ATTESTATION, asked
from tests.audits import inquiry
from tests.candidatures.dossiers import ALIZE, OLD_IDENTITY, OLD_PART, OLD_TRAITS, Dossier, People, sha256
from tests.clients import Client
from tests.duo.live import Live, Memory
from tests.identities.test_over_http import declare
from tests.messages.exchange import enclose
from tests.reviews.second_readings.test_second_reading import set_rate
from tests.uploads.conftest import encoded

BRISE = "Brise Santé"
SECRET = "Secret d'Alizé"
#: What the agency keeps to itself, and what is between it and Alizé.
INWARD, THEIRS = "Motif interne", "Mot d'Alizé"
#: With which Alizé has asked for something, as anybody may.
KEY_OF_ALIZE = {"Idempotency-Key": "une clé comme une autre"}
FILE = ("secret d'alizé.txt", b"Rien pour Brise.")


def filled(people: People) -> list[Dossier]:
    """Alizé's dossier that is reviewed, then Brise's draft on the same technical core."""
    bise = people(Role.EDITOR, "Bérénice", BRISE)
    ours = people.in_review("LGC-V1", people.solution(SECRET))
    _audit(people)
    software = people.software(editor=bise)
    theirs = bise.post("/solutions", {"software": software, "commercial_name": "Zéphyr"})
    draft = {"dsr": "LGC-V2", "solution": theirs["id"], "software_version": "1.0"}
    dossier = Dossier(people, bise.post("/candidatures", draft)["id"])
    _surround(people, ours, people.editor, ALIZE)
    _surround(people, dossier, bise, BRISE)
    said = declare(people.editor, UUID(ours.read()["software"]), UUID(software))
    declare(bise, UUID(software), UUID(ours.read()["software"]))
    people.lead.post(f"/identity-declarations/{said['id']}/acceptance", status=200)
    _review(ours)
    people.editor.post(f"{ours.path}/messages", {"text": THEIRS}, headers=KEY_OF_ALIZE)
    people.verifier.post(f"{ours.path}/messages", {"text": THEIRS})
    people.verifier.post(f"{ours.path}/messages", {"text": INWARD, "internal": True})
    _discuss(people.editor, ours, people.draft())
    _discuss(bise, dossier, dossier, ("note.txt", b"De Brise."))
    _certify(people, ours)
    _meet(people)
    people.jobs()
    return [ours, dossier]


def _surround(people: People, dossier: Dossier, client: Client, organisation: str) -> None:
    """A program that is let in, and what a person has of their own: an address, a key, views; whom they invited."""
    machine = people(Role.INTEGRATION, f"Machine de {organisation}", organisation)
    client.post(f"{dossier.path}/permissions", {"account": machine.get("/me")["id"]})
    name = organisation.split(maxsplit=1)[0].lower().replace("é", "e")
    client.put("/me/email", {"address": f"{name}@exemple.fr"})
    client.post("/me/keys", {"name": f"Clé de {organisation}"})
    client.post("/saved-views", {"list_of": "candidatures", "name": f"Vue de {organisation}", "filters": {}})
    invited = {"address": f"sacha.{name}@exemple.fr", "role": "editor", "function": "salarie"}
    client.post("/invitations", invited)


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


def _discuss(client: Client, dossier: Dossier, draft: Dossier, file: tuple[str, bytes] = FILE) -> None:
    """A message with a file, and a file for the draft that has not come whole."""
    enclose(client, dossier, file)
    item = next(item for item in client.every(f"{draft.path}/items") if item["state"] == "required")
    named = {"candidature": draft.id, "item": item["code"], "filename": file[0]}
    headers = {"Tus-Resumable": "1.0.0", "Upload-Length": "99", "Upload-Metadata": encoded(named)}
    client.expect(201, client.send("POST", "/uploads", headers=headers))


def _certify(people: People, ours: Dossier) -> None:
    software = ours.read()["software"]
    words = {"kind": "CNDA-DMP", "holder": ours.read()["nil"], "number": THEIRS, "valid_from": "2026-01-01"}
    people.lead.post(f"/softwares/{software}/certificates", words)
    component = {"component": "SECRET-D-ALIZÉ@1", "counter": "editor", "number": "E-1"}
    words = {**component, "declared_on": "2026-02-01"}
    people.editor.post(f"/softwares/{software}/edc-psc-declarations", words)
    request = asked(ATTESTATION, software=software)
    people.editor.expect(201, people.editor.send("POST", "/alike-versions", **request))


def _meet(people: People) -> None:
    """A session that is held, with a capture, and an hour that is kept for another one."""
    clock: Any = people.parts.sessions.kw["info"]["clock"]
    before = clock.now
    with db.transaction(people.parts.sessions) as session:
        live = Live(session, clock, storage=Memory())
        booking.hold(
            session, live.editor, live.dossier("DPI-V2", "NIL-78").id, live.offer(day=date(2026, 3, 5)).id
        )
        running = live.book(live.dossier("DPI-V2", "NIL-77"), live.offer())
        live.opened(running)
        screen = StoredFile(FILE[0], "text/plain", sha256(FILE[1]), len(FILE[1]))
        code = "DPI-V2:X1#01.01"
        captures.capture(session, live.verifier, live.vault, running.id, code, [screen], timecode=12)
    clock.now = before


def _audit(people: People) -> None:
    """What an audit found, what the editor answers, and a sanction that is announced."""
    audited = inquiry.of(people.referenced("LGC-V1"), size=2)
    raised = audited.open().raise_(requirement="INS.01", description=THEIRS)
    audited.find_all()
    audited.do("notification")
    audited.propose(raised, description=THEIRS, working_days=10)
    audited.add(people.editor, FILE, nonconformity=raised["id"])
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
