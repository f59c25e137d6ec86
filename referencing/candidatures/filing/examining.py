"""What the examination of a proof shows after its receipt is told where the receipt is: in the timeline."""

from sqlalchemy.orm import Session

from referencing.candidatures.record.models import Item
from referencing.journal.operations import SYSTEM, record
from referencing.proofs.models import ProofFile


def tell_identifiers(session: Session, file: ProofFile) -> None:
    """Tell the editor that a file that was received holds numbers that may be real people's."""
    item = session.get_one(Item, file.proof.item_id)
    detail = {
        "code": item.expected_proof.code,
        "proof": str(file.proof_id),
        "file": file.filename,
        "identifiers": file.identifiers,
    }
    record(session, SYSTEM, "proof.examined", f"candidature:{item.candidature_id}", detail)
