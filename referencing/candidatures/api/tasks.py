"""What follows, in the background, when rules or facts change."""

from datetime import timedelta
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from referencing.base.jobs import Background, enqueue
from referencing.base.vault import Vault
from referencing.candidatures.filing.examining import tell_identifiers
from referencing.candidatures.filing.quarantine import quarantine
from referencing.candidatures.record.models import Candidature
from referencing.candidatures.record.states import OPEN
from referencing.candidatures.resolution.resolution import resolve_core
from referencing.candidatures.resolution.rules import follow_rules
from referencing.candidatures.tasks import counts, position
from referencing.candidatures.verdicts.rounds import remind_editor, remind_editors
from referencing.equivalence.engine.knowledge import Changed
from referencing.files.examination import examine
from referencing.files.models import Scan
from referencing.files.scanning import scan, scan_waiting
from referencing.files.upkeep import check_fixity
from referencing.proofs.models import ProofFile
from referencing.solutions.cores import embedders
from referencing.solutions.models import Software
from referencing.solutions.queries import lock_core

MOST_CHECKED = 200


def resolve_open_candidatures(session: Session) -> None:
    """The lists changed, or the day: one job for each technical core that has an open dossier."""
    cores = session.scalars(
        sa.select(Candidature.core_id).where(Candidature.state.in_(sorted(OPEN))).distinct()
    )
    for core_id in cores:
        enqueue(session, "resolve_software", core_id=str(core_id))


def resolve_software(
    session: Session, core_id: str, proof: str | None = None, kind: str | None = None
) -> None:
    """The facts of a technical core changed: what speaks for a proof, or certificates of a kind; or any, of neither."""
    changed = (
        Changed(frozenset(filter(None, [proof])), frozenset(filter(None, [kind]))) if proof or kind else None
    )
    lock_core(session, UUID(core_id))
    resolve_core(session, UUID(core_id), changed=changed)


def follow_component(session: Session, software: str, proof: str) -> None:
    """What was found on a component changed: one job for each technical core that embeds it."""
    of_embedders = sa.select(Software.core_id).where(Software.id.in_(embedders(session, UUID(software))))
    for core_id in session.scalars(of_embedders.distinct()):
        enqueue(session, "resolve_software", core_id=str(core_id), proof=proof)


def follow_rules_in_core(session: Session, core_id: str) -> None:
    """Other rules are in force: what they may answer otherwise in the open dossiers of a technical core."""
    lock_core(session, UUID(core_id))
    resolve_core(session, UUID(core_id), changed=Changed())


def order_queues(session: Session) -> None:
    """A budget or a boost changed, or a boost has ended with the day."""
    position.order_queues(session)


def add_up_counts(session: Session) -> None:
    """The rows that tell how much is open are made few again."""
    counts.add_up(session)


def scan_content(session: Session, sha256: str, *, vault: Vault) -> None:
    """A content came that nobody may read before the scanner has."""
    if scan(session, vault, sha256) is Scan.MALWARE:
        quarantine(session, sha256)


def examine_content(session: Session, sha256: str, *, vault: Vault) -> None:
    """A content came that nobody may read before it was searched for numbers of people."""
    for file in examine(session, vault, sha256):
        if isinstance(file, ProofFile) and file.identifiers:
            tell_identifiers(session, file)


def scan_contents(session: Session, *, vault: Vault) -> None:
    """The contents that came before there was a scanner are scanned too."""
    scan_waiting(session, vault)


def check_contents(session: Session, *, vault: Vault) -> None:
    """Read again the contents whose turn it is; when there are more, go on in another job."""
    if check_fixity(session, vault.storage, MOST_CHECKED) == MOST_CHECKED:
        enqueue(session, "check_contents")


TASKS = (
    Background(resolve_open_candidatures, every=timedelta(hours=6)),
    Background(resolve_software),
    Background(follow_component),
    Background(follow_rules),
    Background(follow_rules_in_core),
    Background(order_queues, every=timedelta(minutes=10)),
    Background(add_up_counts, every=timedelta(minutes=1)),
    Background(examine_content),
    Background(scan_content),
    Background(scan_contents, every=timedelta(minutes=10)),
    Background(check_contents, every=timedelta(hours=1)),
    Background(remind_editors, every=timedelta(hours=1)),
    Background(remind_editor),
)
