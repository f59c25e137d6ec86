"""A tiny referential, the people around a dossier, and dossiers brought over HTTP to where a rule begins."""

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import count
from typing import Any

import sqlalchemy as sa
from flask import Flask

from referencing.accounts.operations import create_account
from referencing.app import tasks_on
from referencing.base import db
from referencing.base.db import today
from referencing.base.jobs import enqueue, perform_all
from referencing.base.permissions import OF_AN_ORGANISATION, Role
from referencing.candidatures.record.models import Item
from referencing.candidatures.tasks.models import Task
from referencing.catalogue.models import ExpectedProof
from referencing.catalogue.proposals import ProofKind
from referencing.registers import periods
from referencing.web.requests import Parts
from tests.catalogue.workbooks import row, workbook
from tests.clients import Client, escaped
from tests.contents import content_for

ALIZE = "Éditions Alizé"
MESSAGING = "Messagerie organisationnelle"

#: What LGC-V2 asks for, in its order; ORGANISATION only in the profile MESSAGING.
IDENTITY = "LGC-V2:INS/va1.01#01.01"
TRAITS = "LGC-V2:INS/va1.02#01.01"
MAIL = "LGC-V2:MSS/va1.01#01.01"
ORGANISATION = "LGC-V2:MSS/ORG.01#01.01"
CNDA = "LGC-V2:DMP/CNDA.01#01.01"
BROWSER = "LGC-V2:PSC.01#01.01"
DESKTOP = "LGC-V2:PSC.01#02.01"
GENERAL = [IDENTITY, TRAITS, MAIL, CNDA, BROWSER, DESKTOP]

#: What LGC-V1 asked for. The same as IDENTITY; a part of TRAITS; the whole of it; the same as CNDA.
OLD_IDENTITY = "LGC-V1:INS.01#01.01"
OLD_PART = "LGC-V1:INS.02#01.01"
OLD_TRAITS = "LGC-V1:INS.03#01.01"
OLD_CNDA = "LGC-V1:DMP.01#01.01"

VIDEO, HOMOLOGATION = "Une vidéo du logiciel.", "Homologation CNDA en cours de validité."
LISTS: Mapping[str, Iterable[tuple[str, str, str]]] = {
    "LGC-V1": [
        (OLD_IDENTITY, VIDEO, "Général"),
        (OLD_PART, VIDEO, "Général"),
        (OLD_TRAITS, VIDEO, "Général"),
        (OLD_CNDA, HOMOLOGATION, "Général"),
    ],
    "LGC-V2": [
        (IDENTITY, VIDEO, "Général"),
        (TRAITS, VIDEO, "Général"),
        (MAIL, "Rapport Gazelle de validation.", "Général"),
        (ORGANISATION, "Document décrivant les délégations.", MESSAGING),
        (CNDA, HOMOLOGATION, "Général"),
        (BROWSER, VIDEO, "Général"),
        (DESKTOP, VIDEO, "Général"),
    ],
}
RULEBOOK = {
    "label": "Vague 1 vers vague 2",
    "correspondences": [
        {"id": "identité", "from": ["LGC-V1:INS.01"], "to": "LGC-V2:INS/va1.01", "relation": "equal"},
        {
            "id": "traits, en partie",
            "from": ["LGC-V1:INS.02"],
            "to": "LGC-V2:INS/va1.02",
            "relation": "subset",
        },
        {"id": "traits", "from": ["LGC-V1:INS.03"], "to": "LGC-V2:INS/va1.02", "relation": "equal"},
        {"id": "CNDA", "from": ["LGC-V1:DMP.01"], "to": "LGC-V2:DMP/CNDA.01", "relation": "equal"},
    ],
    "certificate_kinds": [{"kind": "CNDA-DMP", "covers": [{"requirement": "DMP/CNDA.*"}]}],
    "policies": [
        {"when": {"guichet": "CNDA", "case": "commercial_name"}, "then": {"reuse": "never"}},
        {"when": {"guichet": "CNDA", "case": "inter_vague"}, "then": {"reuse": "confirm"}},
        {"when": {}, "then": {"reuse": "auto"}},
    ],
}


def sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def requirement_list(dsr: str) -> bytes:
    """The workbook of a DSR of the tiny referential."""
    rows = []
    for code, text, profile in LISTS[dsr]:
        requirement, _, suffix = code.partition(":")[2].partition("#")
        scenario = f"{requirement}.{suffix.partition('.')[0]}"
        cells: dict[str, object] = {"Profil": profile, "Preuve": text, "N°_scénario": scenario}
        rows.append(row(requirement, f"{requirement}.{suffix}", **cells))
    return workbook(*rows).getvalue()


