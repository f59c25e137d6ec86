"""What a form of an audit's page does, by the last word of its address: its fields read as the API reads them."""

from collections.abc import Callable, Mapping
from uuid import UUID

from flask import request
from sqlalchemy.orm import Session

from referencing.audits.findings import nonconformities, plans, sanctions
from referencing.audits.findings import schemas as findings
from referencing.audits.inquiries import evidence, inquiries, samples, schemas
from referencing.audits.inquiries.states import NonconformityAction
from referencing.base.errors import Malformed
from referencing.console.typed import load, number, words
from referencing.proofs.schemas import ReasonIn
from referencing.web.requests import actor

Step = Callable[[Session, UUID], object]


def _notify(session: Session, audit: UUID) -> object:
    return inquiries.notify(session, actor(), audit, **load(schemas.DeadlineIn(), words("due_on")))


def _close(session: Session, audit: UUID) -> object:
    said = load(schemas.ConclusionsIn(), words("conclusions"))
    return inquiries.close(session, actor(), audit, said["conclusions"])


def _abandon(session: Session, audit: UUID) -> object:
    return inquiries.abandon(session, actor(), audit, load(ReasonIn(), words("reason"))["reason"])


def _find(session: Session, audit: UUID) -> object:
    said = load(schemas.AuditFindingIn(), words("outcome", "comment"))
    return samples.find(session, actor(), audit, _subject(), **said, revision=_revision())


def _add(session: Session, audit: UUID) -> object:
    said = load(schemas.AddedIn(), words("item", "reason"))
    return samples.add(session, actor(), audit, said["item"], said["reason"])


def _raise(session: Session, audit: UUID) -> object:
    said = load(findings.NonconformityIn(), words("requirement", "severity", "description"))
    return nonconformities.raise_(session, actor(), audit, **said)


def _end(action: NonconformityAction) -> Step:
    def end(session: Session, _: UUID) -> object:
        said = load(findings.NonconformityOutcomeIn(), words("outcome"))
        return nonconformities.end(session, actor(), _subject(), action, said["outcome"])

    return end


def _accept_plan(session: Session, _: UUID) -> object:
    said = load(findings.AcceptanceIn(), words("comment", "due_on"))
    return plans.accept(session, actor(), _subject(), **said)


def _send_plan_back(session: Session, _: UUID) -> object:
    said = load(findings.SendingBackIn(), words("comment", "due_on"))
    return plans.send_back(session, actor(), _subject(), **said)


def _propose_plan(session: Session, _: UUID) -> object:
    typed = {**words("description", "due_on"), "working_days": number(request.form.get("working_days", ""))}
    return plans.propose(session, actor(), _subject(), **load(findings.PlanIn(), typed))


def _carry_out_plan(session: Session, _: UUID) -> object:
    said = load(findings.CompletionIn(), words("report"))
    return plans.carry_out(session, actor(), _subject(), said["report"])


def _correct(session: Session, _: UUID) -> object:
    said = load(findings.NonconformityChangeIn(), words("severity", "description"))
    return nonconformities.correct(session, actor(), _subject(), **said, revision=_revision())


def _answer(session: Session, _: UUID) -> object:
    said = load(findings.ObservationsIn(), words("observations"))
    return sanctions.answer(session, actor(), _subject(), said["observations"])


def _decide(session: Session, _: UUID) -> object:
    said = load(findings.SanctionDecisionIn(), words("outcome", "decision"))
    return sanctions.decide(
        session, actor(), _subject(), findings.OUTCOMES[said["outcome"]], said["decision"]
    )


def _reinstate(session: Session, audit: UUID) -> object:
    said = load(findings.ReinstatementIn(), words("grounds"))
    return sanctions.reinstate(session, actor(), audit, said["grounds"])


def _accept_file(session: Session, _: UUID) -> object:
    return evidence.accept(session, actor(), _subject(), load(ReasonIn(), words("reason"))["reason"])


def _with_comment(act: Callable[..., object]) -> Step:
    def comment_on(session: Session, _: UUID) -> object:
        return act(session, actor(), _subject(), load(findings.PlanCommentIn(), words("comment"))["comment"])

    return comment_on


def _announce(session: Session, audit: UUID) -> object:
    said = load(findings.SanctionIn(), words("measure", "grounds", "urgent_reason", "due_on"))
    return sanctions.announce(session, actor(), audit, **said)


def _revision() -> int:
    revision = request.form.get("revision", type=int)
    if revision is None:
        raise Malformed("Ce formulaire n'est pas entier : rouvrez la page de l'audit.")
    return revision


def _subject() -> UUID:
    """The part of the audit that a form is about: of its sample, a non-conformité, a plan, a measure or a file."""
    try:
        subject = UUID(request.form.get("subject", ""))
    except ValueError as error:
        raise Malformed("Le formulaire n'est pas complet : rouvrez la page et recommencez.") from error
    return subject


STEPS: Mapping[str, Step] = {
    "ouverture": lambda session, audit: inquiries.open_(session, actor(), audit),
    "notification": _notify,
    "suivi": lambda session, audit: inquiries.follow_plans(session, actor(), audit),
    "cloture": _close,
    "abandon": _abandon,
    "constat": _find,
    "ajout": _add,
    "nonconformite": _raise,
    "levee": _end(NonconformityAction.LIFT),
    "retrait": _end(NonconformityAction.WITHDRAW),
    "plan-accepte": _accept_plan,
    "plan-refuse": _with_comment(plans.refuse),
    "plan-verifie": _with_comment(plans.verify),
    "plan-renvoye": _send_plan_back,
    "correction": _correct,
    "plan-propose": _propose_plan,
    "plan-retire": lambda session, _: plans.withdraw(session, actor(), _subject()),
    "plan-realise": _carry_out_plan,
    "mesure": _announce,
    "observations": _answer,
    "decision": _decide,
    "retablissement": _reinstate,
    "piece-acceptee": _accept_file,
}
