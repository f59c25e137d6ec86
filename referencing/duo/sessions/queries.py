"""Reading sessions, each organisation its own, and what could be shown in one."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session, aliased, joinedload, selectinload
from sqlalchemy.orm.attributes import set_committed_value

from referencing.accounts.visible_queries import IN_CONFLICT_TO_JUDGE, has_conflict, impartial, refusal
from referencing.base.db import after, now
from referencing.base.errors import Forbidden, NotFound
from referencing.base.permissions import Actor, Right, Role, authorise
from referencing.candidatures.record.models import Candidature, Item
from referencing.candidatures.record.queries import held_still
from referencing.candidatures.record.states import WITH_EDITOR, ItemState, Track
from referencing.candidatures.tasks.models import Queue, Task
from referencing.catalogue.models import ExpectedProof, Requirement
from referencing.catalogue.proposals import Guichet, ProofKind
from referencing.catalogue.steps import prerequisites_of, steps_of
from referencing.reviews.queues.models import Claim

from .agenda import Candidate, estimate
from .models import Capture, Line, LiveSession, Participant, Presence, TechnicalCheck
from .phases import PENDING, LineState

NO_SESSION = "Cette séance n'existe pas : vérifiez son identifiant."
NO_LINE = "Cette preuve n'est pas à l'ordre du jour de la séance : vérifiez son code ou son identifiant."

#: What sessions are learned from: the lines decided in this time, when there are enough of a kind.
LEARNED_OVER = timedelta(days=365)
ENOUGH = 5
#: Minutes; longer than that, somebody forgot to say that they had gone on.
LONGEST = 120

_QUEUES = (Queue.PROOF_REVIEW, Queue.DUO_FOLLOW_UP)


def live_session(
    session: Session,
    actor: Actor,
    session_id: UUID,
    right: Right = Right.FOLLOW_SESSIONS,
    *,
    to_end: bool = False,
) -> LiveSession:
    """A session with its people. Raises NotFound for another organisation's as for none, Forbidden in a conflict.

    Who reads in spite of one follows it, and takes no part. Who is expected ends it in a conflict too (`to_end`): the
    editor is not to wait for them. What ended is the last that they are shown of it.
    """
    authorise(actor, right)
    visible, conflict = _readable(session, actor), has_conflict(actor, LiveSession.organisation_id)
    if to_end:
        expected = LiveSession.id.in_(_expecting(actor))
        visible, conflict = visible | expected, conflict & ~expected
    row = session.execute(
        sa.select(LiveSession, conflict)
        .where(LiveSession.id == session_id, visible)
        .options(
            joinedload(LiveSession.organisation),
            selectinload(LiveSession.participants).joinedload(Participant.account),
        )
    ).one_or_none()
    if row is None:
        owner = sa.select(LiveSession.organisation_id).where(LiveSession.id == session_id)
        raise refusal(session, actor, NO_SESSION, owner)
    live, in_conflict = row
    if in_conflict and right is not Right.FOLLOW_SESSIONS:
        raise Forbidden(IN_CONFLICT_TO_JUDGE)
    return live


def _readable(session: Session, actor: Actor) -> sa.ColumnElement[bool]:
    if actor.own_organisation:
        return LiveSession.organisation_id == actor.own_organisation
    return impartial(session, actor, LiveSession.organisation_id)


def _expecting(actor: Actor) -> sa.Select[UUID]:
    """The sessions in which the actor is expected."""
    return sa.select(Participant.session_id).where(Participant.account_id == actor.account_id)


def whole_session(session: Session, session_id: UUID) -> LiveSession:
    """A session with its people, read again, for an actor who was let in already."""
    return session.get_one(
        LiveSession,
        session_id,
        options=[
            joinedload(LiveSession.organisation),
            selectinload(LiveSession.participants).joinedload(Participant.account),
        ],
        populate_existing=True,
    )


def locked(
    session: Session, actor: Actor, session_id: UUID, right: Right, *, to_end: bool = False
) -> LiveSession:
    """A session that is kept still, after its dossier and the dossier's core: what changes here may change facts."""
    unlocked = live_session(session, actor, session_id, right, to_end=to_end)
    candidature = held_still(session, unlocked.candidature_id)
    live = kept_still(session, session_id)
    set_committed_value(live, "candidature", candidature)  # as it was locked, whole
    return live


