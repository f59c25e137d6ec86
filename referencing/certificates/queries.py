"""Reading certificates, each with how it stands against its issuer's list; issuers and their lists."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from typing import Any, TypeVar
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from referencing.accounts.models import Organisation
from referencing.accounts.visible_queries import readable_software, refusal
from referencing.base.db import after, today
from referencing.base.errors import DomainError, NotFound
from referencing.base.permissions import Actor, Right, authorise
from referencing.solutions.models import Certificate, Configuration, Software, Solution
from referencing.solutions.queries import lock_core_of, nil_belongs, refuse_to_judge

from .kinds import kind_remarks
from .models import CertificateFile, Issuer, IssuerKind, IssuerList, ListedCertificate
from .standing import Check, HeldBy, Match, standing

S = TypeVar("S", bound=sa.Select[Any])

NO_CERTIFICATE = "Ce certificat n'existe pas : vérifiez son identifiant."
NO_FILE = "Ce fichier n'existe pas dans ce certificat : vérifiez son identifiant."

_holder = sa.case(
    (Certificate.holder == sa.cast(Software.id, sa.Text), Software.nil), else_=Certificate.holder
)
#: The fields in which a line of the list is the same; what the list does not tell cannot differ.
_same = {
    "holder": sa.func.lower(ListedCertificate.holder) == sa.func.lower(_holder),
    "valid_from": sa.or_(
        ListedCertificate.valid_from.is_(None), ListedCertificate.valid_from == Certificate.valid_from
    ),
    "valid_until": sa.or_(
        ListedCertificate.valid_until.is_(None),
        ListedCertificate.valid_until.is_not_distinct_from(Certificate.valid_until),
    ),
}
_nearest = (
    sa.select(
        *(same.label(field) for field, same in _same.items()),
        (ListedCertificate.siren == Organisation.siren).label("siren"),
    )
    .where(
        ListedCertificate.list_id == IssuerList.id,
        ListedCertificate.kind == Certificate.kind,
        sa.func.lower(ListedCertificate.number) == sa.func.lower(Certificate.number),
    )
    .order_by(
        *(same.desc() for same in _same.values()),
        (ListedCertificate.siren == Organisation.siren).desc().nulls_last(),
    )
    .limit(1)
    .correlate(Certificate, Software, Organisation, IssuerList)
    .lateral("nearest")
)
_listed = _nearest.c.holder.is_not(None)


def _holder_shown(before: sa.ColumnElement[datetime] | None = None) -> sa.ColumnElement[bool]:
    """Whether the holder is a component, or a NIL that the agency says, or a line of the list, to be its software's.

    A line says it by the SIREN of the holder's organisation; without one, anybody who read the list could have it.
    """
    belongs = nil_belongs(before=before)
    return sa.or_(
        _holder != Software.nil,
        belongs.is_(sa.true()),
        sa.and_(belongs.is_(None), _nearest.c.holder, _nearest.c.siren).is_(sa.true()),
    )


#: The rule of `standing`, where the rows are chosen by it.
_in_doubt = sa.or_(
    ~_holder_shown(),
    sa.case(
        (_listed, sa.not_(sa.and_(*(_nearest.c[field] for field in _same)))),
        else_=sa.or_(
            Certificate.confirmed_at.is_(None),
            sa.and_(IssuerList.id.is_not(None), Certificate.valid_from <= IssuerList.as_of),
        ),
    ),
)

_component = sa.func.jsonb_each_text(Configuration.composition).table_valued("key", "value").lateral()
component, role = _component.c.value, _component.c.key
#: The components that each software has had in a composition.
DECLARED = (
    sa.select(Solution.software_id, component.label("component"))
    .select_from(Configuration)
    .join(Configuration.solution)
    .join(_component, sa.true())
    .distinct()
)


@dataclass(frozen=True, slots=True)
class Checked:
    """A certificate, the software that it was entered for, and how it stands."""

    certificate: Certificate
    software: Software
    check: Check


@cache
def _checked(*, past: bool = False) -> sa.Select[*tuple[Any, ...]]:
    """Every certificate with what its issuer's list says of it: the present list, or the one just before `before`.

    The query is made once: to write it takes longer than to run it.
    """
    current: sa.ColumnElement[bool] = IssuerList.superseded_at.is_(None)
    confirmed: sa.ColumnElement[bool] = Certificate.confirmed_at.is_not(None)
    holder_shown = _holder_shown()
    if past:
        before = sa.bindparam("before", type_=sa.DateTime(timezone=True))
        confirmed = sa.func.coalesce(Certificate.confirmed_at < before, sa.false())
        holder_shown = _holder_shown(before)
        current = sa.and_(
            IssuerList.imported_at < before,
            sa.or_(IssuerList.superseded_at.is_(None), IssuerList.superseded_at >= before),
        )
    return (
        sa.select(
            Certificate,
            Software,
            confirmed.label("confirmed"),
            holder_shown.label("holder_shown"),
            Issuer.code.label("issuer"),
            IssuerList.number.label("list_number"),
            IssuerList.as_of,
            *_nearest.c,
        )
        .join(Software, Software.id == Certificate.software_id)
        .join(Software.organisation)
        .outerjoin(IssuerKind, IssuerKind.kind == Certificate.kind)
        .outerjoin(Issuer, Issuer.id == IssuerKind.issuer_id)
        .outerjoin(
            IssuerList,
            sa.and_(
                IssuerList.issuer_id == Issuer.id, Certificate.kind == sa.any_(IssuerList.kinds), current
            ),
        )
        .outerjoin(_nearest, sa.true())
    )


def _read_checked(session: Session, select: sa.Select[*tuple[Any, ...]], **values: Any) -> Iterator[Checked]:
    for row in session.execute(select, values):
        match = None if row.holder is None else Match(row.holder, row.valid_from, row.valid_until)
        stands, differs = standing(row.Certificate.valid_from, row.as_of, match)
        check = Check(
            stands, row.confirmed, row.holder_shown, differs, row.issuer, row.list_number, row.as_of
        )
        yield Checked(row.Certificate, row.Software, check)


def checked(
    session: Session, condition: sa.ColumnElement[bool], before: datetime | None = None
) -> Sequence[Checked]:
    """The certificates of a condition, in one query; with `before`, against the lists just before that moment."""
    moment = {} if before is None else {"before": before}
    return [*_read_checked(session, _checked(past=before is not None).where(condition), **moment)]


def of_kinds(session: Session, kinds: Sequence[str]) -> dict[UUID, Checked]:
    """The certificates of these kinds that stand, by id."""
    chosen = _checked().where(Certificate.kind.in_(kinds), Certificate.revoked_on.is_(None))
    return {one.certificate.id: one for one in _read_checked(session, chosen)}


def of_ids(session: Session, ids: Sequence[UUID]) -> Sequence[Checked]:
    chosen = _checked().where(Certificate.id.in_(ids)).order_by(Certificate.id)
    return [*_read_checked(session, chosen)]


def certificates(
    session: Session,
    actor: Actor,
    cursor: Sequence[Any] | None,
    limit: int,
    *,
    software: UUID | None = None,
    kind: str | None = None,
    in_doubt: bool | None = None,
    ends_before: date | None = None,
) -> Sequence[Checked]:
    """The certificates in the order of entering: an editor's own, for an integration those that it entered itself.

    `in_doubt` and `ends_before` choose among those that stand, the latter among those that are valid today.
    """
    authorise(actor, Right.READ_CERTIFICATES)
    select = _shown_to(session, actor, _checked())
    if software is not None:
        select = select.where(Certificate.software_id == software)
    if kind is not None:
        select = select.where(Certificate.kind == kind)
    if in_doubt is not None:
        select = select.where(_in_doubt if in_doubt else sa.not_(_in_doubt), Certificate.revoked_on.is_(None))
    if ends_before is not None:
        select = select.where(
            Certificate.valid_until > today(session),
            Certificate.valid_until < ends_before,
            Certificate.revoked_on.is_(None),
        )
    return [*_read_checked(session, after(select, [Certificate.id], cursor).limit(limit))]


def certificate(session: Session, actor: Actor, certificate_id: UUID) -> Checked:
    """A certificate that the actor may read. Raises NotFound, also for what an integration did not enter itself."""
    authorise(actor, Right.READ_CERTIFICATES)
    return _by_id(session, actor, _checked(), certificate_id)


def to_change(session: Session, actor: Actor, certificate_id: UUID) -> Checked:
    """A certificate with its technical core locked, for who enters certificates.

    Raises NotFound, Forbidden in a conflict of interest.
    """
    authorise(actor, Right.ENTER_CERTIFICATES)
    core = sa.select(Certificate.core_id).join(Software, Software.id == Certificate.software_id)
    if lock_core_of(session, _shown_to(session, actor, core).where(Certificate.id == certificate_id)) is None:
        raise _refusal(session, actor, certificate_id)
    certificate = _by_id(session, actor, _checked().execution_options(populate_existing=True), certificate_id)
    refuse_to_judge(session, actor, certificate.software.id)
    return certificate


def _by_id(
    session: Session, actor: Actor, select: sa.Select[*tuple[Any, ...]], certificate_id: UUID
) -> Checked:
    visible = _shown_to(session, actor, select).where(Certificate.id == certificate_id)
    checked_certificate = next(_read_checked(session, visible), None)
    if checked_certificate is None:
        raise _refusal(session, actor, certificate_id)
    return checked_certificate


def _refusal(session: Session, actor: Actor, certificate_id: UUID) -> DomainError:
    software_id = sa.select(Certificate.software_id).where(Certificate.id == certificate_id)
    owner = sa.select(Software.organisation_id).where(Software.id == software_id.scalar_subquery())
    return refusal(session, actor, NO_CERTIFICATE, owner)


def _shown_to(session: Session, actor: Actor, select: S) -> S:
    visible = select.where(readable_software(session, actor, Software))
    return visible.where(Certificate.entered_by == actor.account_id) if actor.by_permission else visible


@dataclass(frozen=True, slots=True)
class Whole(Checked):
    """A checked certificate with its files, whose it is, and what to say of it as long as it stands."""

    files: Sequence[CertificateFile]
    held_by: HeldBy
    remarks: Sequence[str]


def whole(session: Session, checked: Sequence[Checked]) -> Sequence[Whole]:
    """The certificates with their files, and whose they are; three queries more, however many."""
    its_files = files(session, [one.certificate.id for one in checked])
    read = kinds_read(session)
    components = embedded(session, sorted({one.software.id for one in checked}))
    return [
        Whole(
            certificate=certificate.certificate,
            software=certificate.software,
            check=certificate.check,
            files=its_files[certificate.certificate.id],
            held_by=_holder_kind(certificate.certificate, certificate.software, components),
            remarks=[*kind_remarks([certificate.certificate.kind], read)]
            if certificate.certificate.revoked_on is None
            else [],
        )
        for certificate in checked
    ]


def _holder_kind(
    certificate: Certificate, software: Software, components: Mapping[UUID, Collection[str]]
) -> HeldBy:
    if certificate.holder in {software.nil, str(software.id)}:
        return HeldBy.SOFTWARE
    return HeldBy.COMPONENT if certificate.holder in components[software.id] else HeldBy.UNKNOWN


#: Their models are of a package above.
_RULEBOOK = sa.table("rulebook", sa.column("id"), sa.column("published_at"), sa.column("superseded_at"))
_KIND = sa.table("certificate_kind", sa.column("rulebook_id"), sa.column("kind", sa.Text()))


def kinds_read(session: Session) -> frozenset[str]:
    """The kinds of certificates that the rules in force read."""
    in_force = _RULEBOOK.c.published_at.is_not(None) & _RULEBOOK.c.superseded_at.is_(None)
    read = sa.select(_KIND.c.kind).join(_RULEBOOK, _RULEBOOK.c.id == _KIND.c.rulebook_id).where(in_force)
    return frozenset(session.scalars(read))


def embedded(session: Session, softwares: Sequence[UUID]) -> dict[UUID, set[str]]:
    """The components that each of these softwares has had in a composition."""
    components: dict[UUID, set[str]] = {software: set() for software in softwares}
    pairs = DECLARED.where(Solution.software_id.in_(softwares))
    for software_id, name in session.execute(pairs):
        components[software_id].add(name)
    return components


def files(session: Session, certificates: Sequence[UUID]) -> dict[UUID, list[CertificateFile]]:
    """The files of each of these certificates, in order, by the certificate's id."""
    by_certificate: dict[UUID, list[CertificateFile]] = {one: [] for one in certificates}
    chosen = sa.select(CertificateFile).where(CertificateFile.certificate_id.in_(certificates))
    for file in session.scalars(chosen.order_by(CertificateFile.certificate_id, CertificateFile.position)):
        by_certificate[file.certificate_id].append(file)
    return by_certificate


