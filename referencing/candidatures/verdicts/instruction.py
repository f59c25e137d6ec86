"""What the agency does with a dossier: admit it, record what was found on its items, decide."""

from collections.abc import Mapping, Sequence
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from referencing.base.db import today
from referencing.base.errors import Conflict, FieldError, Invalid, Unconfirmed
from referencing.base.french import counted
from referencing.base.permissions import Actor, Right, authorise
from referencing.candidatures.filing.operations import move, refuse_gaps
from referencing.candidatures.filing.pentests import NOT_CONFORM_UNDATED, REUSE_UNDATED
from referencing.candidatures.record import queries
from referencing.candidatures.record.history import keep_standings
from referencing.candidatures.record.models import Candidature, Item, Verdict
from referencing.candidatures.record.standings import judge_facts_again, keep_dossier_standing
from referencing.candidatures.record.states import (
    DECISIONS,
    ITEM,
    ITEM_STATES,
    SETTLED,
    Action,
    ItemAction,
    ItemState,
    State,
)
from referencing.candidatures.resolution.resolution import apply, follow_findings, resolve_core
from referencing.candidatures.resolution.resolved import still_shown
from referencing.candidatures.resolution.settling import settle
from referencing.candidatures.tasks.holders import follow_ball
from referencing.candidatures.tasks.models import Queue
from referencing.candidatures.tasks.opening import (
    close_task,
    follow_confirmations,
    open_item_tasks,
    open_task_of,
)
from referencing.catalogue.proposals import ProofKind
from referencing.equivalence.confirmations.notices import tell_later
from referencing.equivalence.engine.knowledge import Changed
from referencing.equivalence.grants.models import Grant
from referencing.equivalence.grants.operations import decide_grant
from referencing.equivalence.grants.queries import stands_on_undated_test
from referencing.equivalence.rulebooks.queries import in_force
from referencing.journal.operations import record
from referencing.proofs.models import Finding, Proof
from referencing.proofs.operations import Reading, read_again, verify

from .rounds import Judgement, record_verdict

UNEXPLAINED = "Dites à l'éditeur ce qui manque à son dossier : il lit ce que vous écrivez."
#: How many missing proofs a refusal names.
MOST_NAMED = 10


def judge_admissibility(
    session: Session,
    actor: Actor,
    candidature_id: UUID,
    *,
    complete: bool,
    comment: str,
    incomplete: bool = False,
) -> Candidature:
    """Open the instruction, or give the dossier back to be completed.

    Raises Unconfirmed, with what misses by guichet, unless `incomplete` says that the instruction opens so on purpose:
    what misses comes meanwhile, and the decision waits for it. Raises Invalid when the editor is not told what to
    complete.
    """
    authorise(actor, Right.JUDGE_ADMISSIBILITY)
    candidature = queries.locked(session, actor, candidature_id)
    move(actor, candidature, Action.ADMIT if complete else Action.FIND_INCOMPLETE)
    if not complete and not comment.strip():
        raise Invalid(UNEXPLAINED, [FieldError("/comment", UNEXPLAINED)])
    missing = queries.missing(session, candidature.id) if complete else []
    if not incomplete:
        refuse_gaps(missing, "Admettez-le ainsi si c'est voulu, ou déclarez le dossier incomplet.")
    task = open_task_of(session, candidature, None)
    if task is not None:
        close_task(session, task, "admissible" if complete else "incomplete", actor)
    action = "candidature.admitted" if complete else "candidature.found_incomplete"
    detail = {"comment": comment, **({"missing": queries.codes_by_guichet(missing)} if missing else {})}
    record(session, actor, action, f"candidature:{candidature.id}", detail)
    session.flush()
    if complete:
        _examine_supplied(session, candidature)
        follow_confirmations(session, candidature)
        settle(session, candidature, actor)
    follow_ball(session, candidature)
    return candidature


def _examine_supplied(session: Session, candidature: Candidature) -> None:
    items = session.scalars(
        sa.update(Item)
        .where(Item.candidature_id == candidature.id, Item.state == ItemState.SUPPLIED)
        .values(state=ITEM.follow("Cette preuve", ItemState.SUPPLIED, ItemAction.EXAMINE))
        .returning(Item.id)
        .execution_options(synchronize_session=False)
    ).all()
    keep_standings(session, items)
    open_item_tasks(session, candidature, Queue.PROOF_REVIEW, items)