def kept_still(session: Session, session_id: UUID) -> LiveSession:
    """A session whose dossier is locked, or that no fact hangs on."""
    return session.scalars(
        sa.select(LiveSession)
        .where(LiveSession.id == session_id)
        .options(selectinload(LiveSession.participants).joinedload(Participant.account))
        .with_for_update(of=LiveSession)
        .execution_options(populate_existing=True)
    ).one()


def sessions(
    session: Session,
    actor: Actor,
    cursor: Sequence[Any] | None,
    limit: int,
    *,
    candidature: UUID | None = None,
    since: datetime | None = None,
    which: Sequence[sa.ColumnElement[bool]] = (),
) -> Sequence[LiveSession]:
    """Sessions in the order of their times: a verifier's own, an editor's organisation's, all for leads and audits."""
    authorise(actor, Right.FOLLOW_SESSIONS)
    select = (
        sa.select(LiveSession)
        .where(_readable(session, actor), *which)
        .options(
            joinedload(LiveSession.organisation),
            selectinload(LiveSession.participants).joinedload(Participant.account),
        )
    )
    if actor.role is Role.VERIFIER:
        select = select.where(LiveSession.id.in_(_expecting(actor)))
    if candidature is not None:
        select = select.where(LiveSession.candidature_id == candidature)
    if since is not None:
        select = select.where(LiveSession.ends_at >= since)
    return session.scalars(after(select, [LiveSession.starts_at, LiveSession.id], cursor).limit(limit)).all()


def _lines() -> sa.Select[Line]:
    return sa.select(Line).options(
        joinedload(Line.item).joinedload(Item.expected_proof).joinedload(ExpectedProof.requirement),
        joinedload(Line.verdict),
        selectinload(Line.captures),
    )


def lines(session: Session, session_id: UUID, *states: LineState) -> Sequence[Line]:
    """The agenda, in its order; in those states when any is named."""
    select = _lines().where(Line.session_id == session_id)
    if states:
        select = select.where(Line.state.in_(states))
    ordered = select.order_by(Line.position).execution_options(populate_existing=True)
    return session.scalars(ordered).all()


def overtaken(session: Session, session_id: UUID) -> Sequence[Line]:
    """What is still on the agenda although its item has left the session."""
    left = Item.session_id.is_distinct_from(session_id)
    pending = Line.session_id == session_id, Line.state.in_(sorted(PENDING))
    of_items = sa.select(Line.id).join(Line.item).where(*pending, left)
    select = _lines().where(Line.id.in_(of_items)).order_by(Line.position)
    return session.scalars(select.execution_options(populate_existing=True)).all()


def line(session: Session, session_id: UUID, reference: str) -> Line:
    """The line of an item, by the item's id or its expected proof's code. Raises NotFound."""
    select = _lines().where(Line.session_id == session_id)
    try:
        select = select.where(Line.item_id == UUID(reference))
    except ValueError:
        of_code = sa.select(Item.id).join(Item.expected_proof).where(ExpectedProof.code == reference)
        select = select.where(Line.item_id.in_(of_code))
    agenda_line = session.scalar(select.execution_options(populate_existing=True))
    if agenda_line is None:
        raise NotFound(NO_LINE)
    return agenda_line


def capture(session: Session, session_id: UUID, capture_id: UUID) -> Capture:
    """A file taken in a session that the reader may read. Raises NotFound."""
    select = sa.select(Capture).join(Line, Line.id == Capture.line_id).where(Line.session_id == session_id)
    file = session.scalar(select.where(Capture.id == capture_id).options(joinedload(Capture.content)))
    if file is None:
        raise NotFound("Cette capture n'existe pas : relisez la séance.")
    return file


def presences(session: Session, session_id: UUID) -> Sequence[Presence]:
    """When each person came and left, in the order of coming."""
    return session.scalars(
        sa.select(Presence)
        .where(Presence.session_id == session_id)
        .options(joinedload(Presence.account))
        .order_by(Presence.id)
    ).all()


def checks(session: Session, session_id: UUID) -> Sequence[TechnicalCheck]:
    return session.scalars(
        sa.select(TechnicalCheck).where(TechnicalCheck.session_id == session_id).order_by(TechnicalCheck.kind)
    ).all()


