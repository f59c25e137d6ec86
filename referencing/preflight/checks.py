"""What filing a dossier would meet, all of it at once; nothing is filed, and nothing changes."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date
from itertools import chain
from uuid import UUID

from sqlalchemy.orm import Session

from referencing.base.db import now, today, undone
from referencing.base.errors import Unconfirmed
from referencing.base.permissions import Actor, Right, authorise
from referencing.base.workdays import add_working_days, paris_day
from referencing.candidatures.api.queries import ItemView, items, undeclared
from referencing.candidatures.filing import pentests
from referencing.candidatures.filing.operations import draft, objections
from referencing.candidatures.filing.roles import role_remarks
from referencing.candidatures.record import queries
from referencing.candidatures.record.confidentiality import veiled
from referencing.candidatures.record.models import Candidature
from referencing.candidatures.record.states import CANDIDATURE, ON_EQUIVALENCE, WITH_EDITOR, Action, ItemState
from referencing.candidatures.resolution.resolved import as_it_stands
from referencing.candidatures.tasks.holders import BUDGET, clocks
from referencing.catalogue.proposals import ProofKind
from referencing.equivalence.engine.explanation import in_french, lacking, named, reason_of
from referencing.equivalence.engine.facts import Certificate, Fact
from referencing.equivalence.engine.resolution import Blocked, Resolution
from referencing.messages.queries import unanswered
from referencing.uploads.queries import last_refused

from .planned import Planned
from .points import Point, Preflight, Topic

#: Of a software whose version is not said yet.
_NO_VERSION = "à venir"
#: What equivalence spares the editor.
REUSED = ON_EQUIVALENCE - WITH_EDITOR
_BY_AGE = frozenset({"expired", "too_old"})


def preflight(session: Session, actor: Actor, candidature_id: UUID) -> Preflight:
    """What submission would say, and what else stands in the way. Raises Conflict where nothing is to be filed."""
    authorise(actor, Right.FILE_CANDIDATURES)
    candidature = queries.candidature(session, actor, candidature_id)
    CANDIDATURE.follow("La candidature", candidature.state, Action.SUBMIT, actor)
    return _foreseen_by_editor(session, candidature)


def preflight_planned(session: Session, actor: Actor, planned: Planned) -> Preflight:
    """What submission would say of a dossier that is not drafted: it is, and all of it is undone.

    Raises as drafting it does.
    """
    authorise(actor, Right.FILE_CANDIDATURES)
    with undone(session):
        candidature = draft(
            session,
            actor,
            dsr=planned.dsr,
            solution=planned.solution,
            software_version=_NO_VERSION,
            composition=planned.composition,
            profiles=planned.profiles,
            mode=planned.mode,
        )
        session.flush()
        answered = _foreseen_by_editor(session, candidature)
    return replace(answered, points=[replace(point, item=None) for point in answered.points])


def _foreseen_by_editor(session: Session, candidature: Candidature) -> Preflight:
    resolution, facts = veiled(session, candidature.organisation_id, *as_it_stands(session, candidature))
    return foreseen(session, candidature, items(session, candidature.id), resolution, facts)


def foreseen(
    session: Session,
    candidature: Candidature,
    views: Sequence[ItemView],
    resolution: Resolution,
    facts: Mapping[str, Fact],
) -> Preflight:
    """What filing a dossier today would meet; resolution and facts are as its editor may read them."""
    missing = queries.missing(session, candidature.id)
    decision_on = _decision(session, candidature)
    by_code = {view.item.expected_proof.code: view for view in views}
    answers = resolution.items
    required = [
        (answer.proof, blocked)
        for answer in answers
        if by_code[answer.proof].item.state is ItemState.REQUIRED
        for blocked in answer.blocked
    ]
    reused = [
        (answer.proof, facts[fact])
        for answer in answers
        if by_code[answer.proof].item.state in REUSED
        for fact in answer.facts
        if fact in facts
    ]
    sentences = chain(
        _refused_files(session, views),
        _tests(views, decision_on),
        _ending(reused, decision_on),
        _too_old(required, facts),
        _other_components(required, facts, candidature.configuration.composition),
        _undeclared(views),
    )
    return Preflight(
        queries.codes_by_guichet(missing),
        decision_on,
        [
            *_objections(session, candidature, missing),
            *_roles(candidature, views),
            *_by_sentence(sentences, by_code),
            *_unanswered(session, candidature),
        ],
        *(
            [code for code, view in by_code.items() if view.item.state is state]
            for state in (ItemState.COVERED, ItemState.TO_CONFIRM, ItemState.AWAITING)
        ),
    )


def _decision(session: Session, candidature: Candidature) -> date:
    """The day by which the agency has used up the working days that it gives itself, filed today."""
    clock = clocks(session, [candidature.id], now(session))[candidature.id]
    return add_working_days(today(session), max(BUDGET - clock.used, 0))


def _objections(
    session: Session, candidature: Candidature, missing: Sequence[tuple[str, str]]
) -> Iterator[Point]:
    for objection in objections(session, candidature, missing, today(session)):
        if isinstance(objection, Unconfirmed):
            yield Point(Topic.MISSING, objection.detail, [code for code, _ in missing])
        else:
            yield Point(Topic.REFUSAL, objection.detail)


def _roles(candidature: Candidature, views: Sequence[ItemView]) -> Iterator[Point]:
    asked = {role for view in views for role in view.item.expected_proof.roles}
    for remark in role_remarks(candidature.configuration.composition, asked):
        yield Point(Topic.ROLE, remark)


#: What is said of an expected proof: the topic, the sentence, and its code.
Sentence = tuple[Topic, str, str]


def _by_sentence(sentences: Iterator[Sentence], by_code: Mapping[str, ItemView]) -> Iterator[Point]:
    """A point for each sentence, however many expected proofs it is said of."""
    codes: dict[tuple[Topic, str], dict[str, None]] = {}
    for topic, detail, code in sentences:
        codes.setdefault((topic, detail), {})[code] = None
    for (topic, detail), about in codes.items():
        yield Point(topic, detail, [*about], by_code[next(iter(about))].item.id)


def _refused_files(session: Session, views: Sequence[ItemView]) -> Iterator[Sentence]:
    awaited = {view.item.id: view for view in views if view.item.state in WITH_EDITOR}
    for upload in last_refused(session, awaited):
        view = awaited[upload.item_id]
        if upload.refusal and (view.proof is None or view.proof.supplied_at < upload.created_at):
            yield Topic.FILE, str(upload.refusal["detail"]), view.item.expected_proof.code


def _tests(views: Sequence[ItemView], decision_on: date) -> Iterator[Sentence]:
    """Intrusion tests without a day, too old, or about to be so while the dossier was never filed."""
    for view in views:
        asked, filed = view.item.expected_proof, view.dossier.deposited_on
        if asked.kind is not ProofKind.PENTEST or view.proof is None or view.item.state in WITH_EDITOR:
            continue
        performed_on = view.proof.performed_on
        remark = pentests.remark(performed_on, filed, view.today)
        if remark is not None:
            yield Topic.EXPIRY, remark, asked.code
        elif performed_on and filed is None and pentests.anniversary(performed_on) <= decision_on:
            day = in_french(pentests.anniversary(performed_on))
            yield (
                Topic.EXPIRY,
                f"Ce test d'intrusion aura un an le {day} : déposez avant ce jour.",
                asked.code,
            )


def _ending(reused: Sequence[tuple[str, Fact]], decision_on: date) -> Iterator[Sentence]:
    for code, fact in reused:
        if isinstance(fact, Certificate) and fact.valid_until and fact.valid_until <= decision_on:
            until, decision = in_french(fact.valid_until), in_french(decision_on)
            yield (
                Topic.EXPIRY,
                f"Un réemploi repose sur {named(fact)}, qui ne vaut plus à partir du {until} ; la décision est "
                f"attendue pour le {decision}. Faites enregistrer son renouvellement.",
                code,
            )


def _too_old(required: Sequence[tuple[str, Blocked]], facts: Mapping[str, Fact]) -> Iterator[Sentence]:
    for code, blocked in required:
        if _BY_AGE.issuperset(blocked.reasons):
            fact = facts[blocked.fact]
            why = " ; ".join(reason_of(reason, fact) for reason in blocked.reasons)
            yield Topic.EXPIRY, f"Ne sert plus ici : {named(fact)} — {why}.", code


def _other_components(
    required: Sequence[tuple[str, Blocked]], facts: Mapping[str, Fact], composition: Mapping[str, str]
) -> Iterator[Sentence]:
    for code, blocked in required:
        if all(reason.startswith("component:") for reason in blocked.reasons):
            lacks = [lacking(reason, facts[blocked.fact], composition) for reason in blocked.reasons]
            yield (
                Topic.COMPONENT,
                f"Un réemploi se perd, il y faudrait {' ; '.join(lacks)}. "
                "Si la solution embarque bien ce composant, déclarez-le dans sa composition.",
                code,
            )


def _undeclared(views: Sequence[ItemView]) -> Iterator[Sentence]:
    for view in views:
        if view.item.state in WITH_EDITOR | {ItemState.SUPPLIED}:
            for detail in undeclared(view):
                yield Topic.DECLARATION, detail, view.item.expected_proof.code


def _unanswered(session: Session, candidature: Candidature) -> Iterator[Point]:
    for message in unanswered(session, candidature.id):
        code = message.item.expected_proof.code if message.item else None
        detail = f"L'agence vous a écrit le {in_french(paris_day(message.sent_at))}, sans réponse depuis."
        yield Point(Topic.MESSAGE, detail, [code] if code else (), message.item_id)
