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
    entries = [entry for entry in _all_entries(queries.rules_of(rulebook)) if isinstance(entry, kind)]
    named_entry = next((entry for entry in entries if named(entry) == name), None)
    if named_entry is None:
        raise NotFound(f"Ce référentiel de règles n'a pas d'entrée « {name} » : vérifiez son nom.")
    return named_entry


def named(rule: Rule) -> str:
    """The name of an entry: a correspondence's id, or a kind of certificate."""
    return rule.id if isinstance(rule, Correspondence) else rule.kind


def alone(rule: Rule) -> Rules:
    """Rules with this entry and no other."""
    if isinstance(rule, Correspondence):
        return Rules((rule,), (), ())
    return Rules((), (rule,), ())


def without(rules: Rules, rule: Rule) -> Rules:
    """Rules with this entry left out."""
    return Rules(
        tuple(entry for entry in rules.correspondences if entry != rule),
        tuple(entry for entry in rules.certificate_kinds if entry != rule),
        rules.policies,
    )


def strike(session: Session, actor: Actor, rulebook_id: UUID, rule: Rule, reason: str) -> Rulebook:
    """Take an entry out of the rules in force; answers the rulebook that takes their place.

    `rule` was answered by `rule_in_force` in this transaction.
    """
    rulebook = queries.rulebook(session, rulebook_id)
    label = f"{rulebook.label} — sans « {named(rule)} »"
    following = write_rulebook(session, actor, label, without(queries.rules_of(rulebook), rule), "struck")
    detail = {"label": label, "struck": named(rule), "reason": reason}
    put_in_force(session, actor, following, "rulebook.published", detail)
    for waiting in history.scheduled(session):
        rows = [*waiting.correspondences, *waiting.certificate_kinds]
        for row, entry in zip(rows, _all_entries(queries.rules_of(waiting)), strict=True):
            if entry == rule:
                session.delete(row)
                waiting.revision += 1
                record(session, actor, "rulebook.struck", f"rulebook:{waiting.id}", detail)
    session.flush()
    session.expire_all()
    return following


def _all_entries(rules: Rules) -> list[Rule]:
    return [*rules.correspondences, *rules.certificate_kinds]
