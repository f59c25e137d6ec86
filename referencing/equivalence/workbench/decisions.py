"""Decisions on the proposals for a draft: accepted, as they are or changed, or refused with a reason.

The decisions with their reasons go to the workbench's own stream; what became a rule goes to the rulebook's too.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from referencing.base.batch import each
from referencing.base.db import now
from referencing.base.errors import Conflict, DomainError, FieldError, Invalid, NotFound, Stale
from referencing.base.permissions import Actor, Right, authorise
from referencing.equivalence.engine import facts
from referencing.equivalence.rulebooks.editing import check_rule
from referencing.equivalence.rulebooks.models import Rulebook
from referencing.equivalence.rulebooks.operations import draft, edited, next_position, row_of
from referencing.equivalence.rulebooks.rulebooks import Rules, plain_correspondence
from referencing.journal.operations import record

from . import queries
from .models import Proposal, ProposalState
from .proposing import stream
from .queries import Filters, Selection

#: Proposals decided of in one request.
MOST_SELECTED = 500


@dataclass(frozen=True, slots=True)
class Decision:
    """A person's decision on a proposal, on the revision that they read; without a relation, the one proposed."""

    proposal_id: UUID
    revision: int
    accepted: bool
    reason: str = ""
    relation: facts.Relation | None = None
    valid_from: date | None = None
    valid_until: date | None = None


@dataclass(frozen=True, slots=True)
class SelectionDecision:
    """A person's decision on a selection of proposals; `digest` is that of the ones that they read."""

    digest: str
    accepted: bool
    reason: str = ""


def decide(session: Session, actor: Actor, rulebook_id: UUID, decision: Decision) -> Proposal:
    """Accept or refuse a proposal. Raises NotFound, Stale, Conflict, Invalid."""
    (outcome,) = decide_many(session, actor, rulebook_id, [decision])
    if isinstance(outcome, DomainError):
        raise outcome
    return outcome


def decide_many(
    session: Session, actor: Actor, rulebook_id: UUID, decisions: Sequence[Decision]
) -> Sequence[Proposal | DomainError]:
    """Accept or refuse many proposals, each as it would be alone; what is accepted becomes a rule of the draft."""
    authorise(actor, Right.EDIT_RULEBOOKS)
    rulebook = draft(session, rulebook_id)
    proposals = queries.proposals_of(session, rulebook.id)
    return _decide_each(session, actor, rulebook, proposals, decisions)


def decide_selection(
    session: Session, actor: Actor, rulebook_id: UUID, filters: Filters, decision: SelectionDecision
) -> tuple[Selection, Sequence[Proposal | DomainError]]:
    """Accept or refuse all open proposals that the filters leave, each as it would be alone.

    Raises Stale when they are others than those that were read, Invalid when they are too many.
    """
    authorise(actor, Right.EDIT_RULEBOOKS)
    if not decision.accepted:
        _require_reason(decision.reason)
    rulebook = draft(session, rulebook_id)
    selection = queries.selection(session, rulebook.id, filters)
    if selection.digest != decision.digest:
        raise Stale(
            f"D'autres propositions répondent maintenant à ces choix ({selection.count}) : relisez-les et "
            "recommencez."
        )
    if selection.count > MOST_SELECTED:
        raise Invalid(f"Décidez de {MOST_SELECTED} propositions au plus à la fois : restreignez vos choix.")
    decisions = [
        Decision(proposal.id, proposal.revision, decision.accepted, decision.reason)
        for proposal in selection.proposals
    ]
    return selection, _decide_each(session, actor, rulebook, selection.proposals, decisions, filters)


def _decide_each(
    session: Session,
    actor: Actor,
    rulebook: Rulebook,
    proposals: Sequence[Proposal],
    decisions: Sequence[Decision],
    selected_by: Filters | None = None,
) -> Sequence[Proposal | DomainError]:
    by_id = {proposal.id: proposal for proposal in proposals}
    at = now(session)  # one moment for all: simulations count by it what was decided together

    def decide_line(_: int, decision: Decision) -> Proposal:
        proposal = _decide(rulebook, by_id.get(decision.proposal_id), decision)
        proposal.decided_by, proposal.decided_at = actor.account_id, at
        session.flush()
        return proposal

    outcomes = each(session, decisions, decide_line)
    decided = [line for line in outcomes if isinstance(line, Proposal)]
    _record_decisions(session, actor, rulebook, decided, selected_by)
    return outcomes


def _decide(rulebook: Rulebook, proposal: Proposal | None, decision: Decision) -> Proposal:
    if proposal is None:
        raise NotFound(queries.NO_PROPOSAL)
    if proposal.revision != decision.revision:
        raise Stale("Cette proposition a changé depuis que vous l'avez lue : relisez-la et recommencez.")
    standing = next((rule for rule in rulebook.correspondences if rule.proposal_id == proposal.id), None)
    if standing is not None:
        raise Conflict(
            f"Cette proposition est déjà dans le brouillon : modifiez ou retirez la correspondance « {standing.code} »."
        )
    if decision.accepted:
        _accept(rulebook, proposal, decision)
    else:
        _require_reason(decision.reason)
        proposal.state, proposal.decision = ProposalState.REFUSED, None
    proposal.reason = decision.reason.strip() or None
    proposal.revision += 1
    return proposal


def _require_reason(reason: str) -> None:
    if not reason.strip():
        raise Invalid("Dites pourquoi.", [FieldError("/reason", "Un refus a un motif.")])


def _accept(rulebook: Rulebook, proposal: Proposal, decision: Decision) -> None:
    rule = facts.Correspondence(
        proposal.code,
        tuple(proposal.sources),
        proposal.target,
        decision.relation or proposal.relation,
        decision.valid_from,
        decision.valid_until,
    )
    check_rule(Rules((rule,), (), ()))
    pair = (frozenset(rule.sources), rule.target)
    for other in rulebook.correspondences:
        if other.code == rule.id or (frozenset(other.sources), other.target) == pair:
            raise Conflict(
                f"Le brouillon a déjà la correspondance « {other.code} » : modifiez-la, ou refusez cette proposition."
            )
    row = row_of(rule, next_position(rulebook))
    row.proposal_id = proposal.id
    rulebook.correspondences.append(row)
    as_proposed = rule.relation is proposal.relation and (rule.valid_from, rule.valid_until) == (None, None)
    proposal.state = ProposalState.ACCEPTED if as_proposed else ProposalState.CHANGED
    proposal.decision = plain_correspondence(rule)


def _record_decisions(
    session: Session,
    actor: Actor,
    rulebook: Rulebook,
    decided: Sequence[Proposal],
    selected_by: Filters | None,
) -> None:
    """Write all decisions in one entry: at the workbench why, in the rulebook's stream what became a rule."""
    if not decided:
        return
    lines = [
        {
            "proposal": str(proposal.id),
            "code": proposal.code,
            "state": proposal.state.value,
            "reason": proposal.reason,
        }
        for proposal in decided
    ]
    accepted = [
        {"proposal": str(proposal.id), "after": proposal.decision}
        for proposal in decided
        if proposal.decision
    ]
    if accepted:
        edited(rulebook)
        session.flush()
        record(session, actor, "rulebook.accepted", f"rulebook:{rulebook.id}", {"accepted": accepted})
    detail: dict[str, Any] = {"decided": lines}
    if selected_by is not None:
        detail["selected_by"] = selected_by.given()
    record(session, actor, "workbench.decided", stream(rulebook), detail)
