"""A proof of vague 1 is the same as one of vague 2; Alizé and Brise each have a software."""

import pytest
from sqlalchemy.orm import Session

from referencing.base.permissions import Actor, Role
from tests.builders import Asked, Story, equal, person, publish_dsr, publish_rules


@pytest.fixture
def alize(scratch: Session) -> Story:
    publish_dsr(scratch, "LGC-V1", Asked("INS.1"))
    publish_dsr(scratch, "LGC-V2", Asked("INS.1"))
    publish_rules(scratch, equal("LGC-V1:INS.1", "LGC-V2:INS.1"))
    return Story(scratch)


@pytest.fixture
def brise(alize: Story) -> Story:
    return Story(alize.session, "Brise Santé")


@pytest.fixture
def auditor(scratch: Session) -> Actor:
    return person(scratch, Role.AUDITOR)
