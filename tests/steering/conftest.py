"""A dossier of three proofs in two chapters, and people around it."""

import pytest
from sqlalchemy.orm import Session

from tests.builders import Asked, Story, publish_dsr


def three_proofs(session: Session) -> Story:
    publish_dsr(session, "LGC-V1", Asked("INS.01"), Asked("INS.02"), Asked("MSS.01", chapter="MSS"))
    return Story(session)


@pytest.fixture
def story(scratch: Session) -> Story:
    return three_proofs(scratch)