def file(session: Session, actor: Actor, certificate_id: UUID, file_id: UUID) -> CertificateFile:
    owner = certificate(session, actor, certificate_id).certificate
    certificate_file = session.scalar(
        sa.select(CertificateFile).where(
            CertificateFile.id == file_id, CertificateFile.certificate_id == owner.id
        )
    )
    if certificate_file is None:
        raise NotFound(NO_FILE)
    return certificate_file


def _repeats(certificate_id: UUID) -> sa.ColumnElement[bool]:
    return sa.or_(Certificate.id == certificate_id, Certificate.original_id == certificate_id)


def softwares_of(session: Session, certificate_id: UUID) -> Sequence[UUID]:
    """The softwares that a certificate serves: its own, and those for which it is repeated."""
    return session.scalars(
        sa.select(Certificate.software_id).where(_repeats(certificate_id)).distinct()
    ).all()


def unconfirmed(session: Session, certificate_id: UUID) -> Sequence[Certificate]:
    """A certificate and what repeats it, as far as they stand and nobody answers for them."""
    select = sa.select(Certificate).where(
        _repeats(certificate_id), Certificate.revoked_on.is_(None), Certificate.confirmed_at.is_(None)
    )
    return session.scalars(select.order_by(Certificate.id)).all()


def answers_for(session: Session, actor: Actor, kind: str, owner: Software) -> bool:
    """Whether what the actor enters needs no confirmation: of the agency, or another's counter of that kind."""
    if actor.of_agency:
        return True
    counter = (
        sa.select(Issuer.id)
        .join(IssuerKind, IssuerKind.issuer_id == Issuer.id)
        .where(IssuerKind.kind == kind, Issuer.counter_id == actor.organisation_id)
    )
    return owner.organisation_id != actor.organisation_id and session.scalar(counter) is not None


def same_number(session: Session, certificate: Certificate) -> Sequence[Certificate]:
    """Certificates of the same software, kind, holder and number that nothing replaced, the latest period first."""
    keys = ("software_id", "kind", "holder", "number")
    return session.scalars(
        sa.select(Certificate)
        .where(
            *(getattr(Certificate, key) == getattr(certificate, key) for key in keys),
            Certificate.replaced_by.is_(None),
        )
        .order_by(Certificate.valid_from.desc(), Certificate.id)
    ).all()
