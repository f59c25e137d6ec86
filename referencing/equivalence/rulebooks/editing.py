"""Changes of one entry of a draft, by several authors: each names the revision that it was made on."""

import glob
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any, BinaryIO
from uuid import UUID

from sqlalchemy.orm import Session

from referencing.base.errors import FieldError, Invalid, NotFound, Stale
from referencing.base.permissions import Actor, Right, authorise
from referencing.catalogue import queries as catalogue
from referencing.catalogue.imports.problems import RowProblem
from referencing.equivalence.engine import facts
from referencing.journal.operations import record

from . import queries
from .certificate_table import read_certificate_table
from .models import CertificateKind, Rulebook
from .operations import draft, edited, next_position, policy_row, row_of
from .rulebooks import Rules, check, plain_correspondence, plain_kind, plain_policy

NO_ENTRY = "Cette règle n'est pas dans ce référentiel : relisez-le."


def put_correspondence(
    session: Session, actor: Actor, rulebook_id: UUID, revision: int, rule: facts.Correspondence
) -> Rulebook:
    """Write or replace the rule of this id. Raises Conflict once published, Stale on an old revision, Invalid."""
    rulebook = _lock_draft(session, actor, rulebook_id, revision)
    check_rule(Rules((rule,), (), ()))
    row = next((row for row in rulebook.correspondences if row.code == rule.id), None)
    before = None if row is None else plain_correspondence(queries.correspondence_of(row))
    if row is None:
        rulebook.correspondences.append(row_of(rule, next_position(rulebook)))
    else:
        row.sources, row.target, row.relation = list(rule.sources), rule.target, rule.relation
        row.valid_from, row.valid_until = rule.valid_from, rule.valid_until
    return _record_edit(session, actor, rulebook, before, plain_correspondence(rule))


def remove_correspondence(
    session: Session, actor: Actor, rulebook_id: UUID, revision: int, code: str
) -> Rulebook:
    """Remove the rule of this id. Raises NotFound, Conflict once published, Stale on an old revision."""
    rulebook = _lock_draft(session, actor, rulebook_id, revision)
    row = next((row for row in rulebook.correspondences if row.code == code), None)
    if row is None:
        raise NotFound(NO_ENTRY)
    rulebook.correspondences.remove(row)
    return _record_edit(session, actor, rulebook, plain_correspondence(queries.correspondence_of(row)), None)


def put_kind(
    session: Session, actor: Actor, rulebook_id: UUID, revision: int, kind: facts.CertificateKind
) -> Rulebook:
    """Write or replace what a kind covers. Raises Conflict once published, Stale on an old revision, Invalid."""
    rulebook = _lock_draft(session, actor, rulebook_id, revision)
    check_rule(Rules((), (kind,), ()))
    row = next((row for row in rulebook.certificate_kinds if row.kind == kind.kind), None)
    after = plain_kind(kind)
    before = None if row is None else {"kind": row.kind, "covers": row.covers}
    if row is None:
        rulebook.certificate_kinds.append(CertificateKind(**after))
    else:
        row.covers = after["covers"]
    return _record_edit(session, actor, rulebook, before, after)


def import_kinds(
    session: Session, actor: Actor, rulebook_id: UUID, dsr: str, file: BinaryIO
) -> tuple[int, Mapping[str, int], Sequence[RowProblem]]:
    """Read which proofs of a DSR certificates replace, in the place of what a draft said of that DSR before.

    Answers the rows read, how many kinds are added, changed and unchanged, and the problems. Raises NotFound,
    Conflict once published, ForeignTable.
    """
    authorise(actor, Right.EDIT_RULEBOOKS)
    rulebook = draft(session, rulebook_id)
    listed_dsr = catalogue.dsr(session, dsr)
    version = catalogue.published(listed_dsr) or catalogue.draft(listed_dsr)
    table = read_certificate_table(file, dsr, catalogue.chapters(session, version.id) if version else ())
    rows = {row.kind: row for row in rulebook.certificate_kinds}
    counts = Counter(added=0, changed=0, unchanged=0)
    for kind in table.kinds:
        row = rows.get(kind.kind)
        others = [cover for cover in row.covers if cover.get("dsr") != glob.escape(dsr)] if row else []
        covers = [*others, *(dict(cover) for cover in kind.covers)]
        counts["added" if row is None else "unchanged" if row.covers == covers else "changed"] += 1
        if row is None:
            rulebook.certificate_kinds.append(CertificateKind(kind=kind.kind, covers=covers))
        else:
            row.covers = covers
    if counts["added"] or counts["changed"]:
        edited(rulebook)
        session.flush()
        detail = {"dsr": dsr, **counts}
        record(session, actor, "rulebook.certificate_kinds", f"rulebook:{rulebook.id}", detail)
    return table.rows, counts, table.problems


