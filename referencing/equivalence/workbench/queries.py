"""Reading the workbench: the wordings of requirements, and the proposals for a draft."""

import hashlib
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.orm import Session

from referencing.accounts.models import Account
from referencing.base.db import after
from referencing.base.errors import NotFound
from referencing.base.permissions import Actor, Right, authorise
from referencing.catalogue.imports.socle_links import Fidelity
from referencing.catalogue.models import Dsr, DsrVersion, ExpectedProof, Requirement
from referencing.equivalence.rulebooks.models import Correspondence, Rulebook
from referencing.equivalence.rulebooks.queries import NO_RULEBOOK

from .drafting import SHOWN, Level, Origin, Wording
from .models import Proposal, ProposalState
from .states import Place

NO_PROPOSAL = "Cette proposition n'existe pas pour ce référentiel de règles : relisez la liste."


def wordings(session: Session, dsrs: Collection[str]) -> dict[str, Wording]:
    """The requirements of the latest published versions of these DSRs and their proofs, by code, in their order."""
    latest = (
        sa.select(DsrVersion.id)
        .join(DsrVersion.dsr)
        .where(DsrVersion.published_at.is_not(None), Dsr.code.in_(dsrs))
        .ext(distinct_on(DsrVersion.dsr_id))
        .order_by(DsrVersion.dsr_id, DsrVersion.number.desc())
    )
    return wordings_of_versions(session, session.scalars(latest).all())


def wordings_of_versions(session: Session, versions: Collection[UUID]) -> dict[str, Wording]:
    """The requirements of these versions, of different DSRs, and their proofs, by code, in their order."""
    worded = _wordings(session, Requirement.version_id.in_(versions))
    return {wording.code: wording for wording in worded}


def worded_proofs(session: Session, expected_proofs: Collection[UUID]) -> list[Wording]:
    """Expected proofs, each as its own version words it."""
    worded = _wordings(session, ExpectedProof.id.in_(expected_proofs))
    return [wording for wording in worded if wording.level is Level.PROOF]


def _wordings(session: Session, where: sa.ColumnElement[bool]) -> list[Wording]:
    rows = session.execute(
        sa.select(
            Dsr.code.label("dsr"),
            Requirement.version_id,
            Requirement.code,
            Requirement.chapter,
            Requirement.text,
            Requirement.socle,
            Requirement.socle_fidelity,
            ExpectedProof.suffix,
            ExpectedProof.scenario_text,
            ExpectedProof.text.label("proof"),
        )
        .join(DsrVersion, DsrVersion.id == Requirement.version_id)
        .join(DsrVersion.dsr)
        .outerjoin(Requirement.proofs)
        .where(where)
        .order_by(Dsr.code, Requirement.version_id, Requirement.position, ExpectedProof.position)
    )
    by_requirement = groupby(rows, key=lambda row: (row.version_id, row.code))
    return [wording for _, group in by_requirement for wording in _with_proofs(list(group))]


def _with_proofs(rows: Sequence[Any]) -> Iterator[Wording]:
    """A requirement, then each of its proofs."""
    first = rows[0]
    scenarios = dict.fromkeys(row.scenario_text for row in rows if row.scenario_text)
    requirement = Wording(
        code=f"{first.dsr}:{first.code}",
        version_id=first.version_id,
        chapter=first.chapter,
        text=first.text,
        scenario="\n".join(scenarios),
        socle=first.socle,
        identical=first.socle_fidelity is not Fidelity.OVERRIDDEN,
    )
    yield requirement
    for row in rows:
        if row.suffix is not None:
            code = f"{requirement.code}#{row.suffix}"
            yield replace(requirement, code=code, scenario=row.scenario_text, proof=row.proof)


@dataclass(frozen=True, slots=True)
class Filters:
    """Each that is given narrows the list; `source` and `target` are DSRs, `correspondence` a rule of the draft.

    `unchanged` are proofs whose scenario and expected proof differ by no word.
    """

    origin: Origin | None = None
    state: ProposalState | None = None
    least: float | None = None
    most: float | None = None
    chapter: str | None = None
    source: str | None = None
    target: str | None = None
    correspondence: str | None = None
    level: Level | None = None
    unchanged: bool | None = None

    def given(self) -> dict[str, Any]:
        """The filters that narrow the list, by name."""
        return {name: value for name in _CONDITIONS if (value := getattr(self, name)) is not None}

    def conditions(self) -> list[sa.ColumnElement[bool]]:
        return [_CONDITIONS[name](value) for name, value in self.given().items()]


_OF_PROOFS = Proposal.target.contains("#")
_UNCHANGED = _OF_PROOFS & sa.not_(
    sa.or_(*(Proposal.differing.contains([{"part": part.value}]) for part in SHOWN))
)
_CONDITIONS: Mapping[str, Callable[[Any], sa.ColumnElement[bool]]] = {
    "origin": lambda origin: Proposal.grounds.contains([{"origin": origin}]),
    "state": lambda state: Proposal.state == state,
    "least": lambda score: Proposal.score >= score,
    "most": lambda score: Proposal.score <= score,
    "chapter": lambda chapter: Proposal.chapter == chapter,
    "source": lambda dsr: Proposal.source_dsr == dsr,
    "target": lambda dsr: Proposal.target_dsr == dsr,
    "correspondence": lambda code: Correspondence.code == code,
    "level": lambda level: _OF_PROOFS if level is Level.PROOF else ~_OF_PROOFS,
    "unchanged": lambda unchanged: _UNCHANGED if unchanged else ~_UNCHANGED,
}


