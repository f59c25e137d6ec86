"""A candidature goes from its draft to the register, as a program in Python with the generated client does it.

`story.py URL FOLDER` takes the keys EDITOR, LEAD and VERIFIER from the environment, and from the folder a file
named by each kind of proof; it prints the commercial names that the register tells.
"""

import os
import sys
from io import BytesIO
from pathlib import Path
from typing import TypeVar

from referencing_client import AuthenticatedClient, Client
from referencing_client.api.candidatures import (
    decide_candidature,
    draft_candidature,
    judge_admissibility,
    list_items,
    submit_candidature,
    supply_proof,
)
from referencing_client.api.register import read_register
from referencing_client.api.reviews import claim_next_task, give_verdict
from referencing_client.api.solutions import register_software, register_solution
from referencing_client.models.acted_out import ActedOut
from referencing_client.models.admissibility_in import AdmissibilityIn
from referencing_client.models.admissibility_in_outcome import AdmissibilityInOutcome
from referencing_client.models.candidature_in import CandidatureIn
from referencing_client.models.candidature_out import CandidatureOut
from referencing_client.models.decision_in import DecisionIn
from referencing_client.models.decision_in_outcome import DecisionInOutcome
from referencing_client.models.item_out import ItemOut
from referencing_client.models.item_out_page import ItemOutPage
from referencing_client.models.item_out_state import ItemOutState
from referencing_client.models.proof_out import ProofOut
from referencing_client.models.receipt_out import ReceiptOut
from referencing_client.models.referenced_out_page import ReferencedOutPage
from referencing_client.models.software_in import SoftwareIn
from referencing_client.models.software_out import SoftwareOut
from referencing_client.models.solution_in import SolutionIn
from referencing_client.models.solution_out import SolutionOut
from referencing_client.models.supply_proof_body import SupplyProofBody
from referencing_client.models.task_out import TaskOut
from referencing_client.models.task_verdict_in import TaskVerdictIn
from referencing_client.models.task_verdict_in_outcome import TaskVerdictInOutcome
from referencing_client.models.task_whole import TaskWhole
from referencing_client.types import File

Answer = TypeVar("Answer")


def of_kind(kind: type[Answer], answer: object) -> Answer:
    """The answer that was hoped for: a problem is another kind, and ends the story."""
    assert isinstance(answer, kind), answer
    return answer


def main(url: str, folder: Path) -> None:
    editor, lead, verifier = (
        AuthenticatedClient(base_url=url, token=os.environ[name]) for name in ("EDITOR", "LEAD", "VERIFIER")
    )
    software = of_kind(
        SoftwareOut, register_software.sync(client=editor, body=SoftwareIn(name="Python", nil="NIL-PYTHON"))
    )
    named = SolutionIn(software=software.id, commercial_name="Python Cabinet")
    solution = of_kind(SolutionOut, register_solution.sync(client=editor, body=named))
    words = CandidatureIn(dsr="LGC-V2", solution=solution.id, software_version="1.0")
    draft = of_kind(CandidatureOut, draft_candidature.sync(client=editor, body=words))

    page = of_kind(ItemOutPage, list_items.sync(draft.id, client=editor))
    for item in page.items:
        if item.state is ItemOutState.REQUIRED:
            (path,) = folder.glob(f"{item.kind}.*")
            body = SupplyProofBody(file=File(BytesIO(path.read_bytes()), path.name))
            receipt = of_kind(ReceiptOut, supply_proof.sync(draft.id, item.code, client=editor, body=body))
            assert [file.filename for file in receipt.files] == [path.name]
    of_kind(ActedOut, submit_candidature.sync(draft.id, client=editor))

    admitted = AdmissibilityIn(outcome=AdmissibilityInOutcome.ADMISSIBLE, comment="Lu.")
    of_kind(ActedOut, judge_admissibility.sync(draft.id, client=lead, body=admitted))
    while (task := claim_next_task.sync("proof_review", client=verifier)) is not None:
        claimed = of_kind(TaskWhole, task)
        proof = of_kind(ProofOut, of_kind(ItemOut, claimed.subject).proof)
        conform = TaskVerdictIn(
            outcome=TaskVerdictInOutcome.CONFORM, comment="Vu.", file_sha256=proof.files[0].sha256
        )
        of_kind(TaskOut, give_verdict.sync(claimed.id, client=verifier, body=conform))

    decided = DecisionIn(outcome=DecisionInOutcome.REFERENCED, comment="Vu en comité.")
    of_kind(ActedOut, decide_candidature.sync(draft.id, client=lead, body=decided))
    register = of_kind(ReferencedOutPage, read_register.sync(client=Client(base_url=url)))
    sys.stdout.write("\n".join(line.commercial_name for line in register.items))


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))
