"""Writing, checking and publishing rulebooks."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from typing import BinaryIO
from uuid import UUID

from sqlalchemy.orm import Session

from referencing.base.db import new_id, now, today
from referencing.base.errors import Conflict, FieldError, Invalid, Unconfirmed
from referencing.base.french import counted
from referencing.base.jobs import enqueue
from referencing.base.permissions import Actor, Right, authorise
from referencing.catalogue.imports.problems import RowProblem
from referencing.catalogue.imports.tables import read_table
from referencing.catalogue.queries import codes_among
from referencing.equivalence.engine import facts
from referencing.equivalence.rulebooks.checks.checks import findings_of
from referencing.equivalence.rulebooks.checks.findings import NOT_CHECKED, NOT_SIMULATED, Finding, Severity
from referencing.equivalence.states import RULEBOOK, RulebookAction
from referencing.journal.operations import SYSTEM, Author, record

from . import history, queries
from .models import CertificateKind, Correspondence, Policy, Rulebook
from .rulebooks import Rules, check, digest, of_row

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
    unknown_dsrs: tuple[RowProblem, ...]


def write_rulebook(
    session: Session, actor: Actor, label: str, rules: Rules, origin: str = "json"
) -> Rulebook:
    """A new draft, that came in the format `origin`. Raises Invalid with a pointer to each rule that is not right."""
    authorise(actor, Right.EDIT_RULEBOOKS)
    check(rules)
    return draft_of(session, actor, label, rules, origin)


def draft_of(session: Session, author: Author, label: str, rules: Rules, origin: str) -> Rulebook:
    """A new draft of rules that are right, whoever writes it."""
    rulebook = Rulebook(id=new_id(), label=label.strip())
    rulebook.correspondences = [row_of(rule, position) for position, rule in enumerate(rules.correspondences)]
    rulebook.certificate_kinds = [
        CertificateKind(kind=rule.kind, covers=[dict(cover) for cover in rule.covers])
        for rule in rules.certificate_kinds
    ]
    rulebook.policies = [policy_row(rule, position) for position, rule in enumerate(rules.policies)]
    session.add(rulebook)
    session.flush()
    record(
        session,
        author,
        "rulebook.written",
        f"rulebook:{rulebook.id}",
        {"label": rulebook.label, "origin": origin},
    )
    return rulebook


def add_correspondences(
    session: Session, actor: Actor, rulebook_id: UUID, file: BinaryIO
) -> CorrespondenceReport:
    """Add the rows of the correspondences CSV to a draft; a row that it has already changes nothing.

    A row that names a DSR which nobody has is kept, and the code told in `unknown_dsrs`.
    """
    authorise(actor, Right.EDIT_RULEBOOKS)
    rulebook = draft(session, rulebook_id)
    known = {rule.code: rule for rule in rulebook.correspondences}
    end = next_position(rulebook)
    counts = {"rows": 0, "added": 0, "changed": 0, "unchanged": 0}
    problems: list[RowProblem] = []
    naming: dict[str, list[int]] = {}
    for number, row in read_table(file, TABLE):
        counts["rows"] += 1
        try:
            rule = of_row(row)
        except ValueError as error:
            problems.append(RowProblem(number, "correspondence", str(error)))
            continue
        for code in sorted({_dsr(code) for code in (*rule.sources, rule.target)}):
            naming.setdefault(code, []).append(number)
        if rule.id not in known:
            known[rule.id] = row_of(rule, end + counts["added"])
            rulebook.correspondences.append(known[rule.id])
            counts["added"] += 1
        elif known[rule.id].relation is not rule.relation:
            known[rule.id].relation = rule.relation
            counts["changed"] += 1
        else:
            counts["unchanged"] += 1
    if counts["added"] or counts["changed"]:
        edited(rulebook)
        session.flush()
        record(session, actor, "rulebook.correspondences", f"rulebook:{rulebook.id}", counts)
    return CorrespondenceReport(
        **counts, problems=tuple(problems), unknown_dsrs=tuple(_unknown_dsrs(session, naming))
    )


def unknown_dsrs(session: Session, rules: Rules) -> list[str]:
    """The codes that correspondences name and no DSR has."""
    named = {_dsr(code) for rule in rules.correspondences for code in (*rule.sources, rule.target)}
    return sorted(named - codes_among(session, named))


def _dsr(code: str) -> str:
    return code.partition(":")[0]


def _unknown_dsrs(session: Session, naming: Mapping[str, list[int]]) -> Iterator[RowProblem]:
    """A note on each DSR that nobody has, at the first row that names it; `naming` are the rows, by code."""
    for code in sorted(naming.keys() - codes_among(session, naming)):
        detail = (
            f"Aucun DSR n'a le code « {code} », fait du dispositif et de la vague : "
            f"{counted(len(naming[code]), 'ligne le nomme', 'lignes le nomment')}, sans effet tant qu'il n'existe pas. "
            "Vérifiez ces colonnes, ou créez ce DSR sous ce code."
        )
        yield RowProblem(naming[code][0], "unknown_dsr", detail)


def check_rulebook(session: Session, actor: Actor, rulebook_id: UUID) -> tuple[Rulebook, list[Finding]]:
    """What stands in the way of publishing a draft as it is now, kept with the digest of its rules."""
    authorise(actor, Right.EDIT_RULEBOOKS)
    rulebook = draft(session, rulebook_id)
    found = _checked(session, rulebook)
    counts = {severity.value: sum(one.severity is severity for one in found) for severity in Severity}
    detail = {"digest": rulebook.checked_digest, **counts}
    record(session, actor, "rulebook.checked", f"rulebook:{rulebook.id}", detail)
    return rulebook, found


def _checked(session: Session, rulebook: Rulebook) -> list[Finding]:
    rules = queries.rules_of(rulebook)
    found = findings_of(rules, queries.known_requirements(session))
    rulebook.checked_at = now(session)
    rulebook.checked_digest = digest(rules)
    rulebook.check_errors = sum(one.severity is Severity.ERROR for one in found)
    rulebook.findings = [asdict(one) for one in found]
    return found


@dataclass(frozen=True, slots=True)
class Publication:
    """A draft, locked, that no error keeps from being published; `warnings` stand against it.

    `day` is the first one on which it is to apply, `simulation` the last finished one of its present version.
    """

    rulebook: Rulebook
    day: date
    warnings: Sequence[Finding]
    simulation: UUID | None

    def accept_warnings(self, accepted: bool) -> None:
        """Raises Unconfirmed with the warnings, if there are any, unless they are accepted."""
        if self.warnings and not accepted:
            meant = FieldError("/accept_warnings", "Donnez true si ces règles sont voulues ainsi.")
            raise Unconfirmed(
                "Corrigez ces avertissements, ou acceptez-les si ces règles sont voulues ainsi.",
                [*_pointed(self.warnings), meant],
            )


def prepare_publication(
    session: Session, actor: Actor, rulebook_id: UUID, valid_from: date | None = None
) -> Publication:
    """Check a draft again as it is now, against the DSRs published now, to be published for today or a later day.

    Raises Conflict with the errors. That nobody has checked or simulated it is among the warnings.
    """
    authorise(actor, Right.EDIT_RULEBOOKS)
    rulebook = draft(session, rulebook_id)
    day = valid_from or today(session)
    if day < today(session):
        raise Invalid(
            "Un référentiel de règles ne s'applique pas à un jour passé.",
            [FieldError("/valid_from", "Donnez aujourd'hui ou un jour à venir, ou rien pour aujourd'hui.")],
        )
    simulation = history.simulation_of(session, rulebook)
    unseen = [] if rulebook.checked_at else [NOT_CHECKED]
    unseen += [] if simulation else [NOT_SIMULATED]
    findings = [*_checked(session, rulebook), *unseen]
    errors = [finding for finding in findings if finding.severity is Severity.ERROR]
    if errors:
        raise Conflict(
            "Des erreurs empêchent de publier ces règles : corrigez-les, puis publiez.", _pointed(errors)
        )
    warnings = [finding for finding in findings if finding.severity is Severity.WARNING]
    return Publication(rulebook, day, warnings, simulation)


def complete_publication(
    session: Session, actor: Actor, publication: Publication, impact: Mapping[str, object] | None = None
) -> Rulebook:
    """Have a draft apply from now on, or from its later day, in the place of the rules before.

    `impact`, what that changes, is kept in the journal.
    """
    rulebook = publication.rulebook
    rulebook.first_day = publication.day
    detail = {
        "label": rulebook.label,
        "digest": rulebook.checked_digest,
        "valid_from": publication.day.isoformat(),
        "accepted": [finding.pointer for finding in publication.warnings],
        "simulation": str(publication.simulation) if publication.simulation else None,
        **({"impact": impact} if impact else {}),
    }
    if publication.day > today(session):
        rulebook.scheduled_at = now(session)
        session.flush()
        record(session, actor, "rulebook.published", f"rulebook:{rulebook.id}", detail)
    else:
        put_in_force(session, actor, rulebook, "rulebook.published", detail)
    return rulebook


def publish_rulebook(
    session: Session,
    actor: Actor,
    rulebook_id: UUID,
    *,
    valid_from: date | None = None,
    accept_warnings: bool = False,
) -> Rulebook:
    """Publish a draft whatever it changes in open dossiers: where there are none, or somebody has looked before.

    Raises Conflict with the errors, Unconfirmed with the warnings unless they are accepted.
    """
    publication = prepare_publication(session, actor, rulebook_id, valid_from)
    publication.accept_warnings(accept_warnings)
    return complete_publication(session, actor, publication)


def _pointed(found: Iterable[Finding]) -> list[FieldError]:
    return [FieldError(one.pointer, one.detail) for one in found]


def supersede_rulebooks(session: Session) -> None:
    """Put in force the published rulebooks whose day has come."""
    for rulebook in history.waiting(session, today(session)):
        put_in_force(session, SYSTEM, rulebook, "rulebook.in_force", {"label": rulebook.label})


def put_in_force(
    session: Session, author: Author, rulebook: Rulebook, action: str, detail: Mapping[str, object]
) -> None:
    """Put a rulebook in the place of the one before; a job has the open dossiers follow it."""
    before = queries.in_force(session, lock=True)
    if before is not None:
        before.superseded_at = now(session)
        session.flush()  # the index that lets one be in force looks at each statement
    rulebook.published_at = now(session)
    session.flush()
    supersedes = str(before.id) if before else None
    record(session, author, action, f"rulebook:{rulebook.id}", {**detail, "supersedes": supersedes})
    enqueue(session, "follow_rules")


def draft(session: Session, rulebook_id: UUID) -> Rulebook:
    """Locked. Raises NotFound, or Conflict once it is published."""
    rulebook = queries.rulebook(session, rulebook_id, lock=True)
    if not RULEBOOK.allows(rulebook.phase, RulebookAction.EDIT):
        raise Conflict("Ce référentiel de règles est publié et ne change plus : écrivez-en un nouveau.")
    return rulebook


def edited(rulebook: Rulebook) -> None:
    """What was found by a check was of the content before."""
    rulebook.revision += 1
    rulebook.checked_at = rulebook.checked_digest = rulebook.check_errors = rulebook.findings = None


def next_position(rulebook: Rulebook) -> int:
    return 1 + max((rule.position for rule in rulebook.correspondences), default=-1)


def policy_row(rule: facts.Policy, position: int) -> Policy:
    return Policy(
        position=position,
        conditions={key: list(patterns) for key, patterns in rule.when.items()},
        reuse=rule.reuse,
        max_age_days=rule.max_age_days,
    )


def row_of(rule: facts.Correspondence, position: int) -> Correspondence:
    return Correspondence(
        code=rule.id,
        position=position,
        sources=list(rule.sources),
        target=rule.target,
        relation=rule.relation,
        valid_from=rule.valid_from,
        valid_until=rule.valid_until,
    )