@dataclass
class People:
    """Who is around the dossiers; an account is opened the first time that somebody speaks."""

    app: Flask
    known: dict[tuple[Role, str, str], Client] = field(default_factory=dict)
    softwares: Iterator[int] = field(default_factory=lambda: count(1))

    def __call__(self, role: Role, name: str = "Camille", organisation: str = ALIZE) -> Client:
        if (role, name, organisation) not in self.known:
            owner = organisation if role in OF_AN_ORGANISATION else None
            with db.transaction(self.parts.sessions) as session:
                key = create_account(session, name, role, owner)
            self.known[role, name, organisation] = Client(self.app.test_client(), key)
        return self.known[role, name, organisation]

    @property
    def parts(self) -> Parts:
        found: Parts = self.app.extensions["referencing"]
        return found

    @property
    def editor(self) -> Client:
        return self(Role.EDITOR)

    @property
    def lead(self) -> Client:
        return self(Role.LEAD, "Dominique")

    @property
    def verifier(self) -> Client:
        return self(Role.VERIFIER, "Vasseur")

    def counter(self) -> Client:
        """The integration of the CNDA, in whose name it enters certificates."""
        client = self(Role.INTEGRATION, "Guichet", "CNDA")
        words = {"name": "CNDA", "kinds": ["CNDA-DMP"], "counter": "CNDA"}
        self.lead.put("/issuers/CNDA", words, status=201)
        return client

    def jobs(self) -> int:
        """Perform what is due, as the worker would."""
        return perform_all(self.parts.sessions, tasks_on(self.parts.vault, self.parts.settings))

    def tend(self, *tasks: str) -> None:
        """Do what is done every so often without anybody asking: the tasks of these names, or all, now."""
        with db.transaction(self.parts.sessions) as session:
            for task in tasks or periods():
                enqueue(session, task)
        self.jobs()

    def software(self, nil: str | None = None, editor: Client | None = None) -> str:
        words = {"name": "Alizé Cabinet", "nil": nil or f"NIL-{next(self.softwares)}"}
        return str((editor or self.editor).post("/softwares", words)["id"])

    def solution(self, name: str = "Alpha", software: str | None = None, editor: Client | None = None) -> str:
        words = {"software": software or self.software(editor=editor), "commercial_name": name}
        return str((editor or self.editor).post("/solutions", words)["id"])

    def draft(self, dsr: str = "LGC-V2", solution: str | None = None, **words: Any) -> "Dossier":
        asked = {
            "dsr": dsr,
            "solution": solution or self.solution(),
            "software_version": "1.0",
            **words,
        }
        return Dossier(self, self.editor.post("/candidatures", asked)["id"])

    def submitted(self, dsr: str = "LGC-V2", solution: str | None = None, **words: Any) -> "Dossier":
        """Filed with a file for each item that asks for one."""
        dossier = self.draft(dsr, solution, **words)
        dossier.supply_all()
        dossier.submit()
        return dossier

    def in_review(self, dsr: str = "LGC-V2", solution: str | None = None, **words: Any) -> "Dossier":
        dossier = self.submitted(dsr, solution, **words)
        dossier.judge()
        return dossier

    def in_deliberation(self, dsr: str = "LGC-V2", solution: str | None = None, **words: Any) -> "Dossier":
        """Everything that was supplied was found conform."""
        dossier = self.in_review(dsr, solution, **words)
        for task in dossier.tasks("proof_review"):
            taken = self.verifier.post(f"/tasks/{task['id']}/claim", {"another": True}, status=200)
            self.verifier.post(f"/tasks/{task['id']}/verdict", verdict(taken), status=200)
        return dossier

    def referenced(self, dsr: str = "LGC-V2", solution: str | None = None, **words: Any) -> "Dossier":
        dossier = self.in_deliberation(dsr, solution, **words)
        dossier.decide("referenced")
        return dossier


