"""Two vagues of one dispositif: the second asks, under another code, what the first asked."""

import pytest
from sqlalchemy.orm import Session

from tests.builders import Asked, Story, publish_dsr


@pytest.fixture
def story(scratch: Session) -> Story:
    publish_dsr(scratch, "LGC-V1", Asked("INS.01"))
    publish_dsr(scratch, "LGC-V2", Asked("INS/va1.01"))
    return Story(scratch)
