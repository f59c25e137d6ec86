"""A session's people on a database that is left as it was found."""

import pytest
from sqlalchemy.orm import Session

from tests.conftest import Time
from tests.duo.live import Live


@pytest.fixture
def live(scratch: Session, time: Time) -> Live:
    return Live(scratch, time)
