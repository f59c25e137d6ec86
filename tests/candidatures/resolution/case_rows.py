"""A case (`equivalence-case/1`) as rows of the database, with a dossier for its target."""

import hashlib
from collections.abc import Iterable
from datetime import date
from typing import Any, TypeVar
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from referencing.base.db import new_id, now
from referencing.base.permissions import Role
from referencing.candidatures.record.models import Candidature, Item
from referencing.candidatures.record.states import ItemState, State, Track
from referencing.candidatures.resolution.resolution import resolve_core
from referencing.catalogue.imports.socle_links import Fidelity
from referencing.catalogue.models import Dsr, DsrVersion, ExpectedProof, Requirement
from referencing.equivalence.engine.facts import Relation, Reuse, Standing
from referencing.equivalence.rulebooks.models import (
    CertificateKind,
    Correspondence,
    DossierStanding,
    Policy,
    Rulebook,
)
from referencing.proofs.models import Finding, Proof, ProofState, Verification
from referencing.solutions.models import Certificate, Configuration, NilJudgement, Software, Solution
from tests.builders import draft, person

Json = dict[str, Any]
R = TypeVar("R")

_FINDINGS = {"verified": Finding.VERIFIED, "rejected": Finding.REJECTED}


def storable(case: Json) -> Json:
    """The case without what the tables do not say: a proof under review is neither revoked nor shown live yet and is
    of an open dossier, and a certificate ends after it begins."""
    facts = [
        {**fact, "mode": "async", "revoked_on": None, "standing": "open"}
        if fact.get("status") == "submitted"
        else fact
        for fact in case["facts"]
        if fact["type"] == "verification"
        or fact["valid_until"] is None
        or fact["valid_from"] < fact["valid_until"]
    ]
    return {**case, "facts": facts}


def load(session: Session, case: Json) -> tuple[Candidature, dict[str, str]]:
    """The rows of a storable case and a resolved dossier for its target; and each fact's id by that of its row."""
    loading = _Loading(session)
    loading.requirements(case["requirements"])
    loading.rulebook(case)
    # Ids sort as those of the case do: among equals the smallest is chosen.
    names = sorted(fact["id"] for fact in case["facts"])
    ids = dict(zip(names, sorted(new_id() for _ in names), strict=True))
    for fact in case["facts"]:
        loading.fact(ids[fact["id"]], fact, case["target"]["product"])
    session.flush()
    return loading.target(case["target"]), {str(row): fact for fact, row in ids.items()}