@dataclass(frozen=True, slots=True)
class Selection:
    """Open proposals to be decided of together."""

    proposals: Sequence[Proposal]

    @property
    def count(self) -> int:
        return len(self.proposals)

    @property
    def digest(self) -> str:
        """SHA-256 (hexadecimal) of the proposals with their revisions: another one when anything of them changed."""
        read = "".join(f"{proposal.id} {proposal.revision}\n" for proposal in self.proposals)
        return hashlib.sha256(read.encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class WordedProposal:
    """A proposal with the wordings of both sides; `correspondence` is what came of it, while it is in the draft."""

    proposal: Proposal
    decided_by: str | None
    correspondence: str | None
    published: bool
    sources: Sequence[Wording]
    target: Wording

    @property
    def unchanged(self) -> bool:
        """Whether this is of a proof whose scenario and expected proof differ by no word."""
        differing = {difference["part"] for difference in self.proposal.differing}
        return self.target.level is Level.PROOF and differing.isdisjoint(SHOWN)

    @property
    def place(self) -> Place:
        if self.published:
            return Place.PUBLISHED
        return Place.BESIDE_DRAFT if self.correspondence is None else Place.IN_DRAFT


def proposals(
    session: Session,
    actor: Actor,
    rulebook_id: UUID,
    filters: Filters,
    cursor: tuple[float, str] | None,
    limit: int,
) -> Sequence[WordedProposal]:
    """The proposals, the most alike first, then by code; as many statements whatever the length. Raises NotFound."""
    authorise(actor, Right.EDIT_RULEBOOKS)
    _require_rulebook(session, rulebook_id)
    select = _proposals(rulebook_id).where(*filters.conditions())
    return _with_wordings(session, after(select, [-Proposal.score, Proposal.code], cursor).limit(limit))


def proposal(session: Session, actor: Actor, rulebook_id: UUID, proposal_id: UUID) -> WordedProposal:
    """A proposal with its wordings. Raises NotFound."""
    authorise(actor, Right.EDIT_RULEBOOKS)
    proposals = _with_wordings(session, _proposals(rulebook_id).where(Proposal.id == proposal_id))
    if not proposals:
        raise NotFound(NO_PROPOSAL)
    return proposals[0]


def selection(session: Session, rulebook_id: UUID, filters: Filters) -> Selection:
    """The proposals that nobody has decided, of those that the filters leave, by code."""
    select = _proposals(rulebook_id).where(Proposal.state == ProposalState.PROPOSED, *filters.conditions())
    return Selection(session.scalars(select.order_by(Proposal.code)).all())


def visible_selection(session: Session, actor: Actor, rulebook_id: UUID, filters: Filters) -> Selection:
    """The selection that a person would decide of. Raises NotFound."""
    authorise(actor, Right.EDIT_RULEBOOKS)
    _require_rulebook(session, rulebook_id)
    return selection(session, rulebook_id, filters)


def _require_rulebook(session: Session, rulebook_id: UUID) -> None:
    if session.get(Rulebook, rulebook_id) is None:
        raise NotFound(NO_RULEBOOK)


def _proposals(rulebook_id: UUID) -> sa.Select[Proposal, str, str, bool]:
    return (
        sa.select(
            Proposal,
            Account.name.label("decided_by"),
            Correspondence.code.label("correspondence"),
            sa.or_(Rulebook.published_at.is_not(None), Rulebook.scheduled_at.is_not(None)).label("published"),
        )
        .join(Rulebook, Rulebook.id == Proposal.rulebook_id)
        .outerjoin(Account, Account.id == Proposal.decided_by)
        .outerjoin(Correspondence, Correspondence.proposal_id == Proposal.id)
        .where(Proposal.rulebook_id == rulebook_id)
    )


def _with_wordings(session: Session, select: sa.Select[Proposal, str, str, bool]) -> list[WordedProposal]:
    rows = session.execute(select).all()
    words = _compared_wordings(session, [row.Proposal for row in rows])
    return [
        WordedProposal(
            proposal=row.Proposal,
            decided_by=row.decided_by,
            correspondence=row.correspondence,
            published=row.published,
            sources=[words[row.Proposal.source_version_id, code] for code in row.Proposal.sources],
            target=words[row.Proposal.target_version_id, row.Proposal.target],
        )
        for row in rows
    ]


def _compared_wordings(session: Session, proposals: Sequence[Proposal]) -> Mapping[tuple[UUID, str], Wording]:
    """The wordings of what the proposals name, in the versions that were compared."""
    named = {(proposal.source_version_id, code) for proposal in proposals for code in proposal.sources}
    named |= {(proposal.target_version_id, proposal.target) for proposal in proposals}
    requirements = {(version, code.partition(":")[2].partition("#")[0]) for version, code in named}
    compared = _wordings(
        session, sa.tuple_(Requirement.version_id, Requirement.code).in_(sorted(requirements))
    )
    return {(wording.version_id, wording.code): wording for wording in compared}


def proposals_of(session: Session, rulebook_id: UUID) -> Sequence[Proposal]:
    """Every proposal for a rulebook, decided or not."""
    return session.scalars(sa.select(Proposal).where(Proposal.rulebook_id == rulebook_id)).all()