_OF_FINDING = {
    Finding.VERIFIED: ItemAction.FIND_CONFORM,
    Finding.REJECTED: ItemAction.FIND_NONCONFORM,
    Finding.COMPLEMENT: ItemAction.ASK_COMPLEMENT,
}
_OF_CLAIM = {
    Finding.VERIFIED: ItemAction.ACCEPT_CLAIM,
    Finding.REJECTED: ItemAction.REFUSE_CLAIM,
    Finding.COMPLEMENT: ItemAction.ASK_COMPLEMENT,
}
_OF_REUSE = {
    Finding.VERIFIED: ItemAction.CONFIRM_REUSE,
    Finding.REJECTED: ItemAction.REFUSE_REUSE,
    Finding.COMPLEMENT: ItemAction.ASK_COMPLEMENT,
}


def find_on_proof(
    session: Session,
    actor: Actor,
    candidature: Candidature,
    item: Item,
    proof: Proof,
    judgement: Judgement,
    file_sha256: str,
) -> Verdict:
    """Record a verifier's finding on the version supplied: a fact, for this dossier and those that it can serve.

    Raises Invalid as `refuse_undated`.
    """
    refuse_undated(proof, judgement.finding)
    rules = in_force(session)
    reading = Reading(
        candidature.id, item.track.value, item.round, candidature.version.number, rules.id if rules else None
    )
    finding = judgement.finding
    verification = verify(session, actor, proof, finding, judgement.comment, file_sha256, reading)
    read_version: dict[str, str | int] = {
        "proof": str(proof.id),
        "version": proof.number,
        "verification": str(verification.id),
    }
    _record_finding(session, actor, candidature, item, _OF_FINDING[finding], judgement, read_version)
    verdict = record_verdict(session, actor, item, judgement, verification_id=verification.id)
    follow_findings(session, candidature, actor, item.expected_proof.code)
    return verdict


def refuse_undated(proof: Proof, finding: Finding) -> None:
    """Raises Invalid for an intrusion test that would be found conform while nobody says when it was done."""
    undated = proof.expected_proof.kind is ProofKind.PENTEST and proof.performed_on is None
    if undated and finding is Finding.VERIFIED:
        raise Invalid(
            NOT_CONFORM_UNDATED, [FieldError("/outcome", "Demandez un complément, ou datez le test.")]
        )


def ask_without_proof(
    session: Session, actor: Actor, candidature: Candidature, item: Item, judgement: Judgement
) -> Verdict:
    """Ask for a complement on an item of which nothing was supplied: it was shown live, or was to be."""
    _record_finding(session, actor, candidature, item, ItemAction.ASK_COMPLEMENT, judgement, {})
    verdict = record_verdict(session, actor, item, judgement)
    # What was found on it before may just have been taken back.
    follow_findings(session, candidature, actor, item.expected_proof.code)
    return verdict


def find_on_claim(
    session: Session, actor: Actor, candidature: Candidature, item: Item, judgement: Judgement
) -> None:
    """Record a verifier's answer to the claim that an item does not apply."""
    claim = item.reason or ""
    if judgement.finding is Finding.REJECTED:
        item.reason = None
    _record_finding(
        session, actor, candidature, item, _OF_CLAIM[judgement.finding], judgement, {"reason": claim}
    )
    record_verdict(session, actor, item, judgement, claim=claim)
    apply(session, candidature, actor, Changed.of(item.expected_proof.code))


def find_on_reuse(
    session: Session,
    actor: Actor,
    candidature: Candidature,
    item: Item,
    grant: Grant,
    judgement: Judgement,
) -> None:
    """Record a verifier's answer to a proposed reuse, no new fact.

    Raises Conflict when its grounds count no more, Invalid when it would stand on an intrusion test without a date.
    """
    finding = judgement.finding
    if finding is Finding.VERIFIED and stands_on_undated_test(session, grant.id):
        raise Invalid(
            REUSE_UNDATED, [FieldError("/outcome", "Refusez le réemploi, ou demandez un complément.")]
        )
    # What it stands on may have been revoked, or have expired, and wait for its job.
    if finding is Finding.VERIFIED and not still_shown(session, candidature, grant):
        raise Conflict(
            "Ce qui justifiait cette équivalence ne compte plus : elle n'est plus à confirmer, relisez la file."
        )
    decide_grant(session, actor, grant, confirmed=finding is Finding.VERIFIED, comment=judgement.comment)
    tell_later(session, grant)
    _record_finding(
        session, actor, candidature, item, _OF_REUSE[finding], judgement, {"grant": str(grant.id)}
    )
    record_verdict(session, actor, item, judgement, grant_id=grant.id)
    if finding is Finding.VERIFIED:  # nothing is known that was not: only the dossier may be settled
        settle(session, candidature, actor)
        follow_ball(session, candidature)
    else:
        apply(session, candidature, actor, Changed.of(item.expected_proof.code))


