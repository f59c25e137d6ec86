"""Taking an entry out of published rules that was found wrong.

Published rules never change: those in force are replaced at once by the same without the entry. Those that wait for
their day have served nobody yet, and lose it where they are.
"""

from uuid import UUID

from sqlalchemy.orm import Session

from referencing.base.errors import Conflict, NotFound
from referencing.base.permissions import Actor, Right, authorise
from referencing.equivalence.engine.facts import CertificateKind, Correspondence
from referencing.journal.operations import record

from . import history, queries
from .models import Rulebook
from .operations import put_in_force, write_rulebook
from .rulebooks import Rules

Rule = Correspondence | CertificateKind


def rule_in_force(session: Session, actor: Actor, rulebook_id: UUID, kind: type[Rule], name: str) -> Rule:
    """An entry of the rules in force, which stay so until the transaction ends. Raises NotFound, Conflict."""
    authorise(actor, Right.EDIT_RULEBOOKS)
    rulebook = queries.rulebook(session, rulebook_id)
    current = queries.in_force(session, lock=True)
    if current is None or current.id != rulebook.id:
        raise Conflict(
            "Seules les règles en vigueur se révoquent : modifiez le brouillon, ou les règles en vigueur."
        )
    found = next((one for one in _entries(queries.rules_of(rulebook), kind) if named(one) == name), None)
    if found is None:
        raise NotFound(f"Ce référentiel de règles n'a pas d'entrée « {name} » : vérifiez son nom.")
    return found


def named(rule: Rule) -> str:
    return rule.id if isinstance(rule, Correspondence) else rule.kind


def alone(rule: Rule) -> Rules:
    """Rules that say this and nothing else."""
    if isinstance(rule, Correspondence):
        return Rules((rule,), (), ())
    return Rules((), (rule,), ())


def without(rules: Rules, rule: Rule) -> Rules:
    return Rules(
        tuple(one for one in rules.correspondences if one != rule),
        tuple(one for one in rules.certificate_kinds if one != rule),
        rules.policies,
    )


def strike(session: Session, actor: Actor, rulebook_id: UUID, rule: Rule, reason: str) -> Rulebook:
    """The rules that are then in force. `rule` was answered by `rule_in_force` in this transaction."""
    rulebook = queries.rulebook(session, rulebook_id)
    label = f"{rulebook.label} — sans « {named(rule)} »"
    following = write_rulebook(session, actor, label, without(queries.rules_of(rulebook), rule), "struck")
    detail = {"label": label, "struck": named(rule), "reason": reason}
    put_in_force(session, actor, following, "rulebook.published", detail)
    for waiting in history.scheduled(session):
        rows = [*waiting.correspondences, *waiting.certificate_kinds]
        for row, one in zip(rows, _all(queries.rules_of(waiting)), strict=True):
            if one == rule:
                session.delete(row)
                waiting.revision += 1
                record(session, actor, "rulebook.struck", f"rulebook:{waiting.id}", detail)
    session.flush()
    session.expire_all()
    return following


def _all(rules: Rules) -> list[Rule]:
    return [*rules.correspondences, *rules.certificate_kinds]


def _entries(rules: Rules, kind: type[Rule]) -> list[Rule]:
    return [one for one in _all(rules) if isinstance(one, kind)]
