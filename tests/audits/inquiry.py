"""What people do with an audit over HTTP."""

import io
import json
from dataclasses import dataclass
from typing import Any

from referencing.base.permissions import Role
from tests.candidatures.dossiers import Dossier, People
from tests.clients import Client

REASON = "Des captures d'écran semblent venir d'un autre logiciel."


def auditor_of(people: People) -> Client:
    return people(Role.AUDITOR, "Ada")


@dataclass(frozen=True)
class Inquiry:
    people: People
    dossier: Dossier
    id: str

    @property
    def path(self) -> str:
        return f"/audits/{self.id}"

    @property
    def auditor(self) -> Client:
        return auditor_of(self.people)

    @property
    def editor(self) -> Client:
        return self.people.editor

    @property
    def lead(self) -> Client:
        return self.people.lead

    def do(self, step: str, words: Any = None) -> Any:
        return self.auditor.post(f"{self.path}/{step}", words or {}, 200)

    def open(self) -> "Inquiry":
        self.auditor.post(f"{self.path}/opening", status=200)
        return self

    def sample(self, reader: Client | None = None) -> list[Any]:
        return list((reader or self.auditor).every(f"{self.path}/sample"))

    def find(self, sampled: Any, finding: str = "conform", comment: str = "Revu.") -> Any:
        words = {"outcome": finding, "comment": comment}
        path = f"{self.path}/sample/{sampled['id']}/finding"
        return self.auditor.put(path, words, headers={"If-Match": f'"{sampled["revision"]}"'})

    def find_all(self) -> None:
        for sampled in self.sample():
            if sampled["outcome"] is None:
                self.find(sampled)

    def raise_(self, severity: str = "majeure", **words: Any) -> Any:
        told = {
            "requirement": "INS/va1.01",
            "severity": severity,
            "description": "L'INS s'affiche sans ses traits.",
            **words,
        }
        return self.auditor.post(f"{self.path}/nonconformities", told)

    def notified(self, *severities: str, **deadline: Any) -> list[Any]:
        """With a non-conformité of each severity, notified to the editor."""
        self.open()
        raised = [self.raise_(severity) for severity in severities]
        self.find_all()
        self.do("notification", deadline)
        return raised

    def propose(self, nonconformity: Any, **words: Any) -> Any:
        told = {"description": "Nous affichons les traits.", **(words or {"working_days": 10})}
        return self.editor.post(f"/nonconformities/{nonconformity['id']}/plans", told)

    def nonconformities(self, reader: Client | None = None) -> list[Any]:
        return list((reader or self.auditor).every(f"{self.path}/nonconformities"))

    def announce(self, measure: str = "suspension", **words: Any) -> Any:
        told = {"measure": measure, "grounds": "La preuve était celle d'un autre logiciel.", **words}
        return self.auditor.post(f"{self.path}/sanctions", told)

    def decide(self, sanction: Any, outcome: str = "applied", status: int = 200) -> Any:
        words = {"outcome": outcome, "decision": "Vu les pièces."}
        return self.lead.post(f"/sanctions/{sanction['id']}/decision", words, status)

    def suspended(self) -> Any:
        sanction = self.announce(urgent_reason="La sécurité des soins.")
        self.decide(sanction)
        return sanction

    def add(self, who: Client, *files: tuple[str, bytes], **about: Any) -> Any:
        return who.expect(201, who.send("POST", f"{self.path}/evidence", **form(about, *files)))["items"]

    def told(self) -> list[str]:
        """What of it the editor reads in the timeline of its dossier."""
        mine = [one for one in self.dossier.timeline() if one["detail"].get("audit") == self.id]
        return [one["action"] for one in mine]

    def actions(self) -> list[str]:
        return [one["action"] for one in self.auditor.every(f"{self.path}/timeline")]

    def export(self, who: Client | None = None) -> bytes:
        response = (who or self.auditor).send("GET", f"{self.path}/export")
        assert response.status_code == 200, response.get_data(as_text=True)
        return response.get_data()


def of(dossier: Dossier, **words: Any) -> Inquiry:
    people = dossier.people
    told = {"candidature": dossier.id, "reason": REASON, **words}
    return Inquiry(people, dossier, auditor_of(people).post("/audits", told)["id"])


def form(words: object, *files: tuple[str, bytes]) -> dict[str, Any]:
    """A request with a form: the words come first, as a client has to send them."""
    fields = {"evidence": json.dumps(words), "file": [(io.BytesIO(content), name) for name, content in files]}
    return {"data": fields, "content_type": "multipart/form-data"}
