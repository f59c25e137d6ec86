"""A past referencing made a dossier: referenced, with what was found on its proofs, and nothing left to do on it.

It has no files, tasks, clock or letters: nothing of it was done here. Its findings are facts of the standing
`imported`, of which nobody knew before this moment.
"""

from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from referencing.base.db import PARIS, insert_rows, new_id, now
from referencing.base.workdays import paris_day
from referencing.candidatures.record.history import begin_standings, standing_row
from referencing.candidatures.record.models import Candidature, Item
from referencing.candidatures.record.standings import keep_dossier_standing
from referencing.candidatures.record.states import ItemState, State, Track
from referencing.candidatures.resolution.resolution import follow_findings
from referencing.catalogue.imports.text import fold
from referencing.equivalence.engine.explanation import in_french
from referencing.journal.operations import Author, record
from referencing.proofs.models import Finding, Proof, ProofState, Verification
from referencing.solutions.compositions import composition_view
from referencing.solutions.models import Configuration, Software, Solution
from referencing.solutions.operations import add_software, add_solution, configure
from referencing.solutions.ownership import vouch_for_nil
from referencing.solutions.queries import lock_core_of, of_nil

from . import queries
from .layout import Outcome, PastFinding
from .models import PastReferencing, Takeover
from .queries import NamedProof

_STATES = {
    Outcome.CONFORM: ItemState.CONFORM,
    Outcome.NONCONFORM: ItemState.NONCONFORM,
    Outcome.NOT_APPLICABLE: ItemState.NOT_APPLICABLE,
}
_FOUND = {Outcome.CONFORM: Finding.VERIFIED, Outcome.NONCONFORM: Finding.REJECTED}


def record_referencing(
    session: Session, author: Author, takeover: Takeover, past: PastReferencing
) -> Candidature | None:
    """The dossier of a past referencing; None where its solution was referenced here meanwhile.

    Open dossiers of the same technical core are resolved again on what it tells.
    """
    software = _software(session, author, past, source_of(takeover))
    referenced_here = queries.referenced(session, [software.id])
    if (software.id, fold(past.commercial_name), past.version_id) in referenced_here:
        return None
    solution = _solution(session, author, software, past.commercial_name)
    dossier = _dossier(session, takeover, past, software, solution)
    _record_import(session, author, takeover, past, dossier)
    facts = _insert_findings(session, _Told(takeover, past, dossier, now(session)))
    began_at = datetime.combine(past.referenced_on, time.min, PARIS)
    keep_dossier_standing(session, author, dossier, began_at=began_at)
    follow_findings(session, dossier, author, *sorted(facts))
    return dossier


def _software(session: Session, author: Author, past: PastReferencing, source: str) -> Software:
    """The software, registered if need be, with its NIL confirmed; its technical core stays locked."""
    own = of_nil(past.organisation_id, past.nil)
    lock_core_of(session, own.with_only_columns(Software.core_id))
    software = session.scalar(own.execution_options(populate_existing=True)) or add_software(
        session, author, past.organisation_id, past.software, past.nil
    )
    vouch_for_nil(session, author, software, f"Repris d'un référencement antérieur ({source}).")
    return software


def _solution(session: Session, author: Author, software: Software, name: str) -> Solution:
    known = session.scalars(
        sa.select(Solution).where(Solution.software_id == software.id).order_by(Solution.id)
    )
    solution = next((one for one in known if fold(one.commercial_name) == fold(name)), None)
    return solution or add_solution(session, author, software.id, name)


def _dossier(
    session: Session, takeover: Takeover, past: PastReferencing, software: Software, solution: Solution
) -> Candidature:
    dossier = Candidature(
        id=new_id(),
        organisation_id=software.organisation_id,
        software_id=software.id,
        core_id=software.core_id,
        configuration=configure(session, solution, past.software_version, past.composition.items()),
        version=past.version,
        profiles=past.profiles,
        mode=Track.ASYNC,
        state=State.REFERENCED,
        deposited_on=past.deposited_on,
        closed_on=past.referenced_on,
        created_at=now(session),
        takeover_id=takeover.id,
    )
    session.add(dossier)
    session.flush()
    return dossier


