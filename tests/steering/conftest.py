"""A dossier of three proofs in two chapters, and people around it."""

import pytest
from sqlalchemy.orm import Session

from tests.builders import Asked, Story, publish_dsr


@pytest.fixture
def story(scratch: Session) -> Story:
    publish_dsr(scratch, "LGC-V1", Asked("INS.01"), Asked("INS.02"), Asked("MSS.01", chapter="MSS"))
    return Story(scratch)
