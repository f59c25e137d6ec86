"""A thousand kills at moments that are drawn, on what two servers and two workers do: half an hour and more."""

import os
from collections.abc import Iterator
from random import Random

import pytest

from tests.distributed.fleet import fleet
from tests.distributed.kills import strike
from tests.distributed.mix import Mix, all_is_there_once, mix_on

pytestmark = pytest.mark.endurance

KILLS = int(os.environ.get("REFERENCING_TEST_KILLS", "1000"))


@pytest.fixture
def mix() -> Iterator[Mix]:
    with fleet() as running:
        yield mix_on(running, KILLS)


def test_kills_by_the_thousand_lose_nothing_and_repeat_nothing(
    mix: Mix, capsys: pytest.CaptureFixture[str]
) -> None:
    told = strike(mix, KILLS, Random(KILLS))
    with capsys.disabled():
        print(told)  # noqa: T201 - a figure
    all_is_there_once(mix)