class _Loading:
    def __init__(self, session: Session) -> None:
        self.session = session
        self.editor = person(session, Role.EDITOR)
        self.verifier = person(session, Role.VERIFIER)
        self.versions: dict[str, DsrVersion] = {}
        self.proofs: dict[str, ExpectedProof] = {}
        self.softwares: dict[str, Software] = {}
        self.solutions: dict[tuple[str, str], Solution] = {}

    def requirements(self, requirements: Iterable[Json]) -> None:
        for position, one in enumerate(requirements, 1):
            version = self._version(one)
            words = dict.fromkeys(("title", "function", "comment", "former_profile", "perimeter"), "")
            requirement = Requirement(
                id=new_id(),
                version_id=version.id,
                position=position,
                text=one["code"],
                criticality="Majeure",
                code=one["code"],
                chapter=one["chapter"],
                profile=one["profile"],
                socle=one["socle"],
                socle_fidelity=one["socle"] and Fidelity(one["socle_fidelity"]),
                **words,
            )
            requirement.proofs = [
                self._proof(one, version, at, proof) for at, proof in enumerate(one["proofs"])
            ]
            self.session.add(requirement)
        self.session.flush()

    def _version(self, one: Json) -> DsrVersion:
        if one["dsr"] not in self.versions:
            words = {key: one[key] for key in ("dispositif", "vague")}
            dsr = Dsr(id=new_id(), code=one["dsr"], couloir="", title="", **words)
            version = DsrVersion(id=new_id(), dsr_id=dsr.id, number=1, published_at=now(self.session))
            self.session.add(dsr)
            self.session.flush()
            self.session.add(version)
            self.session.flush()
            self.versions[one["dsr"]] = version
        return self.versions[one["dsr"]]

    def _proof(self, one: Json, version: DsrVersion, position: int, proof: Json) -> ExpectedProof:
        code = f"{one['dsr']}:{one['code']}#{proof['suffix']}"
        words = dict.fromkeys(("number", "text", "scenario_number", "scenario_text"), "")
        self.proofs[code] = ExpectedProof(
            id=new_id(),
            version_id=version.id,
            code=code,
            position=position,
            wording=hashlib.sha256(code.encode()).hexdigest(),
            duo=False,
            **words,
            **proof,
        )
        return self.proofs[code]

    def rulebook(self, case: Json) -> None:
        self.session.add(
            Rulebook(
                id=new_id(),
                label="",
                published_at=now(self.session),
                correspondences=[
                    Correspondence(
                        code=one["id"],
                        position=position,
                        sources=one["from"],
                        target=one["to"],
                        relation=Relation(one["relation"]),
                        valid_from=_day(one["valid_from"]),
                        valid_until=_day(one["valid_until"]),
                    )
                    for position, one in enumerate(case["correspondences"])
                ],
                certificate_kinds=[CertificateKind(**one) for one in case["certificate_kinds"]],
                policies=[
                    Policy(
                        position=position,
                        conditions={
                            key: [globs] if isinstance(globs, str) else globs
                            for key, globs in one["when"].items()
                        },
                        reuse=Reuse(one["then"]["reuse"]),
                        max_age_days=one["then"].get("max_age_days"),
                    )
                    for position, one in enumerate(case["policies"])
                ],
            )
        )

    def fact(self, row: UUID, fact: Json, product: str) -> None:
        if fact["type"] == "certificate":
            self._certificate(row, fact, product)
        else:
            self._verification(row, fact)

    def _certificate(self, row: UUID, fact: Json, product: str) -> None:
        software = self._software(product)
        self.session.add(
            Certificate(
                id=row,
                software_id=software.id,
                core_id=software.core_id,
                kind=fact["kind"],
                holder=fact["holder"],
                number=fact["id"],
                valid_from=_day(fact["valid_from"]),
                valid_until=_day(fact["valid_until"]),
                revoked_on=_day(fact["revoked_on"]),
                confirmed_at=now(self.session),
            )
        )

    def _verification(self, row: UUID, fact: Json) -> None:
        asked = self.proofs[fact["proof"]]
        solution = self._solution(fact["product"], fact["solution"])
        submitted = fact["status"] == "submitted"
        core = {"software_id": solution.software_id, "core_id": solution.software.core_id}
        configuration = self._add(
            Configuration(
                id=new_id(),
                solution_id=solution.id,
                software_version="1",
                composition=fact["composition"],
            )
        )
        dossier = self._add(
            Candidature(
                id=new_id(),
                organisation_id=self.editor.organisation_id,
                configuration_id=configuration.id,
                version_id=asked.version_id,
                profiles=[],
                mode=Track.ASYNC,
                state=State.REFERENCED,
                **core,
            )
        )
        self._stand(dossier, fact.get("standing", "referenced"))
        item = self._add(
            Item(
                id=new_id(),
                candidature_id=dossier.id,
                core_id=dossier.core_id,
                expected_proof_id=asked.id,
                position=1,
                state=ItemState.UNDER_REVIEW if submitted else ItemState.CONFORM,
                track=Track.ASYNC,
            )
        )
        proof = self._add(
            Proof(
                id=row if submitted else new_id(),
                item_id=item.id,
                number=1,
                organisation_id=self.editor.organisation_id,
                expected_proof_id=asked.id,
                configuration_id=configuration.id,
                state=ProofState.SUBMITTED if submitted else ProofState.DECIDED,
                supplied_at=now(self.session),
                supplied_by=self.editor.account_id,
                submitted_on=_day(fact["date"]),
                **core,
            )
        )
        if not submitted:
            self._add(
                Verification(
                    id=row,
                    proof_id=proof.id,
                    candidature_id=dossier.id,
                    proof_code=asked.code,
                    wording=asked.wording,
                    solution=solution.commercial_name,
                    composition=fact["composition"],
                    mode=fact["mode"],
                    finding=_FINDINGS[fact["status"]],
                    found_on=_day(fact["date"]),
                    revoked_on=_day(fact["revoked_on"]),
                    verifier_id=self.verifier.account_id,
                    file_sha256="0" * 64,
                    comment="",
                    round=1,
                    dsr_version=1,
                    **core,
                )
            )

    def _stand(self, dossier: Candidature, standing: str) -> None:
        """As the case says; a dossier of which nothing is kept is open."""
        if standing != "open":
            self._add(
                DossierStanding(
                    id=new_id(),
                    candidature_id=dossier.id,
                    core_id=dossier.core_id,
                    standing=Standing(standing),
                    began_at=now(self.session),
                    reason="",
                )
            )

    def target(self, target: Json) -> Candidature:
        solution = self._solution(target["product"], target["solution"])
        asked = sa.select(Requirement.profile).where(
            Requirement.version_id == self.versions[target["dsr"]].id
        )
        known = set(self.session.scalars(asked))
        dossier = draft(
            self.session,
            self.editor,
            solution,
            target["dsr"],
            composition=target["composition"],
            profiles=[one for one in target["profiles"] if one in known],
        )
        dossier.deposited_on = _day(target["deposited_on"])
        self.session.flush()
        resolve_core(self.session, dossier.core_id)
        return dossier

    def _software(self, nil: str) -> Software:
        if nil not in self.softwares:
            core = new_id()
            words = {"organisation_id": self.editor.organisation_id, "name": nil, "nil": nil}
            self.softwares[nil] = self._add(Software(id=core, core_id=core, **words))
            own_nil = {"nil": nil, "belongs": True, "reason": "", "judged_at": now(self.session)}
            self._add(NilJudgement(software_id=core, **own_nil))
        return self.softwares[nil]

    def _solution(self, nil: str, name: str) -> Solution:
        if (nil, name) not in self.solutions:
            solution = Solution(id=new_id(), software=self._software(nil), commercial_name=name)
            self.solutions[nil, name] = self._add(solution)
        return self.solutions[nil, name]

    def _add(self, row: R) -> R:
        self.session.add(row)
        self.session.flush()
        return row


def _day(value: str | None) -> date | None:
    return date.fromisoformat(value) if value else None