@dataclass(frozen=True, slots=True)
class Showable(Candidate):
    """An item that can be shown live; `waits_in` is the queue that it would be taken out of."""

    code: str
    chapter: str
    guichet: Guichet
    kind: ProofKind
    state: ItemState
    waits_in: Queue | None
    text: str
    scenario: str

    @property
    def steps(self) -> Sequence[str]:
        return steps_of(self.scenario)

    @property
    def prerequisites(self) -> Sequence[str]:
        return prerequisites_of(self.scenario)

    @property
    def by_itself(self) -> bool:
        """True for what is proposed without being named: nobody else is to look at it."""
        return self.state in WITH_EDITOR or self.waits_in is Queue.DUO_FOLLOW_UP


def can_be_shown(moment: datetime) -> sa.ColumnElement[bool]:
    """Condition on items of DUO dossiers: on no agenda, fit for a session, and asked of the editor or free in a queue.

    What equivalence has answered, or asks a verifier about, is not: it goes first. Nor what somebody has in hand,
    waits for a third party, is read a second time, or is claimed not to apply.
    """
    task, expected = aliased(Task), aliased(ExpectedProof)
    held = sa.exists().where(Claim.task_id == task.id, Claim.expires_at > moment)
    in_queue = sa.exists().where(
        task.item_id == Item.id,
        task.closed_at.is_(None),
        task.third_party_since.is_(None),
        task.queue.in_(_QUEUES),
        ~held,
    )
    to_supply = Item.state.in_([*WITH_EDITOR, ItemState.AWAITING])
    waiting = (Item.state == ItemState.UNDER_REVIEW) & Item.reason.is_(None) & in_queue
    fit = sa.exists().where(expected.id == Item.expected_proof_id, expected.duo)
    return sa.and_(Item.session_id.is_(None), fit, to_supply | waiting)


def showable(session: Session, candidature: Candidature) -> Sequence[Showable]:
    """Items that can be shown, in the order of the dossier; two queries, however many items and sessions there were."""
    if candidature.mode is not Track.DUO:
        return []
    rows = session.execute(
        sa.select(
            Item.id, Item.position, Item.state, ExpectedProof, Requirement.chapter, Task.queue.label("queue")
        )
        .join(Item.expected_proof)
        .join(ExpectedProof.requirement)
        .outerjoin(Task, (Task.item_id == Item.id) & Task.closed_at.is_(None))
        .where(Item.candidature_id == candidature.id, can_be_shown(now(session)))
        .order_by(Item.position)
    ).all()
    learned = _learned(session)
    return [
        Showable(
            id=row.id,
            position=row.position,
            minutes=estimate(
                proof.kind,
                len(steps_of(proof.scenario_text)),
                _learned_minutes(learned, proof.kind, row.chapter),
            ),
            code=proof.code,
            chapter=row.chapter,
            guichet=proof.guichet,
            kind=proof.kind,
            state=row.state,
            waits_in=row.queue,
            text=proof.text,
            scenario=proof.scenario_text,
        )
        for row in rows
        for proof in [row.ExpectedProof]
    ]


Learned = Mapping[tuple[ProofKind, str | None], float]


def _learned_minutes(learned: Learned, kind: ProofKind, chapter: str) -> float | None:
    return learned.get((kind, chapter), learned.get((kind, None)))


def _learned(session: Session) -> Learned:
    """The median minutes that items took, by kind and chapter, and by kind."""
    took = sa.func.extract("epoch", Line.decided_at - Line.shown_at) / 60
    of_both = sa.func.grouping(Requirement.chapter) == 0
    rows = session.execute(
        sa.select(
            ExpectedProof.kind,
            sa.case((of_both, Requirement.chapter)),
            sa.func.percentile_cont(0.5).within_group(took),
        )
        .join(Item, Item.id == Line.item_id)
        .join(Item.expected_proof)
        .join(ExpectedProof.requirement)
        .where(Line.decided_at > now(session) - LEARNED_OVER, took.between(0, LONGEST))
        .group_by(
            sa.func.grouping_sets(
                sa.tuple_(ExpectedProof.kind, Requirement.chapter), sa.tuple_(ExpectedProof.kind)
            )
        )
        .having(sa.func.count() >= ENOUGH)
    )
    return {(kind, chapter): float(minutes) for kind, chapter, minutes in rows}
