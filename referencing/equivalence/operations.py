"""Writing rulebooks, and making and ending grants."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import BinaryIO
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from referencing.accounts.permissions import Actor, Right, authorise
from referencing.catalogue.problems import RowProblem
from referencing.catalogue.tables import read_table
from referencing.db import new_id, now
from referencing.errors import Conflict
from referencing.jobs import enqueue
from referencing.journal.operations import record

from . import facts, queries
from .engine import Item, Status
from .formats import dump_derivation
from .models import CertificateKind, Correspondence, Grant, GrantSource, GrantState, Policy, Rulebook
from .rulebooks import Rules, check, of_row

TABLE = (
    "dispositif_source",
    "vague_source",
    "exigences_source",
    "dispositif_cible",
    "vague_cible",
    "exigence_cible",
    "evolution",
)


@dataclass(frozen=True, slots=True)
class CorrespondenceReport:
    rows: int
    added: int
    changed: int
    unchanged: int
    problems: tuple[RowProblem, ...]


def write_rulebook(session: Session, actor: Actor, label: str, rules: Rules) -> Rulebook:
    """A new draft. Raises Invalid with a pointer to each rule that is not right."""
    authorise(actor, Right.EDIT_RULEBOOKS)
    check(rules)
    rulebook = Rulebook(id=new_id(), label=label.strip())
    rulebook.correspondences = [_row(rule, position) for position, rule in enumerate(rules.correspondences)]
    rulebook.certificate_kinds = [
        CertificateKind(kind=rule.kind, covers=[dict(cover) for cover in rule.covers])
        for rule in rules.certificate_kinds
    ]
    rulebook.policies = [
        Policy(
            position=position,
            conditions={key: list(patterns) for key, patterns in rule.when.items()},
            reuse=rule.reuse,
            max_age_days=rule.max_age_days,
        )
        for position, rule in enumerate(rules.policies)
    ]
    session.add(rulebook)
    session.flush()
    record(session, actor, "rulebook.written", f"rulebook:{rulebook.id}", {"label": rulebook.label})
    return rulebook


def add_correspondences(
    session: Session, actor: Actor, rulebook_id: UUID, file: BinaryIO
) -> CorrespondenceReport:
    """Add the rows of the correspondences CSV to a draft; a row that it has already changes nothing."""
    authorise(actor, Right.EDIT_RULEBOOKS)
    rulebook = _draft(session, rulebook_id)
    known = {rule.code: rule for rule in rulebook.correspondences}
    counts = {"rows": 0, "added": 0, "changed": 0, "unchanged": 0}
    problems: list[RowProblem] = []
    for number, row in read_table(file, TABLE):
        counts["rows"] += 1
        try:
            rule = of_row(row)
        except ValueError as error:
            problems.append(RowProblem(number, "correspondence", str(error)))
            continue
        if rule.id not in known:
            known[rule.id] = _row(rule, len(known))
            rulebook.correspondences.append(known[rule.id])
            counts["added"] += 1
        elif known[rule.id].relation is not rule.relation:
            known[rule.id].relation = rule.relation
            counts["changed"] += 1
        else:
            counts["unchanged"] += 1
    session.flush()
    if counts["added"] or counts["changed"]:
        record(session, actor, "rulebook.correspondences", f"rulebook:{rulebook.id}", counts)
    return CorrespondenceReport(**counts, problems=tuple(problems))


def publish_rulebook(session: Session, actor: Actor, rulebook_id: UUID) -> Rulebook:
    """It applies from now on, in the place of the one before; open dossiers are resolved again."""
    authorise(actor, Right.EDIT_RULEBOOKS)
    rulebook = _draft(session, rulebook_id)
    before = queries.in_force(session, lock=True)
    if before is not None:
        before.superseded_at = now(session)
        session.flush()
    rulebook.published_at = now(session)
    detail = {"label": rulebook.label, "supersedes": str(before.id) if before else None}
    record(session, actor, "rulebook.published", f"rulebook:{rulebook.id}", detail)
    enqueue(session, "resolve_open_candidatures")
    return rulebook


def _draft(session: Session, rulebook_id: UUID) -> Rulebook:
    rulebook = queries.rulebook(session, rulebook_id, lock=True)
    if rulebook.published_at is not None:
        raise Conflict("Ce référentiel de règles est publié et ne change plus : écrivez-en un nouveau.")
    return rulebook


def _row(rule: facts.Correspondence, position: int) -> Correspondence:
    return Correspondence(
        code=rule.id,
        position=position,
        sources=list(rule.sources),
        target=rule.target,
        relation=rule.relation,
        valid_from=rule.valid_from,
        valid_until=rule.valid_until,
    )


def make_grants(
    session: Session,
    candidature_id: UUID,
    core_id: UUID,
    rulebook_id: UUID | None,
    items: Iterable[Item],
    known: queries.KnownFacts,
) -> dict[str, Grant]:
    """Store what the engine answered for `covered` and `to_confirm` items, with the facts it stands on, by proof."""
    grants = {
        item.proof: Grant(
            id=new_id(),
            candidature_id=candidature_id,
            core_id=core_id,
            rulebook_id=rulebook_id,
            proof_code=item.proof,
            state=GrantState.GRANTED if item.status is Status.COVERED else GrantState.PROPOSED,
            strength=item.strength,
            derivation=dump_derivation(item.derivation) if item.derivation else {},
            cases=list(item.cases),
            confirm=list(item.confirm),
            sources=[
                GrantSource(
                    id=new_id(),
                    verification_id=known.verification(fact),
                    certificate_id=known.certificate(fact),
                )
                for fact in item.facts
            ],
        )
        for item in items
    }
    session.add_all(grants.values())
    session.flush()
    return grants


def end_grants(session: Session, grant_ids: Sequence[UUID]) -> None:
    """What no longer holds, or was made needless by a proof of its own."""
    if grant_ids:
        session.execute(
            sa.update(Grant)
            .where(Grant.id.in_(grant_ids), Grant.state != GrantState.REFUSED)
            .values(state=GrantState.ENDED, ended_at=now(session))
        )


def decide_grant(session: Session, actor: Actor, grant: Grant, *, confirmed: bool, comment: str) -> None:
    """A verifier looked at a proposed reuse."""
    grant.state = GrantState.CONFIRMED if confirmed else GrantState.REFUSED
    grant.decided_by = actor.account_id
    grant.decided_at = now(session)
    grant.comment = comment


def propose_again(session: Session, grant_id: UUID) -> None:
    """The verifier takes back what they said of a reuse."""
    grant = session.get_one(Grant, grant_id)
    grant.state = GrantState.PROPOSED
    grant.decided_by = grant.decided_at = grant.comment = None