def _record_import(
    session: Session, author: Author, takeover: Takeover, past: PastReferencing, dossier: Candidature
) -> None:
    detail = {
        "takeover": str(takeover.id),
        "source": source_of(takeover),
        "dsr": dossier.version.dsr.code,
        "version": dossier.version.number,
        "solution": dossier.configuration.solution.commercial_name,
        "software_version": dossier.configuration.software_version,
        "composition": composition_view(dossier.configuration.composition),
        "profiles": dossier.profiles,
        "referenced_on": past.referenced_on.isoformat(),
        "items": len(past.findings),
    }
    stream = f"candidature:{dossier.id}"
    record(session, author, "candidature.imported", stream, detail, organisation_id=dossier.organisation_id)


def source_of(takeover: Takeover) -> str:
    """What explanations say of where a finding was taken over from."""
    return f"source « {takeover.filename} », le {in_french(paris_day(takeover.taken_at))}"


@dataclass(frozen=True, slots=True)
class _Told:
    """A past referencing and its dossier, from which the rows of its proofs are made."""

    takeover: Takeover
    past: PastReferencing
    dossier: Candidature
    at: datetime

    @property
    def configuration(self) -> Configuration:
        return self.dossier.configuration

    def item(self, proof: NamedProof, position: int, outcome: Outcome) -> dict[str, Any]:
        return {
            "id": new_id(),
            "candidature_id": self.dossier.id,
            "core_id": self.dossier.core_id,
            "expected_proof_id": proof.id,
            "position": position,
            "state": _STATES[outcome],
            "track": Track.ASYNC,
            "round": 1,
            "reason": f"Repris d'un référencement antérieur ({source_of(self.takeover)})."
            if outcome is Outcome.NOT_APPLICABLE
            else None,
        }

    def proof(self, proof: NamedProof, item: UUID, performed_on: date | None) -> dict[str, Any]:
        return {
            "id": new_id(),
            "item_id": item,
            "number": 1,
            "software_id": self.dossier.software_id,
            "core_id": self.dossier.core_id,
            "organisation_id": self.dossier.organisation_id,
            "expected_proof_id": proof.id,
            "configuration_id": self.configuration.id,
            "state": ProofState.DECIDED,
            "supplied_at": self.at,
            "performed_on": performed_on,
        }

    def verification(self, proof: NamedProof, of: UUID, finding: Finding, day: date) -> dict[str, Any]:
        return {
            "id": new_id(),
            "created_at": self.at,
            "proof_id": of,
            "candidature_id": self.dossier.id,
            "software_id": self.dossier.software_id,
            "core_id": self.dossier.core_id,
            "proof_code": proof.code,
            "wording": proof.wording,
            "solution": self.configuration.solution.commercial_name,
            "composition": self.configuration.composition,
            "mode": Track.ASYNC,
            "finding": finding,
            "found_on": day,
            "source": source_of(self.takeover),
            "comment": "",
            "round": 1,
            "dsr_version": self.dossier.version.number,
        }


def _finding(outcome: str, found_on: str, performed_on: str | None) -> PastFinding:
    """A finding as it was read, of how it is kept."""
    day = date.fromisoformat(performed_on) if performed_on else None
    return PastFinding(Outcome(outcome), date.fromisoformat(found_on), day)


def _insert_findings(session: Session, told: _Told) -> frozenset[str]:
    """Insert an item for each proof, with its finding where it is one; answers the proofs that have one."""
    findings = told.past.findings
    rows: dict[type[Item | Proof | Verification], list[dict[str, Any]]] = {
        Item: [],
        Proof: [],
        Verification: [],
    }
    named = queries.named_proofs(session, told.past.version_id, findings)
    for position, proof in enumerate(named, start=1):
        outcome, found_on, performed_on = _finding(*findings[proof.code])
        item = told.item(proof, position, outcome)
        rows[Item].append(item)
        if outcome in _FOUND:
            supplied = told.proof(proof, item["id"], performed_on)
            rows[Proof].append(supplied)
            rows[Verification].append(told.verification(proof, supplied["id"], _FOUND[outcome], found_on))
    for table, of_table in rows.items():
        insert_rows(session, table, of_table)
    begin_standings(
        session,
        [standing_row(item["id"], item["state"], None, reason=item["reason"]) for item in rows[Item]],
        told.at,
    )
    return frozenset(verification["proof_code"] for verification in rows[Verification])