def remove_kind(session: Session, actor: Actor, rulebook_id: UUID, revision: int, kind: str) -> Rulebook:
    """Remove a kind of certificate. Raises NotFound, Conflict once published, Stale on an old revision."""
    rulebook = _lock_draft(session, actor, rulebook_id, revision)
    row = next((row for row in rulebook.certificate_kinds if row.kind == kind), None)
    if row is None:
        raise NotFound(NO_ENTRY)
    rulebook.certificate_kinds.remove(row)
    return _record_edit(session, actor, rulebook, {"kind": row.kind, "covers": row.covers}, None)


def put_policy(
    session: Session, actor: Actor, rulebook_id: UUID, revision: int, position: int, policy: facts.Policy
) -> Rulebook:
    """Replace the policy at a position, counted from 0; the position after the last one adds it there.

    Raises NotFound beyond that, Conflict once published, Stale on an old revision, Invalid.
    """
    rulebook = _lock_draft(session, actor, rulebook_id, revision)
    check_rule(Rules((), (), (policy,)))
    policies = list(queries.rules_of(rulebook).policies)
    if position > len(policies):
        raise NotFound(f"Il y a {len(policies)} politiques : la suivante a la position {len(policies)}.")
    before = plain_policy(policies[position]) if position < len(policies) else None
    policies[position : position + 1] = [policy]
    _rewrite(rulebook, policies)
    return _record_edit(session, actor, rulebook, before, plain_policy(policy), position=position)


def remove_policy(
    session: Session, actor: Actor, rulebook_id: UUID, revision: int, position: int
) -> Rulebook:
    """Remove the policy at a position; those after it move up. Raises as `put_policy`."""
    rulebook = _lock_draft(session, actor, rulebook_id, revision)
    policies = list(queries.rules_of(rulebook).policies)
    if position >= len(policies):
        raise NotFound(NO_ENTRY)
    before = plain_policy(policies.pop(position))
    _rewrite(rulebook, policies)
    return _record_edit(session, actor, rulebook, before, None, position=position)


def _lock_draft(session: Session, actor: Actor, rulebook_id: UUID, revision: int) -> Rulebook:
    authorise(actor, Right.EDIT_RULEBOOKS)
    rulebook = draft(session, rulebook_id)
    if rulebook.revision != revision:
        raise Stale(
            "Ce référentiel de règles a changé depuis que vous l'avez lu : relisez-le et recommencez."
        )
    return rulebook


def check_rule(rules: Rules) -> None:
    """Check rules that hold a single one. Raises Invalid, with pointers into that rule."""
    try:
        check(rules)
    except Invalid as error:
        errors = [FieldError(re.sub(r"^/\w+/0", "", fault.pointer), fault.detail) for fault in error.errors]
        raise Invalid("Corrigez cette règle et envoyez-la de nouveau.", errors) from error


def _rewrite(rulebook: Rulebook, policies: list[facts.Policy]) -> None:
    """Write policies over the rows, which keep their positions: these are their key."""
    for position, policy in enumerate(policies):
        if position == len(rulebook.policies):
            rulebook.policies.append(policy_row(policy, position))
        else:
            row, written = rulebook.policies[position], policy_row(policy, position)
            row.conditions, row.reuse, row.max_age_days = (
                written.conditions,
                written.reuse,
                written.max_age_days,
            )
    del rulebook.policies[len(policies) :]


def _record_edit(
    session: Session,
    actor: Actor,
    rulebook: Rulebook,
    before: dict[str, Any] | None,
    after: dict[str, Any] | None,
    **where: int,
) -> Rulebook:
    """Record who changed what; writing again what stands already is no change."""
    if before != after:
        edited(rulebook)
        session.flush()
        detail = {"before": before, "after": after, **where}
        record(session, actor, "rulebook.edited", f"rulebook:{rulebook.id}", detail)
    return rulebook
