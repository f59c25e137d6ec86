"""What leads tolerate, and safeguards for rules beyond it: proposed as a draft, decided by a person."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from referencing.base.db import new_id, now
from referencing.base.errors import Conflict
from referencing.base.permissions import Actor, Right, authorise
from referencing.equivalence.engine.facts import Requirement
from referencing.equivalence.records.record import RuleRecord
from referencing.equivalence.rulebooks import queries as rulebooks
from referencing.equivalence.rulebooks.operations import draft_of
from referencing.equivalence.rulebooks.rulebooks import Rules, check
from referencing.journal.operations import Author, record
from referencing.reviews.queues.models import Arbiter
from referencing.reviews.second_readings.rates import set_rate
from referencing.simulations.publication import operations as publication
from referencing.simulations.publication.operations import Published

from . import queries
from .falls import chapters, fallen
from .models import Safeguard, SafetyThreshold
from .states import SAFEGUARD, SafeguardAction, SafeguardState

_STREAM = "safeguards"
#: The revision of rules that nobody has edited.
_AS_WRITTEN = 1


@dataclass(frozen=True, slots=True)
class InForce:
    """The rules in force, those of them that are `weak`, beyond what leads tolerate, and what they are about."""

    id: UUID
    label: str
    rules: Rules
    requirements: Sequence[Requirement]
    weak: Mapping[str, RuleRecord]


def set_threshold(
    session: Session, actor: Actor, *, share: int | None, rate: int, reason: str
) -> SafetyThreshold:
    """Say which share of false reuses no record is to allow, and how much is read a second time where one does."""
    authorise(actor, Right.EDIT_RULEBOOKS)
    stored = SafetyThreshold(
        id=new_id(), share=share, rate=rate, reason=reason, set_by=actor.account_id, set_at=now(session)
    )
    session.add(stored)
    session.flush()
    record(session, actor, "safety_threshold.set", _STREAM, {"share": share, "rate": rate, "reason": reason})
    return stored


def propose(session: Session, actor: Actor, rule: str) -> Safeguard:
    """A draft of the rules in force in which a rule that is beyond what leads tolerate asks for confirmation.

    Raises Conflict when it is not, when nothing goes through it unconfirmed, or when one is proposed already.
    """
    authorise(actor, Right.EDIT_RULEBOOKS)
    current = in_force(session)
    if current is None or rule not in current.weak:
        raise Conflict("Le bilan de cette règle ne dépasse pas le seuil, ou elle n'est plus en vigueur.")
    return propose_against(session, actor, current, current.weak[rule])


def in_force(session: Session) -> InForce | None:
    """The rules in force with their weak ones; None when there are none."""
    rulebook_id = rulebooks.id_in_force(session)
    if rulebook_id is None:
        return None
    rulebook = rulebooks.rulebook(session, rulebook_id)
    rules = rulebooks.rules_of(rulebook)
    weak = {record.rule: record for _, record in queries.beyond_of(session, rules)}
    requirements = rulebooks.known_requirements(session) if weak else ()
    return InForce(rulebook_id, rulebook.label, rules, requirements, weak)


def propose_against(session: Session, author: Author, current: InForce, weak: RuleRecord) -> Safeguard:
    """What `propose` does, once it is known that a rule of those in force is beyond the threshold."""
    proposed = fallen(current.rules, weak.rule, current.requirements)
    if proposed == current.rules:
        raise Conflict("Rien ne passe par cette règle sans confirmation : il n'y a rien à proposer.")
    held = rulebooks.in_force(session, lock=True)  # not before: who makes a grant under them would wait
    if held is None or held.id != current.id:
        raise Conflict("D'autres règles sont entrées en vigueur entre-temps : relisez leurs bilans.")
    if queries.proposed_for(session, [weak.rule]):
        raise Conflict("Une précaution est déjà proposée pour cette règle : acceptez-la ou refusez-la.")
    label = f"{current.label} — « {weak.code} » à confirmer"[:200]
    check(proposed)
    draft = draft_of(session, author, label, proposed, "safeguard")
    return _store(
        session, author, draft.id, current.id, weak, chapters(current.rules, weak.rule, current.requirements)
    )


def _store(
    session: Session,
    author: Author,
    draft: UUID,
    against: UUID,
    weak_record: RuleRecord,
    concerned: list[str],
) -> Safeguard:
    tolerated = queries.threshold_set(session)
    assert tolerated is not None  # noqa: S101 - nothing is beyond none
    set_rates = queries.rates_of_chapters(session, concerned)
    before = {chapter: set_rates[chapter].rate if chapter in set_rates else 0 for chapter in concerned}
    stored = Safeguard(
        id=new_id(),
        rule=weak_record.rule,
        code=weak_record.code,
        rulebook_id=draft,
        against_id=against,
        found_false=weak_record.found_false,
        verified_again=weak_record.verified_again,
        share=tolerated.share,
        rates=[
            {"chapter": chapter, "rate_before": rate, "rate_after": tolerated.rate}
            for chapter, rate in before.items()
            if rate < tolerated.rate
        ],
        state=SafeguardState.PROPOSED,
        proposed_by=author.account_id,
        proposed_at=now(session),
    )
    session.add(stored)
    session.flush()
    _tell(session, author, stored, "proposed", {"share": stored.share, "false": stored.found_false})
    return stored


def accept(
    session: Session, actor: Actor, safeguard_id: UUID, *, digest: str | None, accept_warnings: bool
) -> Published:
    """Put the proposed rules in force, and have as much read a second time as goes with them.

    Raises as `publish` does, and Conflict when other rules came into force since, which these would undo, or when the
    draft was edited since: it is no longer what was proposed.
    """
    stored = _decided(session, actor, safeguard_id, SafeguardAction.ACCEPT)
    _refuse_changed(session, stored)
    published = publication.publish(
        session, actor, stored.rulebook_id, accept_warnings=accept_warnings, digest=digest
    )
    _refuse_overtaken(stored, published.impact.basis.against_id)
    set_rates = queries.rates_of_chapters(session, [rate["chapter"] for rate in stored.rates])
    for rate in stored.rates:
        earlier = set_rates.get(rate["chapter"])
        if earlier is None or earlier.rate < rate["rate_after"]:
            set_rate(
                session,
                actor,
                chapter=rate["chapter"],
                verifier=None,
                rate=rate["rate_after"],
                on_disagreement=earlier.on_disagreement if earlier else Arbiter.THIRD,
                seed=None,
            )
    _tell(session, actor, stored, "accepted", {"rates": stored.rates})
    return published


def what_if_accepted(
    session: Session, actor: Actor, safeguard_id: UUID, cursor: Any, limit: int
) -> Published:
    """The impact that `accept` would have on open dossiers, and its errors; nothing is changed."""
    stored = queries.safeguard(session, actor, safeguard_id)
    SAFEGUARD.follow("Cette précaution", stored.state, SafeguardAction.ACCEPT, actor)
    _refuse_changed(session, stored)
    return publication.what_if_published(session, actor, stored.rulebook_id, cursor, limit)


def refuse(session: Session, actor: Actor, safeguard_id: UUID, reason: str) -> Safeguard:
    """Leave the rules as they are, with a reason; the draft stays one."""
    stored = _decided(session, actor, safeguard_id, SafeguardAction.REFUSE)
    stored.reason = reason
    _tell(session, actor, stored, "refused", {"reason": reason})
    return stored


def _decided(session: Session, actor: Actor, safeguard_id: UUID, action: SafeguardAction) -> Safeguard:
    stored = queries.safeguard(session, actor, safeguard_id, lock=True)
    state = SAFEGUARD.follow("Cette précaution", stored.state, action, actor)
    stored.state, stored.decided_by, stored.decided_at = state, actor.account_id, now(session)
    session.flush()
    return stored


def _refuse_changed(session: Session, stored: Safeguard) -> None:
    """Raises Conflict when other rules are in force than it was proposed against, or the draft was edited."""
    _refuse_overtaken(stored, rulebooks.id_in_force(session))
    if rulebooks.rulebook(session, stored.rulebook_id).revision != _AS_WRITTEN:
        raise Conflict(
            "Ce brouillon a été modifié depuis : publiez-le comme d'autres règles, ou refusez cette précaution."
        )


def _refuse_overtaken(stored: Safeguard, in_force: UUID | None) -> None:
    if in_force != stored.against_id:
        raise Conflict(
            "D'autres règles sont entrées en vigueur depuis, que cette précaution déferait : refusez-la, puis "
            "proposez-la de nouveau."
        )


def _tell(session: Session, author: Author, stored: Safeguard, what: str, more: Mapping[str, object]) -> None:
    detail = {"safeguard": str(stored.id), "rule": stored.rule, "rulebook": str(stored.rulebook_id), **more}
    record(session, author, f"safeguard.{what}", _STREAM, detail)