@dataclass(frozen=True)
class Dossier:
    """A candidature, and what people do with it."""

    people: People
    id: str

    @property
    def path(self) -> str:
        return f"/candidatures/{self.id}"

    def item_path(self, code: str) -> str:
        return f"{self.path}/items/{escaped(code)}"

    def read(self) -> Any:
        return self.people.editor.get(self.path)

    @property
    def state(self) -> str:
        return str(self.read()["state"])

    def states(self) -> dict[str, str]:
        """How each item stands, by its expected proof's code, in order."""
        return {item["code"]: item["state"] for item in self.items()}

    def items(self) -> Iterable[Any]:
        return self.people.editor.every(f"{self.path}/items")

    def codes(self, state: str) -> list[str]:
        return [code for code, found in self.states().items() if found == state]

    def item(self, code: str) -> Any:
        return self.people.editor.get(self.item_path(code))

    def confirm_nil(self) -> None:
        """A lead says that the NIL of the software is its own: certificates of it count."""
        path = f"/softwares/{self.read()['software']}/nil-confirmation"
        self.people.lead.post(path, {"reason": "Vu au catalogue."}, status=200)

    def allow(self, integration: Client) -> Any:
        """The permission, given or standing already."""
        words = {"account": integration.get("/me")["id"]}
        answer = self.people.editor.send("POST", f"{self.path}/permissions", json=words)
        assert answer.status_code in {200, 201}, answer.get_data(as_text=True)
        return answer.json

    def supply(self, code: str, content: bytes | None = None, performed_on: str | None = None) -> Any:
        """A file for an item, of what it accepts; unless told, its content is made of its code."""
        return self._supply(self.item(code), content, performed_on)

    def _supply(self, item: Any, content: bytes | None = None, performed_on: str | None = None) -> Any:
        dated = f"?performed_on={performed_on}" if performed_on else ""
        file = content_for(ProofKind(item["kind"]), content or item["code"].encode())
        return self.people.editor.upload(f"{self.item_path(item['code'])}/proofs{dated}", file)

    def supply_all(self, *, but: Iterable[str] = ()) -> None:
        """A file for each item that asks for one; an intrusion test was done today."""
        with db.transaction(self.people.parts.sessions) as session:
            day = today(session).isoformat()
        for item in self.items():
            if item["state"] == "required" and item["code"] not in but:
                self._supply(item, performed_on=day if item["kind"] == ProofKind.PENTEST else None)

    def claim_not_applicable(self, code: str, reason: str = "Nous montrons l'autre scénario.") -> Any:
        return self.people.editor.post(f"{self.item_path(code)}/not-applicable", {"reason": reason}, 200)

    def take_claim_back(self, code: str) -> Any:
        answer = self.people.editor.send("DELETE", f"{self.item_path(code)}/not-applicable")
        return self.people.editor.expect(200, answer)

    def submit(self, *, incomplete: bool = False) -> Any:
        return self.people.editor.post(f"{self.path}/submission", {"incomplete": incomplete}, 200)

    def take_back(self) -> Any:
        return self.people.editor.post(f"{self.path}/taking-back", status=200)

    def judge(self, outcome: str = "admissible", comment: str = "Lu.", *, incomplete: bool = False) -> Any:
        words = {"outcome": outcome, "comment": comment, "incomplete": incomplete}
        return self.people.lead.post(f"{self.path}/admissibility", words, status=200)

    def decide(self, outcome: str, *items: str, nonconform: bool = False) -> Any:
        words: dict[str, Any] = {"outcome": outcome, "comment": "Vu en comité.", "items": list(items)}
        words |= {"nonconform": True} if nonconform else {}
        return self.people.lead.post(f"{self.path}/decision", words, status=200)

    def withdraw(self) -> Any:
        return self.people.editor.post(f"{self.path}/withdrawal", status=200)

    def tasks(self, queue: str) -> list[Any]:
        """The open tasks of a queue about this dossier, oldest first."""
        found = self.people.lead.every(f"/queues/{queue}/tasks")
        return [task for task in found if task["candidature"] == self.id]

    def task(self, code: str) -> str:
        """The open task about an item: the shortest way there, whatever its queue."""
        about = (
            sa.select(Task.id)
            .join(Task.item)
            .join(Item.expected_proof)
            .where(Task.candidature_id == self.id, Task.closed_at.is_(None), ExpectedProof.code == code)
        )
        with db.transaction(self.people.parts.sessions) as session:
            return str(session.scalars(about).one())

    def find(
        self, code: str, outcome: str = "conform", comment: str = "Vu.", verifier: Client | None = None
    ) -> Any:
        """What a verifier says of the item that waits for it, having read its first file."""
        verifier = verifier or self.people.verifier
        task = verifier.post(f"/tasks/{self.task(code)}/claim", {"another": True}, status=200)
        return verifier.post(f"/tasks/{task['id']}/verdict", verdict(task, outcome, comment), status=200)

    def timeline(self, reader: Client | None = None) -> list[Any]:
        return list((reader or self.people.editor).every(f"{self.path}/timeline"))

    def actions(self) -> list[str]:
        return [event["action"] for event in self.timeline()]


def verdict(task: Any, outcome: str = "conform", comment: str = "Vu.") -> dict[str, str]:
    """On a task as a claim answers it."""
    proof, claim = task["subject"]["proof"], task["subject"]["reason"]
    agreed = "not_applicable" if claim and outcome == "conform" else outcome
    words = {"outcome": agreed, "comment": comment}
    return words | ({"file_sha256": proof["files"][0]["sha256"]} if proof else {})


def furnish(people: People) -> list[Dossier]:
    """Publish the tiny referential and its rules; DPI-V2 has no published version, and there is no dossier."""
    manager = people(Role.CATALOGUE, "Auteur des listes")
    for dsr in LISTS:
        vague = int(dsr[-1])
        words = {"dispositif": "LGC", "vague": vague, "couloir": "Médecine de ville", "title": dsr}
        manager.put(f"/dsrs/{dsr}", words, status=201)
        manager.upload(f"/dsrs/{dsr}/imports", (f"{dsr}.xlsx", requirement_list(dsr)), status=200)
        manager.post(f"/dsrs/{dsr}/publication", status=200)
    hospital = {"dispositif": "DPI", "vague": 2, "couloir": "Hôpital", "title": "DPI-V2"}
    manager.put("/dsrs/DPI-V2", hospital, status=201)
    lead = people(Role.LEAD, "Auteur des règles")
    rulebook = lead.post("/rulebooks", RULEBOOK)
    lead.post(f"/rulebooks/{rulebook['id']}/publication", {"accept_warnings": True}, 200)
    people.jobs()
    return []