def _record_finding(
    session: Session,
    actor: Actor,
    candidature: Candidature,
    item: Item,
    action: ItemAction,
    judgement: Judgement,
    subject: Mapping[str, str | int],
) -> None:
    before = item.state
    item.state = ITEM.follow("Cette preuve", item.state, action, actor)
    record(
        session,
        actor,
        f"item.{action.value}",
        f"candidature:{candidature.id}",
        {
            "code": item.expected_proof.code,
            "dsr_version": candidature.version.number,
            "from": before.value,
            "to": item.state.value,
            "round": item.round,
            **judgement.detail,
            **subject,
        },
    )
    session.flush()


def decide(
    session: Session,
    actor: Actor,
    candidature_id: UUID,
    *,
    action: Action,
    comment: str,
    items: Sequence[str] = (),
    nonconform: bool = False,
) -> Candidature:
    """End the deliberation: reference, refuse, or send back with the items to be looked at again.

    Raises Unconfirmed where a solution with nonconform items would be referenced, unless `nonconform` says that it is
    meant.
    """
    authorise(actor, Right.DECIDE)
    candidature = queries.locked(session, actor, candidature_id)
    if candidature.state is State.DELIBERATION:
        apply(session, candidature, actor)  # what was revoked or has expired may still wait for its job
    _refuse_unsettled(session, candidature, action)
    move(actor, candidature, action)
    despite = _nonconform_items(session, candidature, meant=nonconform) if action is Action.REFERENCE else []
    detail = {
        "outcome": DECISIONS[action],
        "comment": comment,
        "items": list(items),
        **({"nonconform_items": despite} if despite else {}),
    }
    record(session, actor, "candidature.decided", f"candidature:{candidature.id}", detail)
    if action is Action.SEND_BACK:
        reopened = reopen(session, candidature, items)
        resolve_core(session, candidature.core_id, actor, Changed.of(*reopened))
    else:
        candidature.closed_on = today(session)
        judge_facts_again(session, keep_dossier_standing(session, actor, candidature))
    session.flush()
    follow_ball(session, candidature)
    return candidature


def _refuse_unsettled(session: Session, candidature: Candidature, action: Action) -> None:
    """Raises Conflict with what is left to do, for a decision on a dossier whose review is not over."""
    if candidature.state is not State.IN_REVIEW or action is Action.SEND_BACK:
        return
    counts = queries.counts_of(session, [candidature.id])[candidature.id]
    left = ", ".join(
        f"{ITEM_STATES[state]} : {count}" for state, count in counts.items() if count and state not in SETTLED
    )
    raise Conflict(
        f"La candidature est en instruction : elle se décide quand rien n'y reste à fournir ni à juger ({left})."
    )


def _nonconform_items(session: Session, candidature: Candidature, *, meant: bool) -> list[str]:
    """The codes of the items that are not conform. Raises Unconfirmed when there are any, unless they are `meant`."""
    states = queries.states_by_code(session, candidature.id)
    codes = [code for code, state in states.items() if state is ItemState.NONCONFORM]
    if codes and not meant:
        raise Unconfirmed(
            f"{counted(len(codes), 'preuve non conforme', 'preuves non conformes')} : {_first(codes)}. Renvoyez à "
            "l'instruction, ou refusez ; si la solution est référencée malgré cela, confirmez-le et dites pourquoi.",
            [FieldError("/nonconform", "Donnez true si la solution est référencée malgré cela.")],
            {"nonconform_items": codes},
        )
    return codes


def _first(codes: Sequence[str]) -> str:
    return ", ".join(codes[:MOST_NAMED]) + (" …" if len(codes) > MOST_NAMED else "")


def reopen(session: Session, candidature: Candidature, references: Sequence[str]) -> Sequence[str]:
    """Have items found on again; answers their codes, for which the caller resolves the core.

    Raises Invalid for none, Conflict.
    """
    if not references:
        raise Invalid(
            "Dites ce qui est à revoir.", [FieldError("/items", "Donnez au moins une preuve attendue.")]
        )
    named = (queries.item(session, candidature, reference) for reference in references)
    items = {item.id: item for item in named}
    to_read = []
    for item in items.values():
        subject = f"« {item.expected_proof.code} »"
        item.state = ITEM.follow(subject, item.state, ItemAction.REOPEN)
        item.reason = None
        item.round += 1
        if item.state is ItemState.UNDER_REVIEW:
            read_again(session, item.id)
            to_read.append(item.id)
    session.flush()
    open_item_tasks(session, candidature, Queue.PROOF_REVIEW, to_read)
    return [item.expected_proof.code for item in items.values()]
